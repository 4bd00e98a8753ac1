//! How many requests of which kind run at once.
//!
//! Invariant: each priority has its own places, so a click never waits behind a listing, nor a listing behind a blob.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// A person waits for it: a digest, a manifest, a delete.
    #[default]
    Interactive,
    /// A page of a list.
    Listing,
    /// The content of a blob.
    Blob,
    /// A blob that is sent. It may wait for one that is read, so it never takes that one's place.
    Upload,
}

/// The places of one host.
pub(super) struct Schedule {
    interactive: Arc<Semaphore>,
    listing: Arc<Semaphore>,
    blob: Arc<Semaphore>,
    upload: Arc<Semaphore>,
}

impl Default for Schedule {
    fn default() -> Self {
        let places = |n| Arc::new(Semaphore::new(n));
        // Uploads have more, because a server that is settling one holds its place.
        Self { interactive: places(8), listing: places(4), blob: places(6), upload: places(8) }
    }
}

/// A place; free again when dropped.
pub(super) type Place = Option<OwnedSemaphorePermit>;

impl Schedule {
    /// Waits for a place. The semaphores are never closed, so there always is one in the end.
    pub(super) async fn enter(&self, priority: Priority) -> Place {
        let places = match priority {
            Priority::Interactive => &self.interactive,
            Priority::Listing => &self.listing,
            Priority::Blob => &self.blob,
            Priority::Upload => &self.upload,
        };
        places.clone().acquire_owned().await.ok()
    }
}
