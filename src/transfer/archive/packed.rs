//! How bytes are compressed, told by how they begin, and reading them unpacked.
//!
//! Sources: RFC 1952 (gzip), RFC 8878 (zstd), image-spec `layer.md` (media types).

use std::io::{self, Read};

use super::told::invalid;
use crate::domain::Failure;

/// A compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    /// That of bytes that begin with `head`.
    ///
    /// # Errors
    /// `Invalid` for a compression that is known but not read.
    pub(super) fn of(head: &[u8], doing: &str) -> Result<Self, Failure> {
        let unread =
            |name: &str| Err(invalid(doing, format!("it is compressed with {name}; use gzip or zstd")));
        match head {
            [0x1f, 0x8b, ..] => Ok(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Self::Zstd),
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => unread("bzip2"),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => unread("xz"),
            _ => Ok(Self::Plain),
        }
    }

    /// The media type of a layer that is compressed so.
    pub(super) fn layer_type(self) -> &'static str {
        match self {
            Self::Plain => "application/vnd.oci.image.layer.v1.tar",
            Self::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Self::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
        }
    }

    /// `source`, unpacked while it is read.
    pub(super) fn unpacked<'a>(self, source: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Plain => Box::new(source),
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(source)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::new(source)?),
        })
    }
}
