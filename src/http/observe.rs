//! Who is told about pauses and warnings.
//!
//! Invariant: an observer is only told; nothing waits for it.

use std::time::Duration;

use crate::domain::Failure;
use crate::domain::extra::SignInCode;

/// Told about what a person should see while a request is under way. Must return at once.
pub trait Observer: Send + Sync {
    /// Requests to `host` wait for `pause` because of `why`, then go on.
    fn waiting(&self, host: &str, why: &Failure, pause: Duration);
    /// The pause is over, or was given up.
    fn resumed(&self, host: &str);
    /// The server sent `Warning: 299`; each text comes once per connection, safe to show.
    fn warning(&self, host: &str, text: &str);
    /// A person has to type this code at that page for a sign-in to go on; nothing when it is over.
    fn sign_in_code(&self, _code: Option<&SignInCode>) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn waiting(&self, host: &str, why: &Failure, pause: Duration) {
        tracing::debug!(host, kind = ?why.kind, ?pause, "waiting");
    }
    fn resumed(&self, host: &str) {
        tracing::debug!(host, "resumed");
    }
    fn warning(&self, host: &str, text: &str) {
        tracing::debug!(host, text, "warning");
    }
}
