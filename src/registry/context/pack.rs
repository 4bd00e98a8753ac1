//! A folder as one `tar.gz` in a file without a name.
//!
//! Invariant: an entry has exactly the bytes that its header gives; owners are left out, as Docker does.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};
use tokio_util::sync::CancellationToken;

use super::walk::{Item, Walk, at, told};
use super::{Context, Extent, on_disk};
use crate::domain::{Failure, FailureKind};

const PIECE: usize = 256 << 10;

/// A packed folder. Its file has no name and goes with it.
#[derive(Debug, Clone)]
pub struct Packed {
    file: Arc<Mutex<File>>,
    /// Bytes of the compressed tar.
    pub size: u64,
    /// What is in it.
    pub extent: Extent,
}

impl Packed {
    /// `length` bytes from `offset` on, or as many as there are.
    ///
    /// # Errors
    /// `Io`.
    pub async fn piece(&self, offset: u64, length: u64) -> Result<Bytes, Failure> {
        let file = Arc::clone(&self.file);
        on_disk(move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            let mut piece = Vec::new();
            let read = file.seek(SeekFrom::Start(offset)).and_then(|_| {
                let mut part = Read::by_ref(&mut *file).take(length);
                part.read_to_end(&mut piece)
            });
            read.map_err(|e| Failure::io("reading the packed folder", &e))?;
            Ok(Bytes::from(piece))
        })
        .await
    }
}

/// Packs what is sent of a folder.
pub(super) fn pack(context: &Context, scratch: &Path, stop: &CancellationToken) -> Result<Packed, Failure> {
    let failed = |e: io::Error| told(&context.doing(), e);
    let making = std::fs::create_dir_all(scratch).and_then(|()| tempfile::tempfile_in(scratch));
    let file = making.map_err(|e| Failure::io("making a file to pack into", &e))?;
    let packed = BufWriter::with_capacity(PIECE, file);
    let mut tar = Builder::new(GzEncoder::new(packed, Compression::default()));
    let mut extent = Extent::default();
    Walk::of(context, stop).go(&mut |item| {
        extent.add(&item.about);
        append(&mut tar, item, stop)
    })?;
    let finished = tar.into_inner().and_then(GzEncoder::finish).and_then(|out| Ok(out.into_inner()?));
    let mut file = finished.map_err(failed)?;
    let size = file.stream_position().map_err(failed)?;
    Ok(Packed { file: Arc::new(Mutex::new(file)), size, extent })
}

fn append(tar: &mut Builder<impl Write>, item: &Item, stop: &CancellationToken) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_uid(0);
    header.set_gid(0);
    header.set_mode(mode(item));
    header.set_mtime(changed(item));
    header.set_size(0);
    if item.about.is_symlink() {
        header.set_entry_type(EntryType::Symlink);
        let target = std::fs::read_link(&item.at).map_err(|e| at(&item.at, &e))?;
        tar.append_link(&mut header, &item.inside, target)
    } else if item.about.is_dir() {
        header.set_entry_type(EntryType::Directory);
        tar.append_data(&mut header, item.inside.join(""), io::empty())
    } else if item.about.is_file() {
        header.set_entry_type(EntryType::Regular);
        header.set_size(item.about.len());
        let file = open(&item.at).map_err(|e| at(&item.at, &e))?;
        let content =
            Content { file: BufReader::with_capacity(PIECE, file), left: item.about.len(), item, stop };
        tar.append_data(&mut header, &item.inside, content)
    } else {
        // Sockets and devices have no content that could be sent.
        Ok(())
    }
}

/// Opens a file; what has become a link since it was looked at is not followed.
fn open(path: &Path) -> io::Result<File> {
    let mut how = OpenOptions::new();
    how.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        how.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    how.open(path)
}

#[cfg(unix)]
fn mode(item: &Item) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    item.about.permissions().mode() & 0o7777
}

/// Where files have no such rights, every one may be run, as Docker does.
#[cfg(not(unix))]
fn mode(_item: &Item) -> u32 {
    0o755
}

/// Seconds since 1970.
fn changed(item: &Item) -> u64 {
    let at = item.about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    at.map_or(0, |at| at.as_secs())
}

/// The bytes of a file, as many as it had when it was looked at.
struct Content<'a> {
    file: BufReader<File>,
    left: u64,
    item: &'a Item,
    stop: &'a CancellationToken,
}

impl Read for Content<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let doing = || format!("packing {}", super::shown(&self.item.at));
        if self.stop.is_cancelled() {
            return Err(io::Error::other(Failure::cancelled(doing())));
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        let read =
            self.file.read(into.get_mut(..most).unwrap_or_default()).map_err(|e| at(&self.item.at, &e))?;
        if read == 0 && most > 0 {
            let said = "it became shorter while it was read; try again when nothing writes it";
            return Err(io::Error::other(Failure::new(FailureKind::Integrity, doing(), said)));
        }
        self.left -= read as u64;
        Ok(read)
    }
}
