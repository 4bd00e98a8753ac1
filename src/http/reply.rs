//! An answer that was read to its end, and what it means.
//!
//! Invariant: text of the server leaves here only cut, visible and without the query of any URL.

use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName};
use serde::de::DeserializeOwned;
use url::Url;

use super::errors::{self, Refusal};
use super::pause;
use super::tidy::tidy;
use crate::domain::{Failure, FailureKind};

/// A status, its headers and the whole body (of a refusal: the first 64 KiB).
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// Where the answer came from, after redirects.
    pub url: Url,
    /// The body.
    pub body: Bytes,
    /// Whether the request carried a sign-in.
    pub signed_in: bool,
}

impl Reply {
    /// A header's text; nothing when it is missing or not text.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        header_text(&self.headers, name)
    }

    /// A header by its name in lower case.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The pause that the server asks for before it is asked again.
    #[must_use]
    pub fn asked_pause(&self) -> Option<Duration> {
        pause::asked_pause(&self.headers)
    }

    /// Whether the server's error list has this code.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        errors::said_errors(&self.body).iter().any(|e| e.code.eq_ignore_ascii_case(code))
    }

    /// Whether the body is a page for people.
    #[must_use]
    pub fn is_web_page(&self) -> bool {
        errors::is_web_page(self.header(&reqwest::header::CONTENT_TYPE), &self.body)
    }

    /// Refuses a page for people where a registry's answer should be.
    ///
    /// # Errors
    /// `Invalid`.
    pub fn refuse_web_page(&self, doing: &str) -> Result<(), Failure> {
        if self.is_web_page() {
            return Err(Failure::new(FailureKind::Invalid, doing, errors::WEB_PAGE));
        }
        Ok(())
    }

    /// The failure that this status is.
    #[must_use]
    pub fn failure(&self, doing: &str) -> Failure {
        let Self { status, headers, body, signed_in, .. } = self;
        errors::from_refusal(doing, Refusal { status: *status, headers, body, signed_in: *signed_in })
    }

    /// This reply if it is a success.
    ///
    /// # Errors
    /// The failure that any other status is.
    pub fn success(self, doing: &str) -> Result<Self, Failure> {
        if self.status.is_success() { Ok(self) } else { Err(self.failure(doing)) }
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// `Invalid`: a web page, not UTF-8, not JSON of this shape.
    pub fn json<T: DeserializeOwned>(&self, doing: &str) -> Result<T, Failure> {
        let invalid = |said: String| Failure::new(FailureKind::Invalid, doing, said);
        self.refuse_web_page(doing)?;
        let text = std::str::from_utf8(&self.body)
            .map_err(|e| invalid(format!("the answer is not valid UTF-8 (byte {})", e.valid_up_to())))?;
        serde_json::from_str(text).map_err(|e| {
            invalid(if e.is_eof() {
                format!("the answer ends too early, after {} bytes", self.body.len())
            } else {
                format!("the answer is not the JSON that was expected: {}", tidy(&e.to_string()))
            })
        })
    }

    /// The texts of `Warning: 299` headers.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        errors::warnings(&self.headers)
    }
}

pub(super) fn header_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
