//! Notices: short messages on the bottom line, kept in the log popup.

use crate::domain::Failure;

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// When, seconds since 1970.
    pub at: i64,
    /// How it is meant.
    pub level: Level,
    /// Its text: one sentence, safe to show.
    pub text: String,
    /// The next step, for failures.
    pub hint: Option<&'static str>,
}

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something that starts, or that cannot be.
    Note,
    /// Something was done.
    Info,
    /// Something to know.
    Warning,
    /// Something failed.
    Error,
}

impl Notice {
    /// A failure as a notice.
    #[must_use]
    pub fn failure(at: i64, failure: &Failure) -> Self {
        Self { at, level: Level::Error, text: failure.to_string(), hint: Some(failure.hint()) }
    }
}
