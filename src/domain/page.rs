//! What a listing brings: entries page by page, with the facts that came for free.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::failure::Failure;
use super::locator::NodeKind;
use super::platform::Platform;

/// Where the next page starts; only the provider that made it can read it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(pub String);

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The entries, in the server's order.
    pub entries: Vec<Entry>,
    /// Where to go on; nothing when this was the last page.
    pub next: Option<Cursor>,
    /// How many entries there are in all, where the server says.
    pub total: Option<u64>,
    /// What went wrong without stopping the listing (a bad row, a `Warning` header), for the log.
    pub warnings: Vec<String>,
}

/// One child of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it is.
    pub kind: NodeKind,
    /// The name of its step (see [`NodeKind`]).
    pub name: String,
    /// What to show instead of the name.
    pub label: Option<String>,
    /// What the listing already told.
    pub facts: Option<Box<Facts>>,
    /// A row that stands for something that failed (a tenant, a region).
    pub failure: Option<Box<Failure>>,
}

impl Entry {
    /// An entry with a name alone.
    pub fn named(kind: NodeKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), label: None, facts: None, failure: None }
    }
}

/// What is shown beside a row, each when known. Kept on disk by digest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// Digest of the manifest.
    pub digest: Option<Digest>,
    /// Media type of the manifest.
    pub media_type: Option<String>,
    /// Artifact type as a media type, when it is not a runnable image.
    pub artifact: Option<String>,
    /// Size of the layers in bytes: of this image, or of the platform shown first.
    pub size: Option<u64>,
    /// Seconds since 1970: pushed, else created.
    pub time: Option<i64>,
    /// Platforms, attestations left out.
    pub platforms: Vec<Platform>,
    /// Children: tags of a repository, repositories of a namespace.
    pub count: Option<u64>,
    /// Anything else to show, in a few words ("locked", "private").
    pub note: Option<String>,
}
