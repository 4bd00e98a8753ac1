//! Moving images: what is to be moved (`resolve`, `plan`), moving it ([`pull()`] with `fetch`, [`push()`] with `send`,
//! `batch` for both), images on the disk ([`Layout`]) and in one file ([`archive`]), and how far it is ([`Meter`]).
//!
//! Invariant: bytes are kept only under the digest that they have. What was verified and renamed stays; what has only
//! partly arrived lies in the layout's private folder until the next try.

pub mod archive;
mod batch;
mod fetch;
mod layout;
mod meter;
mod outgoing;
mod plan;
mod pull;
mod push;
mod resolve;
#[cfg(test)]
mod scripted;
mod send;
mod weigh;

pub use layout::{Layout, StoredImage};
pub use meter::Meter;
pub use pull::{PullJob, pull};
pub use push::{PushJob, push};
pub use weigh::weigh;

use crate::domain::{Failure, FailureKind};

/// What to do about a file or folder that is not there.
const CHECK_PATH: &str = "Check the path.";

/// Runs `work`, which reads or writes files, where blocking is allowed.
///
/// # Errors
/// Those of `work`; `Bug` when it broke down.
pub async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(broke_off(&e)))
}

fn broke_off(error: &tokio::task::JoinError) -> Failure {
    Failure::new(FailureKind::Bug, "working on the image layout", error.to_string())
}
