//! The hidden folder beside an archive, `.NAME.tagalong`: what is being pulled into it, and the archive while it is
//! written.
//!
//! Invariant: one holder at a time, and it has the same name every time, so that a pull that was killed goes on. The
//! archive appears under its own name in one step, complete and synced; an older one stays until then.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::PIECE;
use super::told::{invalid, told};
use crate::domain::{Failure, FailureKind, human};
use crate::transfer::layout::{shown, sync_folder};

/// Tries to get a lock of which the folder does not go at the same moment.
const TRIES: usize = 10;

/// The folder, held.
#[derive(Debug)]
pub(super) struct Staging {
    target: PathBuf,
    folder: PathBuf,
    doing: String,
    _lock: File,
}

impl Staging {
    /// Makes or finds the folder beside `file`, and takes it.
    ///
    /// # Errors
    /// `Invalid` for a file that cannot be one (a folder, a device, something in a folder that is not there);
    /// `Conflict` while another program writes it; `Io`.
    pub(super) fn beside(file: &Path) -> Result<Self, Failure> {
        let doing = format!("writing the archive {}", shown(file));
        // A symbolic link stays one: what it points at is replaced.
        let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let (parent, name) = check_target(&target).map_err(|said| invalid(&doing, said))?;
        let folder = parent.join(format!(".{name}.tagalong"));
        for _ in 0..TRIES {
            if let Some(lock) = take(&folder, &doing)? {
                return Ok(Self { target, folder, doing, _lock: lock });
            }
        }
        Err(Failure::new(FailureKind::Conflict, doing, "other programs write it all the time"))
    }

    /// Where a pull brings its images.
    pub(super) fn layout(&self) -> PathBuf {
        self.folder.join("layout")
    }

    /// Puts what `write` writes, `size` bytes of it, in the place of the target.
    ///
    /// # Errors
    /// What `write` says; `Io`, and for a full disk the bytes that are needed. The target is as before then.
    pub(super) fn put(
        &self,
        size: u64,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let part = self.folder.join("part");
        let put = || -> io::Result<()> {
            let file = File::create(&part)?;
            if let Ok(old) = fs::metadata(&self.target) {
                file.set_permissions(old.permissions())?;
            }
            let mut out = BufWriter::with_capacity(PIECE, Disk { file, size, doing: &self.doing });
            write(&mut out)?;
            out.flush()?;
            out.get_ref().file.sync_all()?;
            fs::rename(&part, &self.target)
        };
        if let Err(error) = put() {
            // What could not be written is the failure to be told; a file that never came to be cannot be removed.
            fs::remove_file(&part).ok();
            return Err(told(&self.doing, error));
        }
        sync_folder(&folder_of(&self.target))
    }

    /// Lets go of the folder, and removes it unless a pull has left something in it.
    pub(super) fn leave(self) {
        if !self.layout().exists()
            && let Err(failure) = self.remove()
        {
            tracing::info!(%failure, "an empty folder stays");
        }
    }

    /// Removes the folder with what was pulled.
    ///
    /// # Errors
    /// `Io`.
    pub(super) fn remove(self) -> Result<(), Failure> {
        let mut gone = self.folder.clone().into_os_string();
        gone.push(format!("-{}", std::process::id()));
        // Away in one step, so that another program begins with a folder of its own.
        let removed = fs::rename(&self.folder, &gone).and_then(|()| fs::remove_dir_all(&gone));
        removed.map_err(|e| Failure::io(format!("removing {}", shown(&self.folder)), &e))
    }
}

/// Folder and name of a file that can be written.
fn check_target(target: &Path) -> Result<(PathBuf, String), String> {
    let is_folder =
        target.is_dir() || target.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
    let name = target.file_name().filter(|_| !is_folder).ok_or("it is a folder; name a file")?;
    if target.exists() && !target.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let parent = folder_of(target);
    if !parent.is_dir() {
        return Err(format!("there is no folder {}; make it first", shown(&parent)));
    }
    Ok((parent, name.to_string_lossy().into_owned()))
}

/// The folder that a file lies in; of a bare name the one that the program was started in.
fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// The lock of the folder; nothing when the folder was removed at the same moment.
fn take(folder: &Path, doing: &str) -> Result<Option<File>, Failure> {
    let path = folder.join("lock");
    let failed = |e: &io::Error| Failure::io(doing, e);
    fs::create_dir_all(folder).map_err(|e| failed(&e))?;
    let lock = match File::options().create(true).truncate(false).write(true).open(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|e| failed(&e))?,
    };
    match lock.try_lock() {
        Ok(()) => {
            // When it was last in use; a file system without times loses nothing but that.
            lock.set_modified(SystemTime::now()).ok();
            Ok(path.exists().then_some(lock))
        }
        Err(TryLockError::WouldBlock) => {
            Err(Failure::new(FailureKind::Conflict, doing, "another program is writing it"))
        }
        Err(TryLockError::Error(e)) => Err(failed(&e)),
    }
}

/// Removes the folders in `parent` that nobody holds, and nobody has held for `age`. What cannot be looked at stays.
///
/// # Errors
/// `Io` when `parent` cannot be read.
pub fn sweep(parent: &Path, age: Duration) -> Result<(), Failure> {
    let entries = match fs::read_dir(parent) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|e| Failure::io(format!("reading {}", shown(parent)), &e))?,
    };
    for folder in entries.flatten().map(|entry| entry.path()) {
        let Ok(lock) = File::open(folder.join("lock")) else { continue };
        let modified = lock.metadata().and_then(|about| about.modified());
        let is_old = modified.is_ok_and(|time| time.elapsed().is_ok_and(|passed| passed >= age));
        if is_old
            && lock.try_lock().is_ok()
            && let Err(error) = fs::remove_dir_all(&folder)
        {
            tracing::debug!(%error, "a folder that was left stays");
        }
    }
    Ok(())
}

/// A file that says what a full disk would have had to take.
struct Disk<'a> {
    file: File,
    size: u64,
    doing: &'a str,
}

impl Write for Disk<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|e| {
            let mut failure = Failure::io(self.doing, &e);
            if matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
                failure.said = format!("{}; the archive needs {}", failure.said, human::size(self.size));
            }
            io::Error::other(failure)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_lies_in_the_folder_of_the_program() {
        assert_eq!(folder_of(Path::new("a.tar")), Path::new("."));
        assert_eq!(folder_of(Path::new("x/a.tar")), Path::new("x"));
        assert_eq!(folder_of(Path::new("/a.tar")), Path::new("/"));
    }
}
