//! What a refusal of GitHub's API means: a scope that is missing, single sign-on, a kind of token that does not work.
//!
//! Invariant: a missing scope is named only when GitHub has said which scopes the token has.

use super::address::Addresses;
use super::scopes::Scopes;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::Reply;

/// Who asked, and how they can help themselves.
pub(super) struct Asker<'a> {
    pub(super) addresses: &'a Addresses,
    /// Whether the token is that of `gh`.
    pub(super) by_gh: bool,
}

/// The address that `X-GitHub-SSO: required; url=…` names.
pub(super) fn single_sign_on(reply: &Reply) -> Option<String> {
    let rest = reply.named("x-github-sso")?.trim().strip_prefix("required")?;
    let url = rest.split(';').find_map(|part| part.trim().strip_prefix("url="))?.trim();
    url.starts_with("https://").then(|| visible(url).into_owned())
}

impl Asker<'_> {
    /// The failure that a refusal is; `needed` is the scope that the request needs.
    pub(super) fn explain(&self, reply: &Reply, doing: &str, needed: &str) -> Failure {
        let failure = reply.failure(doing);
        if let Some(url) = single_sign_on(reply) {
            let said = format!(
                "the organisation wants single sign-on for this token; “Open in browser” leads to the page where it is authorised: {url}"
            );
            return Failure { kind: FailureKind::Forbidden, said, ..failure };
        }
        match failure.kind {
            FailureKind::Unauthorized if reply.signed_in => self.refused_token(reply, failure),
            _ if matches!(reply.status.as_u16(), 400 | 403 | 404) && reply.signed_in => {
                self.lacking(reply, failure, needed)
            }
            _ => failure,
        }
    }

    fn refused_token(&self, reply: &Reply, failure: Failure) -> Failure {
        let next = if self.by_gh {
            format!("run “gh auth login --hostname {}” again", self.addresses.host())
        } else if reply.named("x-github-otp").is_some() {
            format!(
                "the account has two-factor sign-in, which takes a token, not a password: {}",
                self.token_page()
            )
        } else {
            format!("the token is wrong, expired or revoked: {}", self.token_page())
        };
        Failure { said: format!("{}; {next}", failure.said), ..failure }
    }

    fn lacking(&self, reply: &Reply, failure: Failure, needed: &str) -> Failure {
        if failure.kind == FailureKind::RateLimited {
            return failure;
        }
        if keeps_the_last(reply) {
            let said = "GitHub keeps the last tagged version of a package; delete the repository instead";
            return Failure { kind: FailureKind::Conflict, said: said.to_owned(), ..failure };
        }
        match Scopes::of(reply) {
            Some(held) if !held.has(needed) => {
                let kind = FailureKind::Forbidden;
                Failure { kind, said: self.lacks(&held, needed), ..failure }
            }
            Some(_) => failure,
            None if failure.kind == FailureKind::NotFound => failure,
            None => Failure { said: format!("{}; {}", failure.said, self.not_classic()), ..failure },
        }
    }

    /// What is said of a token that lacks a scope.
    pub(super) fn lacks(&self, held: &Scopes, needed: &str) -> String {
        let next = if self.by_gh {
            format!("run “gh auth refresh --hostname {} --scopes {needed}”", self.addresses.host())
        } else {
            self.token_page()
        };
        format!("the token lacks the scope {needed} (it has: {}); {next}", visible(&held.list()))
    }

    /// What is said of a token whose scopes GitHub does not tell.
    pub(super) fn not_classic(&self) -> String {
        format!("fine-grained tokens and those of apps do not work with packages: {}", self.token_page())
    }

    fn token_page(&self) -> String {
        format!("make a classic token at {}", self.addresses.new_token())
    }
}

/// `You cannot delete the last tagged version of a package. You must delete the package instead.`
fn keeps_the_last(reply: &Reply) -> bool {
    let body = String::from_utf8_lossy(&reply.body);
    body.contains("cannot delete the last") && body.contains("version of a package")
}
