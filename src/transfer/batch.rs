//! What pulling and pushing share: reading the images of a job, taking up its blobs side by side, and when to try again.
//!
//! Invariant: one image's or blob's failure is kept beside what became of the others, and stops none of them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use backon::ExponentialBuilder;
use futures_util::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use super::meter::PartMeter;
use super::plan::PlannedImage;
use super::resolve::{Room, read_image};
use crate::domain::{Descriptor, Digest, Failure, Platform};
use crate::registry::Content;

/// Blobs on their way at once: more take memory and, from a server nearby, time (measured with `benches/pull.sh`).
pub(super) const MOVED_AT_ONCE: usize = 4;
/// Blobs taken up at once, with those that are looked for, or synced to the disk.
const BLOBS_AT_ONCE: usize = 8;
/// Images read at once.
const IMAGES_AT_ONCE: usize = 4;
/// Bytes of manifests kept in memory for one job: those of some 20,000 images.
const ROOM: u64 = 256 << 20;
/// A server that asks for a longer pause is not waited for.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Which images a job takes, and from where.
pub(super) struct Wanted<'a> {
    pub(super) content: &'a Arc<dyn Content>,
    /// Tag or digest there, and the name that the image gets.
    pub(super) images: &'a [(String, String)],
    pub(super) platform: Option<&'a Platform>,
    /// The source, for messages.
    pub(super) source: &'a str,
}

impl Wanted<'_> {
    /// Reads every image down to its blobs. An image that cannot be read is a failure beside the others.
    pub(super) async fn read(
        &self,
        cancel: &CancellationToken,
    ) -> Result<(Vec<PlannedImage>, Vec<Failure>), Failure> {
        let room = Arc::new(Room::new(ROOM));
        let read_one = |(target, name): &(String, String)| {
            let (content, room) = (Arc::clone(self.content), Arc::clone(&room));
            let (target, name, platform) = (target.clone(), name.clone(), self.platform.cloned());
            async move { read_image(content.as_ref(), &room, &target, name, platform.as_ref()).await }
        };
        let reading: Vec<_> = self.images.iter().map(read_one).collect();
        let reading = stream::iter(reading).buffered(IMAGES_AT_ONCE).collect::<Vec<_>>();
        let Some(outcomes) = cancel.run_until_cancelled(reading).await else {
            return Err(Failure::cancelled(format!("reading manifests from {}", self.source)));
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
}

/// What became of the blobs of a job.
pub(super) struct Settled<'a, T> {
    pub(super) done: Vec<(&'a Descriptor, T)>,
    pub(super) failed: HashSet<Digest>,
    pub(super) failures: Vec<Failure>,
}

impl<T> Settled<'_, T> {
    /// Whether nothing of the image is missing.
    pub(super) fn is_whole(&self, image: &PlannedImage) -> bool {
        image.blobs.iter().all(|blob| !self.failed.contains(&blob.digest))
    }
}

/// Moves all blobs, several at once, to the last one whatever happens to the others.
pub(super) async fn side_by_side<'a, T, F: Future<Output = Result<T, Failure>>>(
    blobs: &'a [Descriptor],
    parts: &'a [Arc<PartMeter>],
    work: impl Fn(&'a Descriptor, &'a Arc<PartMeter>) -> F,
) -> Settled<'a, T> {
    let moving = |(blob, part)| {
        let moved = work(blob, part);
        async move { (blob, moved.await) }
    };
    let moving: Vec<_> = blobs.iter().zip(parts).map(moving).collect();
    let mut settled = Settled { done: Vec::new(), failed: HashSet::new(), failures: Vec::new() };
    let mut outcomes = stream::iter(moving).buffer_unordered(BLOBS_AT_ONCE);
    while let Some((blob, outcome)) = outcomes.next().await {
        match outcome {
            Ok(done) => settled.done.push((blob, done)),
            Err(failure) => {
                settled.failed.insert(blob.digest.clone());
                settled.failures.push(failure);
            }
        }
    }
    settled
}

/// Six tries that bring nothing, over some ten seconds; every byte that arrives starts the count again.
pub(super) fn pauses() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(10))
        .with_max_times(6)
        .with_jitter()
}

/// How long to wait before the next try; nothing when there is to be none.
pub(super) fn pause_after(failure: &Failure, next: Option<Duration>) -> Option<Duration> {
    let next = next.filter(|_| failure.kind.is_transient())?;
    let asked = failure.retry_after.unwrap_or_default();
    (asked <= LONGEST_PAUSE).then(|| next.max(asked))
}

/// Runs `work` until it is done or the job is cancelled.
pub(super) async fn unless_cancelled<T>(
    cancel: &CancellationToken,
    doing: impl FnOnce() -> String,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    cancel.run_until_cancelled(work).await.unwrap_or_else(|| Err(Failure::cancelled(doing())))
}
