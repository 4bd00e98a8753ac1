//! Where an Artifactory is: its API, the repositories in it, and what references to their images begin with.
//!
//! Source: "Docker Repository URL Formats" of the JFrog Artifactory documentation: `HOST/KEY`, `KEY.HOST`, or a host or
//! port of its own for one repository.
//!
//! Invariant: plain text in, plain text out; nothing here asks the server.

use url::Url;

/// The part of an address at which every Artifactory 7 answers.
const CONTEXT: &str = "artifactory";

/// How images are addressed there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// `HOST/KEY/image`.
    Path,
    /// `KEY.HOST/image`.
    Subdomain,
    /// The address is that of one repository: `HOST/image`.
    Single,
}

/// The choices of the form, in the order of [`Method`].
pub(super) const METHODS: [&str; 3] = ["repository path", "subdomain", "one repository"];

impl Method {
    /// The method of a choice; the first one where nothing was chosen.
    pub(super) fn of(choice: Option<&str>) -> Self {
        let [_, subdomain, single] = METHODS;
        match choice {
            Some(choice) if choice == subdomain => Self::Subdomain,
            Some(choice) if choice == single => Self::Single,
            _ => Self::Path,
        }
    }
}

/// A repository of Artifactory and a path in it: an image's, or nothing for the repository itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot<'a> {
    pub(super) key: &'a str,
    pub(super) image: &'a str,
}

/// An address as it was typed, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Scheme, host and port: where the pages for people are, and the registry that Docker sees.
    pub(super) origin: String,
    /// Host and port, as references have them.
    pub(super) host: String,
    /// The base of the REST API.
    pub(super) api: String,
    /// The repository, where the address names one.
    pub(super) key: Option<String>,
    pub(super) method: Method,
}

impl Address {
    /// Reads `https://HOST`, `…/artifactory`, `…/artifactory/api/docker/KEY`, `…/artifactory/KEY` and `https://HOST/KEY`.
    /// A longer path without any of these is the API's own.
    pub(super) fn read(url: &Url, method: Method) -> Self {
        let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
        let at = parts.iter().position(|part| *part == CONTEXT);
        let (context, rest) = match (at, parts.as_slice()) {
            (Some(at), parts) => parts.split_at(at + 1),
            (None, ["api", "docker", ..]) => (&[] as &[&str], parts.as_slice()),
            (None, [] | [_]) => (&[CONTEXT] as &[&str], parts.as_slice()),
            (None, parts) => (parts, &[] as &[&str]),
        };
        let key = match rest {
            ["api", "docker", key, ..] | [key] => Some((*key).to_owned()),
            _ => None,
        };
        let origin = url.origin().ascii_serialization();
        let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host).to_owned();
        let api = context.iter().fold(origin.clone(), |base, part| format!("{base}/{part}"));
        Self { origin, host, api, key, method }
    }

    /// What references to the images of `key` begin with.
    pub(super) fn host_of(&self, key: &str) -> String {
        match self.method {
            Method::Subdomain => format!("{key}.{}", self.host),
            Method::Path | Method::Single => format!("{}/{key}", self.host),
        }
    }

    /// The key that [`host_of`](Self::host_of) was given.
    pub(super) fn key_of<'a>(&self, host: &'a str) -> Option<&'a str> {
        match self.method {
            Method::Subdomain => host.strip_suffix(&self.host)?.strip_suffix('.'),
            Method::Path | Method::Single => host.strip_prefix(&self.host)?.strip_prefix('/'),
        }
    }

    /// Where the protocol is spoken for `key`.
    pub(super) fn registry(&self, key: &str) -> String {
        format!("{}/api/docker/{key}", self.api)
    }

    /// Where a repository of the protocol lies, by the node of the registry above it and its name. Directly below the
    /// connection its name begins with the key, as in `HOST/KEY/image`; nothing where no key is known.
    pub(super) fn spot<'a>(&'a self, host: Option<&'a str>, name: &'a str) -> Option<Spot<'a>> {
        if let Some(host) = host {
            return Some(Spot { key: self.key_of(host)?, image: name });
        }
        if let Some(key) = &self.key {
            return Some(Spot { key, image: name });
        }
        let (key, image) = name.split_once('/').filter(|_| self.method == Method::Path)?;
        Some(Spot { key, image })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, method: Method) -> Address {
        Address::read(&url.parse().unwrap(), method)
    }

    #[test]
    fn addresses_as_people_type_them() {
        for (url, api, key) in [
            ("https://art.example", "https://art.example/artifactory", None),
            ("https://art.example:8443/artifactory/", "https://art.example:8443/artifactory", None),
            ("https://x.example/tools/artifactory", "https://x.example/tools/artifactory", None),
            (
                "https://art.example/artifactory/api/docker/dev",
                "https://art.example/artifactory",
                Some("dev"),
            ),
            (
                "https://art.example/artifactory/api/docker/dev/v2",
                "https://art.example/artifactory",
                Some("dev"),
            ),
            ("https://art.example/artifactory/dev", "https://art.example/artifactory", Some("dev")),
            ("https://art.example/dev", "https://art.example/artifactory", Some("dev")),
            ("https://art.example/api/docker/dev", "https://art.example", Some("dev")),
            ("https://art.example/two/parts", "https://art.example/two/parts", None),
        ] {
            let address = read(url, Method::Path);
            assert_eq!((address.api.as_str(), address.key.as_deref()), (api, key), "{url}");
            assert!(url.starts_with(&address.origin));
        }
    }

    #[test]
    fn references_begin_with_the_host_that_docker_is_given() {
        let path = read("https://art.example/artifactory", Method::Path);
        assert_eq!(path.host_of("dev"), "art.example/dev");
        assert_eq!(path.key_of("art.example/dev"), Some("dev"));
        assert_eq!(path.key_of("other.example/dev"), None);
        assert_eq!(path.registry("dev"), "https://art.example/artifactory/api/docker/dev");
        let sub = read("https://art.example", Method::Subdomain);
        assert_eq!(sub.host_of("dev"), "dev.art.example");
        assert_eq!(sub.key_of("dev.art.example"), Some("dev"));
    }

    #[test]
    fn a_name_below_the_connection_begins_with_the_key() {
        let spot = |url: &str, host, name: &str| {
            let address = read(url, Method::Path);
            address.spot(host, name).map(|s| (s.key.to_owned(), s.image.to_owned()))
        };
        let expected = |key: &str, image: &str| Some((key.to_owned(), image.to_owned()));
        let (platform, one) = ("https://art.example", "https://art.example/dev");
        assert_eq!(spot(platform, Some("art.example/dev"), "team/app"), expected("dev", "team/app"));
        assert_eq!(spot(platform, None, "dev/team/app"), expected("dev", "team/app"));
        assert_eq!(spot(platform, None, "app"), None);
        assert_eq!(spot(one, None, "team/app"), expected("dev", "team/app"));
    }
}
