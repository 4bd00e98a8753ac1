//! Browsing: registries by region, repositories, tags with what `DescribeImages` tells, untagged images.
//!
//! Invariant: one request a page, never one for each tag.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::place::Place;
use super::refusal::Refused;
use super::registries::Row;
use super::registry::Registry;
use super::wire::{Images, Repositories};
use super::{Amazon, Scope, entries};
use crate::domain::{Cursor, Entry, Facts, Failure, Locator, NodeKind, Page, text::visible};
use crate::registry::{
    Account, Blast, CreateRepository, Delete, DeleteRepository, Describe, Distribution, Provider, Untag,
};

/// The most entries that AWS gives in one answer.
const PAGE: u32 = 1000;
/// The name of the node above a repository's untagged images.
const UNTAGGED: &str = "untagged";

impl Amazon {
    async fn repositories(&self, registry: &Registry, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let doing = format!("listing the repositories of {}", registry.place);
        let body = registry.about_all(paged(json!({}), cursor));
        let answer: Repositories = registry.calls.read("DescribeRepositories", &body, &doing).await?;
        let entries = answer.repositories.iter().filter_map(|r| entries::repository(registry, r)).collect();
        Ok(Page { entries, next: next(answer.next_token, cursor), ..Page::default() })
    }

    /// One page of tags. Those of the public registry come with the untagged images, which are left out.
    async fn tags(&self, registry: &Registry, name: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let (images, untagged) = match cursor {
            Some(_) => (self.images(registry, name, Some("TAGGED"), cursor).await?, None),
            None => {
                let tagged = self.images(registry, name, Some("TAGGED"), None);
                let (images, untagged) = futures_util::join!(tagged, self.untagged_node(registry, name));
                (images?, untagged)
            }
        };
        let mut entries: Vec<Entry> = images.image_details.iter().flat_map(entries::tags).collect();
        entries.extend(untagged);
        Ok(Page { entries, next: next(images.next_token, cursor), ..Page::default() })
    }

    async fn untagged(
        &self,
        registry: &Registry,
        name: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Failure> {
        let images = self.images(registry, name, Some("UNTAGGED"), cursor).await?;
        let untagged = images.image_details.iter().filter(|i| i.image_tags.is_empty());
        let entries = untagged.filter_map(entries::manifest).collect();
        Ok(Page { entries, next: next(images.next_token, cursor), ..Page::default() })
    }

    /// The node of the untagged images, if there are any. It is an extra: the tags are listed without it too.
    async fn untagged_node(&self, registry: &Registry, name: &str) -> Option<Entry> {
        let first = self.images(registry, name, Some("UNTAGGED"), None).await;
        let images =
            first.inspect_err(|failure| tracing::debug!(%failure, "untagged images are not known")).ok()?;
        let count = images.image_details.iter().filter(|i| i.image_tags.is_empty()).count();
        let count = u64::try_from(count).ok().filter(|count| *count > 0)?;
        let facts = Facts { count: images.next_token.is_none().then_some(count), ..Facts::default() };
        Some(Entry {
            label: Some("untagged images".to_owned()),
            facts: Some(Box::new(facts)),
            ..Entry::named(NodeKind::Untagged, UNTAGGED)
        })
    }

    /// One page of `DescribeImages`. The public API knows no filter.
    pub(super) async fn images(
        &self,
        registry: &Registry,
        name: &str,
        status: Option<&str>,
        cursor: Option<&Cursor>,
    ) -> Result<Images, Failure> {
        let doing = format!("listing the images of {}", visible(name));
        let more = match (status, &registry.place) {
            (Some(status), Place::Private { .. }) => json!({ "filter": { "tagStatus": status } }),
            _ => json!({}),
        };
        let body = registry.about(name, paged(more, cursor));
        registry.calls.read("DescribeImages", &body, &doing).await.map_err(|refused: Refused| refused.failure)
    }
}

#[async_trait]
impl Provider for Amazon {
    async fn check(&self) -> Result<Account, Failure> {
        let rows = self.rows().await?;
        let account = rows.iter().find_map(|row| row.registry.account());
        let mut lines: Vec<(String, String)> = rows.iter().map(Row::line).collect();
        if let Some(profile) = self.keys.profile() {
            lines.insert(0, ("profile".to_owned(), profile.to_owned()));
        }
        Ok(Account { name: account, lines, ..Account::default() })
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let name = at.repository().unwrap_or_default();
        match (at.kind(), &self.scope) {
            (NodeKind::Connection, Scope::Regions) => {
                let entries = self.rows().await?.into_iter().map(Row::entry).collect();
                Ok(Page { entries, ..Page::default() })
            }
            (NodeKind::Connection, Scope::One(_)) | (NodeKind::Registry, _) => {
                self.repositories(self.registry_of(at).await?.as_ref(), cursor).await
            }
            (NodeKind::Repository, _) => self.tags(self.registry_of(at).await?.as_ref(), name, cursor).await,
            (NodeKind::Untagged, _) => {
                self.untagged(self.registry_of(at).await?.as_ref(), name, cursor).await
            }
            _ => Ok(Page::default()),
        }
    }

    fn distribution(&self, at: &Locator) -> Option<Distribution> {
        self.known_registry(at)?.distribution()
    }

    fn web(&self, at: &Locator) -> Option<String> {
        let registry = self.known_registry(at)?;
        let Place::Private { region, .. } = &registry.place else {
            return Some(format!("https://gallery.ecr.aws/{}", at.repository()?));
        };
        let account = registry.account()?;
        let (code, console) = (region.as_str(), region.console());
        let pages = format!("https://{code}.{console}/ecr");
        Some(match at.repository() {
            Some(name) => format!("{pages}/repositories/private/{account}/{name}?region={code}"),
            None => format!("{pages}/private-registry/repositories?region={code}"),
        })
    }

    fn has_web(&self) -> bool {
        true
    }

    fn untag(&self) -> Option<&dyn Untag> {
        Some(self)
    }

    fn delete(&self) -> Option<&dyn Delete> {
        Some(self)
    }

    fn delete_repository(&self) -> Option<&dyn DeleteRepository> {
        Some(self)
    }

    fn create_repository(&self) -> Option<&dyn CreateRepository> {
        Some(self)
    }

    fn describe(&self) -> Option<&dyn Describe> {
        Some(self)
    }

    fn blast(&self) -> Option<&dyn Blast> {
        Some(self)
    }
}

/// `body` for the page that `cursor` leads to.
fn paged(mut body: Value, cursor: Option<&Cursor>) -> Value {
    if let Value::Object(body) = &mut body {
        body.insert("maxResults".to_owned(), json!(PAGE));
        if let Some(Cursor(token)) = cursor {
            body.insert("nextToken".to_owned(), json!(token));
        }
    }
    body
}

/// The page after that of `cursor`. An empty token is the end, and so is the same one again.
pub(super) fn next(token: Option<String>, cursor: Option<&Cursor>) -> Option<Cursor> {
    token.filter(|t| !t.is_empty()).map(Cursor).filter(|next| Some(next) != cursor)
}
