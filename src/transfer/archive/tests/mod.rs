//! Archives written and read on a real disk.

mod bad;
mod docker;
mod oci;
mod pulled;
