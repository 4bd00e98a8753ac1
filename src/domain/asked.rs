//! An extra that was asked for, and what came of it.

use std::collections::BTreeMap;

use super::connection::ConnectionId;
use super::locator::Locator;
use super::reference::Reference;
use super::secret::Secret;

/// An extra on a node, with what was filled in so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The extra's id.
    pub extra: String,
    /// The connection whose provider offers it.
    pub via: ConnectionId,
    /// The node; of another connection for an extra of [`Whose::Every`](super::extra::Whose::Every).
    pub at: Locator,
    /// The image that the node is, when it is one. Nothing until a workspace, which knows the registry's host, hands it on.
    pub image: Option<Reference>,
    /// What was filled in, by field id; secrets too.
    pub values: BTreeMap<String, Secret>,
}

impl Asked {
    /// What was filled into a field, without the white space around it.
    #[must_use]
    pub fn value(&self, id: &str) -> &str {
        self.values.get(id).map_or("", Secret::expose).trim()
    }
}

/// What came of an extra.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// One sentence: what was done.
    pub said: String,
    /// An address to open or to copy.
    pub address: Option<String>,
    /// A text to read: properties, a log. Its title and its lines.
    pub text: Option<(String, String)>,
    /// A text to copy at once, such as the digest of what was made.
    pub copy: Option<String>,
    /// The branches that are different now.
    pub changed: Vec<Locator>,
    /// The node to go to.
    pub at: Option<Locator>,
}
