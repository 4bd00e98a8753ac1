//! The `blobs/` folder: finding, reading and writing what is complete.
//!
//! Invariant: a path is made of a checked digest and nothing else.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;

use super::{Layout, sync_folder};
use crate::domain::{Descriptor, Digest, Failure, FailureKind, RawManifest, human};

impl Layout {
    /// Where the blob is, or would be.
    #[must_use]
    pub fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.root.join("blobs").join(digest.algorithm().name()).join(digest.hex())
    }

    /// Whether the blob is there with `size` bytes. Its bytes were verified when they were written.
    #[must_use]
    pub fn has(&self, digest: &Digest, size: u64) -> bool {
        fs::metadata(self.blob_path(digest)).is_ok_and(|found| found.is_file() && found.len() == size)
    }

    /// Writes a manifest with its exact bytes, unless it is there.
    ///
    /// # Errors
    /// `Integrity` when the bytes do not have the digest; `Io`.
    pub fn put_manifest(&self, manifest: &RawManifest) -> Result<(), Failure> {
        if !manifest.digest.matches(&manifest.bytes) {
            return Err(damaged(&manifest.digest, "its bytes have another digest"));
        }
        if self.has(&manifest.digest, manifest.bytes.len() as u64) {
            return Ok(());
        }
        self.make_algorithm_folder(&manifest.digest)?;
        self.write_whole(&self.blob_path(&manifest.digest), &manifest.bytes)
    }

    /// Reads a small blob (a manifest or a configuration) and verifies it.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` when it is larger than `limit` bytes, `Integrity`, `Io`.
    pub fn read_blob(&self, blob: &Descriptor, limit: u64) -> Result<Vec<u8>, Failure> {
        let doing = || format!("reading {} in {}", blob.digest, self.shown());
        let file = fs::File::open(self.blob_path(&blob.digest)).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Failure::new(FailureKind::NotFound, doing(), "it is not there"),
            _ => Failure::io(doing(), &e),
        })?;
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| Failure::io(doing(), &e))?;
        if bytes.len() as u64 > limit {
            let said = format!("it has more than {}", human::size(limit));
            return Err(Failure::new(FailureKind::Invalid, doing(), said));
        }
        if !blob.digest.matches(&bytes) {
            return Err(damaged(&blob.digest, "the file's bytes have another digest"));
        }
        Ok(bytes)
    }

    /// Makes the renames of new blobs last. Once, before the index names them.
    pub(in crate::transfer) fn sync_blobs(&self) -> Result<(), Failure> {
        let folder = self.root.join("blobs");
        let doing = || format!("writing {}", super::shown(&folder));
        for entry in fs::read_dir(&folder).map_err(|e| Failure::io(doing(), &e))? {
            let path = entry.map_err(|e| Failure::io(doing(), &e))?.path();
            if path.is_dir() {
                sync_folder(&path)?;
            }
        }
        Ok(())
    }

    /// Only the folder of the usual algorithm is made with the layout.
    pub(super) fn make_algorithm_folder(&self, digest: &Digest) -> Result<(), Failure> {
        let folder = self.root.join("blobs").join(digest.algorithm().name());
        fs::create_dir_all(&folder)
            .map_err(|e| Failure::io(format!("making the folder {}", super::shown(&folder)), &e))
    }
}

fn damaged(digest: &Digest, said: &str) -> Failure {
    Failure::new(FailureKind::Integrity, format!("verifying {digest}"), said)
}
