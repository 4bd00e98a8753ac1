//! Every tag of a repository, from the bulk list: who shares a digest, and which indexes hold it.
//!
//! Invariant: what a delete is going to remove and what the blast radius shows come from the same walk.

use std::collections::HashSet;

use futures_util::{StreamExt as _, stream};

use super::web_api::WebApi;
use super::wire::Tag;
use crate::domain::{Descriptor, Digest, Failure, FailureKind, human, media};
use crate::registry::Distribution;

/// The most pages of a hundred that are gone through.
const MOST_PAGES: u64 = 200;
/// How many tags of which the list tells no digest are looked up, and how many at a time.
const LOOKUPS: usize = 400;
const SIDE_BY_SIDE: usize = 8;

/// The tags of a repository, each with its digest where that is known.
pub(super) struct Walk {
    tags: Vec<(Tag, Option<Digest>)>,
    total: u64,
    /// What could not be found out, each as a sentence.
    pub(super) unknown: Vec<String>,
}

impl Walk {
    /// Goes through the list, and looks up by HEAD, which costs no pull, what it does not tell.
    pub(super) async fn take(
        api: &WebApi,
        registry: &Distribution,
        repository: &str,
    ) -> Result<Self, Failure> {
        let mut walk = Self { tags: Vec::new(), total: 0, unknown: Vec::new() };
        let mut names = HashSet::new();
        let mut next = Some(1);
        while let Some(page) = next.filter(|n| *n <= MOST_PAGES) {
            let rows = api.tags(repository, page).await?;
            walk.total = walk.total.max(rows.total.unwrap_or(0));
            let before = walk.tags.len();
            let fresh = rows.rows.into_iter().filter(|tag| names.insert(tag.name.clone()));
            walk.tags.extend(fresh.map(|tag| {
                let digest = tag.digest();
                (tag, digest)
            }));
            next = rows.next.filter(|_| walk.tags.len() > before);
        }
        walk.total = walk.total.max(walk.tags.len() as u64);
        walk.look_up(registry, repository).await;
        walk.count_the_rest();
        Ok(walk)
    }

    async fn look_up(&mut self, registry: &Distribution, repository: &str) {
        let untold = self.tags.iter_mut().filter(|entry| entry.1.is_none()).take(LOOKUPS);
        let lookups: Vec<_> = untold.map(|entry| look_up(registry, repository, entry)).collect();
        stream::iter(lookups).buffer_unordered(SIDE_BY_SIDE).collect::<Vec<()>>().await;
    }

    fn count_the_rest(&mut self) {
        let without = self.tags.iter().filter(|(_, digest)| digest.is_none()).count() as u64;
        if without > 0 {
            self.unknown.push(format!("{} could not be looked up", human::count(without, "tag", "tags")));
        }
        let left = self.total.saturating_sub(self.tags.len() as u64);
        if left > 0 {
            self.unknown
                .push(format!("{} were not looked at", human::count(left, "further tag", "further tags")));
        }
    }

    /// How many tags were looked at, and how many there are.
    pub(super) fn looked_at(&self) -> (u64, u64) {
        let known = self.tags.iter().filter(|(_, digest)| digest.is_some()).count() as u64;
        (known, self.total)
    }

    /// The tags that point at `digest`.
    pub(super) fn tags_of(&self, digest: &Digest) -> Vec<String> {
        let same = self.tags.iter().filter(|(_, d)| d.as_ref() == Some(digest));
        same.map(|(tag, _)| tag.name.clone()).collect()
    }

    /// The tags of other manifests that hold `digest` as one of their platforms.
    pub(super) fn holders_of(&self, digest: &Digest) -> Vec<String> {
        let others = self.tags.iter().filter(|(_, d)| d.as_ref() != Some(digest));
        let holding = others.filter(|(t, _)| t.images().iter().any(|i| i.digest().as_ref() == Some(digest)));
        holding.map(|(tag, _)| tag.name.clone()).collect()
    }

    /// The platforms' manifests below `digest`, when it is an index that a tag points at.
    pub(super) fn children_of(&self, digest: &Digest) -> Vec<Descriptor> {
        let Some((tag, _)) = self.tags.iter().find(|(_, d)| d.as_ref() == Some(digest)) else {
            return Vec::new();
        };
        let is_docker = tag.media_type.as_deref() == Some(media::DOCKER_LIST);
        let kind = if is_docker { media::DOCKER_MANIFEST } else { media::OCI_MANIFEST };
        let child = |image: &super::wire::Image| {
            let own = image.digest().filter(|d| d != digest)?;
            let platform = Some(image.platform());
            Some(Descriptor { platform, ..Descriptor::new(kind, own, image.size().unwrap_or(0)) })
        };
        tag.images().iter().filter_map(child).collect()
    }

    /// Refuses a delete that might leave tags behind.
    pub(super) fn check_complete(&self, doing: &str) -> Result<(), Failure> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        let said = format!("nothing was removed, because {}", self.unknown.join(", "));
        Err(Failure::new(FailureKind::Conflict, doing, said))
    }
}

async fn look_up(registry: &Distribution, repository: &str, entry: &mut (Tag, Option<Digest>)) {
    match registry.resolve(repository, &entry.0.name).await {
        Ok(found) => entry.1 = Some(found.digest),
        Err(failure) => tracing::debug!(%failure, "a tag stays without its digest"),
    }
}
