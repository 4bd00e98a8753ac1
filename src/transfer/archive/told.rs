//! Failures on their way through `Read` and `Write`, and the sentences that archives need in several places.
//!
//! Invariant: a failure that went into an [`io::Error`] comes out as it was.

use std::io;

use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};

/// The failure behind an error of a reader or writer.
pub(super) fn told(doing: &str, error: io::Error) -> Failure {
    match error.downcast::<Failure>() {
        Ok(failure) => failure,
        Err(error) => match error.kind() {
            io::ErrorKind::UnexpectedEof => invalid(doing, "it is cut short: its compressed bytes end early"),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                invalid(doing, format!("its compression is damaged: {error}"))
            }
            _ => Failure::io(doing, &error),
        },
    }
}

/// What is not as it has to be.
pub(super) fn invalid(doing: &str, said: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Invalid, doing, said)
}

/// The archive ends at byte `at`, inside of `name`.
pub(super) fn cut_short(doing: &str, at: u64, name: &str) -> Failure {
    invalid(doing, format!("it is cut short: it ends at byte {at}, in the middle of {}", visible(name)))
}
