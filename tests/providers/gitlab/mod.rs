//! GitLab: against a fake of it, and against its own API description.

mod acting;
mod browsing;
mod contract;
mod fake;
mod signing_in;
