//! Pulling: from the content of a repository into an OCI layout.
//!
//! Invariant: blobs first, then manifests, then the names. A name never points at an image of which something is
//! missing, and one blob's failure does not stop the others.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::batch::{self, MOVED_AT_ONCE, Wanted};
use super::fetch::Fetch;
use super::layout::Layout;
use super::meter::{Meter, PartMeter, Stage};
use super::on_disk;
use super::plan::{self, CONFIG_LIMIT, Plan, PlannedImage};
use crate::domain::job::Moved;
use crate::domain::{Descriptor, Digest, Failure, Platform, human};
use crate::registry::Content;

/// What to pull, and where to.
pub struct PullJob {
    /// The repository.
    pub content: Arc<dyn Content>,
    /// Tag or digest in the repository, and the name in the layout, for each image.
    pub images: Vec<(String, String)>,
    /// The layout's folder; made if it is not there.
    pub layout: PathBuf,
    /// The member of an index to take; nothing for all of them with the index itself.
    pub platform: Option<Platform>,
    /// The registry, for messages.
    pub host: String,
}

/// Pulls the images of `job`. What had arrived before a failure or a cancellation is used by the next try.
///
/// # Errors
/// The first failure, when everything else is done: images without a failure are there and named. `Cancelled`
/// leaves the names as they were.
pub async fn pull(job: PullJob, meter: &Meter, cancel: &CancellationToken) -> Result<Moved, Failure> {
    meter.enter(Stage::Resolving);
    meter.expect_images(job.images.len());
    let root = job.layout.clone();
    let open = move || {
        let layout = Layout::open_or_create(&root)?;
        let held = layout.hold_blobs()?;
        Ok((layout, held))
    };
    // Until the names are written, nothing but this job knows which blobs are needed.
    let (layout, _held) = on_disk(open).await?;
    let wanted = Wanted {
        content: &job.content,
        images: &job.images,
        platform: job.platform.as_ref(),
        source: &job.host,
    };
    let (images, mut failures) = wanted.read(cancel).await?;
    let (plan, left_out) = Plan::of(images);
    failures.extend(left_out);

    meter.enter(Stage::Fetching);
    let places = Semaphore::new(MOVED_AT_ONCE);
    let fetch =
        Fetch { content: job.content.as_ref(), layout: &layout, cancel, places, pauses: batch::pauses() };
    let parts = meter.begin(&plan.blobs);
    let mut brought = batch::side_by_side(&plan.blobs, &parts, |blob, part| fetch.bring(blob, part)).await;
    if cancel.is_cancelled() {
        return Err(Failure::cancelled(format!("pulling from {}", job.host)));
    }
    failures.append(&mut brought.failures);
    let failures = as_one_need(failures, &parts, &job.host);
    let whole: Vec<PlannedImage> = plan.images.into_iter().filter(|image| brought.is_whole(image)).collect();

    meter.enter(Stage::Writing);
    let (done, platform) = (whole.len(), job.platform.clone());
    let written = on_disk(move || write_images(&layout, &whole, platform.as_ref())).await?;
    meter.finish_images(done);
    meter.enter(Stage::Finished);
    if let Some(failure) = Failure::first_of(failures) {
        return Err(failure);
    }
    let notes =
        written.notes.into_iter().chain(brought.done.into_iter().filter_map(|(_, note)| note)).collect();
    let moved = parts.iter().map(|part| part.fetched()).sum();
    let reused = parts.iter().map(|part| part.reused()).sum();
    let (location, images) = (location(&job), written.images);
    Ok(Moved { location, images, moved, reused, notes, ..Moved::default() })
}

/// A full disk stops one blob after another: it is told once, with what all of them still need.
fn as_one_need(failures: Vec<Failure>, parts: &[Arc<PartMeter>], host: &str) -> Vec<Failure> {
    let (full, mut others): (Vec<_>, Vec<_>) = failures.into_iter().partition(Failure::is_full_disk);
    if let Some(first) = full.into_iter().next() {
        let missing = parts.iter().map(|part| part.missing()).fold(0, u64::saturating_add);
        let said =
            format!("the disk is full; {} more are needed (what has arrived is kept)", human::size(missing));
        others.insert(0, Failure { doing: format!("pulling from {host}"), said, ..first });
    }
    others
}

struct Written {
    images: Vec<(String, Digest)>,
    notes: Vec<String>,
}

/// Writes the manifests, each after those that it names, and then points the names at the roots.
fn write_images(
    layout: &Layout,
    images: &[PlannedImage],
    platform: Option<&Platform>,
) -> Result<Written, Failure> {
    for manifest in images.iter().flat_map(|image| &image.manifests) {
        layout.put_manifest(manifest)?;
    }
    layout.sync_blobs()?;
    let names: Vec<(String, Descriptor)> =
        images.iter().map(|image| (image.name.clone(), image.root.clone())).collect();
    if !names.is_empty() {
        layout.tag(&names)?;
    }
    let mut notes = Vec::new();
    for image in images {
        notes.extend(image.notes.iter().cloned());
        notes.extend(platform.and_then(|wanted| platform_note(layout, image, wanted)));
    }
    Ok(Written { images: names.into_iter().map(|(name, root)| (name, root.digest)).collect(), notes })
}

/// Read from the layout, where the configuration is by now.
fn platform_note(layout: &Layout, image: &PlannedImage, wanted: &Platform) -> Option<String> {
    let config = layout.read_blob(image.config.as_ref()?, CONFIG_LIMIT).ok()?;
    plan::platform_note(&image.name, &config, wanted)
}

fn location(job: &PullJob) -> String {
    let folder = job.layout.display();
    match job.images.as_slice() {
        [(_, name)] => format!("oci:{folder}:{name}"),
        _ => format!("oci:{folder}"),
    }
}

#[cfg(test)]
mod tests;
