//! The catalogue of providers: one line each.
