//! What was asked, for tests that count requests.
//!
//! Invariant: at most [`KEPT`] requests are kept, so a registry that runs for long does not grow.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::extract::Request;
use axum::http::header::RANGE;

/// How many requests are kept, the newest ones.
const KEPT: usize = 16_384;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The method, such as `GET`.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, without the question mark; empty when there is none.
    pub query: String,
    /// The `Range` header.
    pub range: Option<String>,
}

/// The newest requests, oldest first.
#[derive(Default)]
pub(super) struct Requests(Mutex<VecDeque<Recorded>>);

impl Requests {
    /// Takes a request down.
    pub(super) fn record(&self, request: &Request) {
        let range = request.headers().get(RANGE).and_then(|v| v.to_str().ok());
        let recorded = Recorded {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            range: range.map(str::to_owned),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(recorded);
    }

    /// All that are kept.
    pub(super) fn all(&self) -> Vec<Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
