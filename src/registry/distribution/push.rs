//! Writing manifests and small blobs.
//!
//! Invariant: a blob that is there is not sent again, and an upload that is given up is cancelled at the server.

use bytes::Bytes;

use super::manifest::{DIGEST_HEADER, named};
use super::upload::{Begun, OCTETS};
use super::{Distribution, to_write};
use crate::domain::{Descriptor, Digest, Failure, FailureKind};
use crate::http::header::HeaderValue;
use crate::http::{Limit, Method, Request};

impl Distribution {
    /// Writes a manifest under a tag or its digest, and returns its digest.
    ///
    /// # Errors
    /// `Unauthorized`, `Forbidden`, `Conflict` (an immutable tag), `Invalid` (a blob is missing), `Integrity`.
    pub async fn put_manifest(
        &self,
        repository: &str,
        target: &str,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<Digest, Failure> {
        let doing = format!("writing the manifest {}", named(repository, target));
        let url = self.repository_url(repository, &["manifests", target], &doing)?;
        let media_type = HeaderValue::from_str(media_type)
            .map_err(|_| Failure::new(FailureKind::Invalid, &doing, "its media type cannot be sent"))?;
        let digest = Digest::of(&bytes);
        let request = Request::new(Method::PUT, url, &doing).body(media_type, bytes);
        let reply = self.http().fetch(&to_write(request, repository), Limit::ERROR).await?.success(&doing)?;
        match reply.header(&DIGEST_HEADER).and_then(|d| d.parse::<Digest>().ok()) {
            Some(kept) if kept.algorithm() == digest.algorithm() && kept != digest => {
                let said = format!("the server keeps it as {kept}, but its digest is {digest}");
                Err(Failure::new(FailureKind::Integrity, doing, said))
            }
            _ => Ok(digest),
        }
    }

    /// Writes a blob that is in memory: nothing is sent when it is there already.
    ///
    /// # Errors
    /// `Unauthorized`, `Forbidden`, `Integrity`, and what the transport may say.
    pub async fn put_blob(&self, repository: &str, bytes: Bytes) -> Result<Descriptor, Failure> {
        let digest = Digest::of(&bytes);
        let descriptor = Descriptor::new(OCTETS, digest, bytes.len() as u64);
        if self.has_blob(repository, &descriptor.digest).await? {
            return Ok(descriptor);
        }
        let Begun::Open(upload) = self.begin_upload(repository, &descriptor.digest, None).await? else {
            return Ok(descriptor);
        };
        match upload.put(bytes).await {
            Ok(()) => Ok(descriptor),
            Err(failure) => {
                upload.cancel().await;
                Err(failure)
            }
        }
    }
}
