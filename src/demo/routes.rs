//! Which endpoint of the specification a path names.
//!
//! Repository names contain slashes, so paths are read from their end. Source: distribution-spec 1.1, "Endpoints".
//!
//! Invariant: a name, tag or digest in a [`Route`] is well-formed.

use super::refusal::{Code, refuse};
use super::reply::Reply;
use crate::domain::Digest;
use crate::domain::reference::{is_repository, is_tag};

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// `/v2/`
    Ping,
    /// `/token`
    Token,
    /// `/v2/_catalog`
    Catalog,
    /// `/v2/<name>/tags/list`
    Tags { repository: String },
    /// `/v2/<name>/manifests/<reference>`
    Manifest { repository: String, target: Target },
    /// `/v2/<name>/blobs/<digest>`
    Blob { repository: String, digest: Digest },
    /// `/v2/<name>/blobs/uploads/`
    Uploads { repository: String },
    /// `/v2/<name>/blobs/uploads/<id>`
    Upload { repository: String, id: String },
    /// `/v2/<name>/referrers/<digest>`
    Referrers { repository: String, digest: Digest },
}

/// What a manifest is asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Tag(String),
    Digest(Digest),
}

impl Route {
    /// Reads a path.
    pub(super) fn parse(path: &str) -> Result<Self, Reply> {
        let path = path.replace("%3A", ":").replace("%3a", ":");
        match path.as_str() {
            "/v2" | "/v2/" => return Ok(Self::Ping),
            "/v2/_catalog" => return Ok(Self::Catalog),
            "/token" => return Ok(Self::Token),
            _ => {}
        }
        let unknown = || refuse(Code::NameUnknown, "there is nothing at this path");
        let rest = path.strip_prefix("/v2/").ok_or_else(unknown)?;
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return Ok(Self::Tags { repository: repository(name)? });
        }
        if let Some(name) = rest.strip_suffix("/blobs/uploads") {
            return Ok(Self::Uploads { repository: repository(name)? });
        }
        if let Some((name, id)) = rest.rsplit_once("/blobs/uploads/") {
            let repository = repository(name)?;
            return Ok(match id {
                "" => Self::Uploads { repository },
                id => Self::Upload { repository, id: id.to_owned() },
            });
        }
        let (above, last) = rest.rsplit_once('/').ok_or_else(unknown)?;
        let (name, kind) = above.rsplit_once('/').ok_or_else(unknown)?;
        let name = repository(name)?;
        match kind {
            "manifests" => Ok(Self::Manifest { repository: name, target: Target::parse(last)? }),
            "blobs" => Ok(Self::Blob { repository: name, digest: digest(last)? }),
            "referrers" => Ok(Self::Referrers { repository: name, digest: digest(last)? }),
            _ => Err(unknown()),
        }
    }
}

impl Target {
    fn parse(text: &str) -> Result<Self, Reply> {
        if text.contains(':') {
            return digest(text).map(Self::Digest);
        }
        if is_tag(text) {
            return Ok(Self::Tag(text.to_owned()));
        }
        Err(refuse(Code::ManifestInvalid, "this is neither a tag nor a digest"))
    }
}

fn repository(name: &str) -> Result<String, Reply> {
    if is_repository(name) {
        Ok(name.to_owned())
    } else {
        Err(refuse(Code::NameInvalid, "this is not the name of a repository"))
    }
}

/// Reads a digest.
pub(super) fn digest(text: &str) -> Result<Digest, Reply> {
    text.parse().map_err(|e: crate::domain::Failure| refuse(Code::DigestInvalid, &e.said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_from_their_end() {
        let digest = Digest::of(b"");
        let repository = "manifests/blobs/a".to_owned();
        let tag = Target::Tag("list".to_owned());
        assert_eq!(
            Route::parse("/v2/manifests/blobs/a/manifests/list").unwrap(),
            Route::Manifest { repository: repository.clone(), target: tag }
        );
        assert_eq!(
            Route::parse(&format!("/v2/manifests/blobs/a/blobs/sha256%3A{}", digest.hex())).unwrap(),
            Route::Blob { repository: repository.clone(), digest }
        );
        assert_eq!(
            Route::parse("/v2/manifests/blobs/a/blobs/uploads/").unwrap(),
            Route::Uploads { repository: repository.clone() }
        );
        assert_eq!(
            Route::parse("/v2/manifests/blobs/a/blobs/uploads/7").unwrap(),
            Route::Upload { repository, id: "7".to_owned() }
        );
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for path in
            ["/", "/v2/x", "/v2/A/tags/list", "/v2/../manifests/x", "/v2/a/blobs/sha256:1", "/v2/a/b/c"]
        {
            assert!(Route::parse(path).is_err(), "{path}");
        }
    }
}
