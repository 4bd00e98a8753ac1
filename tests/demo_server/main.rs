//! The built-in registry, spoken to as any client would: the points of the distribution specification, one by one.
#![cfg(test)]

mod auth;
mod content;
mod delete;
mod faults;
mod lists;
mod pull;
mod push;
mod talk;
