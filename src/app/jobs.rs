//! Jobs as the jobs panel shows them.

use super::event::TaskId;
use crate::domain::Failure;
use crate::domain::job::{Moved, Progress};

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
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEnd {
    /// Well.
    Done(Moved),
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
