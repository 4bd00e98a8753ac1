//! Vendors of our own, one a module: stateful, on ports of this machine.
//!
//! `desk` and `keyed` are what several of them share. A suite that takes them in has `forward` (`tests/contracts/prism`)
//! at its root.
//!
//! Invariant: what one request changes, the next one sees; nothing leaves this machine.

#[cfg(feature = "aws")]
pub(crate) mod amazon;
pub(crate) mod artifactory;
pub(crate) mod azure;
pub(crate) mod desk;
pub(crate) mod docker_hub;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod google;
pub(crate) mod harbor;
pub(crate) mod keyed;
pub(crate) mod nexus;
pub(crate) mod quay;
