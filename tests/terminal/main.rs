//! The explorer from outside: a pseudo-terminal, keys, clicks and signals in, a screen out.
//!
//! Invariant: needs nothing but the built program; registries are the built-in one, in this process.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; the lint knows test functions but not what they call"
)]

mod acting;
mod asking;
mod browsing;
mod connecting;
mod home;
mod leaving;
mod looking;
mod registry;
mod terminal;
