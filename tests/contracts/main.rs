//! The vendors' own API descriptions, served by Prism: what the providers' tests hold their requests against.
//!
//! Runs when `TAGALONG_CONTRACTS` names the folder with the descriptions (`.ci/run` sets it); then a missing part is a
//! failure. Without it every test says that it was left out.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; the lint knows test functions but not what they call"
)]

mod cases;
mod prism;
