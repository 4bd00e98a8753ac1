//! Connections, as the explorer and the subcommands use them, against the registry that runs in the process.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod connecting;
mod copying;
mod looking;
mod pulling;
mod removing;
mod support;
mod untagging;
