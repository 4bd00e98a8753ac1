//! A blob on its way into a layout: a file in the private folder, its hash so far, and its lock.
//!
//! Invariant: whoever holds a `Partial` is alone with its file, in this and in other processes. `hasher` has taken
//! exactly the first `written` bytes of the file. The file is renamed into `blobs/` only when size and digest are
//! right. Otherwise it is emptied, and removed only once the blob is there: a waiting process then never fills a file
//! that has lost its name.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::PathBuf;

use super::{Layout, shown};
use crate::domain::digest::Hasher;
use crate::domain::{Descriptor, Digest, Failure, FailureKind, human};

/// Bytes read at once when a partial file is hashed again.
const REREAD: usize = 256 << 10;
/// Bytes after which the system is asked to begin writing to the disk.
#[cfg(target_os = "linux")]
const WRITE_BEHIND: u64 = 32 << 20;

/// An open, locked partial file.
pub(in crate::transfer) struct Partial {
    file: File,
    path: PathBuf,
    target: PathBuf,
    digest: Digest,
    size: u64,
    hasher: Hasher,
    written: u64,
    /// How far the system was told to begin writing to the disk.
    begun: u64,
}

impl Partial {
    /// Opens and locks the partial file of `blob`; nothing while another holds it.
    pub(in crate::transfer) fn try_open(layout: &Layout, blob: &Descriptor) -> Result<Option<Self>, Failure> {
        let digest = &blob.digest;
        layout.make_algorithm_folder(digest)?;
        let name = format!("{}-{}", digest.algorithm().name(), digest.hex());
        let path = layout.private().join("partial").join(name);
        let failed = |e: &io::Error| Failure::io(format!("opening {}", shown(&path)), e);
        let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let file = open.map_err(|e| failed(&e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(e)) => return Err(failed(&e)),
        }
        Ok(Some(Self {
            file,
            target: layout.blob_path(digest),
            hasher: Hasher::new(digest.algorithm()),
            digest: digest.clone(),
            size: blob.size,
            written: 0,
            begun: 0,
            path,
        }))
    }

    /// The digest that the whole has to have.
    pub(in crate::transfer) fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Bytes that are there and hashed.
    pub(in crate::transfer) fn written(&self) -> u64 {
        self.written
    }

    /// Bytes that are missing.
    pub(in crate::transfer) fn missing(&self) -> u64 {
        self.size.saturating_sub(self.written)
    }

    /// Takes over what an earlier try left: hashes it once. More than the blob's size is dropped.
    pub(in crate::transfer) fn take_over(&mut self) -> Result<(), Failure> {
        let failed = |e: &io::Error, path: &PathBuf| Failure::io(format!("reading {}", shown(path)), e);
        let length = self.file.metadata().map_err(|e| failed(&e, &self.path))?.len();
        if length > self.size {
            return self.start_over();
        }
        let mut buffer = vec![0; REREAD];
        loop {
            let n = self.file.read(&mut buffer).map_err(|e| failed(&e, &self.path))?;
            let Some(bytes) = buffer.get(..n).filter(|bytes| !bytes.is_empty()) else { break };
            self.hasher.update(bytes);
            self.written += n as u64;
        }
        self.begun = self.written;
        Ok(())
    }

    /// Removes the file, when the blob has come another way meanwhile.
    pub(in crate::transfer) fn discard(self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(Failure::io(format!("removing {}", shown(&self.path)), &e))
            }
            _ => Ok(()),
        }
    }

    /// Drops what is there.
    pub(in crate::transfer) fn start_over(&mut self) -> Result<(), Failure> {
        self.hasher = Hasher::new(self.digest.algorithm());
        self.written = 0;
        self.begun = 0;
        let emptied = self.file.set_len(0).and_then(|()| self.file.rewind());
        emptied.map_err(|e| Failure::io(format!("emptying {}", shown(&self.path)), &e))
    }

    /// Hashes and writes the next bytes.
    ///
    /// # Errors
    /// `Integrity` when the blob would grow over its size; `Io`, and for a full disk how much more is needed.
    pub(in crate::transfer) fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let length = bytes.len() as u64;
        if length > self.missing() {
            let said = format!("more bytes arrived than the {} that its manifest gives", self.size);
            self.start_over()?;
            return Err(Failure::new(FailureKind::Integrity, format!("fetching {}", self.digest), said));
        }
        self.hasher.update(bytes);
        self.file.write_all(bytes).map_err(|e| self.write_failed(&e))?;
        self.written += length;
        self.write_behind();
        Ok(())
    }

    /// Lets the system begin to write what is new to the disk, so that little is left to wait for at the end. Linux
    /// does so when it is told that the pages will not be needed; those that are not on the disk yet stay in memory.
    #[cfg(target_os = "linux")]
    fn write_behind(&mut self) {
        let Some(length) = std::num::NonZeroU64::new(self.written.saturating_sub(self.begun)) else { return };
        if length.get() >= WRITE_BEHIND {
            // A hint: where it is not taken, the end only takes longer.
            rustix::fs::fadvise(&self.file, self.begun, Some(length), rustix::fs::Advice::DontNeed).ok();
            self.begun = self.written;
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn write_behind(&mut self) {}

    /// Whether the bytes so far are the whole blob.
    pub(in crate::transfer) fn is_right(&self) -> bool {
        self.written == self.size && self.hasher.clone().finish() == self.digest
    }

    /// Verifies the whole and moves it to its place among the blobs. Wrong bytes are dropped.
    ///
    /// # Errors
    /// `Integrity` when the bytes are not those of the digest; `Io`.
    pub(in crate::transfer) fn settle(mut self) -> Result<(), Failure> {
        if !self.is_right() {
            let found = self.hasher.clone().finish();
            let said = format!("the bytes that arrived have the digest {found}");
            self.start_over()?;
            return Err(Failure::new(FailureKind::Integrity, format!("fetching {}", self.digest), said));
        }
        let moved = self.file.sync_data().and_then(|()| fs::rename(&self.path, &self.target));
        moved.map_err(|e| self.write_failed(&e))
    }

    fn write_failed(&self, error: &io::Error) -> Failure {
        let mut failure = Failure::io(format!("writing {}", self.digest), error);
        if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            let missing = human::size(self.missing());
            failure.said =
                format!("{}; this blob needs {missing} more (what has arrived is kept)", failure.said);
        }
        failure
    }
}
