//! The folder that an image is built from somewhere else: what of it is sent, and sending it as one compressed tar.
//!
//! Sources: Docker, "Build context" and its `.dockerignore` section; moby `patternmatcher`, which is what Docker reads the
//! file with. As the tools that send folders to registries do, the folders of version control at the top stay here until
//! `.dockerignore` asks for them (`!.git`).
//!
//! Invariant: nothing outside the folder is read, whatever links in it lead to; the same folder gives the same bytes; a
//! file of the folder is never in memory as a whole.

mod ignore;
mod pack;
mod pattern;
mod walk;

#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use tokio_util::sync::CancellationToken;

use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};

use ignore::Ignore;
use walk::Walk;

pub use pack::Packed;

/// The largest file of patterns that is read, in bytes.
const LONGEST_IGNORE: u64 = 1 << 20;
const IGNORE_FILE: &str = ".dockerignore";

/// A folder to build from, looked at.
#[derive(Debug, Clone)]
pub struct Context {
    folder: PathBuf,
    dockerfile: String,
    ignore: Ignore,
}

/// How much of a folder is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Files and links.
    pub files: u64,
    /// Bytes of the files, before they are compressed.
    pub bytes: u64,
    /// Entries that are neither files, folders nor links: they cannot be sent.
    pub odd: u64,
}

impl Context {
    /// The folder at `folder`, with the Dockerfile `dockerfile` in it (`/` between the parts of its path, on any system).
    ///
    /// # Errors
    /// `Invalid` when there is no such folder or no such Dockerfile in it, or a pattern of `.dockerignore` is none; `Io`.
    pub async fn open(folder: PathBuf, dockerfile: String) -> Result<Self, Failure> {
        on_disk(move || open(&folder, &dockerfile)).await
    }

    /// How much would be sent.
    ///
    /// # Errors
    /// `Io` for a folder that cannot be read; `Cancelled`.
    pub async fn measure(&self, stop: &CancellationToken) -> Result<Extent, Failure> {
        let (context, stop) = (self.clone(), stop.clone());
        on_disk(move || Walk::of(&context, &stop).measure()).await
    }

    /// Packs it into a file in `scratch` that has no name, so that it goes with the program, however that ends.
    ///
    /// # Errors
    /// `Io`; `Integrity` for a file that changes while it is read; `Cancelled`.
    pub async fn pack(&self, scratch: PathBuf, stop: &CancellationToken) -> Result<Packed, Failure> {
        let (context, stop) = (self.clone(), stop.clone());
        on_disk(move || pack::pack(&context, &scratch, &stop)).await
    }

    /// The Dockerfile's path in the folder, with `/` between its parts.
    #[must_use]
    pub fn dockerfile(&self) -> &str {
        &self.dockerfile
    }

    /// The file that says what stays here, where there is one.
    #[must_use]
    pub fn ignore_file(&self) -> Option<&str> {
        self.ignore.file()
    }

    fn doing(&self) -> String {
        format!("packing the folder {}", shown(&self.folder))
    }
}

fn open(folder: &Path, dockerfile: &str) -> Result<Context, Failure> {
    let doing = format!("looking at the folder {}", shown(folder));
    let bad = |said: String| Failure::new(FailureKind::Invalid, &doing, said);
    let real = match fs::canonicalize(folder) {
        Ok(real) if real.is_dir() => real,
        Ok(_) => return Err(bad("it is no folder".to_owned())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(bad("there is no such folder".to_owned()));
        }
        Err(e) => return Err(Failure::io(&doing, &e)),
    };
    let dockerfile = inside(dockerfile).ok_or_else(|| {
        bad(format!("the Dockerfile “{}” has to lie in the folder; name it from there", visible(dockerfile)))
    })?;
    let sent = dockerfile_of(&real, &dockerfile).map_err(bad)?;
    let ignore = Ignore::of(&real, &dockerfile, &sent, &doing)?;
    Ok(Context { folder: real, dockerfile, ignore })
}

/// A path in the folder, tidied; nothing when it leads out of it or names nothing.
fn inside(path: &str) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => parts.push(name.to_str()?.to_owned()),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// What has to be sent for the Dockerfile: it, and what it is a link to.
fn dockerfile_of(folder: &Path, dockerfile: &str) -> Result<Vec<String>, String> {
    let missing = || format!("there is no Dockerfile “{}” in it", visible(dockerfile));
    let real = fs::canonicalize(folder.join(dockerfile)).map_err(|_| missing())?;
    let target = real.strip_prefix(folder).ok();
    let target = target.ok_or_else(|| format!("“{}” is a link that leads out of it", visible(dockerfile)))?;
    if !real.is_file() {
        return Err(format!("“{}” is no file", visible(dockerfile)));
    }
    let mut sent = vec![dockerfile.to_owned()];
    sent.extend(target.to_str().and_then(inside).filter(|t| t != dockerfile));
    Ok(sent)
}

/// A path as it may be shown.
fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

/// Runs `work`, which reads or writes files, where blocking is allowed.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let broke = |e: tokio::task::JoinError| Failure::new(FailureKind::Bug, "packing a folder", e.to_string());
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(broke(e)))
}
