//! Where a command applies: on which kinds of nodes, and what has to be possible there.
//!
//! Invariant: a function of the node's kind and of the capabilities there, and of nothing else.

use crate::domain::{Capabilities, NodeKind};

/// A set of node kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    /// Wherever one is, even on nothing.
    pub const ANYWHERE: Self = Self(0xffff);
    /// Connections, and the places on this machine.
    pub const CONNECTION: Self = Self(1);
    /// Namespaces and registries below a connection.
    pub const GROUP: Self = Self(2);
    /// Repositories.
    pub const REPOSITORY: Self = Self(4);
    /// Tags and manifests.
    pub const IMAGE: Self = Self(8);
    /// Tags alone.
    pub const TAG: Self = Self(16);
    /// Groups of untagged manifests.
    pub const UNTAGGED: Self = Self(32);
    /// Groups of build definitions, and these.
    pub const BUILDS: Self = Self(64);
    /// Runs of builds.
    pub const RUN: Self = Self(128);
    /// Every node.
    pub const NODE: Self = Self(1 | 2 | 4 | 8 | 16 | 32 | 64 | 128);
    /// Every node that has children.
    pub const BRANCH: Self = Self(1 | 2 | 4 | 32 | 64);

    /// Those of both sets.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a node of `kind` is among them; `None` stands for no node at all.
    #[must_use]
    pub const fn has(self, kind: Option<NodeKind>) -> bool {
        let bit = match kind {
            None => return self.0 == Self::ANYWHERE.0,
            Some(NodeKind::Connection) => Self::CONNECTION.0,
            Some(NodeKind::Namespace | NodeKind::Registry) => Self::GROUP.0,
            Some(NodeKind::Untagged) => Self::UNTAGGED.0,
            Some(NodeKind::Builds | NodeKind::Build) => Self::BUILDS.0,
            Some(NodeKind::Run) => Self::RUN.0,
            Some(NodeKind::Repository) => Self::REPOSITORY.0,
            Some(NodeKind::Tag) => Self::TAG.0 | Self::IMAGE.0,
            Some(NodeKind::Manifest) => Self::IMAGE.0,
        };
        self.0 & bit != 0
    }
}

/// What has to be possible at a node, and what must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    has: Capabilities,
    lacks: Capabilities,
}

impl Needs {
    /// Nothing in particular.
    pub const NOTHING: Self = Self::all(Capabilities::NONE);

    /// All of these.
    #[must_use]
    pub const fn all(has: Capabilities) -> Self {
        Self { has, lacks: Capabilities::NONE }
    }

    /// All of these, on this machine.
    #[must_use]
    pub const fn here(has: Capabilities) -> Self {
        Self::all(has.with(Capabilities::LOCAL))
    }

    /// All of these, in a registry.
    #[must_use]
    pub const fn away(has: Capabilities) -> Self {
        Self { has, lacks: Capabilities::LOCAL }
    }

    /// Whether a node where all of `can` is possible will do.
    #[must_use]
    pub const fn met_by(self, can: Capabilities) -> bool {
        can.contains(self.has) && (self.lacks.is_empty() || !can.contains(self.lacks))
    }
}
