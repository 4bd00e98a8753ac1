//! Where a Nexus is: its API, the repositories in it, and what references to their images begin with.
//!
//! Source: "Docker Registry" of the Nexus Repository documentation: a repository is reached by its path, by a port or by
//! a subdomain of its own, as its administrator has set it up; the path `/repository/NAME` below the server's own
//! address always works.
//!
//! Invariant: plain text in, plain text out; nothing here asks the server.

use url::Url;

/// How the images of one repository are addressed ("Repositories API": the `docker` part of the settings).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Connector {
    /// `HOST/NAME/image`.
    Path,
    /// `HOST:PORT/image`.
    Port(u16),
    /// `SUBDOMAIN.HOST/image`.
    Subdomain(String),
}

/// An address as it was typed, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// The server's own address, a context path kept.
    pub(super) base: String,
    /// Host without port.
    name: String,
    /// Host and port, as references have them.
    pub(super) host: String,
    /// The repository, where the address names one.
    pub(super) key: Option<String>,
}

impl Address {
    /// Reads `https://HOST`, `…/CONTEXT` and `…/repository/NAME`.
    pub(super) fn read(url: &Url) -> Self {
        let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
        let (context, key) = match parts.as_slice() {
            [context @ .., "repository", key] => (context, Some((*key).to_owned())),
            context => (context, None),
        };
        let origin = url.origin().ascii_serialization();
        let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host).to_owned();
        let base = context.iter().fold(origin, |base, part| format!("{base}/{part}"));
        Self { base, name: url.host_str().unwrap_or_default().to_owned(), host, key }
    }

    /// What references to the images of `key` begin with.
    pub(super) fn host_of(&self, key: &str, connector: &Connector) -> String {
        match connector {
            Connector::Path => format!("{}/{key}", self.host),
            Connector::Port(port) => format!("{}:{port}", self.name),
            Connector::Subdomain(subdomain) => format!("{subdomain}.{}", self.host),
        }
    }

    /// The key of a host that has it in its path.
    pub(super) fn key_of<'a>(&self, host: &'a str) -> Option<&'a str> {
        host.strip_prefix(&self.host)?.strip_prefix('/')
    }

    /// Where the protocol is spoken for `key`.
    pub(super) fn registry(&self, key: &str) -> String {
        format!("{}/repository/{key}", self.base)
    }

    /// Where the protocol is spoken at a port or subdomain whose key is not known: the same scheme, another host.
    pub(super) fn elsewhere(&self, host: &str) -> String {
        let scheme = self.base.split_once("://").map_or("https", |(scheme, _)| scheme);
        format!("{scheme}://{host}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_type_them() {
        for (url, base, key) in [
            ("https://nexus.example", "https://nexus.example", None),
            ("https://nexus.example:8443/nexus/", "https://nexus.example:8443/nexus", None),
            ("https://nexus.example/repository/hosted", "https://nexus.example", Some("hosted")),
            ("https://x.example/nexus/repository/hosted/", "https://x.example/nexus", Some("hosted")),
        ] {
            let address = Address::read(&url.parse().unwrap());
            assert_eq!((address.base.as_str(), address.key.as_deref()), (base, key), "{url}");
        }
    }

    #[test]
    fn references_begin_with_what_docker_is_given() {
        let address = Address::read(&"https://nexus.example:8443/nexus".parse().unwrap());
        assert_eq!(address.host_of("hosted", &Connector::Path), "nexus.example:8443/hosted");
        assert_eq!(address.host_of("hosted", &Connector::Port(8082)), "nexus.example:8082");
        assert_eq!(address.host_of("hosted", &Connector::Subdomain("d".into())), "d.nexus.example:8443");
        assert_eq!(address.key_of("nexus.example:8443/hosted"), Some("hosted"));
        assert_eq!(address.key_of("nexus.example:8082"), None);
        assert_eq!(address.registry("hosted"), "https://nexus.example:8443/nexus/repository/hosted");
        assert_eq!(address.elsewhere("nexus.example:8082"), "https://nexus.example:8082");
    }
}
