//! Browsing by the protocol alone: repositories from the catalogue, tags below them.
//!
//! Invariant: speaks nothing but the distribution protocol, so it serves every provider whose vendor adds nothing.

use async_trait::async_trait;

use super::{Account, Delete, Distribution, Provider, Untag, untag};
use crate::domain::{Cursor, Digest, Entry, Failure, Locator, NodeKind, Page};

/// A registry that speaks the protocol, opened.
pub struct Plain {
    distribution: Distribution,
}

impl Plain {
    /// Over a protocol client. Does no I/O.
    #[must_use]
    pub fn new(distribution: Distribution) -> Self {
        Self { distribution }
    }

    async fn repositories(&self, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let listed = self.distribution.catalog(cursor).await?;
        Ok(Page {
            entries: listed.names.into_iter().map(|n| Entry::named(NodeKind::Repository, n)).collect(),
            next: listed.next,
            total: None,
            warnings: listed.warnings,
        })
    }

    async fn tags(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let listed = self.distribution.tags(repository, cursor).await?;
        Ok(Page {
            entries: listed.names.into_iter().map(|n| Entry::named(NodeKind::Tag, n)).collect(),
            next: listed.next,
            total: None,
            warnings: listed.warnings,
        })
    }
}

#[async_trait]
impl Provider for Plain {
    async fn check(&self) -> Result<Account, Failure> {
        let server = self.distribution.ping().await?;
        Ok(Account::of(&server))
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match at.kind() {
            NodeKind::Connection => self.repositories(cursor).await,
            NodeKind::Repository => self.tags(at.name(), cursor).await,
            _ => Ok(Page::default()),
        }
    }

    fn distribution(&self, _at: &Locator) -> Option<Distribution> {
        Some(self.distribution.clone())
    }

    fn untag(&self) -> Option<&dyn Untag> {
        Some(self)
    }

    fn delete(&self) -> Option<&dyn Delete> {
        Some(self)
    }
}

#[async_trait]
impl Untag for Plain {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let repository = at.repository().unwrap_or_default();
        untag::by_protocol(&self.distribution, repository, at.name()).await
    }
}

#[async_trait]
impl Delete for Plain {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        self.distribution.delete_manifest(repository.repository().unwrap_or_default(), digest).await
    }
}
