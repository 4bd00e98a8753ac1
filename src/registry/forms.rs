//! Prompts that many providers share, as data.

use crate::domain::connection::{Field, FieldKind};

/// The account.
pub const USERNAME: Field = Field {
    id: "username",
    label: "Username",
    kind: FieldKind::Text,
    example: "leave empty for none",
    optional: true,
    advanced: false,
};

/// Its password or token.
pub const PASSWORD: Field = Field {
    id: "password",
    label: "Password",
    kind: FieldKind::Secret,
    example: "password or access token",
    optional: true,
    advanced: false,
};

/// The connection's name in the tree.
pub const NAME: Field = Field {
    id: "name",
    label: "Name",
    kind: FieldKind::Text,
    example: "the host, or the vendor",
    optional: true,
    advanced: true,
};

/// Further certificate authorities.
pub const CA_FILE: Field = Field {
    id: "ca_file",
    label: "CA file",
    kind: FieldKind::File,
    example: "/path/to/ca.pem",
    optional: true,
    advanced: true,
};

/// The client's certificate and key.
pub const CLIENT_CERTIFICATE: Field = Field {
    id: "client_certificate",
    label: "Client certificate",
    kind: FieldKind::File,
    example: "/path/to/certificate-and-key.pem",
    optional: true,
    advanced: true,
};

/// Plain HTTP.
pub const PLAIN_HTTP: Field = Field {
    id: "plain_http",
    label: "Plain HTTP",
    kind: FieldKind::Flag,
    example: "",
    optional: true,
    advanced: true,
};

/// No verification of the server's certificate.
pub const SKIP_VERIFICATION: Field = Field {
    id: "skip_verification",
    label: "Skip TLS verification",
    kind: FieldKind::Flag,
    example: "",
    optional: true,
    advanced: true,
};

/// A proxy.
pub const PROXY: Field = Field {
    id: "proxy",
    label: "Proxy",
    kind: FieldKind::Text,
    example: "http://proxy.example:3128, socks5h://…",
    optional: true,
    advanced: true,
};
