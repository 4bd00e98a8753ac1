//! Tagalong: a terminal explorer for container registries.
//!
//! # The map
//!
//! Arrows point one way; `tests/source` reads the sources and fails on any that does not.
//!
//! | module | what it is | may import |
//! |---|---|---|
//! | [`domain`] | the words of the trade: reference, digest, manifest, locator, capability, failure | nothing |
//! | [`http`] | the one way to the network: challenge, tokens, retry, paging links, redirects, limits | domain |
//! | [`registry`] | the [`Provider`](registry::Provider) seam, the protocol that all share, the providers, their catalogue | http, demo |
//! | [`transfer`] | plan, pull, push, the OCI layout, archives, partial files, the meter | registry |
//! | [`store`] | what is kept on this machine: configuration, secrets, cache, log, paths | domain |
//! | [`engine`] | Docker and Podman, through their API | domain |
//! | [`images`] | the places on this machine that hold images, as nodes: the local store, and engines | registry, transfer, engine |
//! | [`workspace`] | connections opened, one verb a file; what explorer and subcommands share | registry, transfer, engine, images, store |
//! | [`app`] | the state machine: `App::update(Event) -> Vec<Effect>`; no I/O, no clock | domain |
//! | [`ui`] | the view, a pure function of the state; layout and hit test | app |
//! | [`runtime`] | the only side effects: loop, terminal, tasks, clipboard | all |
//! | [`cli`] | the subcommands | workspace |
//! | [`demo`] | the built-in registry server, which in-process tests talk to as well | domain |
//!
//! # The flow
//!
//! ```text
//! terminal → input ─┐
//! tasks → Reply ────┼→ App::update(Event) → effects → runtime::tasks → workspace → registry, transfer, store
//! tick (if moving) ─┘        │
//!                            ▼
//!                  ui::view(&App, frame)   when something changed, at most every 16 ms; idle means asleep
//! ```
//!
//! # Where do I change …
//!
//! * a key, a menu entry, a hint: [`app::command::ITEMS`], the one table; the source of help and palette too.
//! * what a key does: the file of that verb below [`app`].
//! * how a row, a popup or the details look: the file of that region below [`ui`].
//! * a new kind of registry: a file in [`registry::providers`], a line in [`registry::catalog`], and tests.
//! * what only one vendor offers (forms, long operations): its `Extras` in [`registry::provider`]; [`domain::extra`] is the
//!   data that menus and forms are made of.
//! * an oddity of a server: [`registry::distribution`], and a data file below `tests/quirks` that shows it.
//! * what a request may cost (limits, retries, pauses): [`http`].
//! * where something is kept: [`store::paths`].

pub mod app;
pub mod cli;
pub mod demo;
pub mod domain;
pub mod engine;
pub mod http;
pub mod images;
pub mod registry;
pub mod runtime;
pub mod store;
pub mod transfer;
pub mod ui;
pub mod workspace;
