//! The providers, one file or folder each.
