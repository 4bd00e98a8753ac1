//! Pulling into an archive: first into a layout beside the file, then the file.
//!
//! Invariant: what has arrived stays beside the file until the archive is complete, so the next try fetches the rest.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Kind;
use super::selection::{Selection, one_platform};
use super::staging::Staging;
use super::write::write_beside;
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
    let target = file.to_owned();
    let staging = Arc::new(on_disk(move || Staging::beside(&target)).await?);
    meter.enter(Stage::Resolving);
    if kind == Kind::Docker {
        let cancelled = || "reading manifests".to_owned();
        unless_cancelled(cancel, cancelled, check_platforms(&jobs)).await?;
    }
    let folder = staging.layout();
    let mut all = Moved { location: location(kind, file), ..Moved::default() };
    for job in jobs {
        let pulled = pull(PullJob { layout: folder.clone(), ..job }, meter, cancel).await?;
        all.images.extend(pulled.images);
        all.moved += pulled.moved;
        all.reused += pulled.reused;
        all.notes.extend(pulled.notes);
    }

    meter.enter(Stage::Archiving);
    let layout = on_disk(move || Layout::open_or_create(&folder)).await?;
    let images = all.images.iter().map(|(name, digest)| (digest.to_string(), name.clone())).collect();
    let selection = Selection { layout, images, platform: None };
    let written = write_beside(&staging, &selection, kind, cancel).await?;
    all.notes.extend(written.into_iter().filter(|note| !all.notes.contains(note)).collect::<Vec<_>>());
    let removed = on_disk(move || Arc::into_inner(staging).map_or(Ok(()), Staging::remove)).await;
    // The archive is there: a folder that stays is no failure of it.
    all.notes.extend(removed.err().map(|failure| failure.to_string()));
    meter.enter(Stage::Finished);
    Ok(all)
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
