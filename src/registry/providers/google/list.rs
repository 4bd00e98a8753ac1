//! The levels of the tree below a project: hosts, repositories, images, tags, untagged manifests.
//!
//! Invariant: the tags of an image, their dates and what has no tag come in one request; where the API is not to be
//! had, the protocol's lists stand in and the page says so.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};

use super::Google;
use super::api::{Listed, is_away};
use super::places::{Place, host_of, is_container_registry, location_of, path_of};
use super::wire::{Kept, Package, Repository, TagList, number, seconds};
use crate::domain::{Cursor, Digest, Entry, Facts, Failure, Locator, NodeKind, Page, text::visible};
use crate::http::{Limit, Priority, Request};
use crate::registry::distribution::Distribution;

/// How many locations are asked at the same time.
const SIDE_BY_SIDE: usize = 8;

/// The list of an image's tags is not paged: it brings all there is at once.
const TAGS: Limit = Limit::of(128 << 20, "the list of an image's tags");

/// What a location of a project answered: its hosts, with how many repositories each of them has.
type Hosts = Result<BTreeMap<String, u64>, Failure>;

impl Google {
    /// The hosts at which a project has repositories.
    pub(super) async fn hosts(&self, project: &str) -> Result<Page, Failure> {
        match self.hosts_by_api(project).await {
            Err(failure) if is_away(&failure) => {
                let entries = vec![Entry::named(NodeKind::Registry, &self.host)];
                Ok(Page { entries, warnings: vec![stands_in(&failure)], ..Page::default() })
            }
            done => done,
        }
    }

    async fn hosts_by_api(&self, project: &str) -> Result<Page, Failure> {
        let doing = format!("listing the repositories of the project {}", visible(project));
        let locations = match self.locations.as_slice() {
            [] => self.client.locations(project, &doing).await?,
            named => named.to_vec(),
        };
        let doing = doing.as_str();
        let asked = locations
            .iter()
            .map(|location| async move { (location.clone(), self.hosts_in(project, location, doing).await) });
        let answers: Vec<(String, Hosts)> =
            stream::iter(asked.collect::<Vec<_>>()).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let nothing_answered = answers.iter().all(|(_, hosts)| hosts.is_err());
        let (mut found, mut failed) = (BTreeMap::new(), Vec::new());
        for (location, hosts) in answers {
            match hosts {
                Ok(hosts) => found.extend(hosts),
                Err(failure) if nothing_answered => return Err(failure),
                Err(failure) => failed.push(failed_entry(&location, failure)),
            }
        }
        let mut entries: Vec<Entry> =
            found.into_iter().map(|(host, count)| host_entry(host, count)).collect();
        failed.sort_by(|a, b| a.name.cmp(&b.name));
        entries.extend(failed);
        Ok(Page { entries, ..Page::default() })
    }

    async fn hosts_in(&self, project: &str, location: &str, doing: &str) -> Hosts {
        let (mut hosts, mut cursor) = (BTreeMap::new(), None);
        loop {
            let page = self.client.repositories(project, location, cursor.as_ref(), doing).await?;
            for repository in page.items.repositories.iter().filter(|r| r.keeps_images()) {
                *hosts.entry(host_of_repository(repository, location)).or_default() += 1;
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(hosts),
            }
        }
    }

    /// What a project has at a host: repositories, or at a host of Container Registry the images themselves.
    pub(super) async fn at_host(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let (host, project) = (at.name(), at.nearest(NodeKind::Namespace).unwrap_or_default());
        let path = path_of(project);
        let listed = if is_container_registry(host) {
            self.images_by_api(host, &path, cursor).await
        } else {
            self.repositories_by_api(host, project, cursor).await
        };
        let kind = if is_container_registry(host) { NodeKind::Repository } else { NodeKind::Namespace };
        match listed {
            Err(failure) if cursor.is_none() && is_away(&failure) => {
                self.children_by_protocol(at, &path, kind, failure).await
            }
            done => done,
        }
    }

    async fn repositories_by_api(
        &self,
        host: &str,
        project: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Failure> {
        let doing = format!("listing the repositories of {} at {}", visible(project), visible(host));
        let location = location_of(host).unwrap_or_default();
        let listed = self.client.repositories(project, location, cursor, &doing).await?;
        let path = path_of(project);
        Ok(page(listed, |items| {
            let here = |r: &&Repository| r.keeps_images() && host_of_repository(r, location) == host;
            items.repositories.iter().filter(here).map(|r| repository_entry(&path, r)).collect()
        }))
    }

    /// The images of a repository, whose node is called as the protocol calls it.
    pub(super) async fn images(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let host = at.nearest(NodeKind::Registry).unwrap_or(&self.host);
        match self.images_by_api(host, at.name(), cursor).await {
            Err(failure) if cursor.is_none() && is_away(&failure) => {
                self.children_by_protocol(at, at.name(), NodeKind::Repository, failure).await
            }
            done => done,
        }
    }

    async fn images_by_api(&self, host: &str, path: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let doing = format!("listing the images of {}/{}", visible(host), visible(path));
        let of = Place::of(host, path, &doing)?;
        let listed = self.client.packages(&of, cursor, &doing).await?;
        Ok(page(listed, |items| items.packages.iter().filter_map(|p| image_entry(path, p)).collect()))
    }

    /// What the protocol tells of the level below `path`, in place of the API.
    async fn children_by_protocol(
        &self,
        at: &Locator,
        path: &str,
        kind: NodeKind,
        why: Failure,
    ) -> Result<Page, Failure> {
        let Ok(listed) = self.tag_list(&self.registry_of(at)?, path).await else { return Err(why) };
        let entry = |child: &String| Entry {
            label: Some(child.clone()),
            ..Entry::named(kind, format!("{path}/{child}"))
        };
        let entries = listed.child.iter().map(entry).collect();
        Ok(Page { entries, warnings: vec![stands_in(&why)], ..Page::default() })
    }

    /// The tags of an image, the newest first, and a group for what has none.
    pub(super) async fn tags(&self, at: &Locator) -> Result<Page, Failure> {
        let listed = self.tag_list(&self.registry_of(at)?, at.name()).await?;
        let mut entries = Vec::new();
        let mut placed = std::collections::HashSet::new();
        for (digest, kept) in newest_first(&listed) {
            for tag in kept.tag.iter().filter(|t| !t.is_empty()) {
                if placed.insert(tag.as_str()) {
                    entries.push(with(Entry::named(NodeKind::Tag, tag), facts(digest, kept)));
                }
            }
        }
        let bare = listed.tags.iter().filter(|t| !t.is_empty() && !placed.contains(t.as_str()));
        entries.extend(bare.map(|t| Entry::named(NodeKind::Tag, t)));
        let untagged = listed.manifest.values().filter(|k| k.tag.is_empty()).count() as u64;
        if untagged > 0 {
            let count = Facts { count: Some(untagged), ..Facts::default() };
            entries.push(with(Entry::named(NodeKind::Untagged, "untagged"), count));
        }
        Ok(Page { entries, ..Page::default() })
    }

    /// What has no tag: members of indexes too, which Google refuses to delete.
    pub(super) async fn untagged(&self, at: &Locator) -> Result<Page, Failure> {
        let listed = self.tag_list(&self.registry_of(at)?, at.repository().unwrap_or_default()).await?;
        let bare = newest_first(&listed).into_iter().filter(|(_, kept)| kept.tag.is_empty());
        let known = bare.filter(|(digest, _)| digest.parse::<Digest>().is_ok());
        let entry = |(digest, kept)| with(Entry::named(NodeKind::Manifest, digest), facts(digest, kept));
        Ok(Page { entries: known.map(entry).collect(), ..Page::default() })
    }

    /// `tags/list` with what Google adds to it.
    pub(super) async fn tag_list(&self, registry: &Distribution, name: &str) -> Result<TagList, Failure> {
        let doing = format!("listing the tags of {}", visible(name));
        let url = super::protocol_url(registry, name, &["tags", "list"], &doing)?;
        let request = Request::get(url, &doing)
            .accept("application/json")
            .at(Priority::Listing)
            .compressed()
            .scope(format!("repository:{name}:pull"));
        let reply = registry.http().fetch(&request, TAGS).await?.success(&doing)?;
        let listed: Option<TagList> = reply.json(&doing)?;
        Ok(listed.unwrap_or_default())
    }
}

fn stands_in(failure: &Failure) -> String {
    format!("Artifact Registry's API is not to be had ({}); this is what the protocol lists", failure.said)
}

pub(super) fn page<T>(listed: Listed<T>, entries: impl Fn(T) -> Vec<Entry>) -> Page {
    Page { entries: entries(listed.items), next: listed.next, total: None, warnings: listed.warnings }
}

pub(super) fn with(entry: Entry, facts: Facts) -> Entry {
    Entry { facts: Some(Box::new(facts)), ..entry }
}

/// The host that serves a repository: its own name, for those that took Container Registry's place.
fn host_of_repository(repository: &Repository, location: &str) -> String {
    if is_container_registry(repository.id()) {
        return repository.id().to_owned();
    }
    let told = repository.registry_uri.as_deref().and_then(|uri| uri.split('/').next());
    let told = told.filter(|host| location_of(host) == Some(location));
    told.map_or_else(|| host_of(location), str::to_owned)
}

fn host_entry(host: String, count: u64) -> Entry {
    let facts = Facts { count: Some(count), ..Facts::default() };
    let label = location_of(&host).filter(|_| !is_container_registry(&host)).map(str::to_owned);
    with(Entry { label, ..Entry::named(NodeKind::Registry, host) }, facts)
}

fn failed_entry(location: &str, failure: Failure) -> Entry {
    let failure = Some(Box::new(failure));
    Entry { failure, label: Some(location.to_owned()), ..Entry::named(NodeKind::Registry, host_of(location)) }
}

fn repository_entry(project: &str, repository: &Repository) -> Entry {
    let notes = [repository.kind(), repository.has_immutable_tags().then(|| "immutable tags".to_owned())];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    let facts = Facts {
        size: number(repository.size_bytes.as_ref()),
        time: seconds(repository.update_time.as_ref()),
        note: (!notes.is_empty()).then(|| notes.join(", ")),
        ..Facts::default()
    };
    let name = format!("{project}/{}", repository.id());
    with(Entry { label: Some(repository.id().to_owned()), ..Entry::named(NodeKind::Namespace, name) }, facts)
}

fn image_entry(path: &str, package: &Package) -> Option<Entry> {
    let image = Some(package.image()).filter(|i| !i.is_empty())?;
    let facts = Facts { time: seconds(package.update_time.as_ref()), ..Facts::default() };
    let name = format!("{path}/{image}");
    Some(with(Entry { label: Some(image), ..Entry::named(NodeKind::Repository, name) }, facts))
}

fn newest_first(listed: &TagList) -> Vec<(&str, &Kept)> {
    let mut all: Vec<(&str, &Kept)> = listed.manifest.iter().map(|(d, k)| (d.as_str(), k)).collect();
    all.sort_by_key(|(_, kept)| Reverse(kept.time()));
    all
}

fn facts(digest: &str, kept: &Kept) -> Facts {
    Facts {
        digest: digest.parse().ok(),
        media_type: kept.media_type.clone(),
        size: number(kept.image_size_bytes.as_ref()),
        time: kept.time(),
        ..Facts::default()
    }
}
