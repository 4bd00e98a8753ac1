//! The program against real parts: Distribution 2.8, Docker Engine and Podman as Debian packages them, read back with
//! skopeo.
//!
//! Runs when `TAGALONG_REAL=1` (`tests/run` sets it); then a missing part is a failure. Without it every test says that
//! it was left out.
//!
//! Invariant: every server listens on 127.0.0.1, on a port that the system chose, and ends with the test.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking; the lint knows test functions but not what they call"
)]

mod archives;
mod authority;
mod content;
mod copying;
mod daemon;
mod deleting;
mod engines;
#[path = "../images/mod.rs"]
mod images;
mod listing;
mod pairs;
mod program;
mod proxy;
mod pulling;
mod registry;
mod resuming;
mod sign_in;
mod tls;
mod token_server;
mod tokens;

/// Whether the real parts are to be used.
fn is_wanted() -> bool {
    let wanted = std::env::var_os("TAGALONG_REAL").is_some();
    if !wanted {
        println!("left out: TAGALONG_REAL is not set, so no real registry is started");
    }
    wanted
}
