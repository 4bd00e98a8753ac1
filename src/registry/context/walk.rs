//! Going through a folder in the order of names.
//!
//! Invariant: no link is followed; what lies on the way is looked at, never held, but for the names of the folders above.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use super::ignore::Above;
use super::{Context, Extent};
use crate::domain::Failure;

/// An entry that is sent.
pub(super) struct Item {
    /// Where it is.
    pub(super) at: PathBuf,
    /// Its path in the folder.
    pub(super) inside: PathBuf,
    /// What it is; a link is told as a link.
    pub(super) about: Metadata,
}

/// Who is shown every entry that is sent.
type Each<'a> = dyn FnMut(&Item) -> io::Result<()> + 'a;

/// A walk through a folder.
pub(super) struct Walk<'a> {
    context: &'a Context,
    stop: &'a CancellationToken,
}

impl<'a> Walk<'a> {
    pub(super) fn of(context: &'a Context, stop: &'a CancellationToken) -> Self {
        Self { context, stop }
    }

    /// How much is sent.
    ///
    /// # Errors
    /// As [`go`](Self::go).
    pub(super) fn measure(&self) -> Result<Extent, Failure> {
        let mut extent = Extent::default();
        self.go(&mut |item| {
            extent.add(&item.about);
            Ok(())
        })?;
        Ok(extent)
    }

    /// Shows every entry that is sent, a folder before what is in it.
    ///
    /// # Errors
    /// `Io`, `Cancelled`, and what `each` says.
    pub(super) fn go(&self, each: &mut Each<'_>) -> Result<(), Failure> {
        self.enter(Path::new(""), "", &Above::default(), each).map_err(|e| told(&self.context.doing(), e))
    }

    fn enter(&self, inside: &Path, shown: &str, above: &Above, each: &mut Each<'_>) -> io::Result<()> {
        let folder = self.context.folder.join(inside);
        let read = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = read.map_err(|e| at(&folder, &e))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            self.check()?;
            let name = entry.file_name();
            let path = match shown {
                "" => name.to_string_lossy().into_owned(),
                shown => format!("{shown}/{}", name.to_string_lossy()),
            };
            let item = Item { at: entry.path(), inside: inside.join(&name), about: metadata(&entry)? };
            let (is_out, matched) = self.context.ignore.leaves_out(&path, above);
            if !is_out {
                each(&item)?;
            }
            if item.about.is_dir() && (!is_out || self.context.ignore.may_send_below(&path)) {
                self.enter(&item.inside, &path, &matched, each)?;
            }
        }
        Ok(())
    }

    fn check(&self) -> io::Result<()> {
        if self.stop.is_cancelled() {
            return Err(io::Error::other(Failure::cancelled(self.context.doing())));
        }
        Ok(())
    }
}

impl Extent {
    pub(super) fn add(&mut self, about: &Metadata) {
        if about.is_file() {
            self.files += 1;
            self.bytes += about.len();
        } else if about.is_symlink() {
            self.files += 1;
        } else if !about.is_dir() {
            self.odd += 1;
        }
    }
}

fn metadata(entry: &fs::DirEntry) -> io::Result<Metadata> {
    entry.metadata().map_err(|e| at(&entry.path(), &e))
}

/// An error with the path that it is about.
pub(super) fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::other(Failure::io(format!("reading {}", super::shown(path)), error))
}

/// The failure that an error holds, or is.
pub(super) fn told(doing: &str, error: io::Error) -> Failure {
    match error.downcast::<Failure>() {
        Ok(failure) => failure,
        Err(error) => Failure::io(doing, &error),
    }
}
