//! Any OCI or Docker V2 server: a URL and, where the server wants one, a sign-in.

use std::sync::Arc;

use crate::domain::Failure;
use crate::domain::connection::{Field, FieldKind, ProviderInfo};
use crate::registry::opening::Opening;
use crate::registry::plain::Plain;
use crate::registry::{Provider, forms};

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "generic",
    title: "Generic registry",
    about: "any OCI or Docker V2 server",
    fields: &[
        Field {
            id: "url",
            label: "URL",
            kind: FieldKind::Text,
            example: "localhost:5000, registry.example, https://host/prefix",
            optional: false,
            advanced: false,
        },
        forms::USERNAME,
        forms::PASSWORD,
        forms::NAME,
        forms::CA_FILE,
        forms::CLIENT_CERTIFICATE,
        forms::PLAIN_HTTP,
        forms::SKIP_VERIFICATION,
        forms::PROXY,
    ],
    ..ProviderInfo::EMPTY
};

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when the URL cannot be read.
pub fn open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    Ok(Arc::new(Plain::new(opening.distribution()?)))
}
