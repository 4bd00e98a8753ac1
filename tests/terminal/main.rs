//! The explorer from outside: a pseudo-terminal, keys, clicks and signals in, a screen out.
//!
//! Invariant: needs nothing but the built program; registries are the built-in one and fakes of the vendors,
//! in this process.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; the lint knows test functions but not what they call"
)]

mod acting;
mod asking;
mod browsing;
mod connecting;
#[path = "../fakes/mod.rs"]
#[expect(dead_code, reason = "a walk needs less of a vendor than its own suite")]
mod fakes;
mod form;
#[path = "../contracts/prism/forward.rs"]
mod forward;
mod home;
#[path = "../images/mod.rs"]
#[expect(dead_code, reason = "nobody asks for the layers of what was put")]
mod images;
mod leaving;
mod looking;
mod registry;
mod running;
mod terminal;
mod vendors;
