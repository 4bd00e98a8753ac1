//! Container engines: Docker, and Podman through the same API (<https://docs.docker.com/reference/api/engine/>).
//!
//! Invariant: an engine is spoken to through its socket alone. Nothing is written to Docker's or Podman's
//! configuration, no program of theirs is run, and a credential travels in the one request that needs it. Without the
//! feature `engine` there are no engines, and everything else works the same.

mod address;
mod candidate;
mod context;
mod model;
#[cfg(test)]
pub(crate) mod scripted;
mod watch;

#[cfg(feature = "engine")]
mod client;
#[cfg(not(feature = "engine"))]
#[path = "absent.rs"]
mod client;

pub use address::{Address, TlsFiles};
pub use candidate::{Candidate, Chosen, candidates};
pub use client::Engine;
pub use model::{Image, Inspected, Kind, PullStep, Version};
pub use watch::{Sign, watch};
