//! The only side effects: the loop, the terminal, tasks, the clipboard.
//!
//! Invariant: the state machine is owned by the loop and touched by nobody else.

mod browser;
mod clipboard;
mod effects;
mod input;
mod observe;
pub mod preferences;
mod run;
mod screen;
mod signals;
mod tasks;
mod theme;

pub use observe::Announcer;
pub use run::{Explorer, explore};
pub use screen::install_panic_hook;
