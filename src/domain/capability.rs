//! What can be done at a node, as a set.
//!
//! Invariant: a capability is in the set only when the code for it exists and the server has not refused it.

use std::ops::{BitAnd, BitOr, BitOrAssign};

/// A set of capabilities.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Capabilities(u32);

impl Capabilities {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Repositories can be listed.
    pub const LIST: Self = Self(1);
    /// Manifests and blobs can be read: pull, inspect, digest.
    pub const READ: Self = Self(1 << 1);
    /// One tag can be removed while its manifest stays.
    pub const UNTAG: Self = Self(1 << 2);
    /// A manifest can be deleted by digest.
    pub const DELETE: Self = Self(1 << 3);
    /// Nodes have a page for people.
    pub const WEB: Self = Self(1 << 4);
    /// A repository can be opened by name.
    pub const OPEN_BY_NAME: Self = Self(1 << 5);
    /// The connection is kept in the configuration: it can be edited and disconnected.
    pub const KEPT: Self = Self(1 << 6);
    /// A manifest can be given another tag (in a registry, by putting it again under that name).
    pub const TAG: Self = Self(1 << 7);
    /// A repository can be deleted with everything in it.
    pub const DELETE_REPOSITORY: Self = Self(1 << 8);
    /// A repository can be made before anything is pushed to it.
    pub const CREATE_REPOSITORY: Self = Self(1 << 9);
    /// Images can be pushed and copied there.
    pub const PUSH: Self = Self(1 << 10);
    /// It lies on this machine: an engine, or the local store. Nothing in it is a registry's.
    pub const LOCAL: Self = Self(1 << 11);
    /// It can be pulled from.
    pub const PULL: Self = Self(1 << 12);

    /// Everything that changes a registry.
    pub const WRITES: Self = Self(
        Self::UNTAG.0
            | Self::DELETE.0
            | Self::TAG.0
            | Self::DELETE_REPOSITORY.0
            | Self::CREATE_REPOSITORY.0
            | Self::PUSH.0,
    );

    /// Whether every capability of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether nothing is in this set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// This set less `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Both sets together (usable in constants).
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOr for Capabilities {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}
impl BitOrAssign for Capabilities {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
impl BitAnd for Capabilities {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl std::fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const NAMES: [(&str, Capabilities); 13] = [
            ("LIST", Capabilities::LIST),
            ("READ", Capabilities::READ),
            ("UNTAG", Capabilities::UNTAG),
            ("DELETE", Capabilities::DELETE),
            ("WEB", Capabilities::WEB),
            ("OPEN_BY_NAME", Capabilities::OPEN_BY_NAME),
            ("KEPT", Capabilities::KEPT),
            ("TAG", Capabilities::TAG),
            ("DELETE_REPOSITORY", Capabilities::DELETE_REPOSITORY),
            ("CREATE_REPOSITORY", Capabilities::CREATE_REPOSITORY),
            ("PUSH", Capabilities::PUSH),
            ("LOCAL", Capabilities::LOCAL),
            ("PULL", Capabilities::PULL),
        ];
        f.debug_set().entries(NAMES.iter().filter(|(_, c)| self.contains(*c)).map(|(n, _)| n)).finish()
    }
}
