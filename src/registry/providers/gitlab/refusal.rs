//! What a refusal of GitLab's API means: a scope that is missing, a token that ended, a protected tag.
//!
//! Invariant: what GitLab said itself is kept in every sentence.

use serde::Deserialize;

use super::address::Addresses;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::Reply;

/// `{"error":"insufficient_scope","error_description":"…","scope":"api read_api"}`
#[derive(Deserialize)]
struct Insufficient {
    error: String,
    #[serde(default)]
    scope: String,
}

/// The failure that a refusal is.
pub(super) fn explain(addresses: &Addresses, reply: &Reply, doing: &str) -> Failure {
    let failure = reply.failure(doing);
    let said = match failure.kind {
        FailureKind::Unauthorized if reply.signed_in => {
            format!("{}; {}", failure.said, refused_token(addresses))
        }
        FailureKind::Forbidden => match lacking(reply) {
            Some(scopes) => format!("{}; {}", failure.said, lacks(addresses, &scopes)),
            None => return failure,
        },
        _ => return failure,
    };
    Failure { said, ..failure }
}

/// What is said of a token that was refused.
pub(super) fn refused_token(addresses: &Addresses) -> String {
    format!("the token is wrong, expired or revoked: make another at {}", addresses.tokens())
}

/// What is said of a token that lacks a scope.
pub(super) fn lacks(addresses: &Addresses, scopes: &str) -> String {
    format!("the token lacks the scope {}: make one that has it at {}", visible(scopes), addresses.tokens())
}

/// The scopes one of which the request needs, when that is what is missing.
fn lacking(reply: &Reply) -> Option<String> {
    let body: Insufficient = serde_json::from_slice(&reply.body).ok()?;
    let scopes = body.scope.split_whitespace().collect::<Vec<_>>().join(" or ");
    (body.error == "insufficient_scope").then(|| if scopes.is_empty() { "api".to_owned() } else { scopes })
}
