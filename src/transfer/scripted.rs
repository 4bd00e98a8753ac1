//! A repository in memory that breaks as it is told, for the tests of this module.
//!
//! Invariant: every request is recorded; each planned fault happens once, in the order given.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::domain::media::{OCI_CONFIG, OCI_INDEX, OCI_MANIFEST};
use crate::domain::{Descriptor, Digest, Failure, FailureKind, RawManifest};
use crate::registry::{BlobStream, Content};

/// What goes wrong with one answer.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// The connection breaks after so many bytes.
    Break(usize),
    /// The answer ends cleanly after so many bytes.
    End(usize),
    /// The answer stops after so many bytes and never ends.
    Hang(usize),
    /// The range is ignored.
    IgnoreRange,
    /// Other bytes come.
    Wrong(Vec<u8>),
    /// The request is refused.
    Refuse(FailureKind),
}

/// The repository.
#[derive(Default)]
pub(super) struct Scripted {
    manifests: HashMap<String, RawManifest>,
    blobs: HashMap<Digest, Bytes>,
    faults: Mutex<HashMap<Digest, VecDeque<Fault>>>,
    asked: Mutex<Vec<(Digest, u64)>>,
    read: Mutex<Vec<String>>,
}

impl Scripted {
    /// Adds a blob.
    pub(super) fn blob(&mut self, media_type: &str, bytes: impl Into<Bytes>) -> Descriptor {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        let descriptor = Descriptor::new(media_type, digest.clone(), bytes.len() as u64);
        self.blobs.insert(digest, bytes);
        descriptor
    }

    /// Adds an image with a configuration for linux/`architecture` and these layers.
    pub(super) fn image(&mut self, tag: &str, architecture: &str, layers: &[Descriptor]) -> Descriptor {
        let config = json!({"os": "linux", "architecture": architecture, "tag": tag});
        let config = self.blob(OCI_CONFIG, config.to_string());
        let body = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers, "kept": tag});
        self.manifest(tag, OCI_MANIFEST, &body)
    }

    /// Adds an index of members with their platforms.
    pub(super) fn index(&mut self, tag: &str, members: &[(Descriptor, &str)]) -> Descriptor {
        let members: Vec<Value> = members
            .iter()
            .map(|(member, architecture)| {
                let mut member = json!(member);
                member["platform"] = json!({"os": "linux", "architecture": architecture});
                member
            })
            .collect();
        self.manifest(
            tag,
            OCI_INDEX,
            &json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": members}),
        )
    }

    /// Adds a manifest under a tag and its digest.
    pub(super) fn manifest(&mut self, tag: &str, media_type: &str, body: &Value) -> Descriptor {
        // Spaces, so that writing it anew would change the digest.
        let bytes = Bytes::from(serde_json::to_vec_pretty(body).unwrap());
        let digest = Digest::of(&bytes);
        let raw =
            RawManifest { bytes, media_type: media_type.to_owned(), digest: digest.clone(), claimed: None };
        let descriptor = raw.descriptor();
        self.manifests.insert(tag.to_owned(), raw.clone());
        self.manifests.insert(digest.to_string(), raw);
        descriptor
    }

    /// Plans faults for the next requests of a blob.
    pub(super) fn plan(&self, blob: &Descriptor, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.faults).entry(blob.digest.clone()).or_default().extend(faults);
    }

    /// The positions from which a blob was asked for.
    pub(super) fn asked(&self, blob: &Descriptor) -> Vec<u64> {
        locked(&self.asked)
            .iter()
            .filter(|(digest, _)| *digest == blob.digest)
            .map(|(_, from)| *from)
            .collect()
    }

    /// The manifests that were asked for.
    pub(super) fn read(&self) -> Vec<String> {
        locked(&self.read).clone()
    }

    /// How many blobs were asked for in all.
    pub(super) fn requests(&self) -> usize {
        locked(&self.asked).len()
    }
}

#[async_trait]
impl Content for Scripted {
    async fn manifest(&self, target: &str) -> Result<RawManifest, Failure> {
        locked(&self.read).push(target.to_owned());
        self.manifests.get(target).cloned().ok_or_else(|| refused(FailureKind::NotFound))
    }

    async fn blob(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream, Failure> {
        locked(&self.asked).push((blob.digest.clone(), offset));
        let fault = locked(&self.faults).get_mut(&blob.digest).and_then(VecDeque::pop_front);
        let whole = self.blobs.get(&blob.digest).ok_or_else(|| refused(FailureKind::NotFound))?.clone();
        let total = Some(whole.len() as u64);
        let from = if matches!(fault, Some(Fault::IgnoreRange)) { 0 } else { offset };
        let rest = whole.slice(usize::try_from(from).unwrap()..);
        let (rest, end) = match fault {
            None | Some(Fault::IgnoreRange) => (rest, End::Clean),
            Some(Fault::Break(n)) => (rest.slice(..n), End::Break),
            Some(Fault::End(n)) => (rest.slice(..n), End::Clean),
            Some(Fault::Hang(n)) => (rest.slice(..n), End::Hang),
            Some(Fault::Wrong(bytes)) => (Bytes::from(bytes), End::Clean),
            Some(Fault::Refuse(kind)) => return Err(refused(kind)),
        };
        Ok(BlobStream { offset: from, total, bytes: answer(&rest, end) })
    }
}

#[derive(Clone, Copy)]
enum End {
    Clean,
    Break,
    Hang,
}

fn answer(bytes: &Bytes, end: End) -> stream::BoxStream<'static, Result<Bytes, Failure>> {
    let pieces: Vec<Result<Bytes, Failure>> =
        bytes.chunks(1000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let pieces = stream::iter(pieces);
    match end {
        End::Clean => pieces.boxed(),
        End::Break => pieces.chain(stream::iter([Err(refused(FailureKind::Offline))])).boxed(),
        End::Hang => pieces.chain(stream::pending()).boxed(),
    }
}

fn refused(kind: FailureKind) -> Failure {
    Failure::new(kind, "asking the script", "as planned")
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
