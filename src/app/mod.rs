//! The state machine: `App::update(Event) -> Vec<Effect>`.
//!
//! Invariant: no I/O, no clock, no task, no terminal. The only way in is an [`Event`], the only way out an [`Effect`];
//! both are plain data that can be compared.
//!
//! Where things are: the state in [`state`], the way through it in `update`, one file for each thing that can be asked
//! for in `act`, and the words that others speak with it in the public modules.

mod act;
pub mod choice;
pub mod command;
pub mod details;
pub mod effect;
pub mod event;
pub mod file_kind;
pub mod form;
mod fuzzy;
pub mod help;
pub mod inspect;
pub mod jobs;
mod json;
pub mod key;
pub mod local;
pub mod modal;
pub mod notice;
mod read;
pub mod row;
pub mod scope;
pub mod state;
#[cfg(test)]
mod tests;
pub mod tree;
mod typing;
mod update;
mod viewer;
mod waits;

pub use command::{Command, Item};
pub use effect::{Effect, Request};
pub use event::{Event, Reply, TaskId};
pub use key::Key;
pub use modal::Modal;
pub use row::{Row, RowKind};
pub use state::App;
