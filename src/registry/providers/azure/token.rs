//! A token, and what the token endpoint answers.
//!
//! Invariant: what the endpoint says is read; what it means is decided elsewhere.

use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::{Failure, Secret};
use crate::http::Reply;

/// What a failure of the sign-in opens with.
pub(super) const SIGNING_IN: &str = "signing in to Azure";

/// A token for the resource manager.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) secret: Secret,
    /// Seconds since 1970, by the clock of the day, which goes on while a machine sleeps.
    pub(super) until: i64,
}

/// What the token endpoint answers, well or not.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    pub(super) access_token: Option<String>,
    pub(super) refresh_token: Option<String>,
    pub(super) expires_in: Option<serde_json::Value>,
    pub(super) error: Option<String>,
    pub(super) error_description: Option<String>,
    pub(super) suberror: Option<String>,
}

/// Reads an answer of the token endpoint; a refusal that says nothing is the failure that its status is.
pub(super) fn read(reply: &Reply) -> Result<Answer, Failure> {
    let answer: Answer = match reply.json(SIGNING_IN) {
        Err(_) if !reply.status.is_success() => return Err(reply.failure(SIGNING_IN)),
        read => read?,
    };
    if answer.error.is_none() && !reply.status.is_success() {
        return Err(reply.failure(SIGNING_IN));
    }
    Ok(answer)
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    Timestamp::now().as_second()
}
