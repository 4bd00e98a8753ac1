//! Blobs: bytes that are kept, or large content that is made while it is read.
//!
//! Invariant: the same position always reads the same byte, so ranges and digests hold.

use std::convert::Infallible;
use std::ops::Range;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;

/// How much of a generated blob is made at a time, in bytes.
const STEP: u64 = 64 * 1024;

/// The content of a blob.
#[derive(Debug, Clone)]
pub enum Blob {
    /// Kept in memory.
    Kept(Bytes),
    /// Made while it is read.
    Generated(Generated),
}

/// A blob that takes no memory: a head, incompressible noise, and zeros up to its end.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The first bytes.
    pub head: Bytes,
    /// What the noise depends on.
    pub seed: u64,
    /// Length of the noise in bytes.
    pub noise: u64,
    /// Number of zero bytes behind it.
    pub zeros: u64,
}

impl Blob {
    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Kept(bytes) => bytes.len() as u64,
            Self::Generated(generated) => generated.len(),
        }
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Some bytes from `start` on and before `end`; none only when there are none left.
    #[must_use]
    pub fn read(&self, start: u64, end: u64) -> Bytes {
        let end = end.min(self.len());
        if start >= end {
            return Bytes::new();
        }
        match self {
            Self::Kept(bytes) => bytes.slice(index(start)..index(end)),
            Self::Generated(generated) => generated.read(start, end),
        }
    }

    /// Some of its bytes as the body of an answer.
    pub(super) fn body(self, range: Range<u64>) -> Body {
        match self {
            Self::Kept(_) => Body::from(self.read(range.start, range.end)),
            Self::Generated(_) => Body::from_stream(stream::unfold(range.start, move |at| {
                let bytes = self.read(at, range.end);
                let next = at + bytes.len() as u64;
                let step = (!bytes.is_empty()).then_some((Ok::<_, Infallible>(bytes), next));
                std::future::ready(step)
            })),
        }
    }
}

impl Generated {
    fn len(&self) -> u64 {
        self.head.len() as u64 + self.noise + self.zeros
    }

    fn read(&self, start: u64, end: u64) -> Bytes {
        let end = end.min(start + STEP);
        let head = self.head.len() as u64;
        let noise_end = head + self.noise;
        if start < head {
            self.head.slice(index(start)..index(end.min(head)))
        } else if start < noise_end {
            noise(self.seed, start - head, end.min(noise_end) - head)
        } else {
            Bytes::from(vec![0; index(end - start)])
        }
    }
}

/// Bytes `start..end` of the noise of `seed`, which look random and cannot be compressed.
#[must_use]
pub(super) fn noise(seed: u64, start: u64, end: u64) -> Bytes {
    let words = start / 8..end.div_ceil(8);
    let mut out = Vec::with_capacity(index(end - start) + 16);
    for word in words {
        out.extend_from_slice(&mix(seed, word).to_le_bytes());
    }
    let skip = index(start % 8);
    Bytes::from(out).slice(skip..skip + index(end - start))
}

/// SplitMix64 at position `word`: any word can be made without those before it.
fn mix(seed: u64, word: u64) -> u64 {
    let mut z = seed.wrapping_add((word + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A length that is known to fit into memory as an index.
fn index(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(blob: &Blob, step: u64) -> Vec<u8> {
        let mut out = Vec::new();
        while (out.len() as u64) < blob.len() {
            let at = out.len() as u64;
            out.extend_from_slice(&blob.read(at, at + step));
        }
        out
    }

    #[test]
    fn a_generated_blob_reads_the_same_in_any_steps() {
        let blob = Blob::Generated(Generated {
            head: Bytes::from_static(b"header"),
            seed: 7,
            noise: 200_003,
            zeros: 70_000,
        });
        let bytes = whole(&blob, u64::MAX / 2);
        assert_eq!(bytes.len(), 270_009);
        assert_eq!(whole(&blob, 4099), bytes);
        assert_eq!(&bytes[..6], b"header");
        assert!(bytes.ends_with(&[0; 70_000]));
        assert!(blob.read(270_009, 270_010).is_empty());
    }
}
