//! What the right-hand side shows of a node.

use bytes::Bytes;

use super::config::ImageConfig;
use super::digest::Digest;
use super::failure::Failure;
use super::manifest::{Descriptor, Index, RawManifest};
use super::platform::Platform;

/// The details of a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Details {
    /// Of a connection.
    Connection(ConnectionDetails),
    /// Of a repository, a namespace, or anything else that is no image.
    Repository(Description),
    /// Of a tag or manifest.
    Image(Box<ImageDetails>),
}

/// Account, state and server of a connection, as labelled lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectionDetails {
    /// Label and value, in the order to show.
    pub lines: Vec<(String, String)>,
}

/// What a vendor tells of a node beyond the protocol: counts, dates, locks, findings. Texts are passed through
/// [`visible`](super::text::visible) where they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// Label and value, in the order to show.
    pub lines: Vec<(String, String)>,
    /// Longer lists below them, such as vulnerabilities by severity.
    pub sections: Vec<Section>,
}

/// A titled list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Its title.
    pub title: String,
    /// Its lines.
    pub lines: Vec<String>,
}

/// Everything known of one manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageDetails {
    /// Digest of the bytes; of an engine's image the one that its registry knows it by, else its id.
    pub digest: Digest,
    /// What an engine calls it by: in most, the digest of its configuration. Such an image is no manifest: it has no media
    /// type that is told, and nothing refers to it. Nothing in registries and in the store.
    pub engine_id: Option<Digest>,
    /// Media type; empty where it is not told.
    pub media_type: String,
    /// Size of the manifest in bytes.
    pub manifest_size: u64,
    /// Artifact type as a media type, when it is not a runnable image.
    pub artifact: Option<String>,
    /// The members, when it is an index.
    pub index: Option<Index>,
    /// The image shown: the manifest itself, or the member for this machine's platform, else the first.
    pub shown: Option<ShownImage>,
    /// Annotations of the manifest.
    pub annotations: Vec<(String, String)>,
    /// What refers to it; a failure to find out is told, not hidden.
    pub referrers: Result<Vec<Descriptor>, Failure>,
    /// Seconds since 1970 when it was pushed, where the vendor tells.
    pub pushed: Option<i64>,
    /// What the vendor tells beyond the protocol; a failure is told, not hidden. Nothing where there is no more to ask.
    pub described: Option<Result<Description, Failure>>,
    /// What is wrong with it, each as a sentence: a digest header that does not match the bytes, a part that could not
    /// be read.
    pub warnings: Vec<String>,
}

/// One image: its configuration and layers.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownImage {
    /// Its digest.
    pub digest: Digest,
    /// Its platform.
    pub platform: Option<Platform>,
    /// Its configuration; a chart or a file has none that can be read as an image's.
    pub config: Option<ImageConfig>,
    /// Its layers, base first.
    pub layers: Vec<Descriptor>,
}

/// A manifest and, for an image, its configuration, byte for byte.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// The manifest, with the digest computed from its bytes.
    pub manifest: RawManifest,
    /// The digest it was asked for by, or that the tag resolved to.
    pub expected: Option<Digest>,
    /// The configuration's bytes.
    pub config: Option<Bytes>,
    /// Why there is no configuration, when there should be one.
    pub config_failure: Option<Failure>,
}
