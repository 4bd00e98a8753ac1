//! The blast radius: what goes, and what is left untagged or broken, when a manifest is deleted or a tag untied.

use super::digest::Digest;
use super::manifest::Descriptor;

/// What a delete or untag would touch, as far as the registry can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impact {
    /// The manifest.
    pub digest: Digest,
    /// Every known tag of that manifest, the chosen one included.
    pub tags: Vec<String>,
    /// Tags of indexes that contain the manifest and would be broken.
    pub in_indexes: Vec<String>,
    /// Children of the manifest, when it is an index: they stay, untagged. Attestations included.
    pub children: Vec<Descriptor>,
    /// What refers to it.
    pub referrers: Vec<Descriptor>,
    /// How many tags of the repository were looked at, and how many there are known to be.
    pub looked_at: (u64, u64),
    /// What could not be found out, each as a sentence.
    pub unknown: Vec<String>,
}
