//! Sending blobs: mounted from another repository, whole in one request, or in chunks (distribution-spec 1.1, "Pushing
//! blobs").
//!
//! Invariant: a blob is committed only by the request that names its digest. An [`Upload`] goes on where the server
//! said last; whoever gives one up cancels it.

use bytes::Bytes;
use url::Url;

use super::{Distribution, to_write, write_scope};
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, FailureKind};
use crate::http::header::{CONTENT_RANGE, HeaderName, HeaderValue, LOCATION, RANGE};
use crate::http::{Limit, Method, Priority, Reply, Request, Streamed};

/// The type of a blob's bytes on the wire.
pub(super) const OCTETS: &str = "application/octet-stream";
/// The smallest chunk that a server takes, except for the last one.
const CHUNK_MIN: HeaderName = HeaderName::from_static("oci-chunk-min-length");

/// How an upload begins.
pub enum Begun {
    /// It is over: the server has taken the blob from the other repository.
    Mounted,
    /// The bytes have to be sent.
    Open(Upload),
}

/// What became of a blob that was sent whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// It is there.
    Kept,
    /// The server, or something before it, does not take so much at once.
    Refused,
}

/// A blob on its way to a registry.
pub struct Upload {
    distribution: Distribution,
    repository: String,
    digest: Digest,
    doing: String,
    session: Url,
    position: u64,
    least: u64,
}

impl Distribution {
    /// Whether the blob is there. A server that does not answer HEAD gets the blob again.
    ///
    /// # Errors
    /// `Unauthorized`, `Forbidden`, and what the transport may say.
    pub async fn has_blob(&self, repository: &str, digest: &Digest) -> Result<bool, Failure> {
        let doing = doing(repository, digest);
        let url = self.repository_url(repository, &["blobs", &digest.to_string()], &doing)?;
        let request = to_write(Request::new(Method::HEAD, url, &doing), repository);
        let reply = self.http().fetch(&request, Limit::ERROR).await?;
        match reply.status.as_u16() {
            401 | 403 => Err(reply.failure(&doing)),
            _ => Ok(reply.status.is_success()),
        }
    }

    /// Begins to send a blob. With the repository of this server that has it, `mount_from`, it is taken from there;
    /// a server that will not do that gets the bytes.
    ///
    /// # Errors
    /// `Unauthorized` and `Forbidden`, before a byte of the blob was sent; `Invalid`, and what the transport may say.
    pub async fn begin_upload(
        &self,
        repository: &str,
        digest: &Digest,
        mount_from: Option<&str>,
    ) -> Result<Begun, Failure> {
        let doing = doing(repository, digest);
        if let Some(from) = mount_from {
            let reply = self.post_upload(repository, Some((digest, from)), &doing).await?;
            match reply.status.as_u16() {
                201 => return Ok(Begun::Mounted),
                202 => return Upload::open(self, repository, digest, &reply).map(Begun::Open),
                status => tracing::debug!(status, from, "the blob is not mounted"),
            }
        }
        let reply = self.post_upload(repository, None, &doing).await?.success(&doing)?;
        Upload::open(self, repository, digest, &reply).map(Begun::Open)
    }

    async fn post_upload(
        &self,
        repository: &str,
        mount: Option<(&Digest, &str)>,
        doing: &str,
    ) -> Result<Reply, Failure> {
        let mut url = self.repository_url(repository, &["blobs", "uploads"], doing)?;
        url.set_path(&format!("{}/", url.path()));
        let mut scope = write_scope(repository);
        if let Some((digest, from)) = mount {
            url.query_pairs_mut().append_pair("mount", &digest.to_string()).append_pair("from", from);
            scope = format!("{scope} repository:{from}:pull");
        }
        let request = Request::new(Method::POST, url, doing).body(octets(), Bytes::new()).scope(scope);
        self.http().fetch(&request, Limit::ERROR).await
    }
}

impl Upload {
    fn open(
        distribution: &Distribution,
        repository: &str,
        digest: &Digest,
        reply: &Reply,
    ) -> Result<Self, Failure> {
        let doing = doing(repository, digest);
        let session = session_url(reply, &doing)?;
        let least = reply.header(&CHUNK_MIN).and_then(|text| text.parse().ok()).unwrap_or_default();
        let (distribution, repository) = (distribution.clone(), repository.to_owned());
        Ok(Self { distribution, repository, digest: digest.clone(), doing, session, position: 0, least })
    }

    /// How many bytes the server has.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The smallest chunk that the server takes, in bytes; 0 when it does not say.
    #[must_use]
    pub fn least(&self) -> u64 {
        self.least
    }

    /// Sends the whole blob and commits it.
    ///
    /// # Errors
    /// `Invalid` when the server finds another digest; `Unauthorized`, and what the transport may say.
    pub async fn put_whole(&self, body: Streamed) -> Result<Whole, Failure> {
        let request = self.commit().streamed(octets(), body);
        let reply = self.send(request).await?;
        match reply.status.as_u16() {
            405 | 411 | 413 | 501 => Ok(Whole::Refused),
            _ => reply.success(&self.doing).map(|_| Whole::Kept),
        }
    }

    /// Sends the next bytes. [`Upload::position`] tells then how many of them the server has taken.
    ///
    /// # Errors
    /// `Invalid` when the server wants other bytes, and what the transport may say.
    pub async fn patch(&mut self, body: Streamed) -> Result<(), Failure> {
        let (from, length) = (self.position, body.length());
        let end = from.saturating_add(length);
        let range = HeaderValue::from_str(&format!("{from}-{}", end.saturating_sub(1)))
            .map_err(|e| Failure::new(FailureKind::Bug, &self.doing, e.to_string()))?;
        let request = Request::new(Method::PATCH, self.session.clone(), &self.doing)
            .header(CONTENT_RANGE, range)
            .streamed(octets(), body);
        // Some answer 201 rather than 202.
        let reply = self.send(request).await?.success(&self.doing)?;
        self.go_on_at(&reply)?;
        self.position = received(&reply).filter(|at| from < *at && *at < end).unwrap_or(end);
        Ok(())
    }

    /// Asks the server how many bytes it has, after a break.
    ///
    /// # Errors
    /// `NotFound` when it has forgotten the upload, `Invalid`, and what the transport may say.
    pub async fn locate(&mut self) -> Result<(), Failure> {
        let request = Request::get(self.session.clone(), &self.doing);
        let request = to_write(request, &self.repository);
        let reply = self.distribution.http().fetch(&request, Limit::ERROR).await?.success(&self.doing)?;
        self.go_on_at(&reply)?;
        self.position = received(&reply).unwrap_or_default();
        Ok(())
    }

    /// Commits what was sent in chunks.
    ///
    /// # Errors
    /// `Invalid` when the server finds another digest, and what the transport may say.
    pub async fn finish(&self) -> Result<(), Failure> {
        self.put(Bytes::new()).await
    }

    /// Sends bytes in memory as the rest of the blob, and commits it.
    pub(super) async fn put(&self, bytes: Bytes) -> Result<(), Failure> {
        self.send(self.commit().body(octets(), bytes)).await?.success(&self.doing).map(|_| ())
    }

    /// Cancels the upload. What made it end is what counts, so that a failure here is only logged.
    pub async fn cancel(self) {
        let request = Request::new(Method::DELETE, self.session, "cancelling an upload");
        let request = to_write(request, &self.repository);
        if let Err(failure) = self.distribution.http().fetch(&request, Limit::ERROR).await {
            tracing::debug!(%failure, "the upload was not cancelled");
        }
    }

    fn commit(&self) -> Request {
        let mut url = self.session.clone();
        url.query_pairs_mut().append_pair("digest", &self.digest.to_string());
        Request::new(Method::PUT, url, &self.doing)
    }

    async fn send(&self, request: Request) -> Result<Reply, Failure> {
        let request = to_write(request.at(Priority::Upload), &self.repository);
        self.distribution.http().fetch(&request, Limit::ERROR).await
    }

    /// Each answer may name another address to go on at; one that names none means the same.
    fn go_on_at(&mut self, reply: &Reply) -> Result<(), Failure> {
        if reply.header(&LOCATION).is_some() {
            self.session = session_url(reply, &self.doing)?;
        }
        Ok(())
    }
}

fn doing(repository: &str, digest: &Digest) -> String {
    format!("writing the blob {digest} of {}", visible(repository))
}

fn octets() -> HeaderValue {
    HeaderValue::from_static(OCTETS)
}

/// How many bytes a server has by its `Range: 0-9`. `0-0` is what many say of none, so one byte counts as none too.
fn received(reply: &Reply) -> Option<u64> {
    read_received(reply.header(&RANGE)?)
}

fn read_received(text: &str) -> Option<u64> {
    let text = text.trim();
    let (first, last) = text.strip_prefix("bytes=").unwrap_or(text).split_once('-')?;
    match (first.parse::<u64>().ok()?, last.parse::<u64>().ok()?) {
        (0, 0) => Some(0),
        (0, last) => last.checked_add(1),
        _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_server_is() {
        assert_eq!(read_received("0-9"), Some(10));
        assert_eq!(read_received("bytes=0-9"), Some(10));
        assert_eq!(read_received("0-0"), Some(0));
        for odd in ["", "9", "5-9", "0-x", "0-18446744073709551615"] {
            assert_eq!(read_received(odd), None, "{odd}");
        }
    }
}
