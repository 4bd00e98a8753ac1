//! The blast radius: the tags from the one list that has them all, and the indexes of the image, opened one by one.
//!
//! Invariant: what was not opened is told.

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};

use super::Google;
use super::wire::TagList;
use crate::domain::impact::Impact;
use crate::domain::{Digest, Failure, Locator, Manifest, human, text::visible};
use crate::registry::Blast;
use crate::registry::distribution::Distribution;

/// How many indexes are opened, and how many at a time.
const INDEXES: usize = 200;
const SIDE_BY_SIDE: usize = 8;

#[async_trait]
impl Blast for Google {
    async fn impact(&self, at: &Locator) -> Result<Impact, Failure> {
        let name = at.repository().unwrap_or_default();
        let registry = self.registry_of(at)?;
        let raw = registry.manifest(name, at.name()).await?;
        let (listed, referrers) =
            tokio::join!(self.tag_list(&registry, name), registry.referrers(name, &raw.digest));
        let mut impact = Impact {
            digest: raw.digest.clone(),
            tags: Vec::new(),
            in_indexes: Vec::new(),
            children: match raw.parse()? {
                Manifest::Index(index) => index.manifests,
                _ => Vec::new(),
            },
            referrers: Vec::new(),
            looked_at: (0, 0),
            unknown: Vec::new(),
        };
        match referrers {
            Ok(found) => impact.referrers = found,
            Err(failure) => impact.unknown.push(format!("referrers: {}", failure.said)),
        }
        match listed {
            Ok(listed) => look_through(&registry, name, &listed, &mut impact).await,
            Err(failure) => impact.unknown.push(format!("its other tags: {}", failure.said)),
        }
        Ok(impact)
    }
}

async fn look_through(registry: &Distribution, name: &str, listed: &TagList, impact: &mut Impact) {
    let digest = &impact.digest.clone();
    let own = digest.to_string();
    let tags: u64 = listed.manifest.values().map(|k| k.tag.len() as u64).sum();
    impact.looked_at = (tags, tags);
    impact.tags = listed.manifest.get(&own).map(|k| shown(&k.tag)).unwrap_or_default();
    let others = listed.manifest.iter().filter(|(other, kept)| **other != own && kept.is_index());
    let others: Vec<_> = others.collect();
    let left = others.len().saturating_sub(INDEXES);
    let opened = others.into_iter().take(INDEXES).map(|(candidate, kept)| async move {
        (candidate, kept, holds(registry, name, candidate, digest).await)
    });
    let opened: Vec<_> = opened.collect();
    let answers: Vec<_> = stream::iter(opened).buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut unread = left as u64;
    for (candidate, kept, answer) in answers {
        match answer {
            Ok(true) if kept.tag.is_empty() => impact.in_indexes.push(visible(candidate).into_owned()),
            Ok(true) => impact.in_indexes.extend(shown(&kept.tag)),
            Ok(false) => {}
            Err(_) => unread += 1,
        }
    }
    impact.in_indexes.sort();
    if unread > 0 {
        let indexes = human::count(unread, "other index", "other indexes");
        impact
            .unknown
            .push(format!("whether {indexes} that could not be read, or were too many, contain it"));
    }
}

fn shown(tags: &[String]) -> Vec<String> {
    tags.iter().map(|t| visible(t).into_owned()).collect()
}

/// Whether the index `candidate` holds `digest`.
async fn holds(
    registry: &Distribution,
    name: &str,
    candidate: &str,
    digest: &Digest,
) -> Result<bool, Failure> {
    let raw = registry.manifest(name, candidate).await?;
    Ok(matches!(raw.parse()?, Manifest::Index(index) if index.manifests.iter().any(|m| m.digest == *digest)))
}
