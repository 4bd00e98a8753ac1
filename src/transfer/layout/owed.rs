//! What is still to be swept: images that were taken out of the index, whose blobs may be there yet.
//!
//! Invariant: a note is written after its images have left the index, and goes after their blobs have. Each removal
//! writes a file of its own, so that two at once lose nothing of each other.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;

use tempfile::NamedTempFile;

use super::{Layout, StoredImage, shown};
use crate::domain::{Descriptor, Failure};

/// What was noted so far.
#[derive(Debug, Default)]
pub(super) struct Owed {
    /// What was taken out.
    pub(super) roots: Vec<Descriptor>,
    notes: Vec<PathBuf>,
}

impl Layout {
    /// Notes that `images` have left the index.
    pub(super) fn owe(&self, images: &[StoredImage]) -> Result<(), Failure> {
        let roots: Vec<&Descriptor> = images.iter().map(|image| &image.manifest).collect();
        let write = || -> io::Result<()> {
            fs::create_dir_all(self.owed_folder())?;
            let mut file = NamedTempFile::new_in(self.private())?;
            file.write_all(&serde_json::to_vec(&roots)?)?;
            file.as_file().sync_data()?;
            let note = self.owed_folder().join(file.path().file_name().unwrap_or_default());
            file.persist(note).map_err(|e| e.error)?;
            Ok(())
        };
        write().map_err(|e| self.cannot_note(&e))
    }

    /// Everything that was noted.
    pub(super) fn owed(&self) -> Result<Owed, Failure> {
        let read = || -> io::Result<Owed> {
            let mut owed = Owed::default();
            let notes = match fs::read_dir(self.owed_folder()) {
                Err(e) if e.kind() == ErrorKind::NotFound => return Ok(owed),
                notes => notes?,
            };
            for note in notes {
                let note = note?.path();
                // One that is damaged is of no use any more.
                let roots: Vec<Descriptor> = serde_json::from_slice(&fs::read(&note)?).unwrap_or_default();
                owed.roots.extend(roots);
                owed.notes.push(note);
            }
            Ok(owed)
        };
        read().map_err(|e| self.cannot_note(&e))
    }

    /// Drops the notes, of which nothing is left to be done.
    pub(super) fn settle(&self, owed: &Owed) -> Result<(), Failure> {
        owed.notes.iter().try_for_each(fs::remove_file).map_err(|e| self.cannot_note(&e))
    }

    fn owed_folder(&self) -> PathBuf {
        self.private().join("owed")
    }

    fn cannot_note(&self, error: &io::Error) -> Failure {
        Failure::io(format!("noting what is to be removed in {}", shown(&self.owed_folder())), error)
    }
}
