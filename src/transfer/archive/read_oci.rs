//! An OCI image layout inside a tar (`oci-archive`), read where it lies.
//!
//! Invariant: nothing of it is written to the disk, except that an archive which is compressed as a whole is unpacked
//! into a file without a name. Manifests are verified here, blobs by who keeps them.
//!
//! Where a name stands twice the last one counts, as for all who unpack the archive: skopeo, podman, docker.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use serde_json::Value;

use super::names::Catalogue;
use super::packed::Packing;
use super::passing::peek;
use super::tape::{Entry, Seeking, Tape, What};
use super::told::{invalid, told};
use super::{INDEX_LIMIT, MARKER_LIMIT};
use crate::domain::{Descriptor, Digest, Failure, FailureKind, RawManifest, human};
use crate::registry::{BlobStream, Content};
use crate::transfer::layout::{MARKER, check_version, find, shown};
use crate::transfer::on_disk;
use crate::transfer::plan::MANIFEST_LIMIT;
use crate::transfer::{CHECK_PATH, StoredImage};

const INDEX: &str = "index.json";
/// Bytes read from the file at once.
const PIECE: usize = 256 << 10;

/// An open archive. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OciArchive {
    opened: Arc<Opened>,
}

#[derive(Debug)]
struct Opened {
    /// The archive, for messages.
    name: String,
    file: File,
    files: Catalogue<Span>,
    images: Vec<StoredImage>,
    /// Where the archive ends without its end mark.
    torn_at: Option<u64>,
}

/// Where the bytes of a file are.
#[derive(Debug, Clone, Copy)]
struct Span {
    offset: u64,
    size: u64,
}

/// Opens the archive at `file`, plain or compressed with gzip or zstd.
///
/// # Errors
/// `NotFound`; `Invalid` for what is no such archive, is cut short (with the position) or has entries that lead out of
/// it (with their names); `Io`.
pub async fn open_oci(file: &Path) -> Result<OciArchive, Failure> {
    let file = file.to_owned();
    on_disk(move || Opened::open(&file).map(|opened| OciArchive { opened: Arc::new(opened) })).await
}

impl OciArchive {
    /// The images, in the order of the archive's index.
    #[must_use]
    pub fn images(&self) -> &[StoredImage] {
        &self.opened.images
    }

    /// The image called `name`, as [`Layout::find`](crate::transfer::Layout::find) finds it.
    ///
    /// # Errors
    /// `NotFound`, and which names there are; `Invalid` when one has to be named, or several have the name.
    pub fn find(&self, name: Option<&str>) -> Result<StoredImage, Failure> {
        find(&self.opened.images, name, &self.opened.name)
    }
}

impl Opened {
    fn open(path: &Path) -> Result<Self, Failure> {
        let (name, doing) = (shown(path), format!("opening the archive {}", shown(path)));
        let file = open_plain(path, &doing)?;
        let mut read = Contents::default();
        let source = Seeking::new(&file).map_err(|e| Failure::io(&doing, &e))?;
        let mut tape = Tape::new(source, &doing);
        while let Some(entry) = tape.next_entry()? {
            read.take(entry, &mut tape)?;
        }
        let torn_at = (!tape.is_closed()).then(|| tape.position());
        let images = read.images(&doing)?;
        Ok(Self { name, file, files: read.files, images, torn_at })
    }

    fn span(&self, digest: &Digest, doing: &str) -> Result<Span, Failure> {
        let name = format!("blobs/{}/{}", digest.algorithm().name(), digest.hex());
        self.files.find(&name).copied().ok_or_else(|| {
            let said = match self.torn_at {
                Some(at) => format!("it is not there: the archive is cut short, it ends at byte {at}"),
                None => "it is not there".to_owned(),
            };
            Failure::new(FailureKind::NotFound, doing, said)
        })
    }

    fn manifest(&self, target: &str) -> Result<RawManifest, Failure> {
        let (digest, media_type) = match target.parse::<Digest>() {
            Ok(digest) => (digest, String::new()),
            Err(_) => {
                let found = find(&self.images, Some(target), &self.name)?.manifest;
                (found.digest, found.media_type)
            }
        };
        let doing = self.reading(&digest);
        let span = self.span(&digest, &doing)?;
        if span.size > MANIFEST_LIMIT {
            let said = format!("it has more than {}", human::size(MANIFEST_LIMIT));
            return Err(invalid(&doing, said));
        }
        let mut bytes = vec![0; usize::try_from(span.size).unwrap_or_default()];
        let read = read_at(&self.file, &mut bytes, span.offset).map_err(|e| Failure::io(&doing, &e))?;
        if read < bytes.len() || !digest.matches(&bytes) {
            let said = "the archive's bytes have another digest";
            return Err(Failure::new(FailureKind::Integrity, doing, said));
        }
        Ok(RawManifest { bytes: bytes.into(), media_type, digest, claimed: None })
    }

    fn reading(&self, digest: &Digest) -> String {
        format!("reading {digest} in {}", self.name)
    }

    /// The next bytes of `span`; nothing at its end.
    fn piece(&self, span: Span, doing: &str) -> Result<Bytes, Failure> {
        let length = span.size.min(PIECE as u64);
        let mut piece = vec![0; usize::try_from(length).unwrap_or(PIECE)];
        let read = read_at(&self.file, &mut piece, span.offset).map_err(|e| Failure::io(doing, &e))?;
        if read == 0 && length > 0 {
            return Err(invalid(doing, format!("the archive ends at byte {}", span.offset)));
        }
        piece.truncate(read);
        Ok(piece.into())
    }
}

#[async_trait]
impl Content for OciArchive {
    async fn manifest(&self, target: &str) -> Result<RawManifest, Failure> {
        let (opened, target) = (Arc::clone(&self.opened), target.to_owned());
        on_disk(move || opened.manifest(&target)).await
    }

    async fn blob(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream, Failure> {
        let doing = self.opened.reading(&blob.digest);
        let whole = self.opened.span(&blob.digest, &doing)?;
        let offset = offset.min(whole.size);
        let rest = Span { offset: whole.offset + offset, size: whole.size - offset };
        let reading = (Arc::clone(&self.opened), Arc::<str>::from(doing), rest);
        let bytes = stream::try_unfold(reading, |(opened, doing, rest)| async move {
            if rest.size == 0 {
                return Ok(None);
            }
            let (from, told) = (Arc::clone(&opened), Arc::clone(&doing));
            let piece = on_disk(move || from.piece(rest, &told)).await?;
            let read = piece.len() as u64;
            let rest = Span { offset: rest.offset + read, size: rest.size - read };
            Ok(Some((piece, (opened, doing, rest))))
        });
        Ok(BlobStream { offset, total: Some(whole.size), bytes: bytes.boxed() })
    }
}

/// What one pass over the headers finds.
#[derive(Default)]
struct Contents {
    files: Catalogue<Span>,
    index: Option<Vec<u8>>,
    marker: Option<Vec<u8>>,
}

impl Contents {
    fn take(&mut self, entry: Entry, tape: &mut Tape<Seeking<'_>>) -> Result<(), Failure> {
        match entry.what {
            What::Folder => {}
            What::Link(target) => drop(self.files.add_link(entry.name, target)),
            What::File => {
                match entry.name.as_str() {
                    INDEX => self.index = Some(tape.read_small(INDEX_LIMIT)?),
                    MARKER => self.marker = Some(tape.read_small(MARKER_LIMIT)?),
                    _ => {}
                }
                self.files.add_file(entry.name, Span { offset: entry.offset, size: entry.size });
            }
        }
        Ok(())
    }

    fn images(&self, doing: &str) -> Result<Vec<StoredImage>, Failure> {
        let Some(index) = &self.index else {
            let docker = self.files.find("manifest.json").is_some();
            let said = if docker {
                "there is no index.json in it; it is a docker-archive"
            } else {
                "there is no index.json in it, so it is no OCI archive"
            };
            return Err(invalid(doing, said));
        };
        let read = |name: &str, bytes: &[u8]| -> Result<Value, Failure> {
            serde_json::from_slice(bytes).map_err(|e| invalid(doing, format!("its {name} is damaged: {e}")))
        };
        if let Some(marker) = &self.marker {
            check_version(&read(MARKER, marker)?).map_err(|said| invalid(doing, said))?;
        }
        Ok(StoredImage::all_of(&read(INDEX, index)?))
    }
}

/// The file with the tar in it: the archive itself, or what it is unpacked to.
fn open_plain(path: &Path, doing: &str) -> Result<File, Failure> {
    let failed = |e: io::Error| told(doing, e);
    let mut file = open_file(path, doing)?;
    let (head, all) = peek(&file).map_err(failed)?;
    let packing = Packing::of(&head, doing)?;
    if packing == Packing::Plain {
        file.rewind().map_err(failed)?;
        return Ok(file);
    }
    let mut unpacked = unnamed_beside(path).map_err(failed)?;
    io::copy(&mut packing.unpacked(all).map_err(failed)?, &mut unpacked).map_err(failed)?;
    unpacked.rewind().map_err(failed)?;
    Ok(unpacked)
}

/// Opens a file to read it.
pub(super) fn open_file(path: &Path, doing: &str) -> Result<File, Failure> {
    let file = File::open(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => {
            Failure::new(FailureKind::NotFound, doing, "there is no such file").with_next(CHECK_PATH)
        }
        _ => Failure::io(doing, &e),
    })?;
    let is_folder = file.metadata().is_ok_and(|found| found.is_dir());
    if is_folder { Err(invalid(doing, "it is a folder, not a file")) } else { Ok(file) }
}

/// A file without a name where there is room for an archive: in its folder, else where temporary files are.
fn unnamed_beside(path: &Path) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::tempfile_in(folder).or_else(|_| tempfile::tempfile())
}

/// Reads at a position, whatever others read at the same time; less than the buffer only at the end of the file.
#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::os::unix::fs::FileExt as _;
    fill_at(buffer, |rest, done| file.read_at(rest, offset + done))
}

/// Reads at a position, whatever others read at the same time; less than the buffer only at the end of the file.
#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::os::windows::fs::FileExt as _;
    fill_at(buffer, |rest, done| file.seek_read(rest, offset + done))
}

fn fill_at(
    buffer: &mut [u8],
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read(rest, filled as u64) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}
