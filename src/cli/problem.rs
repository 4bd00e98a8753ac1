//! How a subcommand ends badly.
//!
//! Invariant: what is wrong with the words on the command line is told before anything is asked of a registry.

use crate::domain::{Failure, FailureKind};

/// Why a subcommand did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The command line says something that cannot be meant.
    Usage(Failure),
    /// It went wrong on the way.
    Failed(Failure),
}

impl Problem {
    /// Wrong usage: what was to be done, and what is wrong with it.
    pub(super) fn usage(doing: impl Into<String>, said: impl Into<String>) -> Self {
        Self::Usage(Failure::new(FailureKind::Invalid, doing, said))
    }

    /// What is not done without a yes: what stands there, and how to say it on the command line.
    pub(super) fn unconfirmed(doing: impl Into<String>, said: impl Into<String>, how: &'static str) -> Self {
        Self::Usage(Failure::new(FailureKind::Invalid, doing, said).with_next(how))
    }

    /// Its story.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Usage(failure) | Self::Failed(failure) => failure,
        }
    }

    /// One word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Usage(_) => "usage",
            Self::Failed(failure) => failure.kind.word(),
        }
    }

    /// The exit code of the process: 2, or that of the failure's kind.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Failed(failure) => failure.kind.exit_code(),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
