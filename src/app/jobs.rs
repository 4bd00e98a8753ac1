//! Jobs as the jobs panel shows them.

use super::event::TaskId;
use crate::domain::asked::Outcome;
use crate::domain::human::size;
use crate::domain::job::{Moved, Progress};
use crate::domain::{Failure, Locator};

/// The jobs, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    /// Running and finished ones.
    pub list: Vec<Job>,
    /// The chosen one.
    pub cursor: usize,
}

/// A job.
#[derive(Debug, Clone)]
pub struct Job {
    /// The task behind it.
    pub task: TaskId,
    /// What it does.
    pub doing: Doing,
    /// What it is: `acme/api:2.4.1 → store`.
    pub title: String,
    /// The last sample.
    pub progress: Progress,
    /// Bytes a second, smoothed; nothing before two samples.
    pub speed: Option<f64>,
    /// When the speed was last taken, and the bytes fetched by then.
    pub sampled: (i64, u64),
    /// How it ended.
    pub end: Option<JobEnd>,
    /// When it began, seconds since 1970.
    pub began: i64,
    /// The request, to be tried again.
    pub request: super::effect::Request,
    /// Whether it was asked to stop.
    pub stopping: bool,
    /// What is pushed to the registry that it makes.
    pub push: Vec<Locator>,
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// From a registry to this machine.
    Pull,
    /// From one place on this machine to another.
    Save,
    /// From this machine to a registry.
    Push,
    /// From a registry to a registry.
    Copy,
    /// What only one vendor offers.
    Extra,
}

impl Doing {
    /// While it runs: "Pulling".
    #[must_use]
    pub fn now(self) -> &'static str {
        match self {
            Self::Pull => "Pulling",
            Self::Save => "Saving",
            Self::Push => "Pushing",
            Self::Copy => "Copying",
            Self::Extra => "Begun:",
        }
    }

    /// When it is over: "Pulled".
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Pull => "Pulled",
            Self::Save => "Saved",
            Self::Push => "Pushed",
            Self::Copy => "Copied",
            Self::Extra => "Done:",
        }
    }

    /// Its sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Pull => "⇣",
            Self::Save => "⇢",
            Self::Push => "⇡",
            Self::Copy => "⇄",
            Self::Extra => "⚙",
        }
    }

    /// What became of the bytes: `31.0 MiB sent, 8.1 MiB mounted, 2.0 MiB already there`.
    #[must_use]
    pub fn tally(self, moved: &Moved) -> String {
        let way = match self {
            Self::Pull => "fetched",
            Self::Extra => "moved",
            Self::Save => "written",
            Self::Push | Self::Copy => "sent",
        };
        let mut parts = vec![format!("{} {way}", size(moved.moved))];
        let rest = [(moved.mounted, "mounted"), (moved.reused, "already there")];
        parts.extend(rest.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", size(*n))));
        parts.join(", ")
    }
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEnd {
    /// Well.
    Done(Moved),
    /// Well, and this came of it.
    Came(Outcome),
    /// Badly, or because it was cancelled.
    Failed(Failure),
}

impl Jobs {
    /// How many are running.
    #[must_use]
    pub fn running(&self) -> usize {
        self.list.iter().filter(|j| j.end.is_none()).count()
    }
}
