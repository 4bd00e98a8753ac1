//! Digests and manifests.
//!
//! Invariant: the digest of a manifest is the one computed from its bytes; what a server claims is kept beside it.

use super::{Distribution, to_read};
use crate::domain::digest::Hasher;
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, FailureKind, RawManifest, media};
use crate::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use crate::http::{Limit, Method, Reply, Request};

/// The header with a manifest's digest.
pub(super) const DIGEST_HEADER: HeaderName = HeaderName::from_static("docker-content-digest");

/// What a tag points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The manifest's digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes, where the server said it.
    pub size: Option<u64>,
}

impl Distribution {
    /// The digest behind a tag: by HEAD, which Docker Hub does not count, and by GET when HEAD does not tell.
    ///
    /// # Errors
    /// `NotFound`, `Unauthorized` and what the transport may say.
    pub async fn resolve(&self, repository: &str, target: &str) -> Result<Resolved, Failure> {
        let doing = format!("looking up {}", named(repository, target));
        let request = self.manifest_request(Method::HEAD, repository, target, &doing)?;
        let reply = self.http().fetch(&request, Limit::MANIFEST).await?;
        if let Some(resolved) = from_head(&reply) {
            return Ok(resolved);
        }
        if matches!(reply.status.as_u16(), 401 | 404 | 410) {
            return Err(reply.failure(&doing));
        }
        let manifest = self.manifest(repository, target).await?;
        let size = Some(manifest.bytes.len() as u64);
        Ok(Resolved { digest: manifest.digest, media_type: manifest.media_type, size })
    }

    /// The manifest behind a tag or digest. Asked for by digest, it has that digest.
    ///
    /// # Errors
    /// `NotFound`, `Unauthorized`, `Integrity`, `Invalid` (too large, a web page) and what the transport may say.
    pub async fn manifest(&self, repository: &str, target: &str) -> Result<RawManifest, Failure> {
        let doing = format!("reading the manifest {}", named(repository, target));
        let request = self.manifest_request(Method::GET, repository, target, &doing)?;
        let reply = self.http().fetch(&request, Limit::MANIFEST).await?.success(&doing)?;
        reply.refuse_web_page(&doing)?;
        let claimed = claimed_digest(&reply);
        let digest = match target.parse::<Digest>() {
            Ok(asked) if asked.matches(&reply.body) => asked,
            Ok(asked) => return Err(wrong_digest(&doing, &asked, &reply.body)),
            // A registry may use SHA-512; its claim counts when the bytes bear it out.
            Err(_) => {
                claimed.clone().filter(|c| c.matches(&reply.body)).unwrap_or_else(|| Digest::of(&reply.body))
            }
        };
        let declared = declared_type(&reply);
        let media_type = media::of_manifest(declared, &reply.body).unwrap_or_else(|| declared.to_owned());
        Ok(RawManifest { bytes: reply.body, media_type, digest, claimed })
    }

    fn manifest_request(
        &self,
        method: Method,
        repository: &str,
        target: &str,
        doing: &str,
    ) -> Result<Request, Failure> {
        let url = self.repository_url(repository, &["manifests", target], doing)?;
        Ok(to_read(Request::new(method, url, doing).accept(media::ACCEPT_MANIFEST), repository))
    }
}

/// `repository:tag` or `repository@digest`, safe to show.
pub(super) fn named(repository: &str, target: &str) -> String {
    let mark = if target.contains(':') { '@' } else { ':' };
    visible(&format!("{repository}{mark}{target}")).into_owned()
}

/// The failure of bytes that are not what was asked for.
pub(super) fn wrong_digest(doing: &str, asked: &Digest, bytes: &[u8]) -> Failure {
    let mut hasher = Hasher::new(asked.algorithm());
    hasher.update(bytes);
    let said =
        format!("the {} bytes that came have the digest {}, not {asked}", bytes.len(), hasher.finish());
    Failure::new(FailureKind::Integrity, doing, said)
}

fn from_head(reply: &Reply) -> Option<Resolved> {
    let digest = claimed_digest(reply).filter(|_| reply.status.is_success())?;
    let size = reply.header(&CONTENT_LENGTH).and_then(|n| n.parse().ok()).filter(|n| *n > 0);
    Some(Resolved { digest, media_type: declared_type(reply).to_owned(), size })
}

fn claimed_digest(reply: &Reply) -> Option<Digest> {
    reply.header(&DIGEST_HEADER)?.trim().parse().ok()
}

/// The type in the header, without parameters.
fn declared_type(reply: &Reply) -> &str {
    let whole = reply.header(&CONTENT_TYPE).unwrap_or_default();
    whole.split(';').next().unwrap_or_default().trim()
}
