//! The seam between the tree and the registries: what a provider has to do, and what it may be able to do.
//!
//! Invariant: a capability exists when its code exists. It is computed from the facets that a provider returns and
//! is declared nowhere else.

use async_trait::async_trait;

use super::distribution::{Distribution, Server};
use crate::domain::{Capabilities, Cursor, Digest, Failure, Locator, Page};

/// What a check of a connection found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// The account as the server knows it; nothing for an anonymous connection.
    pub name: Option<String>,
    /// What the server is, as far as its headers tell.
    pub server: Option<String>,
    /// Further lines for the details: label and value.
    pub lines: Vec<(String, String)>,
}

impl Account {
    /// What a ping told.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        let software = server.software.clone().or_else(|| server.version.clone());
        Self { name: None, server: software, lines: Vec::new() }
    }
}

/// A kind of registry, opened for one connection. Making one does no I/O; the first request does.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Asks the server whether the connection works with its sign-in.
    ///
    /// # Errors
    /// `Unauthorized`, `Tls`, `Offline`, `Invalid` (not a registry) and what the transport may say.
    async fn check(&self) -> Result<Account, Failure>;

    /// One page of the children of `at`; `cursor` is the `next` of the page before. What the children are
    /// (namespaces, repositories, tags) is the provider's business.
    ///
    /// # Errors
    /// Whatever the transport may say; `Unsupported` when this server cannot list here.
    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure>;

    /// The protocol client that serves `at`.
    fn distribution(&self, at: &Locator) -> Option<&Distribution>;

    /// The page for people that shows `at`.
    fn web(&self, _at: &Locator) -> Option<String> {
        None
    }

    /// Whether this provider has pages for people at all.
    fn has_web(&self) -> bool {
        false
    }

    /// Removing one tag while its manifest stays.
    fn untag(&self) -> Option<&dyn Untag> {
        None
    }

    /// Deleting manifests.
    fn delete(&self) -> Option<&dyn Delete> {
        None
    }

    /// What can be done there: the facets above, and what every provider can.
    fn capabilities(&self) -> Capabilities {
        let mut can = Capabilities::LIST | Capabilities::READ | Capabilities::OPEN_BY_NAME;
        if self.untag().is_some() {
            can |= Capabilities::UNTAG;
        }
        if self.delete().is_some() {
            can |= Capabilities::DELETE;
        }
        if self.has_web() {
            can |= Capabilities::WEB;
        }
        can
    }
}

/// The facet of providers that can untie one tag.
#[async_trait]
pub trait Untag: Send + Sync {
    /// Removes the tag at `at`; the manifest and its other tags stay.
    ///
    /// # Errors
    /// `Unsupported` when the server has it switched off; `NotFound` when the tag is gone already.
    async fn untag(&self, at: &Locator) -> Result<(), Failure>;
}

/// The facet of providers that can delete.
#[async_trait]
pub trait Delete: Send + Sync {
    /// Deletes the manifest `digest` of the repository at `repository`, with every tag of it.
    ///
    /// # Errors
    /// `Unsupported` when the server has it switched off; `NotFound` when it is gone already.
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure>;
}
