//! A `docker-archive` taken apart while it passes: from a file, or from the stream that an engine exports.
//!
//! Invariant: one pass, in any order of entries, with a few hundred KiB of memory. What comes by is kept as a blob
//! under its own digest; which of the blobs are images is found out at the end (`docker_images`).
//!
//! Layers are compressed with gzip as they pass: without a time and at a fixed level, so that the same archive makes the
//! same digests. Those that are compressed already stay as they are, and so does everything small that is no tar.

use std::io::{self, Read, Write as _};
use std::path::Path;

use bytes::{Buf as _, Bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::docker_images::{Stowed, images};
use super::names::Catalogue;
use super::packed::Packing;
use super::passing::{HEAD, Seen, cancelled, copy_pieces, peek, unless_stopped};
use super::read_oci::open_file;
use super::tape::{Entry, Flow, Tape, What, has_checksum};
use super::told::{invalid, told};
use crate::domain::digest::{Algorithm, Hasher};
use crate::domain::text::visible;
use crate::domain::{Descriptor, Failure, human};
use crate::transfer::layout::{Fresh, find, shown};
use crate::transfer::plan::CONFIG_LIMIT;
use crate::transfer::{Layout, StoredImage, on_disk};

/// What Docker and most others take.
const LEVEL: Compression = Compression::new(6);

/// The images of a docker-archive, in a layout.
#[derive(Debug, Clone)]
pub struct Unpacked {
    layout: Layout,
    images: Vec<StoredImage>,
    name: String,
}

impl Unpacked {
    /// The layout that has their blobs; its index names those that have a name.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The images, in the order of the archive; one with several names stands there several times.
    #[must_use]
    pub fn images(&self) -> &[StoredImage] {
        &self.images
    }

    /// The image called `name`, as [`Layout::find`] finds it.
    ///
    /// # Errors
    /// `NotFound`, and which names there are; `Invalid` when one has to be named.
    pub fn find(&self, name: Option<&str>) -> Result<StoredImage, Failure> {
        find(&self.images, name, &self.name)
    }
}

/// Unpacks the archive at `file`, plain or compressed with gzip or zstd, into a layout at `staging`, which is made.
///
/// # Errors
/// `NotFound`; `Invalid` for what is no such archive, is cut short (with the position) or has entries that lead out of
/// it (with their names); `Integrity` for a layer that is not the one of its configuration; `Io`; `Cancelled`. What
/// has arrived by then stays in `staging`, for the caller to remove.
pub async fn open_docker(
    file: &Path,
    staging: &Path,
    cancel: &CancellationToken,
) -> Result<Unpacked, Failure> {
    let (file, staging, stop) = (file.to_owned(), staging.to_owned(), cancel.child_token());
    let _guard = stop.clone().drop_guard();
    let unpack_file = move || {
        let name = shown(&file);
        let source = open_file(&file, &format!("opening the archive {name}"))?;
        let cancelled = format!("reading the archive {name}");
        let source = Seen::new(source, move |_: &[u8]| unless_stopped(&stop, &cancelled));
        unpack(source, name, &staging)
    };
    on_disk(unpack_file).await
}

/// Unpacks a docker-archive that arrives as `pieces`; `name` is what it is called in messages.
///
/// # Errors
/// As [`open_docker`], and what the stream says.
pub async fn open_docker_stream(
    pieces: BoxStream<'static, Result<Bytes, Failure>>,
    name: &str,
    staging: &Path,
    cancel: &CancellationToken,
) -> Result<Unpacked, Failure> {
    let (name, staging, stop) = (visible(name).into_owned(), staging.to_owned(), cancel.child_token());
    let _guard = stop.clone().drop_guard();
    let doing = format!("reading {name}");
    let source = Arriving { pieces, piece: Bytes::new(), runtime: Handle::current(), stop, doing };
    on_disk(move || unpack(source, name, &staging)).await
}

/// A stream as a reader, for a blocking thread.
struct Arriving {
    pieces: BoxStream<'static, Result<Bytes, Failure>>,
    piece: Bytes,
    runtime: Handle,
    stop: CancellationToken,
    doing: String,
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            let next = self.runtime.block_on(self.stop.run_until_cancelled(self.pieces.next()));
            let Some(next) = next else { return Err(cancelled(&self.doing)) };
            let Some(piece) = next.transpose().map_err(io::Error::other)? else { return Ok(0) };
            self.piece = piece;
        }
        let length = self.piece.len().min(buffer.len());
        self.piece.copy_to_slice(buffer.get_mut(..length).unwrap_or_default());
        Ok(length)
    }
}

fn unpack(source: impl Read, name: String, staging: &Path) -> Result<Unpacked, Failure> {
    let doing = format!("reading the archive {name}");
    let layout = Layout::open_or_create(staging)?;
    let (head, all) = peek(source).map_err(|e| told(&doing, e))?;
    let plain = Packing::of(&head, &doing)?.unpacked(all).map_err(|e| told(&doing, e))?;
    let mut tape = Tape::new(Flow(plain), &doing);
    let mut unpacking = Unpacking { layout, files: Catalogue::default(), doing };
    while let Some(entry) = tape.next_entry()? {
        unpacking.take(&entry, &mut tape)?;
    }
    let Unpacking { layout, files, doing } = unpacking;
    let torn_at = (!tape.is_closed()).then(|| tape.position());
    let images = images(&layout, &files, &doing).map_err(|mut failure| {
        if let Some(at) = torn_at {
            failure.said = format!("{} (the archive may be cut short: it ends at byte {at})", failure.said);
        }
        failure
    })?;
    Ok(Unpacked { layout, images, name })
}

struct Unpacking {
    layout: Layout,
    files: Catalogue<Stowed>,
    doing: String,
}

impl Unpacking {
    fn take<R: Read>(&mut self, entry: &Entry, tape: &mut Tape<Flow<R>>) -> Result<(), Failure> {
        let name = &entry.name;
        let is_same = match &entry.what {
            What::Folder => true,
            What::Link(target) => {
                let was_other = self.files.link(name).is_some_and(|before| before != target);
                self.files.add_link(name.clone(), target.clone()).is_none() && !was_other
            }
            What::File => {
                let was_link = self.files.link(name).is_some();
                let stowed = self.stow(entry, tape)?;
                let raw = stowed.raw.clone();
                let before = self.files.add_file(name.clone(), stowed);
                !was_link && before.is_none_or(|before| before.raw == raw)
            }
        };
        if is_same {
            return Ok(());
        }
        // docker takes the last one, skopeo and podman the first.
        let said = format!("its entry “{}” is there twice, with different content", visible(name));
        Err(invalid(&self.doing, said))
    }

    fn stow(&self, entry: &Entry, bytes: impl Read) -> Result<Stowed, Failure> {
        let doing = format!("{}, “{}”", self.doing, visible(&entry.name));
        let stow = || -> io::Result<Stowed> {
            let (head, all) = peek(bytes)?;
            let is_small = entry.size <= CONFIG_LIMIT;
            match Packing::of(&head, &doing).map_err(io::Error::other)? {
                Packing::Plain if is_small && !begins_tar(&head) => self.keep(all),
                Packing::Plain => self.pack(all),
                packing => self.keep_packed(packing, all),
            }
        };
        stow().map_err(|e| match e.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                let mut failure = Failure::io(&doing, &e);
                failure.said = format!("{}; this entry has {}", failure.said, human::size(entry.size));
                failure
            }
            _ => told(&doing, e),
        })
    }

    /// Keeps bytes as they are: a configuration, or `manifest.json`.
    fn keep(&self, mut bytes: impl Read) -> io::Result<Stowed> {
        let mut fresh = Fresh::new(&self.layout)?;
        io::copy(&mut bytes, &mut fresh)?;
        let (raw, size) = fresh.settle().map_err(io::Error::other)?;
        let blob = Descriptor::new(Packing::Plain.layer_type(), raw.clone(), size);
        Ok(Stowed { diff: Some(raw.clone()), raw, blob, is_small: true })
    }

    /// Compresses a layer.
    fn pack(&self, mut bytes: impl Read) -> io::Result<Stowed> {
        let mut hasher = Hasher::new(Algorithm::Sha256);
        let mut encoder = GzEncoder::new(Fresh::new(&self.layout)?, LEVEL);
        copy_pieces(&mut bytes, |piece| {
            hasher.update(piece);
            encoder.write_all(piece)
        })?;
        let (digest, size) = encoder.finish()?.settle().map_err(io::Error::other)?;
        let raw = hasher.finish();
        let blob = Descriptor::new(Packing::Gzip.layer_type(), digest, size);
        Ok(Stowed { diff: Some(raw.clone()), raw, blob, is_small: false })
    }

    /// Keeps a compressed layer as it is. One that cannot be unpacked is no fault as long as no image has it.
    fn keep_packed(&self, packing: Packing, bytes: impl Read) -> io::Result<Stowed> {
        let mut fresh = Fresh::new(&self.layout)?;
        let mut passing = Seen::new(bytes, |piece: &[u8]| fresh.write_all(piece));
        let mut hasher = Hasher::new(Algorithm::Sha256);
        let unpacked = packing.unpacked(&mut passing).and_then(|mut unpacked| {
            copy_pieces(&mut unpacked, |piece| {
                hasher.update(piece);
                Ok(())
            })
        });
        let is_whole = match unpacked {
            Ok(()) => true,
            Err(e) if e.get_ref().is_some_and(|inner| inner.is::<Failure>()) => return Err(e),
            Err(e) if matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
                return Err(e);
            }
            Err(_) => false,
        };
        io::copy(&mut passing, &mut io::sink())?;
        let (raw, size) = fresh.settle().map_err(io::Error::other)?;
        let blob = Descriptor::new(packing.layer_type(), raw.clone(), size);
        Ok(Stowed { raw, blob, diff: is_whole.then(|| hasher.finish()), is_small: false })
    }
}

/// Whether a tar begins so: with a header, or with the zeros of an empty one.
fn begins_tar(head: &[u8]) -> bool {
    head.len() == HEAD
        && (head.iter().all(|byte| *byte == 0) || has_checksum(tar::Header::from_byte_slice(head)))
}
