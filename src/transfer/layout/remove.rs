//! Taking images out of a layout: their entries in the index, then the blobs that nothing points at any more.
//!
//! Invariant: a blob is removed only when it belonged to what was taken out, every other entry of the index could be
//! read down to its blobs and does not need it, and nothing is being pulled into the layout. When in doubt it stays; what
//! could not be removed yet is noted, and removed another time.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};

use super::{Layout, StoredImage, shown, sync_folder};
use crate::domain::{Descriptor, Digest, Failure, FailureKind, Manifest};
use crate::transfer::plan::MANIFEST_LIMIT;

impl Layout {
    /// Takes these images out; returns how many bytes that freed. An entry that points elsewhere by now stays.
    ///
    /// # Errors
    /// `NotFound` when none of them is there any more; `Invalid` when `index.json` is damaged (it stays as it is); `Io`.
    pub fn remove(&self, images: &[StoredImage]) -> Result<u64, Failure> {
        let mut is_found = false;
        self.change_index(|entries| {
            let before = entries.len();
            entries.retain(|entry| StoredImage::of_entry(entry).is_none_or(|image| !images.contains(&image)));
            is_found |= entries.len() < before;
            entries.len() < before
        })?;
        if !is_found {
            let doing = format!("removing an image from {}", self.shown());
            return Err(Failure::new(FailureKind::NotFound, doing, "it is not there any more"));
        }
        self.owe(images)?;
        self.sweep()
    }

    /// Removes the blobs of those of the images `before` that the index does not have any more, because others have
    /// taken their names; returns how many bytes that freed.
    ///
    /// # Errors
    /// As [`remove`](Self::remove).
    pub fn remove_replaced(&self, before: &[StoredImage]) -> Result<u64, Failure> {
        let now = self.images()?;
        let gone: Vec<StoredImage> = before.iter().filter(|image| !now.contains(image)).cloned().collect();
        if !gone.is_empty() {
            self.owe(&gone)?;
        }
        self.sweep()
    }

    /// Gives `image`, which is in the layout, one more name; an image that had the name is removed.
    ///
    /// # Errors
    /// `NotFound` when it is not there any more; as [`tag`](Self::tag).
    pub fn tag_again(&self, name: &str, image: &Descriptor) -> Result<(), Failure> {
        let held = self.hold_blobs()?;
        let before = self.images()?;
        if !before.iter().any(|known| known.manifest.digest == image.digest) {
            let doing = format!("naming {} in {}", image.digest, self.shown());
            return Err(Failure::new(FailureKind::NotFound, doing, "it is not there any more"));
        }
        self.tag(&[(name.to_owned(), image.clone())])?;
        drop(held);
        self.remove_replaced(&before).map(drop)
    }

    /// Bytes of all blobs, those included that nothing points at.
    ///
    /// # Errors
    /// `Io`.
    pub fn size(&self) -> Result<u64, Failure> {
        let folder = self.root.join("blobs");
        let sum = || -> std::io::Result<u64> {
            let mut sum = 0;
            for algorithm in fs::read_dir(&folder)? {
                let algorithm = algorithm?.path();
                for blob in fs::read_dir(&algorithm).into_iter().flatten() {
                    sum += blob?.metadata().map_or(0, |m| m.len());
                }
            }
            Ok(sum)
        };
        sum().map_err(|e| Failure::io(format!("looking into {}", shown(&folder)), &e))
    }

    /// Says that blobs are being brought for an image that the index does not name yet: while the answer is held, no
    /// blob is removed.
    ///
    /// # Errors
    /// `Io`.
    pub(in crate::transfer) fn hold_blobs(&self) -> Result<File, Failure> {
        let file = self.blobs_lock()?;
        file.lock_shared().map_err(|e| self.cannot_lock(&e))?;
        Ok(file)
    }

    /// Removes the blobs of what was noted that no image of the index needs. While something is pulled nothing is: the
    /// notes stay for another time. The index is read when nobody can count on blobs that it does not name.
    fn sweep(&self) -> Result<u64, Failure> {
        let alone = self.blobs_lock()?;
        match alone.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(0),
            Err(TryLockError::Error(e)) => return Err(self.cannot_lock(&e)),
        }
        let owed = self.owed()?;
        let mut index = self.read_index()?;
        let mut needed = HashSet::new();
        for entry in self.entries_of(&mut index)?.iter() {
            let image = StoredImage::of_entry(entry);
            let Some(Ok(())) = image.map(|image| self.mark(&image.manifest, &mut needed)) else {
                tracing::info!("blobs stay in the layout: an entry of its index cannot be read");
                return Ok(0);
            };
        }
        let mut candidates = HashSet::new();
        for root in &owed.roots {
            // What cannot be read has at least itself to be removed.
            if let Err(failure) = self.mark(root, &mut candidates) {
                tracing::debug!(%failure, "some blobs of a removed image stay");
            }
        }
        let mut freed = 0;
        for digest in candidates.difference(&needed) {
            freed += self.remove_blob(digest)?;
        }
        sync_folder(&self.root)?;
        self.settle(&owed)?;
        Ok(freed)
    }

    /// Adds every digest that `root` reaches, itself included. A part that is not there ends the way.
    fn mark(&self, root: &Descriptor, marked: &mut HashSet<Digest>) -> Result<(), Failure> {
        let mut manifests = vec![root.clone()];
        while let Some(next) = manifests.pop() {
            if !marked.insert(next.digest.clone()) {
                continue;
            }
            let bytes = match self.read_blob(&next, MANIFEST_LIMIT) {
                Ok(bytes) => bytes,
                Err(failure) if failure.kind == FailureKind::NotFound => continue,
                Err(failure) => return Err(failure),
            };
            let manifest = Manifest::parse(&bytes, &next.media_type)?;
            manifests.extend(manifest.subject().cloned());
            match manifest {
                Manifest::Index(index) => manifests.extend(index.manifests),
                image => marked.extend(image.children().into_iter().map(|child| child.digest.clone())),
            }
        }
        Ok(())
    }

    fn remove_blob(&self, digest: &Digest) -> Result<u64, Failure> {
        let path = self.blob_path(digest);
        let size = fs::metadata(&path).map_or(0, |m| m.len());
        match fs::remove_file(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(e) => Err(Failure::io(format!("removing {}", shown(&path)), &e)),
            Ok(()) => Ok(size),
        }
    }

    fn blobs_lock(&self) -> Result<File, Failure> {
        let open = || {
            fs::create_dir_all(self.private())?;
            let path = self.private().join("blobs.lock");
            OpenOptions::new().create(true).truncate(false).write(true).open(path)
        };
        open().map_err(|e| self.cannot_lock(&e))
    }

    fn cannot_lock(&self, error: &std::io::Error) -> Failure {
        Failure::io(format!("locking the blobs of {}", self.shown()), error)
    }
}

#[cfg(test)]
mod tests;
