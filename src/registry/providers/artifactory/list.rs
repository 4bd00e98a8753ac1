//! Listing: repositories by the REST API, images by the protocol, tags by AQL with their dates and digests.
//!
//! Invariant: where the API is not offered, or knows nothing of an image, the protocol's lists stand in.

use std::collections::HashSet;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::Artifactory;
use super::address::{Method, Spot};
use crate::domain::text::visible;
use crate::domain::{Cursor, Digest, Entry, Facts, Failure, FailureKind, Locator, NodeKind, Page};
use crate::http::header::HeaderValue;
use crate::http::{Method as Verb, Priority, Reply, Request};
use crate::registry::paging::Paging;
use crate::registry::plain::{repository_page, tag_page};
use crate::registry::{Distribution, api, fallback};

/// Tags asked for at once.
const PAGE: usize = 1000;
/// What a cursor of AQL begins with; the protocol's own begin with a number.
const AQL: &str = "aql ";
const TEXT: HeaderValue = HeaderValue::from_static("text/plain");

/// A repository of Artifactory ("Get Repositories").
#[derive(Deserialize)]
pub(super) struct Key {
    key: String,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default, rename = "packageType")]
    package: String,
}

/// The package types whose repositories hold images.
const DOCKER: &str = "docker";
const OCI: &str = "oci";

impl Key {
    /// `local`, `remote, OCI`.
    fn note(&self) -> Option<String> {
        let is_oci = self.package.eq_ignore_ascii_case(OCI);
        let parts = self.kind.as_deref().map(str::to_lowercase).into_iter();
        let parts: Vec<String> = parts.chain(is_oci.then(|| "OCI".to_owned())).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

#[derive(Deserialize)]
struct Found {
    results: Vec<Item>,
}

/// A manifest as a file ("Artifactory Query Language").
#[derive(Deserialize)]
struct Item {
    repo: String,
    path: String,
    #[serde(default)]
    sha256: Option<String>,
    #[serde(default)]
    modified: Option<String>,
}

impl Artifactory {
    /// The repositories with images that the account may see, and what the server is.
    pub(super) async fn keys(&self) -> Result<(Vec<Key>, Option<String>), Failure> {
        let (mut keys, reply) = self.keys_of(DOCKER, "listing the Docker repositories").await?;
        // A server that does not know the type refuses it, or answers with all that it has.
        if let Ok((further, _)) = self.keys_of(OCI, "listing the OCI repositories").await {
            keys.extend(further.into_iter().filter(|key| key.package.eq_ignore_ascii_case(OCI)));
        }
        Ok((keys, software(&reply)))
    }

    async fn keys_of(&self, package: &str, doing: &str) -> Result<(Vec<Key>, Reply), Failure> {
        let url = self.api.url(&["api", "repositories"], &[("packageType", package)]);
        self.api.get(url, doing).await
    }

    /// What lies below the connection.
    pub(super) async fn registries(&self, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        if let Some(key) = &self.address.key {
            return Ok(Page { entries: vec![self.entry(key, None)], ..Page::default() });
        }
        // A cursor can only be the catalogue's: the keys come in one page.
        if self.address.method == Method::Single || cursor.is_some() {
            return self.images(&self.at_host()?, cursor).await;
        }
        match self.keys().await {
            Ok((keys, _)) => {
                let entries: Vec<Entry> = keys.iter().map(|k| self.entry(&k.key, k.note())).collect();
                Ok(Page { total: Some(entries.len() as u64), entries, ..Page::default() })
            }
            Err(failure) if fallback::may_do_without(&failure) => {
                self.images(&self.at_host()?, None).await.map_err(|_| failure)
            }
            Err(failure) => Err(failure),
        }
    }

    fn entry(&self, key: &str, note: Option<String>) -> Entry {
        let note = note.map(|note| Facts { note: Some(note), ..Facts::default() });
        Entry {
            label: Some(key.to_owned()),
            facts: note.map(Box::new),
            ..Entry::named(NodeKind::Registry, self.address.host_of(key))
        }
    }

    /// The images of one repository.
    pub(super) async fn images(
        &self,
        registry: &Distribution,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Failure> {
        Ok(repository_page(registry.catalog(cursor).await?))
    }

    /// The tags of an image, newest first where AQL answers; the free editions may not sort, others not be asked.
    pub(super) async fn tags(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let spot = self.address.spot(at.nearest(NodeKind::Registry), at.name());
        let begun = cursor.map(|c| c.0.strip_prefix(AQL).map(|rest| Cursor(rest.to_owned())));
        if let (Some(spot), None | Some(Some(_))) = (&spot, &begun) {
            let is_first = begun.is_none();
            match self.dated_tags(spot, begun.flatten().as_ref()).await {
                Ok(page) if !is_first || !page.entries.is_empty() => return Ok(page),
                Err(failure) if !is_first || !fallback::may_do_without(&failure) => return Err(failure),
                _ => {}
            }
        }
        let listed = self.client(at)?.tags(at.name(), cursor).await;
        listed.map(tag_page).map_err(|failure| explain(failure, at.name()))
    }

    async fn dated_tags(&self, spot: &Spot<'_>, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let paging = Paging::at(cursor)?;
        let offset: usize = paging.asked().and_then(|offset| offset.parse().ok()).unwrap_or(0);
        let doing = format!("listing the tags of {}", visible(spot.image));
        let url = self.api.url(&["api", "search", "aql"], &[]);
        let body = Bytes::from(query(spot, offset));
        let request = Request::new(Verb::POST, url, &doing).accept("application/json").at(Priority::Listing);
        let found: Found = self.api.send(&request.body(TEXT, body).compressed()).await?.json(&doing)?;
        let next = (found.results.len() == PAGE).then(|| (offset + PAGE).to_string());
        let mut seen = HashSet::new();
        let tags = found.results.into_iter().filter(|item| item.repo == spot.key);
        let tags = tags.filter_map(|item| dated(item, spot.image));
        let entries = tags.filter(|entry| seen.insert(entry.name.clone())).collect();
        let page = paging.finish(Page { entries, ..Page::default() }, next);
        Ok(Page { next: page.next.map(|c| Cursor(format!("{AQL}{}", c.0))), ..page })
    }
}

/// The manifests of all tags, newest first. Folders named by a digest hold the members of indexes.
fn query(spot: &Spot<'_>, offset: usize) -> String {
    let Spot { key, image } = spot;
    let criteria = json!({
        "repo": key,
        "$and": [
            { "path": { "$match": format!("{image}/*") } },
            { "path": { "$nmatch": format!("{image}/*/*") } },
            { "path": { "$nmatch": format!("{image}/sha256:*") } },
        ],
        "$or": [{ "name": "manifest.json" }, { "name": "list.manifest.json" }],
    });
    format!(
        "items.find({criteria}).include(\"repo\",\"path\",\"name\",\"sha256\",\"modified\")\
         .sort({{\"$desc\":[\"modified\",\"path\"]}}).offset({offset}).limit({PAGE})"
    )
}

fn dated(item: Item, image: &str) -> Option<Entry> {
    let tag = item.path.strip_prefix(image)?.strip_prefix('/')?;
    let digest = item.sha256.and_then(|hex| format!("sha256:{hex}").parse::<Digest>().ok());
    let time = item.modified.as_deref().and_then(api::seconds);
    let facts = Facts { digest, time, ..Facts::default() };
    Some(Entry { facts: Some(Box::new(facts)), ..Entry::named(NodeKind::Tag, tag) })
}

/// A missing image may be an official one of Docker Hub behind a remote repository.
fn explain(failure: Failure, name: &str) -> Failure {
    if failure.kind != FailureKind::NotFound || name.contains('/') {
        return failure;
    }
    let said =
        format!("{}; an official image of Docker Hub is named library/{} there", failure.said, visible(name));
    Failure { said, ..failure }
}

/// The version that Artifactory tells in a header of its own.
fn software(reply: &Reply) -> Option<String> {
    let version = reply.named("x-jfrog-version").or_else(|| reply.named("server"))?;
    Some(visible(&version.chars().take(80).collect::<String>()).into_owned())
}
