//! A blob that is read at one place while it is sent to another: nothing of it touches the disk.
//!
//! Invariant: the last bytes are handed on only when the whole has the blob's digest, so a request that carries wrong
//! bytes never ends well.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::fetch::{check_answer, ended_early};
use super::meter::PartMeter;
use crate::domain::digest::Hasher;
use crate::domain::{Descriptor, Failure, FailureKind};
use crate::registry::{Content, Streamed};

/// One blob and how much of it has passed. Cheap to clone.
#[derive(Clone)]
pub(super) struct Outgoing {
    content: Arc<dyn Content>,
    blob: Descriptor,
    part: Arc<PartMeter>,
    seen: Arc<Mutex<Seen>>,
}

/// What has passed so far.
struct Seen {
    hasher: Hasher,
    hashed: u64,
    failure: Option<Failure>,
    /// Held while bytes are still to be sent.
    place: Option<OwnedSemaphorePermit>,
}

/// One reading of a part of the blob.
struct Passage {
    outgoing: Outgoing,
    source: Option<BoxStream<'static, Result<Bytes, Failure>>>,
    /// Bytes to drop: the source may begin before what was asked for.
    skip: u64,
    at: u64,
    end: u64,
}

impl Outgoing {
    pub(super) fn new(content: Arc<dyn Content>, blob: &Descriptor, part: &Arc<PartMeter>) -> Self {
        let hasher = Hasher::new(blob.digest.algorithm());
        let seen = Seen { hasher, hashed: 0, failure: None, place: None };
        Self { content, blob: blob.clone(), part: Arc::clone(part), seen: Arc::new(Mutex::new(seen)) }
    }

    /// The blob.
    pub(super) fn blob(&self) -> &Descriptor {
        &self.blob
    }

    /// `length` bytes from byte `from` on, read when they are sent.
    pub(super) fn body(&self, from: u64, length: u64) -> Streamed {
        let outgoing = self.clone();
        Streamed::new(length, move || outgoing.clone().pass(from, from.saturating_add(length)))
    }

    /// Waits for one of `places`. It is free again with the last byte, so that a server that is settling one blob is
    /// sent the next one meanwhile.
    pub(super) async fn take_place(&self, places: &Arc<Semaphore>) {
        if self.seen().place.is_none() {
            // The semaphore is never closed, so there always is a place in the end.
            let place = Arc::clone(places).acquire_owned().await.ok();
            self.seen().place = place;
        }
        self.part.run();
    }

    /// What went wrong at the source, which the other side has seen as a break only. Told once.
    pub(super) fn take_failure(&self) -> Option<Failure> {
        self.seen().failure.take()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // The last change under a poisoned lock may be half done; the digest of the whole tells.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(self, from: u64, end: u64) -> BoxStream<'static, Result<Bytes, Failure>> {
        self.part.keep(from);
        let passage = Passage { outgoing: self, source: None, skip: 0, at: from, end };
        stream::try_unfold(passage, |mut passage| async move {
            match passage.next().await {
                Ok(piece) => Ok(piece.map(|bytes| (bytes, passage))),
                Err(failure) => {
                    passage.outgoing.seen().failure = Some(failure.clone());
                    Err(failure)
                }
            }
        })
        .boxed()
    }

    /// Takes the bytes at position `at` into the hash; those that were sent before count once.
    fn check(&self, at: u64, piece: &Bytes) -> Result<(), Failure> {
        let mut seen = self.seen();
        if at == 0 {
            (seen.hasher, seen.hashed) = (Hasher::new(self.blob.digest.algorithm()), 0);
        }
        let known = usize::try_from(seen.hashed.saturating_sub(at)).unwrap_or(usize::MAX);
        let fresh = piece.get(known..).unwrap_or_default();
        seen.hasher.update(fresh);
        seen.hashed += fresh.len() as u64;
        if at + piece.len() as u64 == self.blob.size {
            let found = seen.hasher.clone().finish();
            if found != self.blob.digest {
                let said = format!("the bytes that came have the digest {found}; they were not kept");
                return Err(Failure::new(
                    FailureKind::Integrity,
                    format!("sending {}", self.blob.digest),
                    said,
                ));
            }
            seen.place = None;
        }
        Ok(())
    }
}

impl Passage {
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        while self.at < self.end {
            let piece = self.read().await?;
            let skipped = self.skip.min(piece.len() as u64);
            self.skip -= skipped;
            let wanted = self.end - self.at;
            let piece = clip(piece, skipped, wanted);
            if piece.is_empty() {
                continue;
            }
            self.outgoing.check(self.at, &piece)?;
            let length = piece.len() as u64;
            self.at += length;
            self.outgoing.part.receive(length);
            self.outgoing.part.advance(length);
            return Ok(Some(piece));
        }
        Ok(None)
    }

    /// The next piece of the source, which is opened first where that is still to be done.
    async fn read(&mut self) -> Result<Bytes, Failure> {
        let blob = &self.outgoing.blob;
        let source = match &mut self.source {
            Some(source) => source,
            None => {
                let answer = self.outgoing.content.blob(blob, self.at).await?;
                let answer = check_answer(answer, blob, self.at)?;
                self.skip = self.at - answer.offset;
                self.source.insert(answer.bytes)
            }
        };
        source.next().await.unwrap_or_else(|| Err(ended_early(blob, blob.size.saturating_sub(self.at))))
    }
}

/// `piece` without its first `skipped` bytes, and at most `wanted` of the rest.
fn clip(mut piece: Bytes, skipped: u64, wanted: u64) -> Bytes {
    let index = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let mut rest = piece.split_off(index(skipped).min(piece.len()));
    rest.truncate(index(wanted));
    rest
}

#[cfg(test)]
mod tests {
    use super::super::scripted::Scripted;
    use super::*;

    #[tokio::test]
    async fn the_place_is_free_with_the_last_byte() {
        let mut source = Scripted::default();
        let blob = Scripted::blob(&mut source, "application/octet-stream", vec![7; 2500]);
        let part = Arc::new(PartMeter::new(&blob));
        let outgoing = Outgoing::new(Arc::new(source), &blob, &part);
        let places = Arc::new(Semaphore::new(1));
        outgoing.take_place(&places).await;
        outgoing.take_place(&places).await;
        let mut body = outgoing.clone().pass(0, 2500);
        let mut free = vec![places.available_permits()];
        while let Some(piece) = body.next().await {
            piece.unwrap();
            free.push(places.available_permits());
        }
        assert_eq!(free, [0, 0, 0, 1]);
    }
}
