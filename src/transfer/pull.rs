//! Pulling: from the content of a repository into an OCI layout.
//!
//! Invariant: blobs first, then manifests, then the names. A name never points at an image of which something is
//! missing, and one blob's failure does not stop the others.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use backon::ExponentialBuilder;
use futures_util::{StreamExt as _, stream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::fetch::Fetch;
use super::layout::Layout;
use super::meter::{Meter, PartMeter, Stage};
use super::on_disk;
use super::plan::{CONFIG_LIMIT, Plan, PlannedImage};
use super::resolve::{Room, read_image};
use crate::domain::job::Pulled;
use crate::domain::text::visible;
use crate::domain::{Descriptor, Digest, Failure, ImageConfig, Platform};
use crate::registry::Content;

/// Blobs received at once: more take memory and, from a server nearby, time (measured with `benches/pull.sh`).
const RECEIVED_AT_ONCE: usize = 4;
/// Blobs taken up at once, with those that are looked for, or synced to the disk.
const BLOBS_AT_ONCE: usize = 8;
/// Images read at once.
const IMAGES_AT_ONCE: usize = 4;
/// Bytes of manifests kept in memory for one job: those of some 20,000 images.
const ROOM: u64 = 256 << 20;

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
pub async fn pull(job: PullJob, meter: &Meter, cancel: &CancellationToken) -> Result<Pulled, Failure> {
    meter.enter(Stage::Resolving);
    meter.expect_images(job.images.len());
    let root = job.layout.clone();
    let layout = on_disk(move || Layout::open_or_create(&root)).await?;
    let (images, mut failures) = read_images(&job, cancel).await?;
    let (plan, left_out) = Plan::of(images);
    failures.extend(left_out);

    meter.enter(Stage::Fetching);
    let places = Semaphore::new(RECEIVED_AT_ONCE);
    let fetch = Fetch { content: job.content.as_ref(), layout: &layout, cancel, places, pauses: pauses() };
    let parts = meter.begin(&plan.blobs);
    let brought = fetch_all(&fetch, &plan.blobs, &parts).await;
    if cancel.is_cancelled() {
        return Err(Failure::cancelled(format!("pulling from {}", job.host)));
    }
    failures.extend(brought.failures);
    let is_whole =
        |image: &PlannedImage| image.blobs.iter().all(|blob| !brought.failed.contains(&blob.digest));
    let whole: Vec<PlannedImage> = plan.images.into_iter().filter(is_whole).collect();

    meter.enter(Stage::Writing);
    let (done, platform) = (whole.len(), job.platform.clone());
    let written = on_disk(move || write_images(&layout, &whole, platform.as_ref())).await?;
    meter.finish_images(done);
    meter.enter(Stage::Finished);
    if let Some(failure) = Failure::first_of(failures) {
        return Err(failure);
    }
    let notes = written.notes.into_iter().chain(brought.notes).collect();
    let fetched = parts.iter().map(|part| part.fetched()).sum();
    let reused = parts.iter().map(|part| part.reused()).sum();
    Ok(Pulled { location: location(&job), images: written.images, fetched, reused, notes })
}

/// Reads every image down to its blobs. An image that cannot be read is a failure beside the others.
async fn read_images(
    job: &PullJob,
    cancel: &CancellationToken,
) -> Result<(Vec<PlannedImage>, Vec<Failure>), Failure> {
    let room = Arc::new(Room::new(ROOM));
    let read_one = |(target, name): &(String, String)| {
        let (content, room, target, name, platform) =
            (Arc::clone(&job.content), Arc::clone(&room), target.clone(), name.clone(), job.platform.clone());
        async move { read_image(content.as_ref(), &room, &target, name, platform.as_ref()).await }
    };
    let reading: Vec<_> = job.images.iter().map(read_one).collect();
    let reading = stream::iter(reading).buffered(IMAGES_AT_ONCE).collect::<Vec<_>>();
    let Some(outcomes) = cancel.run_until_cancelled(reading).await else {
        return Err(Failure::cancelled(format!("reading manifests from {}", job.host)));
    };
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(image) => images.push(image),
            Err(failure) => failures.push(failure),
        }
    }
    Ok((images, failures))
}

#[derive(Default)]
struct Brought {
    failed: HashSet<Digest>,
    failures: Vec<Failure>,
    notes: Vec<String>,
}

/// Fetches all blobs, several at once, to the last one whatever happens to the others.
async fn fetch_all(fetch: &Fetch<'_>, blobs: &[Descriptor], parts: &[Arc<PartMeter>]) -> Brought {
    let bringing: Vec<_> = blobs
        .iter()
        .zip(parts)
        .map(|(blob, part)| async move { (blob, fetch.bring(blob, part).await) })
        .collect();
    let mut brought = Brought::default();
    let mut outcomes = stream::iter(bringing).buffer_unordered(BLOBS_AT_ONCE);
    while let Some((blob, outcome)) = outcomes.next().await {
        match outcome {
            Ok(note) => brought.notes.extend(note),
            Err(failure) => {
                brought.failed.insert(blob.digest.clone());
                brought.failures.push(failure);
            }
        }
    }
    brought
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

/// An image that is no index has its platform in the configuration only; it may not be the one asked for.
fn platform_note(layout: &Layout, image: &PlannedImage, wanted: &Platform) -> Option<String> {
    let bytes = layout.read_blob(image.config.as_ref()?, CONFIG_LIMIT).ok()?;
    let has = ImageConfig::parse(&bytes).ok()?.platform;
    let other = !has.is_unknown() && !wanted.accepts(&has);
    other.then(|| format!("{} is for {}, not for {wanted}", image.name, visible(&has.to_string())))
}

fn location(job: &PullJob) -> String {
    let folder = job.layout.display();
    match job.images.as_slice() {
        [(_, name)] => format!("oci:{folder}:{name}"),
        _ => format!("oci:{folder}"),
    }
}

/// Six tries that bring nothing, over some ten seconds; every byte that arrives starts the count again.
fn pauses() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(10))
        .with_max_times(6)
        .with_jitter()
}

#[cfg(test)]
mod tests;
