//! The levels of the tree: subscriptions, registries, repositories, tags, untagged manifests.
//!
//! Invariant: a page of tags costs two requests, however many tags it has; a tenant or subscription that fails is a row
//! of its own.

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};

use super::Azure;
use super::arm::Subscribed;
use super::server::Server;
use super::walk::is_referrer;
use super::wire::{Manifest, Registry, Tag, Tenant};
use crate::domain::text::visible;
use crate::domain::{
    Cursor, Digest, Entry, Facts, Failure, FailureKind, Locator, MediaType, NodeKind, Page, Platform, human,
    media,
};
use crate::registry::fallback;
use crate::registry::paging::Turned;
use crate::registry::plain::{Plain, kind_of_tag};

/// The name of the node above a repository's untagged manifests.
const UNTAGGED: &str = "untagged";
/// Why a subscription is set aside.
const WITHOUT: &str = "without registries";
/// How many subscriptions or manifests are asked about at a time.
const SIDE_BY_SIDE: usize = 8;
/// How many untagged manifests are looked into.
const MOST_UNTAGGED: usize = 400;
/// What stands between the two positions of a cursor.
const BESIDE: char = '\n';

impl Azure {
    /// Every subscription of every tenant. What the only tenant says no to, the connection does not get.
    pub(super) async fn subscriptions(&self) -> Result<Page, Failure> {
        let tenants = self.arm.tenants().await?;
        let asking: Vec<_> = tenants.iter().map(|tenant| self.arm.subscriptions(tenant)).collect();
        let asked = join_all(asking).await;
        let (mut rows, mut failed, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for (tenant, found) in tenants.iter().zip(asked) {
            match found {
                Ok(found) => rows.extend(found.into_iter().filter(|s| seen.insert(s.id.clone()))),
                Err(failure) if tenants.len() == 1 => return Err(failure),
                Err(failure) => failed.push(failed_tenant(tenant, failure)),
            }
        }
        if rows.is_empty() && failed.is_empty() {
            return Err(no_subscription());
        }
        let asking: Vec<_> = rows.into_iter().map(|of| self.subscription_row(of)).collect();
        let mut entries: Vec<Entry> = stream::iter(asking).buffered(SIDE_BY_SIDE).collect().await;
        entries.extend(failed);
        Ok(Page { entries, ..Page::default() })
    }

    async fn subscription_row(&self, of: Subscribed) -> Entry {
        let asked = self.arm.registries(&of).await;
        let label = Some(visible(&of.name).into_owned());
        let row = Entry { label, ..Entry::named(NodeKind::Namespace, of.id) };
        let found = match asked {
            Ok(found) => found.len() as u64,
            Err(failure) => return Entry { failure: Some(Box::new(failure)), ..row },
        };
        let note = Some(visible(&of.tenant_title).into_owned());
        let row = Entry { aside: (found == 0).then_some(WITHOUT), ..row };
        with(row, Facts { count: Some(found), note, ..Facts::default() })
    }

    /// The registries of a subscription.
    pub(super) async fn registries(&self, subscription: &str) -> Result<Page, Failure> {
        let of = self.arm.subscription(subscription).await?;
        let entries = self.arm.registries(&of).await?.iter().map(registry_row).collect();
        Ok(Page { entries, ..Page::default() })
    }

    /// The repositories of a registry.
    pub(super) async fn repositories(
        &self,
        server: &Server,
        at: &Locator,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Failure> {
        let listed = async {
            let Turned { items, next, warnings } = server.repositories(cursor).await.map_err(by_name)?;
            let entries = items.into_iter().map(|name| Entry::named(NodeKind::Repository, name)).collect();
            Ok(Page { entries, next, total: None, warnings })
        };
        let plain = Plain::new(server.distribution.clone());
        fallback::children(&plain, &Locator::root(at.connection.clone()), cursor, listed).await
    }

    /// The tags of a repository, each with what the list of manifests beside it tells.
    pub(super) async fn tags(
        &self,
        server: &Server,
        at: &Locator,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Failure> {
        let plain = Plain::new(server.distribution.clone());
        fallback::children(&plain, at, cursor, tag_page(server, at.name(), cursor)).await
    }

    /// The manifests without a tag that nothing else holds: neither members of an index nor what refers to another.
    pub(super) async fn untagged(&self, server: &Server, at: &Locator) -> Result<Page, Failure> {
        self.recent.forget().await;
        let above = at.repository_node().unwrap_or_else(|| at.clone());
        let walk = self.recent.walk(server, &above).await?;
        let (repository, mut warnings) = (above.name(), Vec::new());
        let loose = walk.loose()?;
        if let Some(left @ 1..) = loose.len().checked_sub(MOST_UNTAGGED) {
            let left = human::count(left as u64, "further untagged manifest", "further untagged manifests");
            warnings.push(format!("{left} were not looked into"));
        }
        let looking: Vec<_> =
            loose.into_iter().take(MOST_UNTAGGED).map(|m| loose_row(server, repository, m)).collect();
        let looked: Vec<_> = stream::iter(looking).buffered(SIDE_BY_SIDE).collect().await;
        let mut entries = Vec::new();
        for row in looked {
            match row {
                Ok(row) => entries.extend(row),
                Err(failure) => warnings.push(failure.to_string()),
            }
        }
        Ok(Page { entries, warnings, ..Page::default() })
    }
}

fn no_subscription() -> Failure {
    let said = "the account has none; ask for the role Reader on one, name another tenant, or connect to a single registry by its address";
    Failure::new(FailureKind::NotFound, "listing the subscriptions", said)
}

fn failed_tenant(tenant: &Tenant, failure: Failure) -> Entry {
    Entry {
        label: Some(visible(&tenant.title()).into_owned()),
        failure: Some(Box::new(failure)),
        ..Entry::named(NodeKind::Namespace, &tenant.tenant_id)
    }
}

fn registry_row(registry: &Registry) -> Entry {
    let Registry { sku, location, properties, .. } = registry;
    let told = [&sku.name, location, &properties.provisioning_state];
    let note = told.into_iter().flatten().map(|t| visible(t)).collect::<Vec<_>>().join(" · ");
    let time = properties.creation_date.as_deref().and_then(human::timestamp);
    let facts = Facts { note: Some(note).filter(|n| !n.is_empty()), time, ..Facts::default() };
    with(Entry::named(NodeKind::Registry, &properties.login_server), facts)
}

/// A registry that does not list still opens a repository by its name.
fn by_name(failure: Failure) -> Failure {
    if failure.kind != FailureKind::Forbidden {
        return failure;
    }
    let said = format!("{}; a repository can still be opened by its name", failure.said);
    Failure { said, ..failure }
}

async fn tag_page(server: &Server, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
    let at = At::of(cursor);
    let beside = async {
        match &at.manifests {
            Beside::From(cursor) => Some(server.manifests(repository, cursor.as_ref()).await),
            Beside::Ended => None,
        }
    };
    let (tags, beside) = tokio::join!(server.tags(repository, at.tags.as_ref()), beside);
    let Turned { items, next, mut warnings } = tags?;
    let (manifests, manifests_next) = match beside {
        Some(Ok(turned)) => (turned.items, turned.next),
        Some(Err(failure)) => {
            warnings.push(format!("{failure}; sizes and platforms are left out"));
            (Vec::new(), None)
        }
        None => (Vec::new(), None),
    };
    let known: HashMap<&str, &Manifest> = manifests.iter().map(|m| (m.digest.as_str(), m)).collect();
    let mut entries: Vec<Entry> = items.iter().map(|tag| tag_row(tag, &known)).collect();
    if cursor.is_none() && (manifests_next.is_some() || manifests.iter().any(|m| m.tags().is_empty())) {
        entries.push(Entry::named(NodeKind::Untagged, UNTAGGED));
    }
    Ok(Page { entries, next: next.map(|next| joined(&next, manifests_next.as_ref())), total: None, warnings })
}

/// Where a page of tags starts, and the page of manifests beside it.
struct At {
    tags: Option<Cursor>,
    manifests: Beside,
}

enum Beside {
    From(Option<Cursor>),
    Ended,
}

impl At {
    fn of(cursor: Option<&Cursor>) -> Self {
        let Some(Cursor(both)) = cursor else { return Self { tags: None, manifests: Beside::From(None) } };
        let (tags, manifests) = both.split_once(BESIDE).unwrap_or((both, ""));
        let beside = Some(Cursor(manifests.to_owned())).filter(|c| !c.0.is_empty());
        let manifests = beside.map_or(Beside::Ended, |c| Beside::From(Some(c)));
        Self { tags: Some(Cursor(tags.to_owned())), manifests }
    }
}

fn joined(tags: &Cursor, manifests: Option<&Cursor>) -> Cursor {
    Cursor(format!("{}{BESIDE}{}", tags.0, manifests.map_or("", |c| c.0.as_str())))
}

fn tag_row(tag: &Tag, known: &HashMap<&str, &Manifest>) -> Entry {
    let entry = Entry::named(kind_of_tag(&tag.name), &tag.name);
    let Some(digest) = tag.digest() else { return entry };
    let manifest = known.get(digest.to_string().as_str()).copied();
    let mut facts = manifest.map(|m| facts(m, known)).unwrap_or_default();
    facts.digest = Some(digest);
    facts.time = tag.time();
    if tag.changeable_attributes.is_locked() {
        facts.note = Some("locked".to_owned());
    }
    with(entry, facts)
}

/// What the list of manifests tells of one.
fn facts(manifest: &Manifest, known: &HashMap<&str, &Manifest>) -> Facts {
    let is_index = manifest.media_type.as_deref().is_some_and(|t| MediaType::of(t) == MediaType::Index);
    let is_image = |config: &&String| {
        !matches!(config.as_str(), "" | media::OCI_CONFIG | media::DOCKER_CONFIG | media::OCI_EMPTY)
    };
    Facts {
        digest: manifest.digest.parse::<Digest>().ok(),
        media_type: manifest.media_type.clone().filter(|t| !t.is_empty()),
        artifact: manifest.config_media_type.as_ref().filter(is_image).cloned(),
        size: if is_index { member_size(manifest, known) } else { manifest.size() },
        time: manifest.time(),
        platforms: manifest.platforms(),
        note: manifest.changeable_attributes.is_locked().then(|| "locked".to_owned()),
        ..Facts::default()
    }
}

/// The size of the member that runs here, else of the first whose size is known.
fn member_size(index: &Manifest, known: &HashMap<&str, &Manifest>) -> Option<u64> {
    let here = Platform::here();
    let sized = || index.members().iter().filter_map(|m| Some((m, known.get(m.digest.as_str())?.size()?)));
    let own = sized().find(|(member, _)| member.platform().is_some_and(|p| here.accepts(&p)));
    own.or_else(|| sized().next()).map(|(_, size)| size)
}

/// The row of a manifest that nothing holds; nothing for one that refers to another.
async fn loose_row(server: &Server, repository: &str, manifest: &Manifest) -> Result<Option<Entry>, Failure> {
    if is_referrer(server, repository, &manifest.digest).await? {
        return Ok(None);
    }
    let entry = Entry::named(NodeKind::Manifest, &manifest.digest);
    Ok(Some(with(entry, facts(manifest, &HashMap::new()))))
}

fn with(entry: Entry, facts: Facts) -> Entry {
    Entry { facts: Some(Box::new(facts)), ..entry }
}
