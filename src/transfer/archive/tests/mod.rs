//! Archives written and read on a real disk.

mod docker;
mod oci;
