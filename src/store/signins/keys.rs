//! The keys under which sign-ins are stored: hosts with or without a scheme, API path or namespace.
//!
//! Invariant: two keys for the same place have the same normalised form.

use crate::domain::reference::DOCKER_HUB;
use crate::store::credential_helper::OWN_DOMAIN;

/// What Docker calls Docker Hub in its files and helpers.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

/// `host[:port][/namespace]` with a lower-case host; nothing for a key that is not a registry's.
pub(super) fn normalised(key: &str) -> Option<String> {
    let (scheme, rest) = match key.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => (None, key),
    };
    if scheme.as_deref().is_some_and(|s| !matches!(s, "http" | "https")) {
        return None;
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_ascii_lowercase();
    let path = path.trim_matches('/');
    // Docker Desktop keeps its own tokens beside the sign-ins, and Tagalong its secrets.
    let is_other = path.ends_with("access-token") || path.ends_with("refresh-token") || is_ours(&host);
    if host.is_empty() || is_other {
        return None;
    }
    let is_api = matches!(path.split('/').next(), Some("" | "v1" | "v2"));
    let host = if is_docker_hub(&host) { DOCKER_HUB.to_owned() } else { host };
    Some(if is_api || scheme.is_some() { host } else { format!("{host}/{path}") })
}

fn is_ours(host: &str) -> bool {
    host.ends_with(OWN_DOMAIN)
}

fn is_docker_hub(host: &str) -> bool {
    matches!(host, "docker.io" | "index.docker.io" | "registry-1.docker.io")
}

/// `a/b/c`, `a/b`, `a`: what may hold the sign-in for `wanted`, the closest first.
pub(super) fn prefixes(wanted: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(wanted), |key| key.rsplit_once('/').map(|(above, _)| above))
}

/// What a helper may have been given for the host of `wanted` (normalised).
pub(super) fn helper_keys(wanted: &str) -> Vec<String> {
    let host = wanted.split('/').next().unwrap_or(wanted);
    if host == DOCKER_HUB {
        return vec![DOCKER_HUB_KEY.to_owned(), "index.docker.io".to_owned(), DOCKER_HUB.to_owned()];
    }
    vec![host.to_owned(), format!("https://{host}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_for_the_same_place_are_one() {
        let cases = [
            ("https://index.docker.io/v1/", Some("docker.io")),
            ("docker.io", Some("docker.io")),
            ("registry-1.docker.io", Some("docker.io")),
            ("https://GHCR.io", Some("ghcr.io")),
            ("http://localhost:5000/", Some("localhost:5000")),
            ("host/v2/", Some("host")),
            ("https://host/any/path", Some("host")),
            ("[::1]:5000", Some("[::1]:5000")),
            ("quay.io/Team/app/", Some("quay.io/Team/app")),
            ("https://index.docker.io/v1/access-token", None),
            ("https://work.tagalong.invalid", None),
            ("vscode://x", None),
            ("", None),
        ];
        for (key, expected) in cases {
            assert_eq!(normalised(key).as_deref(), expected, "{key}");
        }
    }

    #[test]
    fn the_closest_prefix_comes_first() {
        assert_eq!(prefixes("quay.io/a/b").collect::<Vec<_>>(), ["quay.io/a/b", "quay.io/a", "quay.io"]);
    }
}
