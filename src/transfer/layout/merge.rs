//! Changing `index.json` in a folder that other programs may write to at the same time.
//!
//! Invariant: what another program has written is never overwritten unread.
//!
//! Copies of this program take turns by a lock. skopeo, podman and the like do not know it: they read the index when
//! they begin, and write it anew when they end, some by a rename, some into the file itself. So:
//!
//! * **Theirs is kept.** On Linux the new index changes places with the old one in one step, and the old one is then
//!   looked at. If it is not the one that was read, somebody has written in between: it is put back at once, and the
//!   change is made again on it. Where a file system cannot exchange two names (and on other systems) the index is
//!   read again right before the rename, and a write in the instant between the two is lost.
//! * **Ours is there when this returns.** After the write the index is read again, and the change is made anew if it
//!   has gone.
//! * **What cannot be promised:** a program that has read the index before and writes it after this returned drops what
//!   it did not know: ours, and what others have put back. Only that program could prevent it. The blobs stay, so the
//!   same pull again costs no download.
//! * Of two writes of others in the instant between an exchange and the one that takes it back, what the later one has
//!   removed or pointed elsewhere may be as before it. Nothing that it added is lost.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{Layout, sync_folder};
use crate::domain::media::OCI_INDEX;
use crate::domain::{Failure, FailureKind};

/// How long to try against another program that writes all the time.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often to look whether another program has done writing into the file.
const PAUSE: Duration = Duration::from_millis(20);
/// A file that cannot be read, and has not changed for so long, is not being written but damaged.
const QUIET: Duration = Duration::from_secs(1);

/// The index as it was read; without bytes there was none.
struct Seen {
    bytes: Option<Vec<u8>>,
    index: Value,
}

/// What became of a write.
enum Swapped {
    /// The index is the new one now, and the old one was the one that was read.
    Done,
    /// Another program was quicker. Nothing of its has gone.
    Outrun,
    /// Another program was quicker twice, and this of its is not in the index any more.
    Displaced(Value),
}

impl Layout {
    /// Makes a change to the entries of the index; `change` says whether there was something to change, and is called
    /// until there is nothing any more. What comes back are the entries then.
    ///
    /// # Errors
    /// `Invalid` when `index.json` is damaged (it stays as it is); `Conflict` when another program writes it all the
    /// time; `Io`.
    pub(super) fn change_index(
        &self,
        mut change: impl FnMut(&mut Vec<Value>) -> bool,
    ) -> Result<Vec<Value>, Failure> {
        let _lock = self.lock_index()?;
        let mut owed: Vec<Value> = Vec::new();
        let give_up = Instant::now() + PATIENCE;
        while Instant::now() < give_up {
            let Seen { bytes: seen, mut index } = self.see_index()?;
            index = owed.iter().rev().fold(index, joined);
            let entries = self.entries_of(&mut index)?;
            if !change(entries) && owed.is_empty() {
                return Ok(entries.clone());
            }
            let fresh = serde_json::to_vec(&index).map_err(|e| self.broken_index(&e.to_string()))?;
            match self.swap(seen.as_deref(), &fresh).map_err(|e| self.cannot_write_index(&e))? {
                Swapped::Done => owed.clear(),
                Swapped::Outrun => {}
                Swapped::Displaced(theirs) => owed.push(theirs),
            }
        }
        let said = "another program writes it all the time";
        Err(Failure::new(
            FailureKind::Conflict,
            format!("writing {}", super::shown(&self.index_path())),
            said,
        ))
    }

    /// The index, or an empty one where there is none.
    pub(super) fn read_index(&self) -> Result<Value, Failure> {
        self.see_index().map(|seen| seen.index)
    }

    fn see_index(&self) -> Result<Seen, Failure> {
        let path = self.index_path();
        let bytes =
            read_settled(&path).map_err(|e| Failure::io(format!("reading {}", super::shown(&path)), &e))?;
        let index = match &bytes {
            Some(bytes) => serde_json::from_slice(bytes).map_err(|e| self.broken_index(&e.to_string()))?,
            None => json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}),
        };
        Ok(Seen { bytes, index })
    }

    /// Puts `new` in the place of an index that is still `old`.
    fn swap(&self, old: Option<&[u8]>, new: &[u8]) -> io::Result<Swapped> {
        let path = self.index_path();
        let mut file = super::public_file(&self.private())?;
        file.write_all(new)?;
        file.as_file().sync_data()?;
        let swapped = match old {
            None => match file.persist_noclobber(&path) {
                Err(e) if e.error.kind() == ErrorKind::AlreadyExists => return Ok(Swapped::Outrun),
                other => other.map(|_| Swapped::Done).map_err(|e| e.error)?,
            },
            Some(old) if read_settled(&path)?.as_deref() != Some(old) => return Ok(Swapped::Outrun),
            Some(old) => replace(file, &path, old, new)?,
        };
        sync_folder(&self.root).map_err(io::Error::other)?;
        Ok(swapped)
    }

    fn cannot_write_index(&self, error: &io::Error) -> Failure {
        Failure::io(format!("writing {}", super::shown(&self.index_path())), error)
    }
}

/// Exchanges the two files, and takes that back when `path` was not `old` any more.
#[cfg(target_os = "linux")]
fn replace(file: NamedTempFile, path: &Path, old: &[u8], new: &[u8]) -> io::Result<Swapped> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    let exchange = || renameat_with(CWD, file.path(), CWD, path, RenameFlags::EXCHANGE);
    match exchange() {
        Ok(()) => {}
        Err(Errno::NOENT) => return Ok(Swapped::Outrun),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => return rename(file, path),
        Err(e) => return Err(e.into()),
    }
    if fs::read(file.path())? == old {
        return Ok(Swapped::Done);
    }
    exchange()?;
    let back = read_settled(file.path())?.unwrap_or_default();
    if back == new {
        return Ok(Swapped::Outrun);
    }
    // What cannot be read has no entries to keep.
    Ok(serde_json::from_slice(&back).map_or(Swapped::Outrun, Swapped::Displaced))
}

#[cfg(not(target_os = "linux"))]
fn replace(file: NamedTempFile, path: &Path, _old: &[u8], _new: &[u8]) -> io::Result<Swapped> {
    rename(file, path)
}

fn rename(file: NamedTempFile, path: &Path) -> io::Result<Swapped> {
    file.persist(path).map(|_| Swapped::Done).map_err(|e| e.error)
}

/// The bytes of a file that holds JSON; another program may be in the middle of writing it. Nothing when there is none.
fn read_settled(path: &Path) -> io::Result<Option<Vec<u8>>> {
    loop {
        let bytes = match fs::read(path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let is_whole = serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok();
        let age = fs::metadata(path).and_then(|found| found.modified()).map(|changed| changed.elapsed());
        let is_quiet = !matches!(age, Ok(Ok(age)) if age < QUIET);
        if is_whole || is_quiet {
            return Ok(Some(bytes));
        }
        std::thread::sleep(PAUSE);
    }
}

/// `index` with the entries of `theirs` that it lacks.
fn joined(mut index: Value, theirs: &Value) -> Value {
    let lacking = theirs.get("manifests").and_then(Value::as_array).into_iter().flatten();
    if let Some(entries) = index.get_mut("manifests").and_then(Value::as_array_mut) {
        for entry in lacking {
            let name = super::index::name_of(entry);
            let is_known =
                |known: &Value| known == entry || (name.is_some() && super::index::name_of(known) == name);
            if !entries.iter().any(is_known) {
                entries.push(entry.clone());
            }
        }
    }
    index
}

#[cfg(test)]
mod tests;
