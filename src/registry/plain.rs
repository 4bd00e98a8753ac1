//! Browsing by the protocol alone: repositories from the catalogue and from bookmarks, tags below them.
//!
//! Invariant: speaks nothing but the distribution protocol, so it serves every provider whose vendor adds nothing.

use async_trait::async_trait;

use super::distribution::NamePage;
use super::{Account, Delete, Distribution, Provider, Untag, untag};
use crate::domain::{Connection, Cursor, Digest, Entry, Failure, FailureKind, Locator, NodeKind, Page};

/// A registry that speaks the protocol, opened.
pub struct Plain {
    distribution: Distribution,
    bookmarks: Vec<String>,
}

impl Plain {
    /// Opens `connection` over its protocol client. Does no I/O.
    #[must_use]
    pub fn new(connection: &Connection, distribution: Distribution) -> Self {
        Self { distribution, bookmarks: connection.bookmarks.clone() }
    }

    /// The catalogue, with the bookmarks in front of the first page. A server that has no catalogue, or keeps it to
    /// itself, still shows the bookmarks.
    async fn repositories(&self, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let listed = match self.distribution.catalog(cursor).await {
            Err(failure) if cursor.is_none() && keeps_its_catalog(failure.kind) => {
                if self.bookmarks.is_empty() {
                    return Err(no_catalog(&failure));
                }
                let said = format!("this server does not list its repositories ({})", failure.said);
                NamePage { names: Vec::new(), next: None, warnings: vec![said] }
            }
            other => other?,
        };
        let first = if cursor.is_none() { self.bookmarks.as_slice() } else { &[] };
        let names =
            first.iter().cloned().chain(listed.names.into_iter().filter(|n| !self.bookmarks.contains(n)));
        Ok(Page {
            entries: names.map(|n| Entry::named(NodeKind::Repository, n)).collect(),
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

/// Refusals that mean "no catalogue here" rather than "something is wrong".
fn keeps_its_catalog(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::NotFound | FailureKind::Unsupported | FailureKind::Forbidden | FailureKind::Unauthorized
    )
}

fn no_catalog(failure: &Failure) -> Failure {
    let next = match failure.kind {
        FailureKind::Unauthorized => "sign in, or use “Open repository…” with a name",
        _ => "use “Open repository…” with a name",
    };
    Failure::new(failure.kind, failure.doing.clone(), format!("{}; {next}", failure.said))
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

    fn distribution(&self, _at: &Locator) -> Option<&Distribution> {
        Some(&self.distribution)
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
