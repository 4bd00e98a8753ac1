//! Files by digest below the cache folder: `sha256/ab/abcd….json`.
//!
//! Invariant: what is here can be fetched again, so no failure of a file is told, and the oldest go when there are too
//! many.

use std::fs::{self, DirEntry, Metadata};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::files::{self, Worth};
use crate::domain::Digest;

/// The folders below an algorithm, named by the first two hex digits. Digests spread evenly, so each is held to its
/// share and nobody ever has to count them all.
const SHARDS: u64 = 256;
/// A folder is looked through at every so many writes.
const WRITES_PER_LOOK: u32 = 16;

/// How much may lie in all folders together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// Files.
    pub(super) files: u64,
    /// Bytes.
    pub(super) bytes: u64,
}

impl Limit {
    fn allows(self, files: u64, bytes: u64) -> bool {
        files <= self.files / SHARDS && bytes <= self.bytes / SHARDS
    }
}

/// A folder of such files.
#[derive(Debug)]
pub(super) struct DigestFiles {
    folder: PathBuf,
    extension: &'static str,
    limit: Limit,
    writes: AtomicU32,
}

impl DigestFiles {
    /// The files with this extension below `folder`.
    pub(super) fn new(folder: PathBuf, extension: &'static str, limit: Limit) -> Self {
        Self { folder, extension, limit, writes: AtomicU32::new(0) }
    }

    /// Where the file of a digest is.
    pub(super) fn path(&self, digest: &Digest) -> PathBuf {
        let shard = self.folder.join(digest.algorithm().name()).join(digest.short(2));
        shard.join(format!("{}.{}", digest.hex(), self.extension))
    }

    /// What is kept for a digest.
    pub(super) fn read(&self, digest: &Digest) -> Option<Vec<u8>> {
        fs::read(self.path(digest)).ok()
    }

    /// Keeps `content` for a digest.
    pub(super) fn write(&self, digest: &Digest, content: &[u8]) {
        let path = self.path(digest);
        if let Err(failure) = files::replace(&path, content, Worth::Cached) {
            tracing::info!(%failure, "not cached");
            return;
        }
        let is_due = self.writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(WRITES_PER_LOOK);
        if let (true, Some(shard)) = (is_due, path.parent()) {
            self.prune(shard);
        }
    }

    /// Drops what is kept for a digest.
    pub(super) fn remove(&self, digest: &Digest) {
        remove_file(&self.path(digest));
    }

    fn prune(&self, shard: &Path) {
        let Ok(entries) = fs::read_dir(shard) else { return };
        let mut entries: Vec<(DirEntry, Metadata)> =
            entries.flatten().filter_map(|e| e.metadata().ok().map(|m| (e, m))).collect();
        let mut files = entries.len() as u64;
        let mut bytes = entries.iter().map(|(_, m)| m.len()).sum::<u64>();
        if self.limit.allows(files, bytes) {
            return;
        }
        entries.sort_by_key(|(_, m)| m.modified().ok());
        for (entry, metadata) in entries {
            // A tenth more than needed, so that the next look finds nothing to do.
            if self.limit.allows(files + files / 10, bytes + bytes / 10) {
                break;
            }
            remove_file(&entry.path());
            files -= 1;
            bytes -= metadata.len();
        }
    }
}

fn remove_file(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::info!(%error, "a cached file could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digests that all begin with the same two digits.
    fn neighbours(n: u32) -> Vec<Digest> {
        let hex = |i: u32| format!("sha256:ab{i:062x}");
        (0..n).map(|i| hex(i).parse().unwrap()).collect()
    }

    fn left(files: &DigestFiles, digests: &[Digest]) -> usize {
        digests.iter().filter(|d| files.read(d).is_some()).count()
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let dir = tempfile::tempdir().unwrap();
        let limit = Limit { files: 20 * SHARDS, bytes: u64::MAX };
        let files = DigestFiles::new(dir.path().to_owned(), "json", limit);
        let digests = neighbours(81);
        for (n, digest) in digests.iter().enumerate() {
            files.write(digest, b"x");
            let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(n as u64);
            fs::File::options().append(true).open(files.path(digest)).unwrap().set_modified(old).unwrap();
        }
        // The newest file still had the present for its date when the last look was taken.
        assert!((10..=20).contains(&left(&files, &digests)), "{}", left(&files, &digests));
        assert_eq!(left(&files, &digests[71..]), 10);
        assert_eq!(left(&files, &digests[..50]), 0);
    }

    #[test]
    fn bytes_count_too() {
        let dir = tempfile::tempdir().unwrap();
        let limit = Limit { files: u64::MAX, bytes: 1000 * SHARDS };
        let files = DigestFiles::new(dir.path().to_owned(), "json", limit);
        let digests = neighbours(17);
        digests.iter().for_each(|d| files.write(d, &[0; 100]));
        let left = left(&files, &digests) as u64;
        assert!(left > 0 && left * 100 <= 1000, "{left}");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_failure() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let limit = Limit { files: 1000, bytes: 1000 };
        let files = DigestFiles::new(dir.path().join("file"), "json", limit);
        let digest = Digest::of(b"");
        files.write(&digest, b"x");
        files.remove(&digest);
        assert_eq!(files.read(&digest), None);
    }
}
