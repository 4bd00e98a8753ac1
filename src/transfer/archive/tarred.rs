//! Writing a tar, in which the same content is the same bytes: no times, no owners.
//!
//! Invariant: a file has exactly the bytes that its header gives.

use std::io::{self, Read, Write};

use tar::{EntryType, Header};

use super::PIECE;
use super::passing::copy_pieces;
use crate::domain::{Failure, FailureKind};

const BLOCK: u64 = 512;

/// How many bytes the mark at the end has.
pub(super) const END: u64 = 2 * BLOCK;

/// How many bytes a file of `size` takes in a tar.
pub(super) fn room(size: u64) -> u64 {
    size.checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX).saturating_add(BLOCK)
}

/// Appends a file.
pub(super) fn append(out: &mut dyn Write, name: &str, size: u64, content: &mut impl Read) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_path(name)?;
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    out.write_all(header.as_bytes())?;
    let mut left = Some(size);
    copy_pieces(content, |piece| {
        left = left.and_then(|left| left.checked_sub(piece.len() as u64));
        if left.is_some() { out.write_all(piece) } else { Err(changed(name)) }
    })?;
    if left != Some(0) {
        return Err(changed(name));
    }
    pad(out, room(size) - BLOCK - size)
}

/// Ends the tar.
pub(super) fn finish(out: &mut dyn Write) -> io::Result<()> {
    pad(out, END)
}

fn pad(out: &mut dyn Write, zeros: u64) -> io::Result<()> {
    io::copy(&mut io::repeat(0).take(zeros), out).map(drop)
}

fn changed(name: &str) -> io::Error {
    let said = "its size changed while it was read";
    io::Error::other(Failure::new(FailureKind::Integrity, format!("writing {name}"), said))
}

/// Pieces handed to another thread, as a writer.
pub(super) struct Pieces {
    to: tokio::sync::mpsc::Sender<bytes::Bytes>,
    piece: Vec<u8>,
}

impl Pieces {
    pub(super) fn new(to: tokio::sync::mpsc::Sender<bytes::Bytes>) -> Self {
        Self { to, piece: Vec::with_capacity(PIECE) }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE.saturating_sub(self.piece.len());
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.piece.extend_from_slice(taken);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(taken.len())
    }

    /// Waits until the other thread has room.
    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        if piece.is_empty() {
            return Ok(());
        }
        self.to.blocking_send(piece.into()).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}
