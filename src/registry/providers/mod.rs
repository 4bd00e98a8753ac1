//! The providers, one file or folder each.
//!
//! Invariant: none of them imports another; what they share lies beside this folder.

#[cfg(feature = "aws")]
pub mod amazon;
pub mod artifactory;
pub mod azure;
pub mod demo;
pub mod docker_hub;
pub mod generic;
pub mod github;
pub mod gitlab;
pub mod google;
pub mod harbor;
pub mod nexus;
pub mod quay;
