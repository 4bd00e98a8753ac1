//! Writing manifests and small blobs.
//!
//! Invariant: a blob that is there is not sent again, and an upload that is given up is cancelled at the server.

use bytes::Bytes;
use url::Url;

use super::manifest::{DIGEST_HEADER, named};
use super::{Distribution, to_write};
use crate::domain::text::visible;
use crate::domain::{Descriptor, Digest, Failure, FailureKind};
use crate::http::header::{HeaderValue, LOCATION};
use crate::http::{Limit, Method, Priority, Reply, Request};

/// The type of a blob's bytes on the wire.
const OCTETS: &str = "application/octet-stream";

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
        let doing = format!("writing the blob {} of {}", descriptor.digest, visible(repository));
        if self.has_blob(repository, &descriptor.digest, &doing).await? {
            return Ok(descriptor);
        }
        let uploads = self.repository_url(repository, &["blobs", "uploads"], &doing)?;
        let mut start = uploads.clone();
        start.set_path(&format!("{}/", uploads.path()));
        let octets = HeaderValue::from_static(OCTETS);
        let request = Request::new(Method::POST, start, &doing).body(octets.clone(), Bytes::new());
        let reply = self.http().fetch(&to_write(request, repository), Limit::ERROR).await?.success(&doing)?;
        let session = session_url(&reply, &doing)?;
        let mut target = session.clone();
        target.query_pairs_mut().append_pair("digest", &descriptor.digest.to_string());
        let request = Request::new(Method::PUT, target, &doing).body(octets, bytes).at(Priority::Blob);
        let sent = self.http().fetch(&to_write(request, repository), Limit::ERROR).await;
        match sent.and_then(|reply| reply.success(&doing)) {
            Ok(_) => Ok(descriptor),
            Err(failure) => {
                self.cancel(repository, session).await;
                Err(failure)
            }
        }
    }

    /// Whether the blob is there. A server that does not answer HEAD gets the blob again.
    async fn has_blob(&self, repository: &str, digest: &Digest, doing: &str) -> Result<bool, Failure> {
        let url = self.repository_url(repository, &["blobs", &digest.to_string()], doing)?;
        let request = to_write(Request::new(Method::HEAD, url, doing), repository);
        let reply = self.http().fetch(&request, Limit::ERROR).await?;
        match reply.status.as_u16() {
            401 | 403 => Err(reply.failure(doing)),
            _ => Ok(reply.status.is_success()),
        }
    }

    /// Cancels an upload. The upload's own failure is what counts, so that of the cancelling is only logged.
    async fn cancel(&self, repository: &str, session: Url) {
        let request = Request::new(Method::DELETE, session, "cancelling an upload");
        if let Err(failure) = self.http().fetch(&to_write(request, repository), Limit::ERROR).await {
            tracing::debug!(%failure, "the upload was not cancelled");
        }
    }
}

/// Where an upload goes on: relative or absolute, its query kept. A server behind a TLS proxy may write `http`.
fn session_url(reply: &Reply, doing: &str) -> Result<Url, Failure> {
    let location = reply.header(&LOCATION).and_then(|text| reply.url.join(text).ok()).filter(Url::has_host);
    let Some(mut url) = location else {
        return Err(Failure::new(FailureKind::Invalid, doing, "the server did not say where to upload to"));
    };
    if reply.url.scheme() == "https" && url.scheme() == "http" && url.host_str() == reply.url.host_str() {
        let port = reply.url.port();
        if url.set_scheme("https").is_err() || url.set_port(port).is_err() {
            return Err(Failure::new(FailureKind::Invalid, doing, "the server's upload address is no URL"));
        }
    }
    Ok(url)
}
