//! Listing: repositories by the REST API, images by the protocol, tags by the search with their dates and digests.
//!
//! Invariant: where the API is not offered, or knows nothing of an image, the protocol's lists stand in.

use std::sync::PoisonError;

use super::Nexus;
use super::wire::{Component, Components, Repository};
use crate::domain::text::visible;
use crate::domain::{Cursor, Entry, Facts, Failure, Locator, NodeKind, Page};
use crate::registry::paging::Paging;
use crate::registry::plain::{kind_of_tag, repository_page, tag_page};
use crate::registry::{Distribution, fallback};

const REST: [&str; 3] = ["service", "rest", "v1"];
/// What a cursor of the search begins with; the protocol's own begin with a number.
const SEARCH: &str = "search ";

impl Nexus {
    /// The Docker repositories that the account may see, and what the server is.
    pub(super) async fn repositories(&self) -> Result<(Vec<Repository>, Option<String>), Failure> {
        let url = self.api.url(&rest(&["repositories"]), &[]);
        let (mut found, reply): (Vec<Repository>, _) =
            self.api.get(url, "listing the Docker repositories").await?;
        found.retain(|repository| repository.format == "docker");
        let server =
            reply.named("server").map(|s| visible(&s.chars().take(80).collect::<String>()).into_owned());
        Ok((found, server))
    }

    /// The same with ports and subdomains, where the account may read the settings; the list as it is where not.
    async fn with_connectors(&self, found: Vec<Repository>) -> Vec<Repository> {
        let url = self.api.url(&rest(&["repositorySettings"]), &[]);
        let Ok((settings, _)) = self.api.get::<Vec<Repository>>(url, "reading the repositories' ports").await
        else {
            return found;
        };
        let mut settings: Vec<Repository> = settings.into_iter().filter(|s| s.format == "docker").collect();
        found.into_iter().map(|one| take(&mut settings, &one.name).unwrap_or(one)).collect()
    }

    /// What lies below the connection.
    pub(super) async fn registries(&self, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        if let Some(key) = &self.address.key {
            let connector = super::address::Connector::Path;
            let entry = self.entry(self.address.host_of(key, &connector), key, None);
            return Ok(Page { entries: vec![entry], ..Page::default() });
        }
        // A cursor can only be the catalogue's: the repositories come in one page.
        if cursor.is_some() {
            return self.images(&self.clients.at(&self.address.base)?, cursor).await;
        }
        match self.repositories().await {
            Ok((found, _)) => Ok(self.remember(&self.with_connectors(found).await)),
            Err(failure) if fallback::may_do_without(&failure) => {
                let registry = self.clients.at(&self.address.base)?;
                self.images(&registry, None).await.map_err(|_| failure)
            }
            Err(failure) => Err(failure),
        }
    }

    fn remember(&self, found: &[Repository]) -> Page {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries: Vec<Entry> = Vec::new();
        for repository in found {
            let host = self.address.host_of(&repository.name, &repository.connector());
            keys.insert(host.clone(), repository.name.clone());
            entries.push(self.entry(host, &repository.name, repository.kind.as_deref()));
        }
        Page { total: Some(entries.len() as u64), entries, ..Page::default() }
    }

    fn entry(&self, host: String, key: &str, kind: Option<&str>) -> Entry {
        let note = kind.map(|kind| Box::new(Facts { note: Some(kind.to_owned()), ..Facts::default() }));
        Entry { label: Some(key.to_owned()), facts: note, ..Entry::named(NodeKind::Registry, host) }
    }

    /// The images of one repository.
    pub(super) async fn images(
        &self,
        registry: &Distribution,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Failure> {
        Ok(repository_page(registry.catalog(cursor).await?))
    }

    /// The tags of an image, with dates where the search answers.
    pub(super) async fn tags(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let begun = cursor.map(|c| c.0.strip_prefix(SEARCH).map(|rest| Cursor(rest.to_owned())));
        if let (Some(key), None | Some(Some(_))) = (self.key(at), &begun) {
            let is_first = begun.is_none();
            match self.dated_tags(&key, at.name(), begun.flatten().as_ref()).await {
                Ok(page) if !is_first || !page.entries.is_empty() => return Ok(page),
                Err(failure) if !is_first || !fallback::may_do_without(&failure) => return Err(failure),
                _ => {}
            }
        }
        Ok(tag_page(self.client(at)?.tags(at.name(), cursor).await?))
    }

    async fn dated_tags(&self, key: &str, image: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let paging = Paging::at(cursor)?;
        let found = self.search(key, image, None, paging.asked()).await?;
        let next = found.continuation_token.filter(|token| !token.is_empty());
        let tags = found.items.into_iter().filter_map(Component::entry);
        let entries = tags.map(|entry| Entry { kind: kind_of_tag(&entry.name), ..entry }).collect();
        let page = paging.finish(Page { entries, ..Page::default() }, next);
        Ok(Page { next: page.next.map(|c| Cursor(format!("{SEARCH}{}", c.0))), ..page })
    }

    /// The components of an image: all of a page, or the one of a tag.
    pub(super) async fn search(
        &self,
        key: &str,
        image: &str,
        tag: Option<&str>,
        token: Option<&str>,
    ) -> Result<Components, Failure> {
        let doing = format!("listing the tags of {}", visible(image));
        let mut query = vec![("repository", key), ("format", "docker"), ("name", image)];
        query.extend(tag.map(|tag| ("version", tag)));
        query.extend(token.map(|token| ("continuationToken", token)));
        let url = self.api.url(&rest(&["search"]), &query);
        let (mut found, _): (Components, _) = self.api.get(url, &doing).await?;
        let is_meant = |c: &Component| c.name == image && tag.is_none_or(|t| c.version.as_deref() == Some(t));
        found.items.retain(is_meant);
        Ok(found)
    }
}

/// A path of the REST API.
pub(super) fn rest<'a>(path: &[&'a str]) -> Vec<&'a str> {
    [&REST, path].concat()
}

fn take(settings: &mut Vec<Repository>, name: &str) -> Option<Repository> {
    let at = settings.iter().position(|s| s.name == name)?;
    Some(settings.swap_remove(at))
}
