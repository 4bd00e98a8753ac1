//! What a listing brings: entries page by page, with the facts that came for free.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::failure::Failure;
use super::locator::NodeKind;
use super::platform::Platform;
use super::run::RunState;

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
    /// Why it is hidden unless asked for, as what stands behind a number: “3 *without registries* hidden”. Nothing for
    /// what is always shown.
    pub aside: Option<&'static str>,
}

impl Entry {
    /// An entry with a name alone.
    pub fn named(kind: NodeKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), label: None, facts: None, failure: None, aside: None }
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
    /// How a run of a build is.
    pub run: Option<RunState>,
}

impl Facts {
    /// Whether what a manifest itself tells is still missing: a size, which only what is no image may lack.
    #[must_use]
    pub fn are_partial(&self) -> bool {
        self.size.is_none() && self.artifact.is_none()
    }

    /// Whether both may be those of one manifest: what has no digest contradicts nobody.
    #[must_use]
    pub fn may_be_of_the_same(&self, other: &Self) -> bool {
        self.digest.is_none() || other.digest.is_none() || self.digest == other.digest
    }

    /// These, with what they lack taken from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            digest: self.digest.or(other.digest),
            media_type: self.media_type.or(other.media_type),
            artifact: self.artifact.or(other.artifact),
            size: self.size.or(other.size),
            time: self.time.or(other.time),
            platforms: if self.platforms.is_empty() { other.platforms } else { self.platforms },
            count: self.count.or(other.count),
            note: self.note.or(other.note),
            run: self.run.or(other.run),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_stays_and_what_is_missing_is_taken() {
        let told = Facts { time: Some(1), note: Some("locked".to_owned()), ..Facts::default() };
        let read = Facts { time: Some(2), size: Some(3), ..Facts::default() };
        let both = Facts { time: Some(1), size: Some(3), ..told.clone() };
        assert!(told.are_partial() && !read.are_partial());
        assert!(!Facts { artifact: Some("a chart".to_owned()), ..told.clone() }.are_partial());
        assert_eq!(told.or(read), both);
    }

    #[test]
    fn only_two_digests_contradict_each_other() {
        let of = |text: &str| Facts { digest: Some(Digest::of(text.as_bytes())), ..Facts::default() };
        assert!(of("a").may_be_of_the_same(&of("a")) && !of("a").may_be_of_the_same(&of("b")));
        assert!(of("a").may_be_of_the_same(&Facts::default()));
    }
}
