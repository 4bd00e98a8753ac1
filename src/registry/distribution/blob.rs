//! Blobs: whole and verified, or streamed from a position.
//!
//! Invariant: a stream says truly at which byte it starts, whatever was asked for.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};

use super::manifest::wrong_digest;
use super::{Distribution, to_read};
use crate::domain::text::visible;
use crate::domain::{Descriptor, Failure, FailureKind};
use crate::http::header::{CONTENT_RANGE, HeaderValue, RANGE};
use crate::http::{Answer, Limit, Opened, Priority, Request};
use crate::registry::BlobStream;

impl Distribution {
    /// A whole blob of at most `limit` bytes, with the right size and digest.
    ///
    /// # Errors
    /// `Invalid` when it is larger, `Integrity`, `NotFound`, and what the transport may say.
    pub async fn blob(&self, repository: &str, blob: &Descriptor, limit: u64) -> Result<Bytes, Failure> {
        let doing = doing(repository, blob);
        let limit = Limit::of(limit, "a blob read into memory");
        if blob.size > limit.bytes {
            return Err(limit.exceeded(&doing));
        }
        let request = self.blob_request(repository, blob, &doing)?.at(Priority::Interactive);
        let reply = self.http().fetch(&request, limit).await?.success(&doing)?;
        if !blob.digest.matches(&reply.body) {
            return Err(wrong_digest(&doing, &blob.digest, &reply.body));
        }
        Ok(reply.body)
    }

    /// A blob from byte `offset` on. A server that ignores or refuses the range sends it from the start.
    ///
    /// # Errors
    /// `NotFound`, and what the transport may say. The bytes are not verified here.
    pub async fn blob_from(
        &self,
        repository: &str,
        blob: &Descriptor,
        offset: u64,
    ) -> Result<BlobStream, Failure> {
        let doing = doing(repository, blob);
        if offset > 0 && offset == blob.size {
            return Ok(BlobStream { offset, total: Some(offset), bytes: stream::empty().boxed() });
        }
        let whole = self.blob_request(repository, blob, &doing)?;
        if offset == 0 || (blob.size > 0 && offset > blob.size) {
            return from_start(self.http().open(&whole).await?, &doing);
        }
        let range = HeaderValue::from_str(&format!("bytes={offset}-"))
            .map_err(|e| Failure::new(FailureKind::Bug, &doing, e.to_string()))?;
        match self.http().open(&whole.clone().header(RANGE, range)).await? {
            Opened::Success(answer) if answer.status().as_u16() == 206 => {
                match content_range(&answer) {
                    Some((start, total)) if start == offset && fits(total, blob) => {
                        Ok(BlobStream { offset, total, bytes: answer.into_stream() })
                    }
                    // Another part, or another blob: start over without a range.
                    _ => {
                        drop(answer);
                        from_start(self.http().open(&whole).await?, &doing)
                    }
                }
            }
            Opened::Refused(reply) if reply.status.as_u16() == 416 => {
                from_start(self.http().open(&whole).await?, &doing)
            }
            opened => from_start(opened, &doing),
        }
    }

    fn blob_request(&self, repository: &str, blob: &Descriptor, doing: &str) -> Result<Request, Failure> {
        let digest = blob.digest.to_string();
        let url = self.repository_url(repository, &["blobs", &digest], doing)?;
        Ok(to_read(Request::get(url, doing).at(Priority::Blob), repository))
    }
}

fn doing(repository: &str, blob: &Descriptor) -> String {
    format!("reading the blob {} of {}", blob.digest, visible(repository))
}

fn fits(total: Option<u64>, blob: &Descriptor) -> bool {
    blob.size == 0 || total.is_none_or(|t| t == blob.size)
}

fn from_start(opened: Opened, doing: &str) -> Result<BlobStream, Failure> {
    match opened {
        Opened::Success(answer) if answer.status().as_u16() == 206 => Err(Failure::new(
            FailureKind::Invalid,
            doing,
            "the server sent a part where the whole was asked for",
        )),
        Opened::Success(answer) => {
            Ok(BlobStream { offset: 0, total: answer.length(), bytes: answer.into_stream() })
        }
        Opened::Refused(reply) => Err(reply.failure(doing)),
    }
}

/// Start and total of `Content-Range: bytes 5-9/10` (RFC 9110, section 14.4).
fn content_range(answer: &Answer) -> Option<(u64, Option<u64>)> {
    read_range(answer.header(&CONTENT_RANGE)?)
}

fn read_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes")?.trim_start().split_once('/')?;
    let (start, _) = range.split_once('-')?;
    let total = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    Some((start.trim().parse().ok()?, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges() {
        assert_eq!(read_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(read_range("bytes 5-9/*"), Some((5, None)));
        for bad in ["", "bytes */10", "bytes 5-9", "items 5-9/10", "bytes x-9/10"] {
            assert_eq!(read_range(bad), None, "{bad}");
        }
    }
}
