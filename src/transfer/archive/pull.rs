//! Pulling into an archive: first into a layout beside the file, then the file.
//!
//! Invariant: what has arrived stays beside the file until the archive is complete, so the next try fetches the rest.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use super::Kind;
use super::once::Once;
use super::selection::{Selection, one_platform};
use super::staging::Staging;
use super::write::{DockerStream, docker_stream, write_beside};
use crate::domain::job::Moved;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::registry::Content;
use crate::transfer::batch::unless_cancelled;
use crate::transfer::layout::shown;
use crate::transfer::meter::Stage;
use crate::transfer::{Layout, Meter, PullJob, on_disk, pull};

/// Images looked at side by side, before they are pulled.
const LOOKED_AT_ONCE: usize = 4;

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
    let staging = stage(file).await?;
    meter.enter(Stage::Resolving);
    let jobs = match kind {
        Kind::Oci => jobs,
        Kind::Docker => {
            let Sorted { jobs, refused } = sort_out(jobs, cancel).await?;
            match Failure::first_of(refused.into_iter().map(|(_, failure)| failure).collect()) {
                Some(failure) => return Err(failure),
                None => jobs,
            }
        }
    };
    let mut all = pull_into(&staging, jobs, meter, cancel).await?;
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
/// rest. Of several images those that a docker-archive cannot hold (a signature, a chart, one without the platform) are
/// left out, and a note says so for each.
///
/// # Errors
/// As [`pull_to_archive`], when no image is left.
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
    let staging = stage(beside).await?;
    meter.enter(Stage::Resolving);
    let Sorted { jobs, refused } = sort_out(jobs, cancel).await?;
    let notes: Vec<String> = refused.iter().map(left_out).collect();
    if jobs.is_empty()
        && let Some(failure) = Failure::first_of(refused.into_iter().map(refused_by_engine).collect())
    {
        return Err(failure);
    }
    let mut moved = pull_into(&staging, jobs, meter, cancel).await?;
    moved.notes.extend(notes);
    let archive = docker_stream(&selection(&staging, &moved).await?, cancel).await?;
    moved.notes.extend(archive.notes.iter().cloned());
    Ok(Loading { moved, archive, staged: Staged(staging) })
}

/// Takes the folder beside `file`.
async fn stage(file: &Path) -> Result<Arc<Staging>, Failure> {
    let target = file.to_owned();
    Ok(Arc::new(on_disk(move || Staging::beside(&target)).await?))
}

/// Pulls the images of all `jobs` into the layout of `staging`.
async fn pull_into(
    staging: &Staging,
    jobs: Vec<PullJob>,
    meter: &Meter,
    cancel: &CancellationToken,
) -> Result<Moved, Failure> {
    let mut all = Moved::default();
    for job in jobs {
        let pulled = pull(PullJob { layout: staging.layout(), ..job }, meter, cancel).await?;
        all = all.and(pulled);
    }
    Ok(all)
}

/// All that was pulled.
async fn selection(staging: &Arc<Staging>, pulled: &Moved) -> Result<Selection, Failure> {
    let folder = staging.layout();
    let layout = on_disk(move || Layout::open_or_create(&folder)).await?;
    let images = pulled.images.iter().map(|(name, digest)| (digest.to_string(), name.clone())).collect();
    Ok(Selection { layout, images, platform: None })
}

/// Images by whether a docker-archive can hold them.
struct Sorted {
    /// Those that it can, without the jobs that have none.
    jobs: Vec<PullJob>,
    /// The names of the others, and why it cannot.
    refused: Vec<(String, Failure)>,
}

/// Looks which images a docker-archive can hold: that is better known before their layers come.
///
/// # Errors
/// A manifest that cannot be had; `Cancelled`.
async fn sort_out(jobs: Vec<PullJob>, cancel: &CancellationToken) -> Result<Sorted, Failure> {
    let mut sorted = Sorted { jobs: Vec::new(), refused: Vec::new() };
    for job in jobs {
        let content: Arc<dyn Content> = Arc::new(Once::new(job.content));
        let look = |(target, name): (String, String)| {
            let (content, platform) = (Arc::clone(&content), job.platform.clone());
            async move {
                let found = one_platform(content.as_ref(), &target, platform.as_ref()).await;
                (target, name, found.err())
            }
        };
        let looks: Vec<_> = job.images.into_iter().map(look).collect();
        let looks = async { Ok(stream::iter(looks).buffered(LOOKED_AT_ONCE).collect::<Vec<_>>().await) };
        let mut images = Vec::new();
        for (target, name, failure) in
            unless_cancelled(cancel, || "reading manifests".to_owned(), looks).await?
        {
            match failure {
                None => images.push((target, name)),
                Some(failure) if is_of_the_image(&failure) => sorted.refused.push((name, failure)),
                Some(failure) => return Err(failure),
            }
        }
        if !images.is_empty() {
            sorted.jobs.push(PullJob { content, images, ..job });
        }
    }
    Ok(sorted)
}

/// Whether a failure lies with the one image, and not with where it comes from.
fn is_of_the_image(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Invalid | FailureKind::NotFound | FailureKind::Unsupported)
}

fn left_out((name, failure): &(String, Failure)) -> String {
    format!("{} is left out: {}", visible(name), failure.said)
}

fn refused_by_engine((name, failure): (String, Failure)) -> Failure {
    failure.while_doing(format!("loading {}", visible(&name)))
}

fn location(kind: Kind, file: &Path) -> String {
    format!("{}:{}", kind.scheme(), shown(file))
}
