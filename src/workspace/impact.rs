//! The blast radius of a delete: which tags share the manifest, which indexes hold it, what it holds, what refers to it.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};

use super::Workspace;
use crate::domain::impact::Impact;
use crate::domain::{
    Descriptor, Digest, Failure, FailureKind, Locator, Manifest, MediaType, human, text::visible,
};
use crate::registry::Distribution;

/// How many tags of unknown digest are looked up, and how many at a time.
const LOOKUPS: usize = 400;
const SIDE_BY_SIDE: usize = 8;
/// How many distinct manifests are opened to see whether they are indexes that hold the digest.
const INDEXES: usize = 100;

impl Workspace {
    /// What deleting the manifest at `at` would touch. `known` are tags whose digest the caller has seen lately;
    /// `others` are the repository's further tags.
    ///
    /// # Errors
    /// Only when the manifest itself cannot be read; everything else that stays unknown is told in the answer.
    pub async fn impact(
        &self,
        at: &Locator,
        known: &[(String, Digest)],
        others: &[String],
    ) -> Result<Impact, Failure> {
        let (server, repository) = self.content_of(at)?;
        let raw = server.manifest(&repository, at.name()).await?;
        let mut unknown = Vec::new();
        let tags = self.resolved(&server, &repository, known, others, &mut unknown).await;
        let digest = raw.digest.clone();
        let mut same: BTreeSet<String> =
            tags.iter().filter(|(_, d)| *d == digest).map(|(t, _)| t.clone()).collect();
        if at.kind() == crate::domain::NodeKind::Tag {
            same.insert(at.name().to_owned());
        }
        let in_indexes = self.holders(&server, &repository, &tags, &digest, &mut unknown).await;
        let referrers = match server.referrers(&repository, &digest).await {
            Ok(list) => list,
            Err(failure) => {
                unknown.push(format!("referrers: {}", failure.said));
                Vec::new()
            }
        };
        Ok(Impact {
            digest,
            tags: same.into_iter().collect(),
            in_indexes,
            children: members(&raw.parse()?),
            referrers,
            looked_at: (tags.len() as u64, (known.len() + others.len()) as u64),
            unknown,
        })
    }

    /// The tags with their digests: the known ones, and as many of the others as are worth asking for.
    async fn resolved(
        &self,
        server: &Distribution,
        repository: &str,
        known: &[(String, Digest)],
        others: &[String],
        unknown: &mut Vec<String>,
    ) -> Vec<(String, Digest)> {
        let lookups: Vec<_> =
            others.iter().take(LOOKUPS).map(|tag| resolve(server, repository, tag)).collect();
        let answers: Vec<_> = stream::iter(lookups).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let mut tags = known.to_vec();
        let mut failed = 0;
        for (tag, answer) in answers {
            match answer {
                Ok(digest) => tags.push((tag, digest)),
                // A ghost tag or one that went meanwhile shares nothing.
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(_) => failed += 1,
            }
        }
        if failed > 0 {
            unknown.push(format!("{} could not be looked up", human::count(failed, "tag", "tags")));
        }
        if let Some(left @ 1..) = others.len().checked_sub(LOOKUPS) {
            unknown.push(format!(
                "{} were not looked at",
                human::count(left as u64, "further tag", "further tags")
            ));
        }
        tags
    }

    /// Tags of the indexes that hold `digest`.
    async fn holders(
        &self,
        server: &Distribution,
        repository: &str,
        tags: &[(String, Digest)],
        digest: &Digest,
        unknown: &mut Vec<String>,
    ) -> Vec<String> {
        let distinct: BTreeSet<&Digest> = tags.iter().map(|(_, d)| d).filter(|d| *d != digest).collect();
        let candidates: Vec<&Digest> = distinct.iter().copied().filter(|d| !self.is_plain_image(d)).collect();
        if let Some(left @ 1..) = candidates.len().checked_sub(INDEXES) {
            unknown.push(format!(
                "{} were not opened",
                human::count(left as u64, "other manifest", "other manifests")
            ));
        }
        let opened: Vec<_> = candidates
            .into_iter()
            .take(INDEXES)
            .map(|candidate| self.holder(server, repository, candidate, digest))
            .collect();
        let answers: Vec<_> = stream::iter(opened).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let holding: BTreeSet<Digest> = answers.into_iter().flatten().collect();
        tags.iter().filter(|(_, d)| holding.contains(d)).map(|(t, _)| visible(t).into_owned()).collect()
    }

    /// `candidate`, when it is an index that holds `digest`.
    async fn holder(
        &self,
        server: &Distribution,
        repository: &str,
        candidate: &Digest,
        digest: &Digest,
    ) -> Option<Digest> {
        let raw = self.manifest(server, repository, &candidate.to_string()).await;
        let holds = raw.and_then(|r| r.parse()).is_ok_and(|m| holds(&m, digest));
        holds.then(|| candidate.clone())
    }

    /// Whether the cache already says that a manifest is no index.
    fn is_plain_image(&self, digest: &Digest) -> bool {
        let facts = self.facts.get(digest);
        facts
            .and_then(|f| f.media_type)
            .is_some_and(|t| matches!(MediaType::of(&t), MediaType::Manifest | MediaType::Schema1))
    }
}

async fn resolve(server: &Distribution, repository: &str, tag: &str) -> (String, Result<Digest, Failure>) {
    (tag.to_owned(), server.resolve(repository, tag).await.map(|r| r.digest))
}

fn holds(manifest: &Manifest, digest: &Digest) -> bool {
    matches!(manifest, Manifest::Index(index) if index.manifests.iter().any(|m| m.digest == *digest))
}

fn members(manifest: &Manifest) -> Vec<Descriptor> {
    match manifest {
        Manifest::Index(index) => index.manifests.clone(),
        _ => Vec::new(),
    }
}
