//! The levels of the tree: projects, repositories, tags, untagged artifacts.
//!
//! Invariant: where the API is not to be had, the protocol's lists stand in, and the page says so; a cursor of theirs
//! is marked, so that a listing ends as it began.

use std::sync::PoisonError;

use super::client::{Listed, Which, is_elsewhere};
use super::wire::{Artifact, Project, Repository};
use super::{Harbor, Named};
use crate::domain::{Cursor, Entry, Facts, Failure, NodeKind, Page, text::visible};
use crate::registry::distribution::NamePage;

/// What a cursor of the protocol's lists starts with.
const BY_PROTOCOL: &str = "v2 ";

impl Harbor {
    pub(super) async fn projects(&self, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        if let Some(inner) = by_protocol(cursor) {
            return Ok(names(self.distribution.catalog(Some(&inner)).await?, NodeKind::Repository));
        }
        match self.client.projects(cursor).await {
            Ok(listed) => {
                self.remember(&listed.items);
                Ok(page(listed, |project| Some(project_entry(&project))))
            }
            Err(failure) if cursor.is_none() && is_elsewhere(&failure) => {
                let standing_in = self.distribution.catalog(None).await;
                stand_in(standing_in, NodeKind::Repository, failure)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Keeps the projects' numbers for their pages.
    fn remember(&self, projects: &[Project]) {
        let mut ids = self.project_ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.extend(projects.iter().filter_map(|p| Some((p.name.clone(), p.project_id?))));
    }

    pub(super) async fn repositories(&self, project: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let doing = format!("listing the repositories of {}", visible(project));
        let listed = self.client.repositories(project, cursor, &doing).await?;
        Ok(page(listed, |repository| Some(repository_entry(project, repository))))
    }

    pub(super) async fn tags(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        if let Some(inner) = by_protocol(cursor) {
            return Ok(names(self.distribution.tags(repository, Some(&inner)).await?, NodeKind::Tag));
        }
        match self.tags_by_api(repository, cursor).await {
            Err(failure) if cursor.is_none() && is_elsewhere(&failure) => {
                stand_in(self.distribution.tags(repository, None).await, NodeKind::Tag, failure)
            }
            done => done,
        }
    }

    async fn tags_by_api(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let doing = format!("listing the tags of {}", visible(repository));
        let of = Named::of(repository, &doing)?;
        let untagged = async {
            match cursor {
                None => self.client.count(of, Which::Untagged, &doing).await.unwrap_or_default(),
                Some(_) => 0,
            }
        };
        let (listed, untagged) =
            tokio::join!(self.client.artifacts(of, Some(Which::Tagged), cursor, &doing), untagged);
        let listed = listed?;
        let mut entries: Vec<Entry> = listed.items.iter().flat_map(tag_entries).collect();
        if untagged > 0 {
            entries.push(untagged_entry(untagged));
        }
        Ok(Page { entries, next: listed.next, total: None, warnings: listed.warnings })
    }

    pub(super) async fn untagged(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let doing = format!("listing the untagged artifacts of {}", visible(repository));
        let of = Named::of(repository, &doing)?;
        let listed = self.client.artifacts(of, Some(Which::Untagged), cursor, &doing).await?;
        Ok(page(listed, |artifact| manifest_entry(&artifact)))
    }
}

/// One page of entries; what has none is left out.
fn page<T>(listed: Listed<T>, entry: impl Fn(T) -> Option<Entry>) -> Page {
    Page {
        entries: listed.items.into_iter().filter_map(entry).collect(),
        next: listed.next,
        total: listed.total,
        warnings: listed.warnings,
    }
}

fn project_entry(project: &Project) -> Entry {
    with(Entry::named(NodeKind::Namespace, &project.name), project.facts())
}

/// A row shows the name without the project, which stands above it.
fn repository_entry(project: &str, repository: Repository) -> Entry {
    let facts = repository.facts();
    let short = repository.name.strip_prefix(project).and_then(|rest| rest.strip_prefix('/'));
    let label = short.map(str::to_owned);
    with(Entry { label, ..Entry::named(NodeKind::Repository, repository.name) }, facts)
}

fn tag_entries(artifact: &Artifact) -> impl Iterator<Item = Entry> {
    artifact.tags.iter().map(|tag| with(Entry::named(NodeKind::Tag, &tag.name), artifact.facts(Some(tag))))
}

fn manifest_entry(artifact: &Artifact) -> Option<Entry> {
    let facts = artifact.facts(None);
    let name = facts.digest.as_ref()?.to_string();
    Some(with(Entry::named(NodeKind::Manifest, name), facts))
}

fn untagged_entry(count: u64) -> Entry {
    let facts = Facts { count: Some(count), ..Facts::default() };
    with(Entry::named(NodeKind::Untagged, "untagged"), facts)
}

fn with(entry: Entry, facts: Facts) -> Entry {
    Entry { facts: Some(Box::new(facts)), ..entry }
}

fn by_protocol(cursor: Option<&Cursor>) -> Option<Cursor> {
    cursor?.0.strip_prefix(BY_PROTOCOL).map(|inner| Cursor(inner.to_owned()))
}

fn names(listed: NamePage, kind: NodeKind) -> Page {
    Page {
        entries: listed.names.into_iter().map(|name| Entry::named(kind, name)).collect(),
        next: listed.next.map(|Cursor(inner)| Cursor(format!("{BY_PROTOCOL}{inner}"))),
        total: None,
        warnings: listed.warnings,
    }
}

/// The protocol's list in place of one that the API did not give, with the reason; its failure when both fail.
fn stand_in(listed: Result<NamePage, Failure>, kind: NodeKind, why: Failure) -> Result<Page, Failure> {
    let Ok(listed) = listed else { return Err(why) };
    let mut page = names(listed, kind);
    page.warnings.push(format!("Harbor's API did not answer ({}); this is the protocol's list", why.said));
    Ok(page)
}
