//! Tagalong: a terminal explorer for container registries.

pub mod app;
pub mod cli;
pub mod demo;
pub mod domain;
pub mod http;
pub mod registry;
pub mod runtime;
pub mod store;
pub mod transfer;
pub mod ui;
pub mod workspace;
