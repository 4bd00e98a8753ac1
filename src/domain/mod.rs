//! The words of the trade: plain values that every other layer speaks in.
//!
//! Invariant: no I/O, no clock, no task, no terminal. Everything here can be compared and tested as data.

pub mod asked;
pub mod capability;
pub mod config;
pub mod connection;
pub mod detail;
pub mod digest;
pub mod extra;
pub mod failure;
pub mod form;
pub mod human;
pub mod impact;
pub mod job;
pub mod local;
pub mod locator;
pub mod manifest;
pub mod media;
pub mod node;
pub mod page;
pub mod platform;
pub mod reference;
pub mod run;
pub mod secret;
pub mod text;

pub use capability::Capabilities;
pub use config::ImageConfig;
pub use connection::{Connection, ConnectionId};
pub use digest::Digest;
pub use failure::{Failure, FailureKind};
pub use local::{ImagePlace, ImagesChange, LocalImage};
pub use locator::{Locator, NodeKind, Step};
pub use manifest::{Descriptor, Manifest, RawManifest};
pub use media::MediaType;
pub use page::{Cursor, Entry, Facts, Page};
pub use platform::Platform;
pub use reference::{Place, Reference};
pub use run::RunState;
pub use secret::{Credential, Secret};
