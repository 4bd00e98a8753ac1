//! An OCI image layout folder (image-spec `image-layout.md`): `oci-layout`, `index.json`, `blobs/ALGORITHM/HEX`, and
//! beside them `.tagalong/` with what is on its way.
//!
//! Invariant: a file under `blobs/` is complete and has the digest that it is named by; only checked digests become
//! paths, never a name from outside. What another program wrote into `index.json` stays. Everything here blocks: call
//! it from a blocking thread.
//!
//! An image is named by the annotation `org.opencontainers.image.ref.name`, as the containers tools do: in the local
//! store by its full reference, in a folder of the person's by what they typed. skopeo finds both, because it splits
//! `oci:PATH:NAME` at the first colon only: `skopeo inspect oci:DIR:127.0.0.1:5000/app/api:1.2` works (the folder's
//! own path must not hold a colon). The types of the manifests stay as they came, since converting them would change
//! the digest: skopeo 1.9 finds an image of Docker's types only as the one image of a folder, as `oci:DIR`.

mod blobs;
mod content;
mod find;
mod fresh;
mod index;
mod merge;
mod owed;
mod partial;
mod remove;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::CHECK_PATH;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};

pub use find::StoredImage;
pub(super) use find::{FULL_NAME, find};
pub(super) use fresh::Fresh;
pub(super) use index::entry;
pub(super) use partial::Partial;

/// The file that says that a folder is a layout.
pub(super) const MARKER: &str = "oci-layout";
/// What is in it.
pub(super) const MARK: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;
const PRIVATE: &str = ".tagalong";

/// A layout folder. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Opens the layout at `root`; makes one where there is nothing, or an empty folder.
    ///
    /// # Errors
    /// `Invalid` for a folder that holds other things or a layout of another version; `Io`.
    pub fn open_or_create(root: &Path) -> Result<Self, Failure> {
        let layout = Self { root: root.to_owned() };
        if !layout.is_made()? {
            layout.refuse_other_content()?;
            fs::create_dir_all(layout.private())
                .map_err(|e| Failure::io(format!("making the image layout {}", layout.shown()), &e))?;
            layout.write_whole(&root.join(MARKER), MARK.as_bytes())?;
        }
        layout.make_folders()?;
        Ok(layout)
    }

    /// Opens the layout at `root`.
    ///
    /// # Errors
    /// `NotFound` when there is none; `Invalid` for a layout of another version; `Io`.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        let layout = Self { root: root.to_owned() };
        if layout.is_made()? {
            return Ok(layout);
        }
        let doing = format!("opening the image layout {}", layout.shown());
        let none = Failure::new(FailureKind::NotFound, doing, "there is no OCI image layout");
        Err(none.with_next(CHECK_PATH))
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a marker of a version that is understood is there.
    fn is_made(&self) -> Result<bool, Failure> {
        let doing = || format!("opening the image layout {}", self.shown());
        let bytes = match fs::read(self.root.join(MARKER)) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(e) => return Err(Failure::io(doing(), &e)),
        };
        let marker: Value = serde_json::from_slice(&bytes).map_err(|e| {
            Failure::new(FailureKind::Invalid, doing(), format!("its {MARKER} is damaged: {e}"))
        })?;
        check_version(&marker).map_err(|said| Failure::new(FailureKind::Invalid, doing(), said))?;
        Ok(true)
    }

    fn refuse_other_content(&self) -> Result<(), Failure> {
        let doing = || format!("making an image layout in {}", self.shown());
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(Failure::io(doing(), &e)),
        };
        for entry in entries {
            let name = entry.map_err(|e| Failure::io(doing(), &e))?.file_name();
            // Another process may be making the same layout just now: its first file lies in the private folder.
            if name != PRIVATE && name != MARKER {
                let said = "the folder holds other things; name a new or an empty one";
                return Err(Failure::new(FailureKind::Invalid, doing(), said));
            }
        }
        Ok(())
    }

    fn make_folders(&self) -> Result<(), Failure> {
        for folder in [self.private().join("partial"), self.root.join("blobs").join("sha256")] {
            fs::create_dir_all(&folder)
                .map_err(|e| Failure::io(format!("making the folder {}", shown(&folder)), &e))?;
        }
        Ok(())
    }

    fn private(&self) -> PathBuf {
        self.root.join(PRIVATE)
    }

    fn shown(&self) -> String {
        shown(&self.root)
    }

    /// Puts `bytes` at `path`, which others see either not at all or complete. The new name lasts when its folder is
    /// synced.
    fn write_whole(&self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        replace_file(&self.private(), path, bytes)
            .map_err(|e| Failure::io(format!("writing {}", shown(path)), &e))
    }
}

/// Whether the version in an `oci-layout` is one that is understood; why not, in words.
pub(super) fn check_version(marker: &Value) -> Result<(), String> {
    match marker.get("imageLayoutVersion").and_then(Value::as_str) {
        Some(version) if version.starts_with("1.") => Ok(()),
        other => Err(format!("its version is {}, not 1", visible(other.unwrap_or("missing")))),
    }
}

/// `path` as text that is safe to show.
pub(super) fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

fn replace_file(temporary_in: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut file = public_file(temporary_in)?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// A temporary file with the rights of any other: others may read a layout, and a rename keeps the rights.
fn public_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Makes renames into `folder` last, where the system can.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Failure> {
    let synced = if cfg!(unix) { fs::File::open(folder).and_then(|open| open.sync_all()) } else { Ok(()) };
    synced.map_err(|e| Failure::io(format!("writing {}", shown(folder)), &e))
}

#[cfg(test)]
mod tests;
