//! The built-in registry server.
