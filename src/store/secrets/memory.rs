//! Secrets for this run only.
//!
//! Invariant: nothing here outlives the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::{ConnectionId, Secret};

/// Secrets by connection.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<ConnectionId, Secret>>);

impl Memory {
    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Secret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The secret of a connection.
    pub(super) fn get(&self, id: &ConnectionId) -> Option<Secret> {
        self.lock().get(id).cloned()
    }

    /// Keeps it.
    pub(super) fn put(&self, id: &ConnectionId, secret: Secret) {
        self.lock().insert(id.clone(), secret);
    }

    /// Forgets it.
    pub(super) fn remove(&self, id: &ConnectionId) {
        self.lock().remove(id);
    }
}
