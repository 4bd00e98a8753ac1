//! What is kept on this machine: paths, configuration, secrets, stored sign-ins, cache and log.
//!
//! Invariant: files are replaced as a whole or not at all, and a file that cannot be understood is never overwritten.
//!
//! - [`mod@env`]: the variables that everything here depends on, so that tests depend on none of the process.
//! - [`paths`]: where things are. [`files`]: how they are written.
//! - [`config`]: connections and the state of the screen that outlives it.
//! - [`secrets`]: the passwords and tokens of connections. [`signins`]: what Docker and Podman stored.
//! - [`appearances`]: waiting for a file to come, without looking again and again.
//! - [`digest_cache`]: facts and small blobs by digest. [`log`]: the log file.

mod appearance;
pub mod config;
mod credential_helper;
pub mod digest_cache;
mod digest_files;
pub mod env;
pub mod files;
pub mod log;
pub mod paths;
pub mod secrets;
pub mod signins;

pub use appearance::appearances;
pub use config::{Config, Ui};
pub use digest_cache::{BlobCache, FactsCache};
pub use env::Env;
pub use log::{LogGuard, Verbosity};
pub use paths::Paths;
pub use secrets::{Kept, Secrets};
