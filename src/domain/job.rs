//! Jobs, and what is asked of registries in bulk, as plain data.

use super::digest::Digest;
use super::failure::Failure;
use super::locator::Locator;

/// How far a job is, sampled from its meter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// What it does right now: "resolving", "fetching", "sending", "writing the index".
    pub stage: String,
    /// The last lines of its log, where it has one.
    pub log: Vec<String>,
    /// Its parts (layers and configurations), in the order to show; of very many only those that something happens to.
    pub parts: Vec<Part>,
    /// Parts that are complete, and parts in all.
    pub blobs: (u64, u64),
    /// Bytes that have arrived, or were there, of all known parts.
    pub done: u64,
    /// Bytes of all known parts.
    pub total: u64,
    /// Bytes that came over the network.
    pub fetched: u64,
    /// Images done and in all, for a whole repository.
    pub images: (u64, u64),
}

impl Progress {
    /// Whether bytes are on their way right now; else it waits, or works on what is there.
    #[must_use]
    pub fn is_flowing(&self) -> bool {
        self.parts.iter().any(|part| part.state == PartState::Running)
    }

    /// Whether all that goes on is waiting before another try.
    #[must_use]
    pub fn is_retrying(&self) -> bool {
        !self.is_flowing() && self.parts.iter().any(|part| matches!(part.state, PartState::Retrying(_)))
    }
}

/// One blob of a job, or a layer that an engine moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is called: the first characters of its digest, or the name that an engine gives it.
    pub name: String,
    /// Its size in bytes.
    pub total: u64,
    /// Bytes there.
    pub done: u64,
    /// How it is.
    pub state: PartState,
}

/// How a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartState {
    /// Not begun.
    Waiting,
    /// On its way.
    Running,
    /// Complete and verified.
    Done,
    /// Was there before.
    Present,
    /// The registry took it from another of its repositories.
    Mounted,
    /// Waiting before another try, with the reason.
    Retrying(String),
    /// Given up.
    Failed(Failure),
}

/// What a finished pull, push or copy leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    /// Where it is, as a person would name it to a tool: `oci:/path:name`, `docker-archive:/file`, a reference.
    pub location: String,
    /// Its node in the tree, where it has one.
    pub at: Option<Locator>,
    /// Each image by its name there, with the digest of its manifest.
    pub images: Vec<(String, Digest)>,
    /// Bytes fetched or sent over the network.
    pub moved: u64,
    /// Bytes that a registry took from another of its repositories.
    pub mounted: u64,
    /// Bytes that were there already.
    pub reused: u64,
    /// How many referrers came along; nothing where nobody asked for them.
    pub referrers: Option<u64>,
    /// What a person should know of it: layers left out, a platform that is not the one asked for.
    pub notes: Vec<String>,
}

impl Moved {
    /// Both together; the place is that of the later one.
    #[must_use]
    pub fn and(mut self, later: Self) -> Self {
        self.images.extend(later.images);
        self.notes.extend(later.notes);
        self.moved += later.moved;
        self.mounted += later.mounted;
        self.reused += later.reused;
        self.referrers = match (self.referrers, later.referrers) {
            (Some(before), Some(more)) => Some(before + more),
            (before, more) => before.or(more),
        };
        Self { location: later.location, at: later.at, ..self }
    }
}

/// One image on its way to a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copying {
    /// A tag or manifest, in a registry or on this machine.
    pub from: Locator,
    /// The tag that it gets.
    pub to: Locator,
    /// What the person saw that tag pointing at. If it points elsewhere by the time of the copy, nothing is written.
    pub seen: Seen,
}

/// What a tag was seen pointing at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Seen {
    /// Nobody looked: whatever is there may be replaced.
    #[default]
    NotLooked,
    /// There was no such tag.
    Nothing,
    /// This manifest.
    Digest(Digest),
}

impl Seen {
    /// The manifest, where there was one.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Digest(digest) => Some(digest),
            Self::NotLooked | Self::Nothing => None,
        }
    }

    /// Why a tag that points at `now` is not replaced any more: it is not what the person saw. Nothing when it is as it
    /// was, or gone, or nobody looked.
    #[must_use]
    pub fn differs_from(&self, now: Option<&Digest>) -> Option<String> {
        match (self, now) {
            (Self::Nothing, Some(there)) => {
                Some(format!("somebody has made that tag meanwhile; it is {there}"))
            }
            (Self::Digest(seen), Some(there)) if seen != there => {
                Some(format!("the tag was moved meanwhile, from {seen} to {there}"))
            }
            _ => None,
        }
    }
}

/// What goes along with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Along {
    /// Nothing.
    #[default]
    Nothing,
    /// What refers to it: signatures, SBOMs, attestations.
    Referrers,
}

/// What a transfer would take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weight {
    /// Images.
    pub images: u64,
    /// Distinct blobs.
    pub blobs: u64,
    /// Bytes of those blobs.
    pub bytes: u64,
    /// Images that could not be read.
    pub unknown: u64,
}

/// A manifest that is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The tag or manifest that was chosen.
    pub at: Locator,
    /// The manifest.
    pub digest: Digest,
    /// The tags that are known to go with it, so that they can be put back.
    pub tags: Vec<String>,
}

/// A removal that failed, maybe half way.
#[derive(Debug, Clone, PartialEq)]
pub struct RemovalFailure {
    /// Why.
    pub failure: Failure,
    /// Whether something went all the same, and can be put back.
    pub undo: Undo,
}

impl From<Failure> for RemovalFailure {
    /// One that changed nothing.
    fn from(failure: Failure) -> Self {
        Self { failure, undo: Undo::Impossible }
    }
}

/// Whether a removal can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// The manifest's bytes are kept: it can, while its blobs are there.
    Possible,
    /// It cannot.
    Impossible,
}
