//! Every provider against a fake of its vendor, and against the vendor's own API description where there is one.
//!
//! A folder a vendor: its stateful fake, and its tests. `support` opens providers; `prism` serves the descriptions.
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
mod desk;
mod docker_hub;
mod github;
mod gitlab;
mod google;
mod harbor;
#[path = "../images/mod.rs"]
#[expect(dead_code, reason = "nobody asks for the layers of what was put")]
mod images;
mod keyed;
mod nexus;
mod plain;
#[path = "../contracts/prism/mod.rs"]
mod prism;
mod quay;
mod readme;
mod support;
