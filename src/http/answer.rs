//! An answer whose headers are here and whose body is still to come.
//!
//! Invariant: it holds its place in the schedule until the body is read or dropped.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, Response, StatusCode};
use url::Url;

use super::broken::Broken;
use super::limits::{self, Beyond, Limit};
use super::reply::{Explain, Reply, header_text};
use super::schedule::Place;
use crate::domain::Failure;

/// A status and headers, with the body to be read.
pub struct Answer {
    pub(super) response: Response,
    pub(super) url: Url,
    pub(super) doing: String,
    pub(super) stall: Duration,
    pub(super) signed_in: bool,
    pub(super) method: Method,
    pub(super) explain: Explain,
    pub(super) place: Place,
}

impl Answer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        header_text(self.headers(), name)
    }

    /// How long the body is, where the server said it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Reads the body to its end: a success up to `limit`, anything else cut at the limit of error messages.
    pub(super) async fn read(self, limit: Limit) -> Result<Reply, Broken> {
        let (status, headers) = (self.response.status(), self.response.headers().clone());
        let (limit, beyond) =
            if status.is_success() { (limit, Beyond::Refuse) } else { (Limit::ERROR, Beyond::Cut) };
        let Self { response, url, doing, stall, signed_in, method, explain, place } = self;
        let body = limits::read(response, limit, beyond, stall, &doing).await?;
        drop(place);
        Ok(Reply { status, headers, url, body, signed_in, method, explain })
    }

    /// The body, piece by piece, as it arrives. A break or a stall ends it with a failure.
    #[must_use]
    pub fn into_stream(self) -> BoxStream<'static, Result<Bytes, Failure>> {
        stream::unfold(Some(self), |state| async move {
            let mut answer = state?;
            match limits::next_chunk(&mut answer.response, answer.stall, &answer.doing).await {
                Ok(Some(chunk)) => Some((Ok(chunk), Some(answer))),
                Ok(None) => None,
                Err(broken) => Some((Err(broken.failure), None)),
            }
        })
        .boxed()
    }
}
