//! Folders for what has to be unpacked on its way.
//!
//! Invariant: such a folder goes with its owner; one that a killed program has left goes when the next one is made.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::Failure;
use crate::transfer::on_disk;

const FOLDER: &str = "unpacked";
const LOCK: &str = "lock";
/// Held while folders are swept and made: a folder is never seen before its own lock is held.
const MAKING: &str = "making.lock";
/// A folder without a lock is one whose maker was killed at once, if it is so old.
const LONG_LEFT: Duration = Duration::from_secs(24 * 60 * 60);

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
    let making = File::create(parent.join(MAKING))?;
    making.lock()?;
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
        if path.is_dir()
            && is_left(&path)
            && let Err(error) = fs::remove_dir_all(&path)
        {
            tracing::debug!(%error, "a folder that was left stays");
        }
    }
    Ok(())
}

fn is_left(folder: &Path) -> bool {
    match File::open(folder.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let changed = fs::metadata(folder).and_then(|found| found.modified());
            changed.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LONG_LEFT))
        }
        Err(_) => false,
    }
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
        assert_eq!(folders(parent.path()), 1);
    }

    fn folders(parent: &Path) -> usize {
        fs::read_dir(parent).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
    }

    #[test]
    fn a_folder_without_a_lock_goes_when_it_is_old() {
        let parent = tempfile::tempdir().unwrap();
        for (name, age) in [("new", Duration::ZERO), ("old", LONG_LEFT * 2)] {
            let folder = parent.path().join(name);
            fs::create_dir(&folder).unwrap();
            let changed = std::time::SystemTime::now() - age;
            File::open(&folder).unwrap().set_modified(changed).unwrap();
        }
        let made = make(parent.path()).unwrap();
        assert!(parent.path().join("new").exists() && !parent.path().join("old").exists());
        drop(made);
    }

    #[test]
    fn several_at_once_leave_each_others_folders_alone() {
        let parent = tempfile::tempdir().unwrap();
        let all: Vec<Scratch> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..16).map(|_| scope.spawn(|| make(parent.path()).unwrap())).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert!(all.iter().all(|made| made.folder.path().join(LOCK).exists()));
        assert_eq!(folders(parent.path()), all.len());
    }
}
