//! Pulling into an archive: first into a layout beside the file, then the file.
//!
//! Invariant: what has arrived stays beside the file until the archive is complete, so the next try fetches the rest.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Kind;
use super::selection::{Selection, one_platform};
use super::staging::Staging;
use super::write::{DockerStream, docker_stream, write_beside};
use crate::domain::Failure;
use crate::domain::job::Moved;
use crate::transfer::batch::unless_cancelled;
use crate::transfer::layout::shown;
use crate::transfer::meter::Stage;
use crate::transfer::{Layout, Meter, PullJob, on_disk, pull};

/// Pulls the images of all `jobs`, whose own `layout` does not matter, into one archive; an older file is replaced. For
/// a docker-archive the names are to be full references, see [`Selection::images`].
///
/// # Errors
/// As [`pull()`] and [`write()`](super::write()); an index of several platforms that a docker-archive cannot hold is
/// refused before anything is fetched. The archive is written with all images or not at all.
pub async fn pull_to_archive(
    jobs: Vec<PullJob>,
    kind: Kind,
    file: &Path,
    meter: &Meter,
    cancel: &CancellationToken,
) -> Result<Moved, Failure> {
    let (staging, mut all) = pull_beside(jobs, kind, file, meter, cancel).await?;
    all.location = location(kind, file);
    meter.enter(Stage::Archiving);
    let selection = selection(&staging, &all).await?;
    let written = write_beside(&staging, &selection, kind, cancel).await?;
    all.notes.extend(written.into_iter().filter(|note| !all.notes.contains(note)).collect::<Vec<_>>());
    let removed = on_disk(move || Arc::into_inner(staging).map_or(Ok(()), Staging::remove)).await;
    // The archive is there: a folder that stays is no failure of it.
    all.notes.extend(removed.err().map(|failure| failure.to_string()));
    meter.enter(Stage::Finished);
    Ok(all)
}

/// Images that were pulled, on their way into an engine.
pub struct Loading {
    /// What was pulled.
    pub moved: Moved,
    /// All of it as a docker-archive.
    pub archive: DockerStream,
    /// Where it waits.
    pub staged: Staged,
}

/// The folder that an archive is made from.
pub struct Staged(Arc<Staging>);

impl Staged {
    /// It is not needed any more. A folder that stays all the same is no failure of what was loaded.
    pub async fn remove(self) {
        let removed = on_disk(move || Arc::into_inner(self.0).map_or(Ok(()), Staging::remove)).await;
        if let Err(failure) = removed {
            tracing::debug!(%failure, "what was loaded stays on the disk");
        }
    }
}

/// Pulls the images of all `jobs` into a folder beside `beside`, and hands them on as a docker-archive that is made while
/// it is read, for an engine to load. What has arrived stays there until [`Staged::remove`], so a next try fetches the
/// rest.
///
/// # Errors
/// As [`pull_to_archive`].
pub async fn pull_and_stream(
    jobs: Vec<PullJob>,
    beside: &Path,
    meter: &Meter,
    cancel: &CancellationToken,
) -> Result<Loading, Failure> {
    if let Some(folder) = beside.parent().map(Path::to_owned) {
        let made =
            move || fs::create_dir_all(&folder).map_err(|e| Failure::io("making a folder to fetch into", &e));
        on_disk(made).await?;
    }
    let (staging, mut moved) = pull_beside(jobs, Kind::Docker, beside, meter, cancel).await?;
    let archive = docker_stream(&selection(&staging, &moved).await?, cancel).await?;
    moved.notes.extend(archive.notes.iter().cloned());
    Ok(Loading { moved, archive, staged: Staged(staging) })
}

/// Pulls the images of all `jobs` into the layout beside `file`.
async fn pull_beside(
    jobs: Vec<PullJob>,
    kind: Kind,
    file: &Path,
    meter: &Meter,
    cancel: &CancellationToken,
) -> Result<(Arc<Staging>, Moved), Failure> {
    let target = file.to_owned();
    let staging = Arc::new(on_disk(move || Staging::beside(&target)).await?);
    meter.enter(Stage::Resolving);
    if kind == Kind::Docker {
        let cancelled = || "reading manifests".to_owned();
        unless_cancelled(cancel, cancelled, check_platforms(&jobs)).await?;
    }
    let mut all = Moved::default();
    for job in jobs {
        let pulled = pull(PullJob { layout: staging.layout(), ..job }, meter, cancel).await?;
        all = all.and(pulled);
    }
    Ok((staging, all))
}

/// All that was pulled.
async fn selection(staging: &Arc<Staging>, pulled: &Moved) -> Result<Selection, Failure> {
    let folder = staging.layout();
    let layout = on_disk(move || Layout::open_or_create(&folder)).await?;
    let images = pulled.images.iter().map(|(name, digest)| (digest.to_string(), name.clone())).collect();
    Ok(Selection { layout, images, platform: None })
}

/// An image that a docker-archive cannot hold is better known before its layers come.
async fn check_platforms(jobs: &[PullJob]) -> Result<(), Failure> {
    for job in jobs {
        for (target, _) in &job.images {
            one_platform(job.content.as_ref(), target, job.platform.as_ref()).await?;
        }
    }
    Ok(())
}

fn location(kind: Kind, file: &Path) -> String {
    format!("{}:{}", kind.scheme(), shown(file))
}
