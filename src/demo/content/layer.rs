//! Layers: small real archives, and large ones that take no memory and no time until somebody reads them.
//!
//! Invariant: `digest` is that of the stored bytes and `diff_id` that of the tar inside, so engines can load them.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

use crate::demo::blob::{Blob, Generated};
use crate::domain::{Digest, Failure};

/// The date of every file: layers stay the same whenever they are made.
const MODIFIED: u64 = 1_700_000_000;

/// A layer, ready to be put into a repository.
#[derive(Clone)]
pub(super) struct Layer {
    /// Whether the stored bytes are compressed with gzip.
    pub(super) packed: bool,
    /// Digest of the stored bytes.
    pub(super) digest: Digest,
    /// Digest of the tar.
    pub(super) diff_id: Digest,
    /// The stored bytes.
    pub(super) blob: Blob,
}

/// A file in a layer.
pub(super) struct File<'a> {
    /// Its path, without a slash in front.
    pub(super) path: &'a str,
    /// Its permissions.
    pub(super) mode: u32,
    /// Its content.
    pub(super) content: &'a [u8],
}

impl<'a> File<'a> {
    /// A file to read.
    pub(super) fn text(path: &'a str, content: &'a str) -> Self {
        Self { path, mode: 0o644, content: content.as_bytes() }
    }

    /// A file to run.
    pub(super) fn program(path: &'a str, content: &'a [u8]) -> Self {
        Self { path, mode: 0o755, content }
    }
}

/// A gzip-compressed layer with these files.
pub(super) fn pack(files: &[File<'_>]) -> Result<Layer, Failure> {
    let packed = archive(files).and_then(|tar| Ok((compress(&tar)?, Digest::of(&tar))));
    let (bytes, diff_id) = packed.map_err(|e| Failure::io("making the sample content", &e))?;
    Ok(Layer { packed: true, digest: Digest::of(&bytes), diff_id, blob: Blob::Kept(bytes.into()) })
}

fn archive(files: &[File<'_>]) -> io::Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    for file in files {
        let mut header = header(file.content.len() as u64, file.mode);
        archive.append_data(&mut header, file.path, file.content)?;
    }
    archive.into_inner()
}

fn header(size: u64, mode: u32) -> Header {
    let mut header = Header::new_gnu();
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(MODIFIED);
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn compress(tar: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(tar)?;
    encoder.finish()
}

/// A large layer: an archive of one file of noise, uncompressed. Its digest is written down here, because to compute
/// it would take longer than the whole start of the program may.
pub(super) struct Large {
    path: &'static str,
    seed: u64,
    size: u64,
    digest: &'static str,
}

impl Large {
    /// The layer.
    pub(super) fn layer(&self) -> Result<Layer, Failure> {
        let digest: Digest = self.digest.parse()?;
        let blob = self.blob().map_err(|e| Failure::io("making the sample content", &e))?;
        Ok(Layer { packed: false, diff_id: digest.clone(), digest, blob })
    }

    fn blob(&self) -> io::Result<Blob> {
        const BLOCK: u64 = 512;
        let mut header = header(self.size, 0o644);
        header.set_path(self.path)?;
        header.set_cksum();
        let padding = self.size.next_multiple_of(BLOCK) - self.size;
        let head = Bytes::copy_from_slice(header.as_bytes());
        Ok(Blob::Generated(Generated { head, seed: self.seed, noise: self.size, zeros: padding + 2 * BLOCK }))
    }
}

/// The base system for `linux/amd64`.
pub(super) const BASE_AMD64: Large = Large {
    path: "usr/lib/x86_64-linux-gnu/libacme-base.so.1",
    seed: 1,
    size: 7_913_472,
    digest: "sha256:29f61c447485dff0949853cf403fccc46418d135994851c4cfd6b7ef346af500",
};
/// The base system for `linux/arm64`.
pub(super) const BASE_ARM64: Large = Large {
    path: "usr/lib/aarch64-linux-gnu/libacme-base.so.1",
    seed: 2,
    size: 7_602_176,
    digest: "sha256:bf5d23a5fd3635a4390fed971e8ad9f50d3d4ab76f0ccde375220aa78c724f48",
};
/// The base system for `linux/arm/v7`.
pub(super) const BASE_ARM: Large = Large {
    path: "usr/lib/arm-linux-gnueabihf/libacme-base.so.1",
    seed: 3,
    size: 6_291_456,
    digest: "sha256:6080d40260d267b2e0d877e4b4c121bd6f5ddf400db105547b06ba0d2394059d",
};
/// Codecs.
pub(super) const CODECS: Large = Large {
    path: "opt/transcoder/lib/libcodecs.so",
    seed: 4,
    size: 9_437_184,
    digest: "sha256:2e5308f57fbbe1a3cdff1ef3181b2c45a30b9115d0c1db632d0eaab7d3f51542",
};
/// Fonts for subtitles.
pub(super) const FONTS: Large = Large {
    path: "usr/share/fonts/subtitles.ttc",
    seed: 5,
    size: 5_242_880,
    digest: "sha256:7098ec2d843da61cb69951bee653cb54d572325bee38c3d6274118602d5e3b0d",
};
/// Presets.
pub(super) const PRESETS: Large = Large {
    path: "opt/transcoder/share/presets.bin",
    seed: 6,
    size: 2_621_440,
    digest: "sha256:9b65fcd69bf5625f8251ec8e67889ba9b7bdf0a8c7597c3558a50b919221cb94",
};

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn bytes(blob: &Blob) -> Vec<u8> {
        let mut out = Vec::new();
        while (out.len() as u64) < blob.len() {
            out.extend_from_slice(&blob.read(out.len() as u64, u64::MAX));
        }
        out
    }

    #[test]
    fn a_packed_layer_unpacks_to_its_diff_id() {
        let layer =
            pack(&[File::text("etc/os-release", "ID=acme\n"), File::program("app/run", b"#!/bin/sh\n")])
                .unwrap();
        let stored = bytes(&layer.blob);
        let mut tar = Vec::new();
        flate2::read::GzDecoder::new(stored.as_slice()).read_to_end(&mut tar).unwrap();
        assert!(layer.digest.matches(&stored));
        assert!(layer.diff_id.matches(&tar));
        let mut archive = tar::Archive::new(tar.as_slice());
        let paths: Vec<_> =
            archive.entries().unwrap().map(|e| e.unwrap().path().unwrap().into_owned()).collect();
        assert_eq!(paths, [std::path::Path::new("etc/os-release"), std::path::Path::new("app/run")]);
    }

    #[test]
    fn the_digests_of_the_large_layers_are_right() {
        let all = [BASE_AMD64, BASE_ARM64, BASE_ARM, CODECS, FONTS, PRESETS];
        let stored = all.each_ref().map(|large| bytes(&large.layer().unwrap().blob));
        assert_eq!(stored.each_ref().map(|s| Digest::of(s).to_string()), all.each_ref().map(|l| l.digest));
        for (large, stored) in all.iter().zip(&stored) {
            let mut archive = tar::Archive::new(stored.as_slice());
            let sizes: Vec<_> = archive.entries().unwrap().map(|entry| entry.unwrap().size()).collect();
            assert_eq!(sizes, [large.size]);
        }
    }
}
