//! What a token may do, as GitHub tells it with every answer (`x-oauth-scopes`).
//!
//! Invariant: an answer without the header says nothing of the token but that it is no classic one.

use crate::http::Reply;

/// Listing and reading packages.
pub(super) const READ: &str = "read:packages";
/// Pushing.
pub(super) const WRITE: &str = "write:packages";
/// Deleting packages and their versions.
pub(super) const DELETE: &str = "delete:packages";

/// The scopes of a classic token, or of `gh`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Scopes(Vec<String>);

impl Scopes {
    /// Those that an answer names; nothing for fine-grained tokens and those of apps.
    pub(super) fn of(reply: &Reply) -> Option<Self> {
        let list = reply.named("x-oauth-scopes")?;
        Some(Self(list.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()))
    }

    /// Whether `scope` is among them, by itself or within a wider one: who may write may read.
    pub(super) fn has(&self, scope: &str) -> bool {
        let within = (scope == READ).then_some(WRITE);
        self.0.iter().any(|held| held == scope || Some(held.as_str()) == within)
    }

    /// The list, for people.
    pub(super) fn list(&self) -> String {
        if self.0.is_empty() { "none".to_owned() } else { self.0.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_write_may_read() {
        let scopes = |list: &[&str]| Scopes(list.iter().map(|s| (*s).to_owned()).collect());
        assert!(scopes(&[WRITE]).has(READ));
        assert!(!scopes(&[READ, "repo"]).has(WRITE));
        assert!(!scopes(&[WRITE]).has(DELETE));
        assert_eq!(scopes(&[]).list(), "none");
    }
}
