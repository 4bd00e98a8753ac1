//! Every vendor as a person meets it: its form, its levels, its tags and what can be done to them, by keys alone.
//!
//! A file a vendor holds what is particular to it; what all of them have in common is walked by `walk`, from a table of
//! facts.

#[cfg(feature = "aws")]
mod amazon;
mod azure;
mod docker_hub;
mod github;
mod gitlab;
mod google;
mod harbor;
mod keyed;
mod quay;
mod tree;
mod walk;
