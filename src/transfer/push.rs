//! Pushing: from the content of a repository, or of a layout, into a registry.
//!
//! Invariant: blobs first, then manifests as the bytes that they are, members before their index, the named one last.
//! A name never points at an image of which something is missing.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::batch::{self, MOVED_AT_ONCE, Settled, Wanted, unless_cancelled};
use super::meter::{Meter, Stage};
use super::plan::{CONFIG_LIMIT, Plan, PlannedImage, media_type};
use super::send::{Delivered, Send};
use crate::domain::job::{Moved, Seen};
use crate::domain::text::visible;
use crate::domain::{Descriptor, Digest, Failure, FailureKind, Platform, Reference};
use crate::registry::{Content, Distribution};

/// What to push, and where to.
pub struct PushJob {
    /// Where the images are.
    pub content: Arc<dyn Content>,
    /// Tag or digest there, and tag or digest in the target's repository, for each image.
    pub images: Vec<(String, String)>,
    /// The registry that they go to.
    pub to: Distribution,
    /// The repository there.
    pub repository: String,
    /// The repository of the same registry that they come from.
    pub mount_from: Option<String>,
    /// The member of an index to take; nothing for all of them with the index itself.
    pub platform: Option<Platform>,
    /// What the person saw the names at the target pointing at.
    pub seen: Seen,
    /// The source, for messages.
    pub source: String,
    /// The target's host in references.
    pub host: String,
}

/// Pushes the images of `job`. Blobs that have arrived before a failure or a cancellation are not sent again.
///
/// # Errors
/// The first failure, when everything else is done: images without a failure are there and named. `Unauthorized` and
/// `Forbidden` come before any blob is sent, and so does `Conflict` for a tag that was moved since the person saw it; one
/// that is moved during the push is found right before it would be replaced. `Cancelled` leaves the names as they were.
pub async fn push(job: PushJob, meter: &Meter, cancel: &CancellationToken) -> Result<Moved, Failure> {
    meter.enter(Stage::Resolving);
    meter.expect_images(job.images.len());
    let (content, platform) = (&job.content, job.platform.as_ref());
    let wanted = Wanted { content, images: &job.images, platform, source: &job.source };
    let (images, mut failures) = wanted.read(cancel).await?;
    let cancelled = || format!("pushing to {}", job.host);
    for image in &images {
        check_name(image)?;
        unless_cancelled(cancel, cancelled, check_unmoved(&job, image)).await?;
    }
    let (plan, left_out) = Plan::of(images);
    failures.extend(left_out);

    meter.enter(Stage::Sending);
    let parts = meter.begin(&plan.blobs);
    let send = Send {
        content,
        to: &job.to,
        repository: &job.repository,
        mount_from: job.mount_from.as_deref(),
        cancel,
        places: Arc::new(Semaphore::new(MOVED_AT_ONCE)),
        pauses: batch::pauses(),
    };
    let mut sent = batch::side_by_side(&plan.blobs, &parts, |blob, part| send.deliver(blob, part)).await;
    if cancel.is_cancelled() {
        return Err(Failure::cancelled(cancelled()));
    }
    failures.append(&mut sent.failures);

    meter.enter(Stage::Naming);
    let mut pushed = counted(&sent, parts.iter().map(|part| part.fetched()).sum());
    for image in plan.images.iter().filter(|image| sent.is_whole(image)) {
        match unless_cancelled(cancel, cancelled, put_image(&job, image)).await {
            Ok(reference) => {
                pushed.images.push((reference, image.root.digest.clone()));
                pushed.notes.extend(image.notes.iter().cloned());
                pushed.notes.extend(platform_note(&job, image).await);
                meter.finish_images(1);
            }
            Err(failure) => failures.push(failure),
        }
    }
    pushed.location = location(&job, &pushed);
    meter.enter(Stage::Finished);
    Failure::first_of(failures).map_or(Ok(pushed), Err)
}

/// The one image by its reference; of several the repository.
fn location(job: &PushJob, pushed: &Moved) -> String {
    match pushed.images.as_slice() {
        [(reference, _)] => reference.clone(),
        _ => format!("{}/{}", job.host, job.repository),
    }
}

/// An image that is asked for under a digest has to have it.
fn check_name(image: &PlannedImage) -> Result<(), Failure> {
    match image.name.parse::<Digest>() {
        Ok(digest) if digest != image.root.digest => {
            let said = format!("the image has the digest {}", image.root.digest);
            Err(Failure::new(FailureKind::Invalid, format!("pushing as {digest}"), said))
        }
        _ => Ok(()),
    }
}

/// Refuses to replace a tag that points elsewhere than the person saw. One that points at the image already is there from
/// an earlier try.
async fn check_unmoved(job: &PushJob, image: &PlannedImage) -> Result<(), Failure> {
    if job.seen == Seen::NotLooked {
        return Ok(());
    }
    let now = match job.to.resolve(&job.repository, &image.name).await {
        Ok(resolved) => Some(resolved.digest),
        Err(failure) if failure.kind == FailureKind::NotFound => None,
        Err(failure) => return Err(failure),
    };
    let now = now.filter(|there| *there != image.root.digest);
    let doing = || format!("pushing {}:{}", visible(&job.repository), visible(&image.name));
    match job.seen.differs_from(now.as_ref()) {
        Some(said) => Err(Failure::new(FailureKind::Conflict, doing(), said)),
        None => Ok(()),
    }
}

fn counted(sent: &Settled<'_, Delivered>, bytes: u64) -> Moved {
    let sizes_of = |how: Delivered| {
        let those = sent.done.iter().filter(|(_, delivered)| *delivered == how);
        those.map(|(blob, _)| blob.size).sum()
    };
    let (mounted, reused) = (sizes_of(Delivered::Mounted), sizes_of(Delivered::Present));
    Moved { moved: bytes, mounted, reused, ..Moved::default() }
}

/// Writes the manifests of an image, each after those that it names, the last one under the image's name.
async fn put_image(job: &PushJob, image: &PlannedImage) -> Result<String, Failure> {
    for manifest in &image.manifests {
        let is_root = manifest.digest == image.root.digest;
        let target = if is_root { image.name.clone() } else { manifest.digest.to_string() };
        let media_type = media_type(manifest, &manifest.parse()?);
        if is_root {
            check_unmoved(job, image).await?;
        }
        job.to.put_manifest(&job.repository, &target, &media_type, manifest.bytes.clone()).await?;
    }
    let digest = image.name.parse::<Digest>().ok();
    let tag = digest.is_none().then(|| image.name.clone());
    let (host, repository) = (job.host.clone(), job.repository.clone());
    Ok(Reference { host, repository, tag, digest }.to_string())
}

/// As for a pull; the configuration is read where it came from.
async fn platform_note(job: &PushJob, image: &PlannedImage) -> Option<String> {
    let (wanted, config) = (job.platform.as_ref()?, image.config.as_ref()?);
    let bytes = small_blob(job.content.as_ref(), config).await.ok()?;
    super::plan::platform_note(&image.name, &bytes, wanted)
}

async fn small_blob(content: &dyn Content, blob: &Descriptor) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut pieces = content.blob(blob, 0).await?.bytes;
    while let Some(piece) = pieces.try_next().await? {
        if (bytes.len() + Bytes::len(&piece)) as u64 > CONFIG_LIMIT {
            let said = "it is larger than a configuration may be";
            return Err(Failure::new(FailureKind::Invalid, format!("reading {}", blob.digest), said));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}
