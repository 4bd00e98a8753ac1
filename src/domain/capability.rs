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
    /// Everything that changes the registry.
    pub const WRITES: Self = Self(Self::UNTAG.0 | Self::DELETE.0);

    /// Whether every capability of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
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
        const NAMES: [(&str, Capabilities); 7] = [
            ("LIST", Capabilities::LIST),
            ("READ", Capabilities::READ),
            ("UNTAG", Capabilities::UNTAG),
            ("DELETE", Capabilities::DELETE),
            ("WEB", Capabilities::WEB),
            ("OPEN_BY_NAME", Capabilities::OPEN_BY_NAME),
            ("KEPT", Capabilities::KEPT),
        ];
        f.debug_set().entries(NAMES.iter().filter(|(_, c)| self.contains(*c)).map(|(n, _)| n)).finish()
    }
}
