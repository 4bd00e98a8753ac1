//! The built-in registry: an OCI distribution-spec 1.1 server in the process, in memory, on a loopback port.
//!
//! It is what `tagalong demo` explores and what tests talk to. Everything in it is forgotten when it ends.
//!
//! Invariant: it listens on 127.0.0.1 only, and what it refuses it refuses with the specification's codes.

mod auth;
mod blob;
mod blobs;
pub mod content;
mod faults;
mod lists;
mod manifests;
mod query;
mod random;
mod referrers;
mod refusal;
mod reply;
mod requests;
mod routes;
mod server;
mod sessions;
mod settings;
mod shared;
mod spoil;
mod store;
mod tokens;
mod uploads;

pub use blob::{Blob, Generated};
pub use content::fill;
pub use faults::{Fault, Match, What};
pub use requests::Recorded;
pub use server::Server;
pub use settings::{Auth, Settings};
pub use store::Store;
