//! References: `host/repository:tag@digest`, shown as a person can paste them into `docker pull`.
//!
//! Invariant: `docker.io/library/ubuntu:latest` and `ubuntu` are the same reference. Grammar: the Distribution
//! "reference" package and distribution-spec 1.1 ("Pulling manifests"); `[::1]:5000/x` is accepted too.

use std::fmt;
use std::str::FromStr;

use super::digest::Digest;
use super::failure::{Failure, FailureKind};
use super::text::visible;

/// Docker Hub's name in references.
pub const DOCKER_HUB: &str = "docker.io";

/// One manifest in a registry, by tag, by digest, or both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Host, with a port where there is one (and a path prefix for servers behind one).
    pub host: String,
    /// Repository, such as `library/ubuntu`.
    pub repository: String,
    /// Tag.
    pub tag: Option<String>,
    /// Digest.
    pub digest: Option<Digest>,
}

/// What a person may name on the command line: a registry, a repository, or a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Host, with a port where there is one.
    pub host: String,
    /// Whether `http://` was written.
    pub plain_http: bool,
    /// Repository.
    pub repository: Option<String>,
    /// Tag.
    pub tag: Option<String>,
    /// Digest.
    pub digest: Option<Digest>,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host == DOCKER_HUB {
            f.write_str(self.repository.strip_prefix("library/").unwrap_or(&self.repository))?;
        } else {
            write!(f, "{}/{}", self.host, self.repository)?;
        }
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl FromStr for Reference {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let place: Place = text.parse()?;
        let Some(repository) = place.repository else {
            return Err(bad(text, "it names a registry; add a repository, as in host/repository:tag"));
        };
        let tag = match (&place.tag, &place.digest) {
            (None, None) => Some("latest".to_owned()),
            _ => place.tag,
        };
        Ok(Self { host: place.host, repository, tag, digest: place.digest })
    }
}

impl Place {
    /// The reference, when a repository is named; without tag and digest it stands for the repository.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        Some(Reference {
            host: self.host.clone(),
            repository: self.repository.clone()?,
            tag: self.tag.clone(),
            digest: self.digest.clone(),
        })
    }
}

impl FromStr for Place {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let (plain_http, rest, explicit) = strip_scheme(text.trim());
        let rest = rest.trim_end_matches('/');
        if rest.is_empty() {
            return Err(bad(text, "it is empty"));
        }
        if rest.parse::<Digest>().is_ok() {
            return Err(bad(
                text,
                "it is a digest alone; put a repository before it, as in host/repository@digest",
            ));
        }
        let (name, digest) = match rest.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse::<Digest>().map_err(|e| bad(text, &e.said))?)),
            None => (rest, None),
        };
        let (host, path) = split_host(name, explicit);
        let Some(path) = path else {
            return Ok(Self {
                host: check_host(host, text)?,
                plain_http,
                repository: None,
                tag: None,
                digest: None,
            });
        };
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (path, None),
        };
        if let Some(tag) = tag.filter(|t| !is_tag(t)) {
            return Err(bad(text, &format!("“{}” is not a tag", visible(tag))));
        }
        if !is_repository(repository) {
            return Err(bad(text, "a repository has lower-case letters, digits, and . _ - / between them"));
        }
        let host = check_host(host, text)?;
        let official = host == DOCKER_HUB && !repository.contains('/');
        let repository = if official { format!("library/{repository}") } else { repository.to_owned() };
        Ok(Self { host, plain_http, repository: Some(repository), tag: tag.map(str::to_owned), digest })
    }
}

fn strip_scheme(text: &str) -> (bool, &str, bool) {
    for (scheme, plain, host) in [
        ("http://", true, true),
        ("https://", false, true),
        ("docker://", false, false),
        ("oci://", false, false),
    ] {
        if let Some(rest) = text.strip_prefix(scheme) {
            return (plain, rest, host);
        }
    }
    (false, text, false)
}

/// Splits off the host as Docker does: the first part is a host when it has a dot, a colon or is `localhost`.
fn split_host(name: &str, explicit: bool) -> (&str, Option<&str>) {
    let (first, rest) = match name.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (name, None),
    };
    let looks_like_host = explicit
        || first == "localhost"
        || first.starts_with('[')
        || (rest.is_some() && (first.contains(['.', ':']) || first.chars().any(|c| c.is_ascii_uppercase())))
        || (rest.is_none() && lone_host(first));
    if looks_like_host { (first, rest) } else { (DOCKER_HUB, Some(name)) }
}

/// A single word is a registry when it ends in a port, or has a dot outside of a tag.
fn lone_host(word: &str) -> bool {
    match word.split_once(':') {
        Some((name, tail)) => {
            !tail.is_empty()
                && tail.bytes().all(|b| b.is_ascii_digit())
                && (name.contains('.') || tail.len() >= 4)
        }
        None => word.contains('.'),
    }
}

fn check_host(host: &str, text: &str) -> Result<String, Failure> {
    let fine = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']' | b'_'));
    if !fine {
        return Err(bad(text, &format!("“{}” is not a host", visible(host))));
    }
    let host = host.to_ascii_lowercase();
    Ok(match host.as_str() {
        "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => DOCKER_HUB.to_owned(),
        _ => host,
    })
}

/// Whether `tag` is one (distribution-spec: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`).
#[must_use]
pub fn is_tag(tag: &str) -> bool {
    tag.len() <= 128
        && tag
            .bytes()
            .enumerate()
            .all(|(i, b)| b.is_ascii_alphanumeric() || b == b'_' || (i > 0 && matches!(b, b'.' | b'-')))
        && !tag.is_empty()
}

/// Whether `name` is a repository name (distribution-spec: lower case alone).
#[must_use]
pub fn is_repository(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && name.split('/').all(is_component)
}

/// Whether `name` may be a repository at all: some registries take upper case too, or read it as lower case.
#[must_use]
pub fn may_be_repository(name: &str) -> bool {
    is_repository(&name.to_ascii_lowercase())
}

fn is_component(part: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    edge(part.bytes().next())
        && edge(part.bytes().last())
        && part
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
        && !part.contains("..")
}

fn bad(text: &str, why: &str) -> Failure {
    let shown: String = text.chars().take(200).collect();
    Failure::new(FailureKind::Invalid, format!("reading the reference “{}”", visible(&shown)), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<Reference>().map_or_else(|e| e.said, |r| r.to_string())
    }

    #[test]
    fn docker_hub_is_familiar() {
        assert_eq!(shown("ubuntu"), "ubuntu:latest");
        assert_eq!(shown("docker.io/library/ubuntu:24.04"), "ubuntu:24.04");
        assert_eq!(shown("index.docker.io/grafana/grafana"), "grafana/grafana:latest");
        assert_eq!(shown("ubuntu:22.04"), "ubuntu:22.04");
    }

    #[test]
    fn hosts_are_told_from_namespaces() {
        let r: Reference = "localhost:5000/a/b:v1".parse().unwrap();
        assert_eq!((r.host.as_str(), r.repository.as_str()), ("localhost:5000", "a/b"));
        let r: Reference = "[::1]:5000/x".parse().unwrap();
        assert_eq!(r.host, "[::1]:5000");
        let p: Place = "127.0.0.1:5000".parse().unwrap();
        assert_eq!((p.host.as_str(), p.repository), ("127.0.0.1:5000", None));
        let p: Place = "https://registry.example/team/app".parse().unwrap();
        assert_eq!((p.host.as_str(), p.repository.as_deref()), ("registry.example", Some("team/app")));
        let p: Place = "ghcr.io".parse().unwrap();
        assert_eq!(p.repository, None);
    }

    #[test]
    fn upper_case_may_be_a_name_somewhere() {
        assert!(may_be_repository("Acme/Api") && !is_repository("Acme/Api"));
        for wrong in ["", "../etc", "a//b", "Acme/-api", "acme/ap i", "acme/äpi"] {
            assert!(!may_be_repository(wrong), "{wrong}");
        }
    }

    #[test]
    fn digests_and_mistakes() {
        let d = Digest::of(b"x");
        assert_eq!(shown(&format!("h.example/a@{d}")), format!("h.example/a@{d}"));
        assert_eq!(shown(&format!("h.example/a:t@{d}")), format!("h.example/a:t@{d}"));
        for wrong in ["", "h.example/A", "h.example/a:b c", "h.example/a@sha256:1", "h.example/../a", "a//b"]
        {
            assert!(wrong.parse::<Reference>().is_err(), "{wrong}");
        }
    }
}
