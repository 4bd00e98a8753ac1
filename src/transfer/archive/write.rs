//! Writing images of a layout as one file, or as the stream that an engine loads.
//!
//! Invariant: a file is there complete or not at all; a stream that does not end well ends with its failure.

use std::future::ready;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Kind;
use super::selection::Selection;
use super::staging::Staging;
use super::tarred::Pieces;
use super::told::{invalid, told};
use super::write_docker::DockerArchivePlan;
use super::write_oci::OciArchivePlan;
use crate::domain::Failure;
use crate::transfer::on_disk;

/// Pieces that wait for whoever takes them.
const AHEAD: usize = 2;

/// A docker-archive on its way.
pub struct DockerStream {
    /// How many bytes it has.
    pub size: u64,
    /// What a person should know of it.
    pub notes: Vec<String>,
    /// Its bytes.
    pub bytes: BoxStream<'static, Result<Bytes, Failure>>,
}

/// Writes the images of `selection` as the archive `file`, which is replaced if it is there; what comes back is what a
/// person should know of it.
///
/// # Errors
/// `Invalid` for a file that cannot be one, for no images, and for what the kind of archive cannot hold; `NotFound` and
/// `Integrity` for blobs that are missing or damaged; `Conflict` while another program writes the file; `Io`;
/// `Cancelled`. An older file stays as it is then.
pub async fn write(
    selection: &Selection,
    kind: Kind,
    file: &Path,
    cancel: &CancellationToken,
) -> Result<Vec<String>, Failure> {
    let file = file.to_owned();
    let staging = Arc::new(on_disk(move || Staging::beside(&file)).await?);
    let written = write_beside(&staging, selection, kind, cancel).await;
    on_disk(move || Ok(Arc::into_inner(staging).map(Staging::leave))).await?;
    written
}

/// Writes the archive beside which `staging` lies.
pub(super) async fn write_beside(
    staging: &Arc<Staging>,
    selection: &Selection,
    kind: Kind,
    cancel: &CancellationToken,
) -> Result<Vec<String>, Failure> {
    check(selection)?;
    let (staging, stop) = (Arc::clone(staging), cancel.child_token());
    let _guard = stop.clone().drop_guard();
    match kind {
        Kind::Oci => {
            let plan = OciArchivePlan::of(selection, cancel).await?;
            on_disk(move || staging.put(plan.size(), |out| plan.write(out, &stop)).map(|()| plan.notes)).await
        }
        Kind::Docker => {
            let plan = DockerArchivePlan::of(selection, cancel).await?;
            on_disk(move || staging.put(plan.size(), |out| plan.write(out, &stop)).map(|()| plan.notes)).await
        }
    }
}

/// The images of `selection` as a docker-archive, made while it is read. It begins when everything is verified.
///
/// # Errors
/// As [`write()`]; what breaks later is the last item of the stream.
pub async fn docker_stream(
    selection: &Selection,
    cancel: &CancellationToken,
) -> Result<DockerStream, Failure> {
    check(selection)?;
    let plan = DockerArchivePlan::of(selection, cancel).await?;
    let (size, notes, stop) = (plan.size(), plan.notes.clone(), cancel.clone());
    let (to, from) = mpsc::channel(AHEAD);
    let writing = on_disk(move || {
        let mut out = Pieces::new(to);
        let written = plan.write(&mut out, &stop).and_then(|()| std::io::Write::flush(&mut out));
        written.map_err(|e| told("making a docker-archive", e))
    });
    let pieces = stream::unfold(from, |mut from| async move { Some((Ok(from.recv().await?), from)) });
    let failure = stream::once(writing).filter_map(|written| ready(written.err().map(Err)));
    Ok(DockerStream { size, notes, bytes: stream::select(pieces, failure).boxed() })
}

fn check(selection: &Selection) -> Result<(), Failure> {
    if selection.images.is_empty() {
        return Err(invalid("writing an archive", "there is no image to put into it"));
    }
    Ok(())
}
