//! What an engine tells, as plain values.
//!
//! Invariant: read leniently, because engines of ten years answer in as many ways: a field may be missing or null, and
//! `<none>` is no name.

use bytes::Bytes;

use crate::domain::{ImageConfig, Platform};

/// Which engine it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Docker Engine, or what behaves like it.
    Docker,
    /// Podman.
    Podman,
}

/// An engine's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Which engine.
    pub kind: Kind,
    /// Its version, such as `27.3.1`.
    pub number: String,
    /// The version of the API that is spoken with it, such as `1.47`.
    pub api: String,
    /// The same for every path to this engine, and different for every other engine.
    pub identity: String,
}

impl Version {
    /// The engine's name and version: `Docker Engine 27.3.1`, `Podman 4.3.1`.
    #[must_use]
    pub fn title(&self) -> String {
        let name = match self.kind {
            Kind::Docker => "Docker Engine",
            Kind::Podman => "Podman",
        };
        // Distributions add their own signs: 20.10.24+dfsg1.
        let end = self.number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.number.len());
        format!("{name} {}", self.number.get(..end).unwrap_or_default()).trim_end().to_owned()
    }
}

/// An image as the list has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    /// Its id: the digest of its configuration, or of its manifest in engines that keep manifests.
    pub id: String,
    /// Its names with a tag, as the engine writes them: `nginx:1.27`, `localhost/app:dev`.
    pub tags: Vec<String>,
    /// Its names with the digest that a registry knows it by.
    pub digests: Vec<String>,
    /// Size on the disk in bytes, shared layers included.
    pub size: u64,
    /// When it was made, seconds since 1970; nothing for the "zero" dates of reproducible builds.
    pub created: Option<i64>,
    /// Its platform, where the list tells.
    pub platform: Option<Platform>,
    /// The media type of what `id` names, where the list tells.
    pub media_type: Option<String>,
}

impl Image {
    /// Whether it has no name at all.
    #[must_use]
    pub fn is_dangling(&self) -> bool {
        self.tags.is_empty() && self.digests.is_empty()
    }
}

/// Everything that an engine tells of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspected {
    /// As in the list.
    pub image: Image,
    /// Its configuration, with the history, base first.
    pub config: ImageConfig,
    /// The digests of its layers, uncompressed, base first, each with its size where the history tells.
    pub layers: Vec<(String, u64)>,
    /// The engine's answer, byte for byte.
    pub raw: Bytes,
}

/// A step of a pull, as the engine tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PullStep {
    /// The layer, by the first digits of its digest; nothing for the pull as a whole.
    pub layer: Option<String>,
    /// What is done: `Downloading`, `Extracting`, `Pull complete`, …
    pub stage: String,
    /// Bytes so far, where it counts.
    pub current: Option<u64>,
    /// Bytes in all, where it knows.
    pub total: Option<u64>,
}
