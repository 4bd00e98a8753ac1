//! A failure on its way through this layer, with what decides whether the request is sent again.
//!
//! Invariant: [`Again::Always`] is said only of requests that surely did not happen.

use crate::domain::Failure;

/// A failure with the answer to "may the same request be sent again?".
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) failure: Failure,
    pub(super) again: Again,
}

/// When a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It would fail again.
    Never,
    /// It may have happened.
    IfItOnlyReads,
    /// It surely did not happen.
    Always,
}

impl Broken {
    pub(super) fn never(failure: Failure) -> Self {
        Self { failure, again: Again::Never }
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self::never(failure)
    }
}
