//! The kinds of nodes.

/// The kind of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKind {
    /// A registry as the person has set it up.
    Connection,
    /// Account, organisation, project, subscription.
    Namespace,
    /// A registry below a connection (Azure, Amazon, Google); its step's name is the host used in references.
    Registry,
    /// A repository; its step's name is the full name in the V2 protocol, or, of images on this machine, which may
    /// come from anywhere, `host/name` (`docker.io/library/nginx`).
    Repository,
    /// A tag.
    Tag,
    /// The group of a repository's untagged manifests.
    Untagged,
    /// A manifest by digest.
    Manifest,
    /// The group of a registry's build definitions.
    Builds,
    /// A build definition that the registry runs.
    Build,
    /// One run of a build; its step's name is the run's id.
    Run,
}

impl NodeKind {
    /// Whether nodes of this kind can be opened.
    #[must_use]
    pub const fn has_children(self) -> bool {
        !matches!(self, Self::Tag | Self::Manifest | Self::Run)
    }
}
