//! A tar read once, from its first header to its last: the names of its entries, where their bytes are, the bytes.
//!
//! Invariant: nothing is trusted. Every header has its checksum, every name stays below the archive's root, and the
//! memory that one entry takes is bounded. Positions in failures are bytes of the tar.
//!
//! Sources: POSIX.1-2001 `pax` (ustar and pax headers), the GNU tar manual ("Basic Tar Format", long names).

use std::fs::File;
use std::io::{self, BufReader, Read};

use tar::{EntryType, Header};

use super::names;
use super::passing::fill;
use super::told::{cut_short, invalid, told};
use crate::domain::Failure;
use crate::domain::text::visible;

const BLOCK: u64 = 512;
/// Bytes of a long name, or of a pax header.
const EXTENSION_LIMIT: u64 = 1 << 20;
/// Entries of an archive: some 40,000 images.
const ENTRIES_LIMIT: usize = 200_000;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name, checked.
    pub(super) name: String,
    /// What it is.
    pub(super) what: What,
    /// Where its bytes begin.
    pub(super) offset: u64,
    /// How many there are.
    pub(super) size: u64,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    File,
    Folder,
    /// A link to this name, checked.
    Link(String),
}

/// A source that can pass over bytes.
pub(super) trait Pass: Read {
    /// Passes over up to `bytes`; how many there were.
    fn pass(&mut self, bytes: u64) -> io::Result<u64>;
}

/// Bytes that come one after another.
pub(super) struct Flow<R>(pub(super) R);

impl<R: Read> Read for Flow<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Pass for Flow<R> {
    fn pass(&mut self, bytes: u64) -> io::Result<u64> {
        io::copy(&mut self.0.by_ref().take(bytes), &mut io::sink())
    }
}

/// A file, in which bytes are passed over without reading them.
pub(super) struct Seeking<'a> {
    reader: BufReader<&'a File>,
    left: u64,
}

impl<'a> Seeking<'a> {
    /// From where the file stands, which is its beginning.
    pub(super) fn new(file: &'a File) -> io::Result<Self> {
        Ok(Self { left: file.metadata()?.len(), reader: BufReader::new(file) })
    }
}

impl Read for Seeking<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

impl Pass for Seeking<'_> {
    fn pass(&mut self, bytes: u64) -> io::Result<u64> {
        let bytes = bytes.min(self.left);
        self.reader.seek_relative(i64::try_from(bytes).map_err(io::Error::other)?)?;
        self.left -= bytes;
        Ok(bytes)
    }
}

/// A tar on its way. Read from it to get the bytes of the entry that came last.
pub(super) struct Tape<R> {
    source: R,
    doing: String,
    name: String,
    at: u64,
    /// Where the bytes of the entry end.
    end: u64,
    entries: usize,
    is_closed: bool,
}

impl<R: Pass> Tape<R> {
    /// `doing` is for messages: "reading /tmp/x.tar".
    pub(super) fn new(source: R, doing: &str) -> Self {
        let (doing, name) = (doing.to_owned(), String::new());
        Self { source, doing, name, at: 0, end: 0, entries: 0, is_closed: false }
    }

    /// How many bytes have been read or passed over.
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// Whether the mark at the end of a tar has come. Without it the archive may be cut short between two entries.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The next entry; what is left of the one before is passed over.
    ///
    /// # Errors
    /// `Invalid` for what is no tar, is cut short or leads out of the archive; what the source says.
    pub(super) fn next_entry(&mut self) -> Result<Option<Entry>, Failure> {
        let mut more = Extensions::default();
        loop {
            let Some(header) = self.next_header()? else { return Ok(None) };
            self.entries += 1;
            if self.entries > ENTRIES_LIMIT {
                return Err(self.invalid(format!("it has more than {ENTRIES_LIMIT} entries")));
            }
            self.end = self.at.saturating_add(self.size_of(&header)?);
            match header.entry_type() {
                EntryType::GNULongName => more.name = Some(self.text()?),
                EntryType::GNULongLink => more.link = Some(self.text()?),
                EntryType::XHeader => {
                    let text = self.extension()?;
                    more.take(&text).map_err(|said| self.invalid(said.to_owned()))?;
                }
                EntryType::XGlobalHeader => {}
                _ => return self.entry(&header, more).map(Some),
            }
        }
    }

    /// The bytes of the entry, when they are no more than `limit`.
    pub(super) fn read_small(&mut self, limit: u64) -> Result<Vec<u8>, Failure> {
        if self.end - self.at > limit {
            let limit = crate::domain::human::size(limit);
            return Err(self.invalid(format!("{} has more than {limit}", visible(&self.name))));
        }
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).map_err(|e| told(&self.doing, e))?;
        Ok(bytes)
    }

    fn next_header(&mut self) -> Result<Option<Header>, Failure> {
        let begins = self.end.checked_next_multiple_of(BLOCK).ok_or_else(|| self.damaged())?;
        let passed = self.source.pass(begins - self.at).map_err(|e| told(&self.doing, e))?;
        self.at += passed;
        if self.at < begins {
            return Err(self.cut());
        }
        let mut header = Header::new_old();
        let filled = fill(&mut self.source, header.as_mut_bytes()).map_err(|e| told(&self.doing, e))?;
        if filled == 0 && self.at > 0 {
            return Ok(None);
        }
        if header.as_bytes().iter().all(|byte| *byte == 0) && filled as u64 == BLOCK {
            self.is_closed = true;
            return Ok(None);
        }
        if (filled as u64) < BLOCK || !has_checksum(&header) {
            return Err(self.no_header(header.as_bytes().get(..filled).unwrap_or_default()));
        }
        self.at += filled as u64;
        Ok(Some(header))
    }

    /// What is wrong where a header should be.
    fn no_header(&self, found: &[u8]) -> Failure {
        match (self.at, found) {
            (0, []) => self.invalid("it is empty".to_owned()),
            (0, [b'P', b'K', 3 | 5, ..]) => self.invalid("it is a zip file, not a tar".to_owned()),
            (0, _) => self.invalid("it is not a tar".to_owned()),
            _ if (found.len() as u64) < BLOCK => {
                cut_short(&self.doing, self.at + found.len() as u64, "a header")
            }
            _ => self.damaged(),
        }
    }

    /// The size of what follows the header; a kind that has no bytes is taken to have none, whatever it says.
    fn size_of(&self, header: &Header) -> Result<u64, Failure> {
        use EntryType as T;
        let kind = header.entry_type();
        if matches!(kind, T::Link | T::Symlink | T::Char | T::Block | T::Directory | T::Fifo) {
            return Ok(0);
        }
        header.entry_size().map_err(|_| self.damaged())
    }

    fn entry(&mut self, header: &Header, more: Extensions) -> Result<Entry, Failure> {
        let offset = self.at;
        if let Some(size) = more.size.filter(|_| self.end > offset) {
            self.end = offset.saturating_add(size);
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let written = more.name.unwrap_or_else(|| text(&header.path_bytes()));
        let refused = |why: &str| self.invalid(format!("its entry “{}” {why}", visible(&written)));
        let name = names::inside(&written).map_err(refused)?;
        let target = || more.link.or_else(|| header.link_name_bytes().map(|b| text(&b))).unwrap_or_default();
        let what = match header.entry_type() {
            _ if more.is_sparse => return Err(refused("is a sparse file")),
            EntryType::Regular if written.ends_with('/') => What::Folder,
            EntryType::Regular | EntryType::Continuous => What::File,
            EntryType::Directory => What::Folder,
            EntryType::Link => What::Link(
                names::inside(&target()).map_err(|_| refused("is a link that leads out of the archive"))?,
            ),
            EntryType::Symlink => What::Link(names::symbolic_target(&name, &target()).map_err(refused)?),
            EntryType::Char | EntryType::Block | EntryType::Fifo => {
                return Err(refused("is a device, which has no place in an image archive"));
            }
            _ => return Err(refused("is of a kind that has no place in an image archive")),
        };
        self.name.clone_from(&name);
        Ok(Entry { name, what, offset, size: self.end - offset })
    }

    fn text(&mut self) -> Result<String, Failure> {
        let bytes = self.extension()?;
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        Ok(String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned())
    }

    fn extension(&mut self) -> Result<Vec<u8>, Failure> {
        "a long name".clone_into(&mut self.name);
        self.read_small(EXTENSION_LIMIT)
    }

    fn cut(&self) -> Failure {
        cut_short(&self.doing, self.at, &self.name)
    }

    fn damaged(&self) -> Failure {
        self.invalid(format!("the tar is damaged at byte {}", self.at))
    }

    fn invalid(&self, said: String) -> Failure {
        invalid(&self.doing, said)
    }
}

impl<R: Pass> Read for Tape<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let room = left.min(buffer.len());
        let Some(buffer) = buffer.get_mut(..room).filter(|room| !room.is_empty()) else { return Ok(0) };
        let read = self.source.read(buffer)?;
        self.at += read as u64;
        if read == 0 { Err(io::Error::other(self.cut())) } else { Ok(read) }
    }
}

/// Whether the header's checksum is right: the sum of its bytes, with the checksum's own taken as spaces.
pub(super) fn has_checksum(header: &Header) -> bool {
    let own = 148..156;
    let sum: u32 = header
        .as_bytes()
        .iter()
        .enumerate()
        .map(|(at, b)| u32::from(if own.contains(&at) { b' ' } else { *b }))
        .sum();
    header.cksum().is_ok_and(|written| written == sum)
}

/// What headers before an entry say of it.
#[derive(Default)]
struct Extensions {
    name: Option<String>,
    link: Option<String>,
    size: Option<u64>,
    is_sparse: bool,
}

impl Extensions {
    /// Takes in a pax header: records of `LENGTH KEY=VALUE\n`.
    fn take(&mut self, mut records: &[u8]) -> Result<(), &'static str> {
        const DAMAGED: &str = "a pax header is damaged";
        while !records.is_empty() {
            let space = records.iter().position(|byte| *byte == b' ').ok_or(DAMAGED)?;
            let length =
                records.get(..space).and_then(|n| std::str::from_utf8(n).ok()?.parse::<usize>().ok());
            let (record, rest) = length.and_then(|n| records.split_at_checked(n)).ok_or(DAMAGED)?;
            let record = record.get(space + 1..).and_then(|r| r.strip_suffix(b"\n")).ok_or(DAMAGED)?;
            let equals = record.iter().position(|byte| *byte == b'=').ok_or(DAMAGED)?;
            let (key, value) = record.split_at(equals);
            let value = String::from_utf8_lossy(value.get(1..).unwrap_or_default()).into_owned();
            match key {
                b"path" => self.name = Some(value),
                b"linkpath" => self.link = Some(value),
                b"size" => self.size = Some(value.parse().map_err(|_| DAMAGED)?),
                key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
            records = rest;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
