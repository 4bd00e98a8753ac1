//! Bytes on their way from a reader to a writer: looked at, counted, stopped.
//!
//! Invariant: a piece is in memory once, however many look at it.

use std::io::{self, Read};

use tokio_util::sync::CancellationToken;

use super::PIECE;
use crate::domain::Failure;

/// Bytes that are looked at to tell what follows.
pub(super) const HEAD: usize = 512;

/// A reader with its first bytes put back.
pub(super) type WithHead<R> = io::Chain<io::Cursor<Vec<u8>>, R>;

/// The first bytes of `source`, and `source` with them.
pub(super) fn peek<R: Read>(mut source: R) -> io::Result<(Vec<u8>, WithHead<R>)> {
    let mut head = Vec::with_capacity(HEAD);
    source.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    Ok((head.clone(), io::Cursor::new(head).chain(source)))
}

/// A reader that shows everything that passes to `see`.
pub(super) struct Seen<R, F> {
    source: R,
    see: F,
}

impl<R: Read, F: FnMut(&[u8]) -> io::Result<()>> Seen<R, F> {
    pub(super) fn new(source: R, see: F) -> Self {
        Self { source, see }
    }
}

impl<R: Read, F: FnMut(&[u8]) -> io::Result<()>> Read for Seen<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        (self.see)(buffer.get(..read).unwrap_or_default())?;
        Ok(read)
    }
}

/// Hands all bytes of `source` to `take`, in full pieces: what a compressor makes of them depends on where they end.
pub(super) fn copy_pieces(
    source: &mut impl Read,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    loop {
        let filled = fill(source, &mut buffer)?;
        let Some(piece) = buffer.get(..filled).filter(|piece| !piece.is_empty()) else { return Ok(()) };
        take(piece)?;
    }
}

/// Reads until the buffer is full or the source ends.
pub(super) fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// The error of a job that is to stop.
pub(super) fn cancelled(doing: &str) -> io::Error {
    io::Error::other(Failure::cancelled(doing))
}

/// An error once the job is to stop.
pub(super) fn unless_stopped(stop: &CancellationToken, doing: &str) -> io::Result<()> {
    if stop.is_cancelled() { Err(cancelled(doing)) } else { Ok(()) }
}
