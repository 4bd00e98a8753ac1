//! Browsing by the protocol alone: repositories from the catalogue, tags below them.
//!
//! Invariant: speaks nothing but the distribution protocol, so it serves every provider whose vendor adds nothing.

use async_trait::async_trait;

use super::distribution::NamePage;
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
}

/// A page of repositories.
#[must_use]
pub fn repository_page(listed: NamePage) -> Page {
    page(listed, |_| NodeKind::Repository)
}

/// A page of tags. A digest among them, as some servers list it, is a manifest.
#[must_use]
pub fn tag_page(listed: NamePage) -> Page {
    page(listed, kind_of_tag)
}

/// What a name among the tags is.
#[must_use]
pub fn kind_of_tag(name: &str) -> NodeKind {
    if name.parse::<Digest>().is_ok() { NodeKind::Manifest } else { NodeKind::Tag }
}

fn page(listed: NamePage, kind: impl Fn(&str) -> NodeKind) -> Page {
    let NamePage { names, next, warnings } = listed;
    let entries = names.into_iter().map(|name| Entry::named(kind(&name), name)).collect();
    Page { entries, next, total: None, warnings }
}

#[async_trait]
impl Provider for Plain {
    async fn check(&self) -> Result<Account, Failure> {
        let server = self.distribution.ping().await?;
        Ok(Account::of(&server))
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match at.kind() {
            NodeKind::Connection => Ok(repository_page(self.distribution.catalog(cursor).await?)),
            NodeKind::Repository => Ok(tag_page(self.distribution.tags(at.name(), cursor).await?)),
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
