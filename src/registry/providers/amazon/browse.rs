//! Browsing: registries by region, repositories, tags with what `DescribeImages` tells, untagged images.
//!
//! Invariant: one request a page, never one for each tag.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::place::Place;
use super::refusal::Refused;
use super::registry::Registry;
use super::wire::{Image, Images, Repositories, Repository};
use super::{Amazon, Scope, profiles};
use crate::domain::{
    Cursor, Digest, Entry, Facts, Failure, FailureKind, Locator, NodeKind, Page, media, text::visible,
};
use crate::registry::{
    Account, Blast, CreateRepository, Delete, DeleteRepository, Describe, Distribution, Opening, Provider,
    Untag,
};

/// The most entries that AWS gives in one answer.
const PAGE: u32 = 1000;
/// The name of the node above a repository's untagged images.
const UNTAGGED: &str = "untagged";

impl Amazon {
    pub(super) fn new(opening: &Opening, scope: Scope) -> Self {
        let keys = Arc::new(super::Keys::of(opening));
        Self { opening: opening.clone(), keys, scope, first: OnceLock::new(), registries: Mutex::default() }
    }

    /// Whether there is a level for the registries of several regions.
    pub(super) fn has_regions(&self) -> bool {
        matches!(self.scope, Scope::Regions)
    }

    /// The registry at `place`, the same one each time.
    pub(super) fn registry(&self, place: &Place) -> Result<Arc<Registry>, Failure> {
        let mut known = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(registry) = known.iter().find(|r| r.place == *place) {
            return Ok(Arc::clone(registry));
        }
        let registry = Arc::new(Registry::of(&self.opening, Arc::clone(&self.keys), place)?);
        known.push(Arc::clone(&registry));
        Ok(registry)
    }

    /// The registry that `at` lies in, where that can be told without asking anybody.
    fn known_registry(&self, at: &Locator) -> Option<Arc<Registry>> {
        let known = || self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        match (at.nearest(NodeKind::Registry), &self.scope) {
            (None, Scope::One(place)) => self.registry(place).ok(),
            (None, Scope::Regions) => self.registry(self.first.get()?).ok(),
            (Some(name), _) => {
                let is_named =
                    |r: &&Arc<Registry>| r.host().as_deref() == Some(name) || r.place.to_string() == name;
                let found = known().iter().find(is_named).cloned();
                found.or_else(|| self.registry(&Place::of_host(name)?).ok())
            }
        }
    }

    /// The registry that `at` lies in.
    ///
    /// # Errors
    /// `Invalid` when no region is set.
    pub(super) async fn registry_of(&self, at: &Locator) -> Result<Arc<Registry>, Failure> {
        if let Some(registry) = self.known_registry(at) {
            return Ok(registry);
        }
        let places = self.places().await?;
        let Some(name) = at.nearest(NodeKind::Registry) else {
            // There is always one: the list is never empty.
            return places.first().map_or_else(|| Err(not_ours(at)), |place| self.registry(place));
        };
        if let Some(place) = places.iter().find(|place| place.to_string() == name) {
            return self.registry(place);
        }
        // An API at another address says by itself what its registry's host is.
        self.rows().await?;
        self.known_registry(at).ok_or_else(|| not_ours(at))
    }

    /// The registries of the connection. The first is the one that a name without a registry means.
    async fn places(&self) -> Result<Vec<Place>, Failure> {
        let places = self.chosen_places().await?;
        if let Some(first) = places.first() {
            self.first.get_or_init(|| first.clone());
        }
        Ok(places)
    }

    /// Those of the regions that were typed, else the profile's or environment's.
    async fn chosen_places(&self) -> Result<Vec<Place>, Failure> {
        if let Scope::One(place) = &self.scope {
            return Ok(vec![place.clone()]);
        }
        let account = self.opening.setting(super::ACCOUNT.id);
        let typed = self.opening.setting(super::REGIONS.id).unwrap_or_default();
        let words: Vec<&str> = typed.split([',', ' ']).filter(|word| !word.is_empty()).collect();
        if !words.is_empty() {
            return words.into_iter().map(|word| Place::of_word(word, account)).collect();
        }
        Ok(vec![Place::of_word(&self.usual_region().await?, account)?])
    }

    /// The region of the profile that was chosen, else the environment's, else the default profile's.
    async fn usual_region(&self) -> Result<String, Failure> {
        let surroundings = self.keys.surroundings();
        let profile = self.keys.profile();
        let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
        let in_environment = variables.into_iter().find_map(|name| surroundings.variable(name));
        if profile.is_none()
            && let Some(region) = in_environment
        {
            return Ok(region);
        }
        let read = profiles::read(surroundings, profile).await?;
        let of_profile = read.get("region").map(str::to_owned);
        of_profile.or(in_environment).ok_or_else(|| {
            let name = visible(&profiles::name(surroundings, profile)).into_owned();
            let said = format!(
                "no region is set: type one such as eu-west-1, or run “aws configure set region eu-west-1 --profile {name}”"
            );
            Failure::new(FailureKind::Invalid, "looking for the region", said)
        })
    }

    /// A row for each registry. One that fails is told by its row; when all fail, that is the failure.
    async fn rows(&self) -> Result<Vec<Row>, Failure> {
        let places = self.places().await?;
        let registries = places.iter().map(|place| self.registry(place)).collect::<Result<Vec<_>, _>>()?;
        let asking = registries.into_iter().map(|registry| async move {
            let host = registry.find_host().await;
            Row { registry, host }
        });
        let rows = join_all(asking).await;
        if rows.iter().all(|row| row.host.is_err()) {
            let failures = rows.into_iter().filter_map(|row| row.host.err()).collect();
            return Failure::first_of(failures).map_or(Ok(Vec::new()), Err);
        }
        Ok(rows)
    }

    async fn repositories(&self, registry: &Registry, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let doing = format!("listing the repositories of {}", registry.place);
        let body = registry.about_all(paged(json!({}), cursor));
        let answer: Repositories = registry.calls.read("DescribeRepositories", &body, &doing).await?;
        let entries = answer.repositories.iter().filter_map(|r| repository_entry(registry, r)).collect();
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
        let mut entries: Vec<Entry> = images.image_details.iter().flat_map(tag_entries).collect();
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
        let entries = untagged.filter_map(manifest_entry).collect();
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

/// A registry of the connection: its host, or why it is not known.
struct Row {
    registry: Arc<Registry>,
    host: Result<String, Failure>,
}

impl Row {
    fn entry(self) -> Entry {
        let label = Some(self.registry.place.to_string());
        match self.host {
            Ok(host) => {
                let note = self.registry.account();
                let facts = Some(Box::new(Facts { note, ..Facts::default() }));
                Entry { label, facts, ..Entry::named(NodeKind::Registry, host) }
            }
            Err(failure) => Entry {
                failure: Some(Box::new(failure)),
                ..Entry::named(NodeKind::Registry, self.registry.place.to_string())
            },
        }
    }

    /// For the details of the connection.
    fn line(&self) -> (String, String) {
        let state = match &self.host {
            Ok(host) => host.clone(),
            Err(failure) => failure.said.clone(),
        };
        (self.registry.place.to_string(), state)
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

fn not_ours(at: &Locator) -> Failure {
    let name = visible(at.nearest(NodeKind::Registry).unwrap_or_default()).into_owned();
    let said = "it is none of the registries of this connection";
    Failure::new(FailureKind::NotFound, format!("opening the registry {name}"), said)
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

fn repository_entry(registry: &Registry, repository: &Repository) -> Option<Entry> {
    let name = repository.repository_name.as_deref()?;
    let name = registry.name_in_protocol(name, repository.repository_uri.as_deref());
    let mut notes = Vec::new();
    if repository.is_immutable() {
        notes.push("immutable");
    }
    if repository.is_scanned() {
        notes.push("scanned");
    }
    let facts = Facts {
        time: repository.created_at.map(|t| t.0),
        note: Some(notes.join(", ")).filter(|n| !n.is_empty()),
        ..Facts::default()
    };
    Some(Entry { facts: Some(Box::new(facts)), ..Entry::named(NodeKind::Repository, name) })
}

/// A row for each tag of an image.
fn tag_entries(image: &Image) -> Vec<Entry> {
    let facts = facts(image);
    let entry = |tag: &String| Entry {
        facts: Some(Box::new(facts.clone())),
        ..Entry::named(NodeKind::Tag, tag.clone())
    };
    image.image_tags.iter().map(entry).collect()
}

fn manifest_entry(image: &Image) -> Option<Entry> {
    let digest = image.image_digest.clone()?;
    Some(Entry { facts: Some(Box::new(facts(image))), ..Entry::named(NodeKind::Manifest, digest) })
}

fn facts(image: &Image) -> Facts {
    let is_runnable = |kind: &str| matches!(kind, media::OCI_CONFIG | media::DOCKER_CONFIG);
    let status = image.image_status.as_deref().filter(|status| *status != "ACTIVE");
    Facts {
        digest: image.image_digest.as_deref().and_then(|d| d.parse::<Digest>().ok()),
        media_type: image.image_manifest_media_type.clone(),
        artifact: image.artifact_media_type.clone().filter(|kind| !is_runnable(kind)),
        size: image.image_size_in_bytes.and_then(|size| u64::try_from(size).ok()),
        time: image.image_pushed_at.map(|t| t.0),
        note: status.map(str::to_lowercase),
        ..Facts::default()
    }
}
