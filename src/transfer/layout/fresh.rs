//! A blob of which the digest becomes known while it is written.
//!
//! Invariant: it gets its name among the blobs with its last byte; until then it is a file in the private folder that
//! goes when this is dropped.

use std::io::{self, Write};

use tempfile::NamedTempFile;

use super::Layout;
use crate::domain::digest::{Algorithm, Hasher};
use crate::domain::{Digest, Failure};

/// Bytes on their way to be a blob.
pub(in crate::transfer) struct Fresh {
    layout: Layout,
    file: NamedTempFile,
    hasher: Hasher,
    written: u64,
}

impl Fresh {
    /// An empty one. Nothing of it is synced: it is for layouts that are thrown away.
    pub(in crate::transfer) fn new(layout: &Layout) -> io::Result<Self> {
        let file = NamedTempFile::new_in(layout.private())?;
        Ok(Self { layout: layout.clone(), file, hasher: Hasher::new(Algorithm::Sha256), written: 0 })
    }

    /// Puts it among the blobs; its digest and its size in bytes.
    pub(in crate::transfer) fn settle(self) -> Result<(Digest, u64), Failure> {
        let (digest, size) = (self.hasher.finish(), self.written);
        if !self.layout.has(&digest, size) {
            let moved = self.file.persist(self.layout.blob_path(&digest));
            moved.map_err(|e| Failure::io(format!("writing {digest}"), &e.error))?;
        }
        Ok((digest, size))
    }
}

impl Write for Fresh {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
