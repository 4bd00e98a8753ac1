//! What is kept on this machine: configuration, secrets, cache, log, paths.
