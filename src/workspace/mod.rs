//! Connections opened: everything that the explorer and the subcommands do to registries and files, one verb a file.
//!
//! Invariant: knows nothing of the screen. Each verb is an async function that returns a `Result` with a [`Failure`];
//! dropping its future stops it, except for writes, which their caller lets finish.

mod along;
mod browse;
mod connect;
mod copy;
mod details;
mod engine;
mod engines;
mod extras;
mod facts;
mod images;
mod impact;
mod inspect;
mod open;
mod path;
mod pull;
mod reader;
mod remove;
mod retag;
mod scratch;
mod sign_in;
mod source;
mod surroundings;
mod target;
mod visit;
mod weigh;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::{ConnectionId, Failure};
use crate::http::Observer;
use crate::store::{BlobCache, Env, FactsCache, Paths, Secrets};

pub use browse::all_tags;
pub use copy::Extent;
pub use retag::sibling;
pub use source::End;

use images::{Looks, Told};
use open::Opened;

/// The connections of one run of the program, and what is kept on this machine.
pub struct Workspace {
    paths: Paths,
    env: Env,
    secrets: Arc<Secrets>,
    facts: FactsCache,
    blobs: BlobCache,
    observer: Arc<dyn Observer>,
    connections: Mutex<HashMap<ConnectionId, Opened>>,
    removed: retag::Removed,
    told: Told,
    looks: Looks,
}

impl Workspace {
    /// Over the files at `paths`; reads the configuration and nothing else. A configuration that cannot be read is
    /// returned beside the (empty) workspace, because the program can be used without it.
    #[must_use]
    pub fn new(paths: Paths, env: Env, observer: Arc<dyn Observer>) -> (Self, Option<Failure>) {
        let secrets = Arc::new(Secrets::new(&paths, env.clone()));
        let (facts, blobs) = (FactsCache::new(&paths), BlobCache::new(&paths));
        let mut workspace = Self {
            paths,
            env,
            secrets,
            facts,
            blobs,
            observer,
            connections: Mutex::default(),
            removed: retag::Removed::default(),
            told: Told::default(),
            looks: Looks::default(),
        };
        workspace.open_store();
        let failure = workspace.load().err();
        (workspace, failure)
    }

    /// Where things are kept.
    #[must_use]
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<ConnectionId, Opened>> {
        // Every change under the lock is a single insert or remove, so a poisoned map is still whole.
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds since 1970.
#[must_use]
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
