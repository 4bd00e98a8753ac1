//! Azure in the process: Entra, the resource manager, and a registry.
//!
//! `fake` is all of it; `application` is what Entra knows of a certificate, `operations` and `apps` what the resource
//! manager manages, `agents` what builds for a registry, `registry` one registry's own API, `content` what is in
//! it, `locking` its locks.
//!
//! Invariant: no token gets anybody in but at the tenant, and for the scope, that it was given for.

pub(crate) mod agents;
pub(crate) mod application;
mod apps;
mod content;
pub(crate) mod fake;
mod locking;
mod operations;
mod registry;
