//! The state machine: `App::update(Event) -> Vec<Effect>`.
//!
//! Invariant: no I/O, no clock, no task, no terminal. The only way in is an [`Event`], the only way out an [`Effect`];
//! both are plain data that can be compared.

pub mod command;
pub mod details;
pub mod effect;
pub mod event;
pub mod help;
pub mod inspect;
pub mod jobs;
pub mod key;
pub mod local;
pub mod modal;
pub mod notice;
pub mod row;
pub mod state;
pub mod tree;

pub use command::{Command, Item};
pub use effect::{Effect, Request};
pub use event::{Event, Reply, TaskId};
pub use key::Key;
pub use modal::Modal;
pub use row::{Row, RowKind};
pub use state::App;
