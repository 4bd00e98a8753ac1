//! How a run of a build is.

use serde::{Deserialize, Serialize};

/// The state of a run, whatever its vendor calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RunState {
    /// Nobody works on it yet.
    Waiting,
    /// It runs.
    Running,
    /// It has done what it was to do.
    Succeeded,
    /// It has ended without that.
    Failed,
    /// Somebody has stopped it.
    Cancelled,
}

impl RunState {
    /// Whether nothing more comes of it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// One word for the screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}
