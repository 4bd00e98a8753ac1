//! Faults on purpose: a script of what goes wrong, for tests of what a client makes of it.
//!
//! Invariant: a request meets at most one fault, the first in the script that matches it and is not used up.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LINK, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::blob::{Blob, Generated};
use super::reply::Reply;
use super::spoil::{corrupt, cut, rebody, slow};
use crate::domain::media::OCI_MANIFEST;

/// How long a connection stays open behind the last byte of a body that is cut off: its buffers, which would be
/// thrown away, are sent in this time.
const FLUSH: Duration = Duration::from_millis(20);

/// Something that goes wrong.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which requests it meets.
    pub on: Match,
    /// How many of them; `usize::MAX` for all.
    pub times: usize,
    /// What happens to them.
    pub what: What,
}

/// Which requests are meant.
#[derive(Debug, Clone)]
pub struct Match {
    /// The method; any when there is none.
    pub method: Option<String>,
    /// The path without the query, where `*` stands for any run of characters.
    pub path: String,
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum What {
    /// Nothing: the request passes, so that a later one meets the next fault.
    Pass,
    /// This is answered instead.
    Answer {
        /// The status.
        status: u16,
        /// Headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: Bytes,
    },
    /// The request is carried out, and this status is answered all the same.
    Afterwards(u16),
    /// A manifest of so many bytes is answered instead.
    Oversize(u64),
    /// After so many bytes of the body the connection is closed.
    Truncate(u64),
    /// After so many bytes of the body nothing comes any more.
    Stall(u64),
    /// The first byte of the body is wrong.
    Corrupt,
    /// The body comes at so many bytes a second.
    Slow(u64),
    /// The answer says that it goes on, at the same address.
    EndlessLink,
    /// The answer has this header instead, or lacks it.
    Header(String, Option<String>),
}

impl Fault {
    /// A fault that happens once.
    #[must_use]
    pub fn once(on: Match, what: What) -> Self {
        Self { on, times: 1, what }
    }

    /// A fault that happens every time.
    #[must_use]
    pub fn always(on: Match, what: What) -> Self {
        Self { on, times: usize::MAX, what }
    }
}

impl Match {
    /// Any method.
    #[must_use]
    pub fn path(path: &str) -> Self {
        Self { method: None, path: path.to_owned() }
    }

    /// One method.
    #[must_use]
    pub fn method(method: &str, path: &str) -> Self {
        Self { method: Some(method.to_owned()), path: path.to_owned() }
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|m| m == method) && is_like(path, &self.path)
    }
}

impl What {
    /// A status without a body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// A 200 with this body.
    #[must_use]
    pub fn body(media_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![(CONTENT_TYPE.to_string(), media_type.to_owned())];
        Self::Answer { status: 200, headers, body: body.into() }
    }

    /// A page for people, as a proxy or a portal sends one.
    #[must_use]
    pub fn html() -> Self {
        Self::body("text/html", "<!doctype html><title>Sign in</title><h1>Sign in to go on</h1>")
    }

    /// Too many requests, with or without a time to wait.
    #[must_use]
    pub fn rate_limit(retry_after: Option<&str>) -> Self {
        let body = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"too many requests"}]}"#;
        let wait = retry_after.map(|value| (RETRY_AFTER.to_string(), value.to_owned()));
        Self::Answer {
            status: 429,
            headers: wait.into_iter().collect(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    /// What is answered without looking at the content.
    pub(super) fn instead(&self) -> Option<Response> {
        match self {
            Self::Answer { status, headers, body } => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let mut response = Reply::new(status).body(body.clone()).into_response();
                for (name, value) in headers {
                    set(response.headers_mut(), name, Some(value));
                }
                Some(response)
            }
            Self::Oversize(size) => {
                let zeros = Generated { head: Bytes::new(), seed: 0, noise: 0, zeros: *size };
                let body = Blob::Generated(zeros).body(0..*size);
                let reply = Reply::new(StatusCode::OK).with(CONTENT_TYPE, OCI_MANIFEST);
                Some(reply.with(CONTENT_LENGTH, size).body(body).into_response())
            }
            _ => None,
        }
    }

    /// What becomes of the answer to the request for `uri`. A stalled or slow one ends when `stopped` does.
    pub(super) fn spoil(self, mut response: Response, uri: &Uri, stopped: &CancellationToken) -> Response {
        let stopped = stopped.clone();
        match self {
            Self::Pass | Self::Answer { .. } | Self::Oversize(_) => {}
            Self::Afterwards(status) => {
                *response.status_mut() =
                    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            }
            Self::EndlessLink => {
                set(response.headers_mut(), LINK.as_str(), Some(&format!("<{uri}>; rel=\"next\"")));
            }
            Self::Header(name, value) => set(response.headers_mut(), &name, value.as_deref()),
            Self::Truncate(after) => {
                return rebody(response, |body| cut(body, after, tokio::time::sleep(FLUSH)));
            }
            Self::Stall(after) => {
                return rebody(response, |body| cut(body, after, async move { stopped.cancelled().await }));
            }
            Self::Corrupt => return rebody(response, corrupt),
            Self::Slow(speed) => return rebody(response, |body| slow(body, speed.max(1), stopped)),
        }
        response
    }
}

/// The faults that are still to come.
pub(super) struct Script(Mutex<Vec<Fault>>);

impl Script {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self(Mutex::new(faults))
    }

    pub(super) fn add(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// The fault that this request meets.
    pub(super) fn take(&self, method: &str, path: &str) -> Option<What> {
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = script.iter_mut().find(|fault| fault.times > 0 && fault.on.matches(method, path))?;
        if fault.times != usize::MAX {
            fault.times -= 1;
        }
        Some(fault.what.clone())
    }
}

/// Whether `text` is what `pattern` describes.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(tail) = text.strip_prefix(head) else { return false };
    tail.char_indices()
        .map(|(at, _)| at)
        .chain([tail.len()])
        .any(|at| tail.get(at..).is_some_and(|t| is_like(t, rest)))
}

fn set(headers: &mut HeaderMap, name: &str, value: Option<&str>) {
    let Ok(name) = HeaderName::try_from(name) else { return };
    headers.remove(&name);
    if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (text, pattern, expected) in [
            ("/v2/a/b/tags/list", "/v2/*/tags/list", true),
            ("/v2/a/manifests/x", "*", true),
            ("/v2/a/manifests/x", "/v2/*/blobs/*", false),
            ("/v2/", "/v2/", true),
            ("/v2/é/x", "*x", true),
        ] {
            assert_eq!(is_like(text, pattern), expected, "{text} {pattern}");
        }
    }

    #[test]
    fn faults_are_used_up_in_order() {
        let any = || Match::path("*");
        let script = Script::new(vec![
            Fault::once(Match::method("HEAD", "*"), What::status(500)),
            Fault::once(any(), What::Pass),
            Fault { on: any(), times: 2, what: What::Corrupt },
        ]);
        let kind = |what: Option<What>| what.map(|what| std::mem::discriminant(&what));
        assert_eq!(kind(script.take("GET", "/")), kind(Some(What::Pass)));
        assert_eq!(kind(script.take("HEAD", "/")), kind(Some(What::status(1))));
        assert_eq!(kind(script.take("GET", "/")), kind(Some(What::Corrupt)));
        assert_eq!(kind(script.take("GET", "/")), kind(Some(What::Corrupt)));
        assert!(script.take("GET", "/").is_none());
    }
}
