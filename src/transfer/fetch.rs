//! Fetching one blob into a layout: claimed, resumed, verified, and tried again after a break.
//!
//! Invariant: hashing and writing happen on a blocking thread for each blob, which takes the bytes from the connection
//! itself. Nothing is queued between them, so a blob takes no more memory than the connection's two or three reads
//! (400 KiB each at most, hyper's limit), and they are still in the processor's cache when they are hashed. Such a thread
//! steps back behind those that answer a person.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use futures_util::StreamExt as _;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::batch::pause_after;
use super::layout::{Layout, Partial};
use super::meter::PartMeter;
use super::{broke_off, on_disk};
use crate::domain::{Descriptor, Digest, Failure, FailureKind};
use crate::registry::{BlobStream, Content};

/// How often to look whether another program has finished a blob.
const CLAIM_AGAIN: Duration = Duration::from_millis(100);
/// How far hashing steps back. At 0 a listing takes 2.5 times as long beside a pull on two cores, at 5 it takes 1.4 times
/// as long (`benches/browse.sh`).
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// What the blobs of a job have in common.
pub(super) struct Fetch<'a> {
    pub(super) content: &'a dyn Content,
    pub(super) layout: &'a Layout,
    pub(super) cancel: &'a CancellationToken,
    /// A place for each blob that is received. One that is only being synced to the disk needs none.
    pub(super) places: Semaphore,
    /// The pauses between tries that bring nothing.
    pub(super) pauses: ExponentialBuilder,
}

enum Claim {
    Present,
    Taken,
    Mine(Box<Partial>),
}

impl Fetch<'_> {
    /// Brings `blob` into the layout; `Some` is a note that a person should read.
    ///
    /// # Errors
    /// `Integrity` for wrong bytes, `Cancelled`, `Io`, and what the content says after the last try.
    pub(super) async fn bring(
        &self,
        blob: &Descriptor,
        part: &Arc<PartMeter>,
    ) -> Result<Option<String>, Failure> {
        let brought = match self.claim(blob, part).await {
            Ok(None) => {
                part.present();
                return Ok(None);
            }
            Ok(Some(partial)) => self.complete(partial, blob, part).await,
            Err(failure) => Err(failure),
        };
        match &brought {
            Ok(_) => part.complete(),
            Err(failure) => part.fail(failure.clone()),
        }
        brought
    }

    /// Fills and verifies; bytes of an earlier try that turn out wrong are fetched anew, once.
    async fn complete(
        &self,
        mut partial: Partial,
        blob: &Descriptor,
        part: &Arc<PartMeter>,
    ) -> Result<Option<String>, Failure> {
        let kept = partial.written();
        part.keep(kept);
        partial = self.fill(partial, blob, part).await?;
        let mut note = None;
        if kept > 0 && !partial.is_right() {
            let story =
                format!("what an earlier try had left of {} was damaged; it was fetched anew", blob.digest);
            part.keep(0);
            part.retry(story.clone());
            note = Some(story);
            partial = self.fill(start_over(partial).await?, blob, part).await?;
        }
        on_disk(move || partial.settle()).await?;
        Ok(note)
    }

    /// The partial file of `blob`, or nothing when the blob is there (or has just been brought by another program).
    async fn claim(&self, blob: &Descriptor, part: &PartMeter) -> Result<Option<Partial>, Failure> {
        loop {
            let (layout, wanted) = (self.layout.clone(), blob.clone());
            match on_disk(move || claim(&layout, &wanted)).await? {
                Claim::Present => return Ok(None),
                Claim::Mine(partial) => return Ok(Some(*partial)),
                Claim::Taken => {
                    part.retry("another program is fetching it".to_owned());
                    self.rest(CLAIM_AGAIN, blob).await?;
                }
            }
        }
    }

    /// Receives until all bytes are there, trying again as long as that helps.
    async fn fill(
        &self,
        mut partial: Partial,
        blob: &Descriptor,
        part: &Arc<PartMeter>,
    ) -> Result<Partial, Failure> {
        // The semaphore is never closed, so there always is a place in the end.
        let _place = self.places.acquire().await.ok();
        let mut furthest = partial.written();
        let mut pauses = self.pauses.build();
        while partial.missing() > 0 {
            part.run();
            let received;
            (partial, received) = self.receive(partial, blob, part).await?;
            let failure = match received {
                Ok(()) if partial.missing() == 0 => break,
                Ok(()) => ended_early(blob, partial.missing()),
                Err(failure) => failure,
            };
            if partial.written() > furthest {
                furthest = partial.written();
                pauses = self.pauses.build();
            }
            let pause = pause_after(&failure, pauses.next()).ok_or_else(|| failure.clone())?;
            part.retry(failure.said);
            self.rest(pause, blob).await?;
        }
        Ok(partial)
    }

    /// One request: what arrives is appended. The partial comes back whatever happens, unless the program is wrong.
    async fn receive(
        &self,
        mut partial: Partial,
        blob: &Descriptor,
        part: &Arc<PartMeter>,
    ) -> Result<(Partial, Result<(), Failure>), Failure> {
        let asked = self.content.blob(blob, partial.written());
        let answer =
            self.cancel.run_until_cancelled(asked).await.unwrap_or_else(|| Err(cancelled(&blob.digest)));
        let stream = match answer.and_then(|stream| check_answer(stream, blob, partial.written())) {
            Ok(stream) => stream,
            Err(failure) => return Ok((partial, Err(failure))),
        };
        let stop = self.cancel.child_token();
        // A pull that is dropped stops its blocking threads too.
        let _guard = stop.clone().drop_guard();
        let (runtime, part) = (Handle::current(), Arc::clone(part));
        let keeping = move || {
            step_back();
            let kept = runtime.block_on(keep(&mut partial, stream, &part, &stop));
            (partial, kept)
        };
        tokio::task::spawn_blocking(keeping).await.map_err(|e| broke_off(&e))
    }

    async fn rest(&self, pause: Duration, blob: &Descriptor) -> Result<(), Failure> {
        let slept = self.cancel.run_until_cancelled(tokio::time::sleep(pause)).await;
        slept.ok_or_else(|| cancelled(&blob.digest))
    }
}

fn claim(layout: &Layout, blob: &Descriptor) -> Result<Claim, Failure> {
    if layout.has(&blob.digest, blob.size) {
        return Ok(Claim::Present);
    }
    let Some(mut partial) = Partial::try_open(layout, blob)? else { return Ok(Claim::Taken) };
    // Whoever held it may have finished between the look and the lock.
    if layout.has(&blob.digest, blob.size) {
        partial.discard()?;
        return Ok(Claim::Present);
    }
    partial.take_over()?;
    Ok(Claim::Mine(Box::new(partial)))
}

async fn start_over(mut partial: Partial) -> Result<Partial, Failure> {
    on_disk(move || partial.start_over().map(|()| partial)).await
}

/// A server may answer from where it was asked or, ignoring the range, from the start.
pub(super) fn check_answer(answer: BlobStream, blob: &Descriptor, from: u64) -> Result<BlobStream, Failure> {
    let doing = || format!("fetching {}", blob.digest);
    if let Some(total) = answer.total.filter(|total| *total != blob.size) {
        let said = format!("the server has {total} bytes where the manifest gives {}", blob.size);
        return Err(Failure::new(FailureKind::Integrity, doing(), said));
    }
    if answer.offset != from && answer.offset != 0 {
        let said = format!("the server answered from byte {} instead of {from}", answer.offset);
        return Err(Failure::new(FailureKind::Invalid, doing(), said));
    }
    Ok(answer)
}

/// Hashes and writes what arrives, chunk by chunk, until the answer ends or the pull is to stop.
async fn keep(
    partial: &mut Partial,
    mut stream: BlobStream,
    part: &PartMeter,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    if stream.offset != partial.written() {
        partial.start_over()?;
        part.keep(0);
    }
    loop {
        let next = stop.run_until_cancelled(stream.bytes.next()).await;
        let next = next.ok_or_else(|| cancelled(partial.digest()))?;
        let Some(chunk) = next.transpose()? else { return Ok(()) };
        let length = chunk.len() as u64;
        part.receive(length);
        partial.append(&chunk)?;
        part.advance(length);
    }
}

/// The failure of a body that is shorter than its blob.
pub(super) fn ended_early(blob: &Descriptor, missing: u64) -> Failure {
    let said = format!("the answer ended {missing} bytes early");
    Failure::new(FailureKind::Offline, format!("fetching {}", blob.digest), said)
}

fn cancelled(digest: &Digest) -> Failure {
    Failure::cancelled(format!("fetching {digest}"))
}

/// Makes this thread nicer than the others of the program, unless all of them are. It stays so: raising a priority needs a
/// right. Threads of the pool end by themselves when there is nothing left to fetch.
#[cfg(target_os = "linux")]
fn step_back() {
    use rustix::process::{getpriority_process, setpriority_process};
    // Linux keeps a niceness for each thread; without a process, the calling thread is meant.
    if getpriority_process(None).is_ok_and(|now| now < NICENESS) {
        setpriority_process(None, NICENESS).ok();
    }
}

/// Elsewhere it would be the whole program that steps back.
#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[tokio::test]
    async fn only_the_thread_that_hashes_steps_back() {
        let before = getpriority_process(None).unwrap();
        let stepping = || {
            step_back();
            step_back();
            Ok(getpriority_process(None).unwrap())
        };
        assert_eq!(on_disk(stepping).await, Ok(before.max(NICENESS)));
        assert_eq!(getpriority_process(None).unwrap(), before);
    }
}
