//! Blobs: pull, whole or in part, and delete ("Pulling blobs", "Deleting Blobs"; ranges as RFC 9110 section 14 has them).
//!
//! Invariant: a part is answered with 206 and its exact `Content-Range`, or not at all.

use std::ops::Range;

use axum::extract::Request;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE};
use axum::http::{HeaderMap, Method, StatusCode};

use super::refusal::{Code, missing, refuse, refuse_as};
use super::reply::{CONTENT_DIGEST, Reply};
use super::shared::Shared;
use crate::domain::Digest;

/// What a request wants of a blob.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Range(Range<u64>),
    Unsatisfiable,
}

/// Gives a blob out.
pub(super) fn get(
    shared: &Shared,
    repository: &str,
    digest: &Digest,
    request: &Request,
) -> Result<Reply, Reply> {
    let found = shared.store.blob(repository, digest);
    let blob = found.ok_or_else(|| missing(&shared.store, repository, Code::BlobUnknown))?;
    let size = blob.len();
    let honoured = shared.settings.ranges && request.method() == Method::GET;
    let part = if honoured { wanted(request.headers(), digest, size) } else { Part::Whole };
    let (status, range) = match part {
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Range(range) => (StatusCode::PARTIAL_CONTENT, range),
        Part::Unsatisfiable => {
            let message = "the blob has no such bytes";
            let refusal = refuse_as(StatusCode::RANGE_NOT_SATISFIABLE, Code::SizeInvalid, message);
            return Err(refusal.with(CONTENT_RANGE, &format!("bytes */{size}")));
        }
    };
    let reply = Reply::new(status)
        .with(CONTENT_TYPE, "application/octet-stream")
        .with(CONTENT_LENGTH, &(range.end - range.start))
        .with(CONTENT_DIGEST, digest)
        .with(ETAG, &etag(digest));
    let reply = if shared.settings.ranges { reply.with(ACCEPT_RANGES, "bytes") } else { reply };
    let reply = match status {
        StatusCode::PARTIAL_CONTENT => {
            reply.with(CONTENT_RANGE, &format!("bytes {}-{}/{size}", range.start, range.end - 1))
        }
        _ => reply,
    };
    Ok(reply.body(blob.body(range)))
}

/// Deletes a blob.
pub(super) fn delete(shared: &Shared, repository: &str, digest: &Digest) -> Result<Reply, Reply> {
    if !shared.settings.delete {
        return Err(refuse(Code::Unsupported, "deleting is switched off"));
    }
    if shared.store.remove_blob(repository, digest) {
        Ok(Reply::new(StatusCode::ACCEPTED))
    } else {
        Err(missing(&shared.store, repository, Code::BlobUnknown))
    }
}

fn etag(digest: &Digest) -> String {
    format!("\"{digest}\"")
}

/// What the headers want of a blob of `size` bytes. Several ranges, and what is not a range, mean the whole.
fn wanted(headers: &HeaderMap, digest: &Digest, size: u64) -> Part {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    if text(IF_RANGE).is_some_and(|tag| tag != etag(digest)) {
        return Part::Whole;
    }
    match text(RANGE).and_then(|range| range.strip_prefix("bytes=")) {
        Some(range) => part(range.trim(), size).unwrap_or(Part::Whole),
        None => Part::Whole,
    }
}

/// Reads `first-last`, `first-` or `-length`; nothing when it is none of them.
fn part(range: &str, size: u64) -> Option<Part> {
    let (first, last) = range.split_once('-')?;
    let range = match (first, last) {
        ("", length) => size.saturating_sub(length.parse().ok()?)..size,
        (first, "") => first.parse().ok()?..size,
        (first, last) => {
            let (first, last) = (first.parse::<u64>().ok()?, last.parse::<u64>().ok()?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(if range.is_empty() { Part::Unsatisfiable } else { Part::Range(range) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_writes_them() {
        for (text, expected) in [
            ("0-0", Some(Part::Range(0..1))),
            ("2-", Some(Part::Range(2..10))),
            ("2-99", Some(Part::Range(2..10))),
            ("-3", Some(Part::Range(7..10))),
            ("-99", Some(Part::Range(0..10))),
            ("10-", Some(Part::Unsatisfiable)),
            ("-0", Some(Part::Unsatisfiable)),
            ("5-4", None),
            ("0-1,3-4", None),
            ("x", None),
        ] {
            assert_eq!(part(text, 10), expected, "{text}");
        }
        assert_eq!(part("0-", 0), Some(Part::Unsatisfiable));
    }
}
