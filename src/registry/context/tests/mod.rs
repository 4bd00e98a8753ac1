//! The patterns against Docker's own cases and a plain model; packing against what the patterns say of each file.

mod packing;
mod patterns;
