//! Folders for what has to be unpacked on its way.
//!
//! Invariant: such a folder goes with its owner; one that a killed program has left goes when the next one is made.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::domain::Failure;
use crate::transfer::on_disk;

const FOLDER: &str = "unpacked";
const LOCK: &str = "lock";

/// A folder below the cache, removed when dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: tempfile::TempDir,
    /// Held as long as the folder is in use.
    _lock: File,
}

impl Scratch {
    /// A new one below `cache`.
    ///
    /// # Errors
    /// `Io`.
    pub(super) async fn new(cache: &Path) -> Result<Self, Failure> {
        let parent = cache.join(FOLDER);
        on_disk(move || make(&parent).map_err(|e| Failure::io("making a folder to unpack an image in", &e)))
            .await
    }

    /// Where an image layout can be made.
    pub(super) fn layout(&self) -> PathBuf {
        self.folder.path().join("layout")
    }
}

fn make(parent: &Path) -> std::io::Result<Scratch> {
    fs::create_dir_all(parent)?;
    sweep(parent)?;
    let folder = tempfile::tempdir_in(parent)?;
    let lock = File::create(folder.path().join(LOCK))?;
    lock.lock()?;
    Ok(Scratch { folder, _lock: lock })
}

/// Removes what nobody holds any more. What cannot be looked at stays.
fn sweep(parent: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let path = entry?.path();
        let is_free = File::open(path.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if is_free && let Err(error) = fs::remove_dir_all(&path) {
            tracing::debug!(%error, "a folder that was left stays");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_program_has_left_goes_and_what_is_in_use_stays() {
        let parent = tempfile::tempdir().unwrap();
        let used = make(parent.path()).unwrap();
        let left = parent.path().join("left");
        fs::create_dir(&left).unwrap();
        File::create(left.join(LOCK)).unwrap();
        let other = make(parent.path()).unwrap();
        assert!(!left.exists() && used.folder.path().exists() && other.folder.path().exists());
        drop(used);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}
