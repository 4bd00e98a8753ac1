//! Writing files so that a crash, a full disk or a second running copy destroys nothing.
//!
//! Invariant: a reader sees the old content or the new one, never a part of it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::{Failure, FailureKind};

/// How long another running copy may hold a file before an edit gives up.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
const LOCK_RETRY: Duration = Duration::from_millis(10);

/// What a written file is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// The person's: on the disk before the old one goes; the rights of an existing file stay as they are.
    Lasting,
    /// Like `Lasting`, and readable by its owner alone whatever it was before.
    Secret,
    /// Can be fetched again: a power cut may lose it.
    Cached,
}

/// Makes a folder and its missing parents, readable by their owner alone.
///
/// # Errors
/// `Io`.
pub fn make_private_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|e| Failure::io(format!("making the folder {}", folder.display()), &e))
}

/// The content of a text file; nothing when there is no such file.
///
/// # Errors
/// `Io`; `Invalid` for a file that is not UTF-8.
pub fn read_text(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) if e.kind() == io::ErrorKind::InvalidData => {
            Err(Failure::new(FailureKind::Invalid, reading(path), "it is not UTF-8 text"))
        }
        Err(e) => Err(Failure::io(reading(path), &e)),
    }
}

/// “reading FILE”, as a failure says it.
#[must_use]
pub fn reading(path: &Path) -> String {
    format!("reading {}", path.display())
}

/// Puts `content` in the place of the file at `path`, all or nothing. A symbolic link stays one: its target is
/// replaced.
///
/// # Errors
/// `Io`; the old file is untouched then.
pub fn replace(path: &Path, content: &[u8], worth: Worth) -> Result<(), Failure> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().unwrap_or(Path::new("."));
    make_private_folder(folder)?;
    replace_in(folder, &target, content, worth)
        .map_err(|e| Failure::io(format!("writing {}", path.display()), &e))
}

fn replace_in(folder: &Path, target: &Path, content: &[u8], worth: Worth) -> io::Result<()> {
    // A fresh temporary file is readable by its owner alone.
    let mut file = tempfile::Builder::new().prefix(".tagalong-").tempfile_in(folder)?;
    file.write_all(content)?;
    if worth == Worth::Lasting
        && let Ok(old) = fs::metadata(target)
    {
        file.as_file().set_permissions(old.permissions())?;
    }
    if worth == Worth::Cached {
        file.persist(target)?;
        return Ok(());
    }
    file.as_file().sync_all()?;
    file.persist(target)?;
    sync_folder(folder)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// The right to read a file, change it and write it back; other running copies wait until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the file at `path` (a file beside it, with `.lock` at its end), waiting a few seconds.
    ///
    /// # Errors
    /// `Conflict` when another copy does not let go; `Io`.
    pub fn take(path: &Path) -> Result<Self, Failure> {
        let doing = || format!("locking {}", path.display());
        if let Some(folder) = path.parent() {
            make_private_folder(folder)?;
        }
        let file = open_lock(path).map_err(|e| Failure::io(doing(), &e))?;
        let give_up = Instant::now() + LOCK_PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                // A file system without locks: rename still keeps every write whole.
                Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Self { _file: file });
                }
                Err(TryLockError::Error(e)) => return Err(Failure::io(doing(), &e)),
                Err(TryLockError::WouldBlock) if Instant::now() >= give_up => {
                    let said = "another running copy of Tagalong holds it";
                    return Err(Failure::new(FailureKind::Conflict, doing(), said));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_RETRY),
            }
        }
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(PathBuf::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn replaces_whole_files_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub/file");
        for worth in [Worth::Lasting, Worth::Secret, Worth::Cached] {
            replace(&path, format!("{worth:?}").as_bytes(), worth).unwrap();
            assert_eq!(read_text(&path).unwrap().unwrap(), format!("{worth:?}"));
        }
        assert_eq!(names(&dir.path().join("sub")), ["file"]);
    }

    #[cfg(unix)]
    #[test]
    fn rights_stay_unless_the_file_is_secret() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        replace(&path, b"1", Worth::Lasting).unwrap();
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        replace(&path, b"2", Worth::Lasting).unwrap();
        assert_eq!(mode(&path), 0o644);
        replace(&path, b"3", Worth::Secret).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_one() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace(&link, b"new", Worth::Lasting).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
    }

    #[test]
    fn what_cannot_be_written_is_said_and_leaves_the_old() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "old").unwrap();
        let failure = replace(&file.join("below"), b"x", Worth::Lasting).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Io);
        assert!(failure.doing.contains("file"), "{failure}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
    }

    #[test]
    fn text_that_is_no_text_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        assert_eq!(read_text(&path).unwrap(), None);
        fs::write(&path, b"\xff\xfe").unwrap();
        assert_eq!(read_text(&path).unwrap_err().kind, FailureKind::Invalid);
    }

    #[test]
    fn writers_take_turns() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("counter");
        replace(&path, b"0", Worth::Cached).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        let _lock = Lock::take(&path).unwrap();
                        let n: u32 = read_text(&path).unwrap().unwrap().parse().unwrap();
                        replace(&path, (n + 1).to_string().as_bytes(), Worth::Cached).unwrap();
                    }
                });
            }
        });
        assert_eq!(read_text(&path).unwrap().unwrap(), "80");
    }
}
