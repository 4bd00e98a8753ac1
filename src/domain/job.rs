//! Jobs: a running or finished pull or push (later: bulk delete), as plain data.

use super::digest::Digest;
use super::failure::Failure;

/// How far a job is, sampled from its meter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// What it does right now: "resolving", "fetching", "sending", "writing the index".
    pub stage: String,
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

/// One blob of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its digest.
    pub digest: Digest,
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
    /// Waiting before another try, with the reason.
    Retrying(String),
    /// Given up.
    Failed(Failure),
}

/// What a finished pull leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// Where it is, as a person would name it to a tool: `oci:/path:name`.
    pub location: String,
    /// Digest of each pulled manifest with its name.
    pub images: Vec<(String, Digest)>,
    /// Bytes fetched over the network.
    pub fetched: u64,
    /// Bytes that were there already.
    pub reused: u64,
    /// What a person should know of it: layers left out, a platform that is not the one asked for.
    pub notes: Vec<String>,
}

/// What a finished push leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// Digest of each pushed manifest with its reference.
    pub images: Vec<(String, Digest)>,
    /// Bytes sent over the network.
    pub sent: u64,
    /// Bytes that the server took from another of its repositories.
    pub mounted: u64,
    /// Bytes that were there already.
    pub present: u64,
    /// What a person should know of it: layers left out, a platform that is not the one asked for.
    pub notes: Vec<String>,
}
