//! Content whose manifests are looked at before a pull, and not read a second time by it.
//!
//! Invariant: what is kept has a limit in bytes, whatever a server says; a manifest beyond it is read again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::domain::{Descriptor, Failure, RawManifest};
use crate::registry::{BlobStream, Content};

/// Bytes of manifests that are kept.
const ROOM: usize = 64 << 20;

/// A repository, with the manifests that were read of it.
pub(super) struct Once {
    content: Arc<dyn Content>,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    manifests: HashMap<String, RawManifest>,
    bytes: usize,
}

impl Once {
    pub(super) fn new(content: Arc<dyn Content>) -> Self {
        Self { content, read: Mutex::default() }
    }
}

#[async_trait]
impl Content for Once {
    async fn manifest(&self, target: &str) -> Result<RawManifest, Failure> {
        let locked = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let known = locked().manifests.get(target).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let manifest = self.content.manifest(target).await?;
        let mut read = locked();
        let bytes = read.bytes.saturating_add(manifest.bytes.len());
        if bytes <= ROOM {
            read.bytes = bytes;
            read.manifests.insert(target.to_owned(), manifest.clone());
        }
        Ok(manifest)
    }

    async fn blob(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream, Failure> {
        self.content.blob(blob, offset).await
    }
}
