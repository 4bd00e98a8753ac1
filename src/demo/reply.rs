//! Answers, put together header by header.
//!
//! Invariant: a header whose value cannot be sent is left out rather than breaking the answer.

use std::fmt::Display;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};

/// The digest of the content in an answer.
pub(super) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// An answer under construction. Boxed, because refusals travel as errors.
#[derive(Debug)]
pub(super) struct Reply(Box<Response>);

impl Reply {
    /// An answer without a body.
    pub(super) fn new(status: StatusCode) -> Self {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        Self(Box::new(response))
    }

    /// An answer with a JSON body.
    pub(super) fn json(status: StatusCode, value: &serde_json::Value) -> Self {
        Self::new(status).with(CONTENT_TYPE, "application/json").body(value.to_string())
    }

    /// The same with a header.
    pub(super) fn with(mut self, name: HeaderName, value: &(impl Display + ?Sized)) -> Self {
        if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
            self.0.headers_mut().insert(name, value);
        }
        self
    }

    /// The same with a body.
    pub(super) fn body(mut self, body: impl Into<Body>) -> Self {
        *self.0.body_mut() = body.into();
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        *self.0
    }
}
