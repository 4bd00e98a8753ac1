//! Sending one blob to a registry: looked for, mounted, sent whole, gone on with in chunks after a break.
//!
//! Invariant: no byte leaves before the server has opened an upload for it, which needs the right to write. An upload
//! that is given up is cancelled.

use std::sync::Arc;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::batch::{pause_after, unless_cancelled};
use super::meter::PartMeter;
use super::outgoing::Outgoing;
use crate::domain::{Descriptor, Failure, FailureKind};
use crate::registry::{Begun, Content, Distribution, Upload, Whole};

/// Bytes of a chunk: what proxies that limit a request let pass.
const CHUNK: u64 = 16 << 20;

/// What the blobs of a job have in common.
pub(super) struct Send<'a> {
    pub(super) content: &'a Arc<dyn Content>,
    pub(super) to: &'a Distribution,
    pub(super) repository: &'a str,
    /// The repository of the same server that has the blobs.
    pub(super) mount_from: Option<&'a str>,
    pub(super) cancel: &'a CancellationToken,
    /// A place for each blob of which bytes are on their way. One that the server is settling needs none.
    pub(super) places: Arc<Semaphore>,
    /// The pauses between tries that bring nothing.
    pub(super) pauses: ExponentialBuilder,
}

/// How a blob has come to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    /// It was there.
    Present,
    /// The server took it from another of its repositories.
    Mounted,
    /// It was sent.
    Sent,
}

/// The upload of one blob.
struct Session {
    upload: Option<Upload>,
    /// Nothing between here and there has refused a blob for being sent in one request.
    takes_whole: bool,
}

impl Session {
    async fn cancel(&mut self) {
        if let Some(upload) = self.upload.take() {
            upload.cancel().await;
        }
    }

    fn position(&self) -> u64 {
        self.upload.as_ref().map_or(0, Upload::position)
    }
}

impl Send<'_> {
    /// Brings `blob` to the registry.
    ///
    /// # Errors
    /// `Integrity` for wrong bytes, `Unauthorized`, `Forbidden`, `Cancelled`, and what either side says after the last
    /// try.
    pub(super) async fn deliver(
        &self,
        blob: &Descriptor,
        part: &Arc<PartMeter>,
    ) -> Result<Delivered, Failure> {
        let delivered = self.look_and_send(blob, part).await;
        match &delivered {
            Ok(Delivered::Sent) => part.complete(),
            Ok(Delivered::Present) => part.present(),
            Ok(Delivered::Mounted) => part.mounted(),
            Err(failure) => part.fail(failure.clone()),
        }
        delivered
    }

    async fn look_and_send(&self, blob: &Descriptor, part: &Arc<PartMeter>) -> Result<Delivered, Failure> {
        let looking = self.to.has_blob(self.repository, &blob.digest);
        if unless_cancelled(self.cancel, || doing(blob), looking).await? {
            return Ok(Delivered::Present);
        }
        let outgoing = Outgoing::new(Arc::clone(self.content), blob, part);
        let mut session = Session { upload: None, takes_whole: true };
        let delivered = self.send(&outgoing, &mut session, part).await;
        if delivered.is_err() {
            session.cancel().await;
        }
        delivered
    }

    /// Tries as long as that helps.
    async fn send(
        &self,
        outgoing: &Outgoing,
        session: &mut Session,
        part: &PartMeter,
    ) -> Result<Delivered, Failure> {
        let blob = outgoing.blob();
        let (mut pauses, mut furthest) = (self.pauses.build(), 0);
        loop {
            let trying = self.attempt(outgoing, session);
            let failure = match unless_cancelled(self.cancel, || doing(blob), trying).await {
                Ok(delivered) => return Ok(delivered),
                Err(failure) => outgoing.take_failure().unwrap_or(failure),
            };
            if session.position() > furthest {
                furthest = session.position();
                pauses = self.pauses.build();
            }
            let pause = pause_after(&failure, pauses.next()).ok_or_else(|| failure.clone())?;
            part.retry(failure.said);
            let resting = async {
                tokio::time::sleep(pause).await;
                Ok(())
            };
            unless_cancelled(self.cancel, || doing(blob), resting).await?;
        }
    }

    async fn attempt(&self, outgoing: &Outgoing, session: &mut Session) -> Result<Delivered, Failure> {
        if session.upload.is_some() {
            outgoing.take_place(&self.places).await;
        }
        if go_on(outgoing, session).await? {
            return Ok(Delivered::Sent);
        }
        let blob = outgoing.blob();
        let mut was_forgotten = false;
        loop {
            let upload = match self.to.begin_upload(self.repository, &blob.digest, self.mount_from).await? {
                Begun::Mounted => return Ok(Delivered::Mounted),
                Begun::Open(upload) => session.upload.insert(upload),
            };
            outgoing.take_place(&self.places).await;
            let sent = if session.takes_whole {
                upload.put_whole(outgoing.body(0, blob.size)).await
            } else {
                in_chunks(outgoing, upload).await.map(|()| Whole::Kept)
            };
            match sent {
                Ok(Whole::Kept) => return Ok(Delivered::Sent),
                Ok(Whole::Refused) => session.takes_whole = false,
                // It may have waited for its place longer than the server keeps it.
                Err(failure) if failure.kind == FailureKind::NotFound && !was_forgotten => {
                    was_forgotten = true
                }
                Err(failure) => return Err(failure),
            }
            session.cancel().await;
        }
    }
}

/// Goes on with an upload that a break has left; whether it is done. One that the server has forgotten, or will have
/// in no chunks, is given up.
async fn go_on(outgoing: &Outgoing, session: &mut Session) -> Result<bool, Failure> {
    let Some(upload) = &mut session.upload else { return Ok(false) };
    let went_on = match upload.locate().await {
        Ok(()) => in_chunks(outgoing, upload).await,
        Err(failure) => Err(failure),
    };
    match went_on {
        Ok(()) => Ok(true),
        Err(failure) if failure.kind.is_transient() => Err(failure),
        Err(failure) => {
            tracing::debug!(%failure, "the upload begins anew");
            session.cancel().await;
            Ok(false)
        }
    }
}

/// Sends what the server does not have, and commits the blob.
async fn in_chunks(outgoing: &Outgoing, upload: &mut Upload) -> Result<(), Failure> {
    let size = outgoing.blob().size;
    while upload.position() < size {
        let length = CHUNK.max(upload.least()).min(size - upload.position());
        upload.patch(outgoing.body(upload.position(), length)).await?;
    }
    upload.finish().await
}

fn doing(blob: &Descriptor) -> String {
    format!("sending {}", blob.digest)
}
