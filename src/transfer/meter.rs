//! How far a transfer is: counted where the bytes pass, read by whoever draws it.
//!
//! Invariant: counting bytes never waits for reading. One meter belongs to one job, which may pull from several
//! repositories, one after another: what is added to it stays.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::job::{Part, PartState, Progress};
use crate::domain::{Descriptor, Digest, Failure};

/// With more parts than this, only those that something happens to are told.
const PARTS_TOLD: usize = 64;
/// So many lines of a log are kept.
const LOG_KEPT: usize = 500;

/// What a job does right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Stage {
    /// Reading manifests.
    Resolving,
    /// Fetching blobs.
    Fetching,
    /// Writing manifests and the index.
    Writing,
    /// Sending blobs.
    Sending,
    /// Writing manifests to a registry.
    Naming,
    /// Writing what was pulled as one file.
    Archiving,
    /// Nothing more.
    Finished,
}

impl Stage {
    const fn words(number: u8) -> &'static str {
        match number {
            0 => "resolving",
            1 => "fetching",
            2 => "writing the index",
            3 => "sending",
            4 => "writing manifests",
            5 => "writing the archive",
            _ => "finished",
        }
    }
}

/// The counters of one job.
#[derive(Debug, Default)]
pub struct Meter {
    stage: AtomicU8,
    parts: Mutex<Vec<Arc<PartMeter>>>,
    images_done: AtomicU64,
    images: AtomicU64,
    told: Mutex<Told>,
}

/// What somebody else tells who does the work: an engine, a vendor.
#[derive(Debug, Default)]
struct Told {
    stage: Option<String>,
    log: VecDeque<String>,
    parts: Vec<Part>,
}

impl Meter {
    /// All at zero.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// How far the job is now.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let parts = locked(&self.parts).clone();
        let told = |part: &Part| {
            parts.len() <= PARTS_TOLD
                || matches!(part.state, PartState::Running | PartState::Retrying(_) | PartState::Failed(_))
        };
        let told_of = locked(&self.told);
        let outside = &told_of.parts;
        let read: Vec<Part> = parts.iter().map(|part| part.read()).chain(outside.iter().cloned()).collect();
        let is_settled =
            |p: &&Part| matches!(p.state, PartState::Done | PartState::Present | PartState::Mounted);
        let settled = read.iter().filter(is_settled).count();
        Progress {
            stage: told_of
                .stage
                .clone()
                .unwrap_or_else(|| Stage::words(self.stage.load(Ordering::Relaxed)).to_owned()),
            log: told_of.log.iter().cloned().collect(),
            blobs: (settled as u64, read.len() as u64),
            parts: read.into_iter().filter(told).collect(),
            done: parts.iter().map(|part| part.done.load(Ordering::Relaxed)).sum::<u64>()
                + outside.iter().map(|part| part.done).sum::<u64>(),
            total: parts.iter().map(|part| part.total).fold(0, u64::saturating_add)
                + outside.iter().map(|part| part.total).sum::<u64>(),
            fetched: parts.iter().map(|part| part.fetched()).sum::<u64>()
                + outside.iter().map(|part| part.done).sum::<u64>(),
            images: (self.images_done.load(Ordering::Relaxed), self.images.load(Ordering::Relaxed)),
        }
    }

    /// Somebody else does the work, and is at this stage.
    pub fn tell(&self, stage: &str) {
        locked(&self.told).stage = Some(stage.to_owned());
    }

    /// A line of the log of whoever does the work; the last ones are kept.
    pub fn log(&self, line: &str) {
        let log = &mut locked(&self.told).log;
        if log.len() >= LOG_KEPT {
            log.pop_front();
        }
        log.push_back(line.to_owned());
    }

    /// How far a part is that somebody else moves; its name says which. One told without a total keeps what is known of
    /// its size.
    pub fn show(&self, mut part: Part) {
        let parts = &mut locked(&self.told).parts;
        match parts.iter_mut().find(|known| known.name == part.name) {
            Some(known) => {
                if part.total == 0 {
                    let is_settled = matches!(part.state, PartState::Done | PartState::Present);
                    part.total = known.total;
                    part.done = if is_settled { known.total } else { known.done };
                }
                *known = part;
            }
            None => parts.push(part),
        }
    }

    /// Whoever else did the work has given up: what was told of its parts counts no more.
    pub fn forget_parts(&self) {
        locked(&self.told).parts.clear();
    }

    pub(super) fn enter(&self, stage: Stage) {
        locked(&self.told).stage = None;
        self.stage.store(stage as u8, Ordering::Relaxed);
    }

    pub(super) fn expect_images(&self, images: usize) {
        self.images.fetch_add(images as u64, Ordering::Relaxed);
    }

    pub(super) fn finish_images(&self, images: usize) {
        self.images_done.fetch_add(images as u64, Ordering::Relaxed);
    }

    /// Sets up a counter for each blob.
    pub(super) fn begin(&self, blobs: &[Descriptor]) -> Vec<Arc<PartMeter>> {
        let begun: Vec<_> = blobs.iter().map(|blob| Arc::new(PartMeter::new(blob))).collect();
        locked(&self.parts).extend_from_slice(&begun);
        begun
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The counters of one blob.
#[derive(Debug)]
pub(super) struct PartMeter {
    digest: Digest,
    total: u64,
    done: AtomicU64,
    fetched: AtomicU64,
    reused: AtomicU64,
    state: Mutex<PartState>,
}

impl PartMeter {
    pub(super) fn new(blob: &Descriptor) -> Self {
        Self {
            digest: blob.digest.clone(),
            total: blob.size,
            done: AtomicU64::new(0),
            fetched: AtomicU64::new(0),
            reused: AtomicU64::new(0),
            state: Mutex::new(PartState::Waiting),
        }
    }

    /// Bytes that came over the network.
    pub(super) fn fetched(&self) -> u64 {
        self.fetched.load(Ordering::Relaxed)
    }

    /// Bytes that are not there yet.
    pub(super) fn missing(&self) -> u64 {
        self.total.saturating_sub(self.done.load(Ordering::Relaxed))
    }

    /// Bytes that were there already.
    pub(super) fn reused(&self) -> u64 {
        self.reused.load(Ordering::Relaxed)
    }

    /// The blob was there.
    pub(super) fn present(&self) {
        self.keep(self.total);
        self.enter(PartState::Present);
    }

    /// The registry took the blob from another of its repositories.
    pub(super) fn mounted(&self) {
        self.keep(self.total);
        self.enter(PartState::Mounted);
    }

    /// These first bytes are there from an earlier try.
    pub(super) fn keep(&self, bytes: u64) {
        self.reused.store(bytes, Ordering::Relaxed);
        self.done.store(bytes, Ordering::Relaxed);
    }

    /// Bytes came over the network.
    pub(super) fn receive(&self, bytes: u64) {
        self.fetched.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes were written.
    pub(super) fn advance(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn run(&self) {
        self.enter(PartState::Running);
    }

    /// It is there and verified, by this job.
    pub(super) fn complete(&self) {
        self.enter(PartState::Done);
    }

    pub(super) fn retry(&self, reason: String) {
        self.enter(PartState::Retrying(reason));
    }

    pub(super) fn fail(&self, failure: Failure) {
        self.enter(PartState::Failed(failure));
    }

    fn enter(&self, state: PartState) {
        *locked(&self.state) = state;
    }

    fn read(&self) -> Part {
        Part {
            name: self.digest.short(12).to_owned(),
            total: self.total,
            done: self.done.load(Ordering::Relaxed),
            state: locked(&self.state).clone(),
        }
    }
}
