//! What goes with a version: its tags exactly, the indexes that hold it, its members.
//!
//! Invariant: the tags of a version are those that GitHub tells. Indexes are known only by opening manifests, so the
//! nearest in time are opened, and how many were not is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};

use super::GitHub;
use super::browse::split;
use super::client::MOST_PAGES;
use super::package::Version;
use crate::domain::impact::Impact;
use crate::domain::{Descriptor, Digest, Failure, Locator, Manifest, NodeKind, RawManifest, human};
use crate::registry::Distribution;
use crate::registry::provider::Blast;

/// How many versions are opened to see whether they are indexes that hold the digest, and how many at a time. The
/// members of an index are pushed just before it.
const OPENED: usize = 100;
const SIDE_BY_SIDE: usize = 8;
/// How many digests' members are remembered.
const MOST_REMEMBERED: usize = 5_000;

/// The members of manifests that were opened; none for what is no index.
#[derive(Default)]
pub(super) struct Members(Mutex<HashMap<Digest, Arc<[Digest]>>>);

impl Members {
    fn get(&self, digest: &Digest) -> Option<Arc<[Digest]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    fn put(&self, digest: &Digest, members: &Arc<[Digest]>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MOST_REMEMBERED {
            held.clear();
        }
        held.insert(digest.clone(), Arc::clone(members));
    }

    /// The members of `digest`, read where they are not remembered. A digest always has the same ones.
    async fn of(
        &self,
        server: &Distribution,
        repository: &str,
        digest: &Digest,
    ) -> Result<Arc<[Digest]>, Failure> {
        if let Some(members) = self.get(digest) {
            return Ok(members);
        }
        let raw = server.manifest(repository, &digest.to_string()).await?;
        let members: Arc<[Digest]> = children(&raw)?.into_iter().map(|c| c.digest).collect();
        self.put(digest, &members);
        Ok(members)
    }
}

#[async_trait]
impl Blast for GitHub {
    async fn impact(&self, at: &Locator) -> Result<Impact, Failure> {
        let repository = at.repository().unwrap_or_default().to_lowercase();
        let raw = self.distribution.manifest(&repository, at.name()).await?;
        let mut unknown = Vec::new();
        let versions = self.newest_versions(&repository, &mut unknown).await;
        let own = versions.iter().find(|v| v.digest().as_ref() == Some(&raw.digest));
        let mut tags: Vec<String> = own.map(|v| v.tags().to_vec()).unwrap_or_default();
        if at.kind() == NodeKind::Tag && !tags.iter().any(|tag| tag == at.name()) {
            tags.push(at.name().to_owned());
        }
        tags.sort_unstable();
        let near = own.and_then(Version::time);
        let in_indexes = self.holders(&repository, &versions, &raw.digest, near, &mut unknown).await;
        let referrers = match self.distribution.referrers(&repository, &raw.digest).await {
            Ok(list) => list,
            Err(failure) => {
                unknown.push(format!("referrers: {}", failure.said));
                Vec::new()
            }
        };
        let looked = versions.iter().map(|v| v.tags().len() as u64).sum();
        let children = children(&raw)?;
        let looked_at = (looked, looked);
        Ok(Impact { digest: raw.digest, tags, in_indexes, children, referrers, looked_at, unknown })
    }
}

impl GitHub {
    /// The versions of a package, as far as they are worth reading.
    async fn newest_versions(&self, repository: &str, unknown: &mut Vec<String>) -> Vec<Version> {
        let Some((owner, package)) = split(repository) else { return Vec::new() };
        let mut versions = Vec::new();
        let mut cursor = None;
        for _ in 0..MOST_PAGES {
            match self.client.versions(&owner, &package, cursor.as_ref()).await {
                Ok(page) => {
                    versions.extend(page.items);
                    cursor = page.next;
                }
                Err(failure) => {
                    unknown.push(format!("other tags: {}", failure.said));
                    return versions;
                }
            }
            if cursor.is_none() {
                return versions;
            }
        }
        let looked = human::count(versions.len() as u64, "version", "versions");
        unknown.push(format!("only the first {looked} were looked at"));
        versions
    }

    /// Tags of the indexes that hold `digest`; the short digest of one that has none.
    async fn holders(
        &self,
        repository: &str,
        versions: &[Version],
        digest: &Digest,
        near: Option<i64>,
        unknown: &mut Vec<String>,
    ) -> Vec<String> {
        let mut others: Vec<(&Version, Digest)> =
            versions.iter().filter_map(|v| Some((v, v.digest()?))).filter(|(_, d)| d != digest).collect();
        others.sort_by_key(|(v, _)| v.time().zip(near).map_or(u64::MAX, |(a, b)| a.abs_diff(b)));
        if let Some(left @ 1..) = others.len().checked_sub(OPENED) {
            unknown.push(format!("{} not opened", human::count(left as u64, "version was", "versions were")));
        }
        let opened: Vec<_> =
            others.into_iter().take(OPENED).map(|(v, d)| self.holder(repository, v, d, digest)).collect();
        let answers: Vec<_> = stream::iter(opened).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let unread = answers.iter().filter(|answer| answer.is_err()).count();
        if unread > 0 {
            unknown.push(format!(
                "{} not be read",
                human::count(unread as u64, "version could", "versions could")
            ));
        }
        let mut names: Vec<String> = answers.into_iter().flatten().flatten().collect();
        names.sort_unstable();
        names
    }

    /// The names of `version` if it is an index that holds `digest`.
    async fn holder(
        &self,
        repository: &str,
        version: &Version,
        candidate: Digest,
        digest: &Digest,
    ) -> Result<Vec<String>, Failure> {
        let members = self.members.of(&self.distribution, repository, &candidate).await?;
        Ok(match version.tags() {
            _ if !members.contains(digest) => Vec::new(),
            [] => vec![format!("untagged {}", candidate.short(12))],
            tags => tags.to_vec(),
        })
    }
}

fn children(raw: &RawManifest) -> Result<Vec<Descriptor>, Failure> {
    Ok(match raw.parse()? {
        Manifest::Index(index) => index.manifests,
        _ => Vec::new(),
    })
}
