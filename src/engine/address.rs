//! How an engine is reached.
//!
//! Invariant: an address is read and compared here; nothing is connected to.

use std::path::{Path, PathBuf};

/// How an engine is reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// `HOST:PORT`, over TLS with these files, or in the clear.
    Tcp(String, Option<TlsFiles>),
    /// `[USER@]HOST[:PORT]`, over the `ssh` program.
    Ssh(String),
    /// A Windows named pipe, `//./pipe/…`.
    Pipe(String),
}

/// The PEM files of a TLS connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TlsFiles {
    /// The authority.
    pub ca: PathBuf,
    /// The client's certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl TlsFiles {
    /// The three files under their usual names.
    pub(super) fn in_folder(folder: &Path) -> Self {
        let file = |name| folder.join(name);
        Self { ca: file("ca.pem"), certificate: file("cert.pem"), key: file("key.pem") }
    }
}

impl Address {
    /// Reads `unix://…`, `tcp://…`, `https://…`, `ssh://…` or `npipe://…` (the Docker CLI's `--host`).
    #[must_use]
    pub fn parse(text: &str, tls: Option<TlsFiles>) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let host = rest.trim_end_matches('/');
        match scheme {
            "unix" if !rest.is_empty() => Some(Self::Unix(PathBuf::from(rest))),
            "tcp" | "http" if !host.is_empty() => Some(Self::Tcp(host.to_owned(), tls)),
            "https" if !host.is_empty() => tls.map(|tls| Self::Tcp(host.to_owned(), Some(tls))),
            "ssh" if !host.is_empty() => Some(Self::Ssh(host.to_owned())),
            "npipe" if !rest.is_empty() => Some(Self::Pipe(rest.to_owned())),
            _ => None,
        }
    }

    /// It for people.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Unix(path) => format!("unix://{}", path.display()),
            Self::Tcp(host, _) => format!("tcp://{host}"),
            Self::Ssh(host) => format!("ssh://{host}"),
            Self::Pipe(path) => format!("npipe://{path}"),
        }
    }

    /// Its host, when it is reached over a network; with the port, where it has one.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Unix(_) | Self::Pipe(_) => None,
            Self::Tcp(host, _) => Some(host),
            Self::Ssh(host) => Some(host.rsplit_once('@').map_or(host.as_str(), |(_, host)| host)),
        }
    }

    /// Whether nobody between here and there can read along.
    #[must_use]
    pub fn is_private(&self) -> bool {
        !matches!(self, Self::Tcp(_, None))
    }

    /// The same address for every path to one socket, where links can be followed.
    pub(super) fn resolved(&self) -> Self {
        match self {
            Self::Unix(path) => Self::Unix(path.canonicalize().unwrap_or_else(|_| path.clone())),
            other => other.clone(),
        }
    }
}
