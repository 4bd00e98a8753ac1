//! Where things are at Google: which host serves which location, and how an image is called by the protocol and by
//! the API.
//!
//! Invariant: pure. `LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE` and `gcr.io/PROJECT/IMAGE` are the two shapes of a
//! name (Artifact Registry, "Repository and image names"); a project `example.com:name` is written `example.com/name`
//! in both.

use crate::domain::{Failure, FailureKind, text::visible};

/// The hosts of Container Registry, and the location of the repositories that took their place: each has one of the
/// host's own name (Artifact Registry, "Repositories with gcr.io domain support").
const CONTAINER_REGISTRY: [(&str, &str); 4] =
    [("gcr.io", "us"), ("us.gcr.io", "us"), ("eu.gcr.io", "europe"), ("asia.gcr.io", "asia")];

/// What stands between a location and the domain.
const DOCKER: &str = "-docker.";

/// The domain of the hosts.
const DOMAIN: &str = "pkg.dev";

/// Whether `host` is one of Container Registry.
pub(super) fn is_container_registry(host: &str) -> bool {
    CONTAINER_REGISTRY.iter().any(|(known, _)| *known == host)
}

/// The host of a location.
pub(super) fn host_of(location: &str) -> String {
    format!("{location}{DOCKER}{DOMAIN}")
}

/// The location of a host; nothing for one of another vendor.
pub(super) fn location_of(host: &str) -> Option<&str> {
    let container_registry = CONTAINER_REGISTRY.iter().find(|(known, _)| *known == host);
    container_registry.map(|(_, location)| *location).or_else(|| host.split_once(DOCKER).map(|(at, _)| at))
}

/// A project as the protocol's names write it.
pub(super) fn path_of(project: &str) -> String {
    project.replacen(':', "/", 1)
}

/// A place in Artifact Registry, as its API names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) project: String,
    pub(super) location: String,
    pub(super) repository: String,
    /// The image; nothing for the repository itself.
    pub(super) image: Option<String>,
}

impl Place {
    /// What the protocol's name `path` stands for at `host`.
    ///
    /// # Errors
    /// `Unsupported` at a host that is none of Google's; `Invalid` for a name with too few parts.
    pub(super) fn of(host: &str, path: &str, doing: &str) -> Result<Self, Failure> {
        let location = location_of(host).ok_or_else(|| {
            let said =
                format!("{} is in no location of Google's, so its API does not know it", visible(host));
            Failure::new(FailureKind::Unsupported, doing, said)
        })?;
        let short = || {
            let said = format!("“{}” names no project and repository", visible(path));
            Failure::new(FailureKind::Invalid, doing, said)
        };
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let (project, rest) = match rest.split_once('/') {
            Some((name, rest)) if first.contains('.') => (format!("{first}:{name}"), rest),
            None if first.contains('.') && !rest.is_empty() => (format!("{first}:{rest}"), ""),
            _ => (first.to_owned(), rest),
        };
        let (repository, image) = if is_container_registry(host) {
            (host, rest)
        } else {
            rest.split_once('/').unwrap_or((rest, ""))
        };
        if project.is_empty() || repository.is_empty() {
            return Err(short());
        }
        Ok(Self {
            project,
            location: location.to_owned(),
            repository: repository.to_owned(),
            image: Some(image.to_owned()).filter(|i| !i.is_empty()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str, path: &str) -> String {
        match Place::of(host, path, "x") {
            Ok(p) => {
                let image = p.image.unwrap_or_default();
                format!("{} {} {} {image}", p.project, p.location, p.repository)
            }
            Err(failure) => failure.kind.word().to_owned(),
        }
    }

    #[test]
    fn names_of_both_kinds_are_taken_apart() {
        assert_eq!(
            of("europe-west1-docker.pkg.dev", "acme/repo/team/app"),
            "acme europe-west1 repo team/app"
        );
        assert_eq!(of("us-docker.pkg.dev", "example.com/acme/repo/app"), "example.com:acme us repo app");
        assert_eq!(of("us-docker.pkg.dev", "acme/repo"), "acme us repo ");
        assert_eq!(of("eu.gcr.io", "acme/team/app"), "acme europe eu.gcr.io team/app");
        assert_eq!(of("gcr.io", "example.com/acme"), "example.com:acme us gcr.io ");
        assert_eq!(of("us-docker.pkg.dev", "acme"), "invalid");
        assert_eq!(of("registry.example", "acme/repo/app"), "unsupported");
    }
}
