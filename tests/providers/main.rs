//! Every provider against a fake of its vendor, and against the vendor's own API description where there is one.
//!
//! A folder a vendor. The stateful fakes are in `tests/fakes`, which the terminal suite talks to as well; `support` opens
//! providers, and `prism` serves the descriptions.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking; the lint knows test functions but not what they call"
)]

#[cfg(feature = "aws")]
mod amazon;
mod artifactory;
mod azure;
mod conformance;
mod docker_hub;
#[path = "../fakes/mod.rs"]
#[expect(dead_code, reason = "what a fake is asked for in the terminal alone")]
mod fakes;
mod github;
mod gitlab;
mod google;
mod harbor;
#[path = "../images/mod.rs"]
#[expect(dead_code, reason = "nobody asks for the layers of what was put")]
mod images;
mod nexus;
mod plain;
#[path = "../contracts/prism/mod.rs"]
mod prism;
mod quay;
mod readme;
mod support;

use fakes::{desk, keyed};
use prism::forward;
