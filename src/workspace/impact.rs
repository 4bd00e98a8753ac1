//! The blast radius of a delete: which tags share the manifest, which indexes hold it, what it holds, what refers to it.
//!
//! Invariant: a digest that was known before is a hint where to look first, never an answer; what could not be looked
//! at is told as unknown.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};

use super::Workspace;
use super::reader::Reader;
use crate::domain::impact::Impact;
use crate::domain::{
    Descriptor, Digest, Failure, FailureKind, Locator, Manifest, MediaType, human, text::visible,
};

/// How many tags are looked up, and how many at a time.
const LOOKUPS: usize = 400;
const SIDE_BY_SIDE: usize = 8;
/// How many distinct manifests are opened to see whether they are indexes that hold the digest.
const INDEXES: usize = 100;

impl Workspace {
    /// Whether [`impact`](Self::impact) looks at the tags that it is given: a vendor may know them itself.
    ///
    /// # Errors
    /// `NotFound` when the connection is gone.
    pub fn needs_tags_for_impact(&self, at: &Locator) -> Result<bool, Failure> {
        Ok(self.provider(&at.connection)?.blast().is_none())
    }

    /// What deleting the manifest at `at` would touch. `known` are tags with the digest that each had when it was last
    /// looked at; `others` are the repository's further tags.
    ///
    /// # Errors
    /// Only when the manifest itself cannot be read; everything else that stays unknown is told in the answer.
    pub async fn impact(
        &self,
        at: &Locator,
        known: &[(String, Digest)],
        others: &[String],
    ) -> Result<Impact, Failure> {
        if let Some(blast) = self.provider(&at.connection)?.blast() {
            return blast.impact(at).await;
        }
        let (reader, target) = self.reader_of(at).await?;
        let raw = reader.manifest(&target).await?;
        let mut unknown = Vec::new();
        let digest = raw.digest.clone();
        let likely = likely_first(&digest, known, others);
        let Resolved { tags, gone } = resolve_all(&reader, &likely, &mut unknown).await;
        let mut same: BTreeSet<String> =
            tags.iter().filter(|(_, d)| *d == digest).map(|(t, _)| t.clone()).collect();
        if at.kind() == crate::domain::NodeKind::Tag {
            same.insert(at.name().to_owned());
        }
        let in_indexes = self.holders(&reader, &tags, &digest, &mut unknown).await;
        let referrers = match reader.referrers(&digest).await {
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
            looked_at: (tags.len() as u64 + gone, likely.len() as u64),
            unknown,
        })
    }

    /// Tags of the indexes that hold `digest`.
    async fn holders(
        &self,
        reader: &Reader,
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
            .map(|candidate| self.holder(reader, candidate, digest))
            .collect();
        let answers: Vec<_> = stream::iter(opened).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let unread = answers.iter().filter(|(_, holds)| holds.is_err()).count() as u64;
        if unread > 0 {
            unknown.push(format!(
                "{} could not be read",
                human::count(unread, "other manifest", "other manifests")
            ));
        }
        let holding: BTreeSet<&Digest> =
            answers.into_iter().filter(|(_, holds)| matches!(holds, Ok(true))).map(|(d, _)| d).collect();
        tags.iter().filter(|(_, d)| holding.contains(d)).map(|(t, _)| visible(t).into_owned()).collect()
    }

    /// `candidate`, and whether it is an index that holds `digest`.
    async fn holder<'a>(
        &self,
        reader: &Reader,
        candidate: &'a Digest,
        digest: &Digest,
    ) -> (&'a Digest, Result<bool, Failure>) {
        let raw = self.manifest(reader, &candidate.to_string()).await;
        (candidate, raw.and_then(|r| r.parse()).map(|m| holds(&m, digest)))
    }

    /// Whether the cache already says that a manifest is no index.
    fn is_plain_image(&self, digest: &Digest) -> bool {
        let facts = self.facts.get(digest);
        facts
            .and_then(|f| f.media_type)
            .is_some_and(|t| matches!(MediaType::of(&t), MediaType::Manifest | MediaType::Schema1))
    }
}

/// All tags, those first that had `digest` when they were last looked at, then those of which nothing is known.
fn likely_first<'a>(digest: &Digest, known: &'a [(String, Digest)], others: &'a [String]) -> Vec<&'a str> {
    let (same, different): (Vec<_>, Vec<_>) = known.iter().partition(|(_, d)| d == digest);
    let name = |(tag, _): &'a (String, Digest)| tag.as_str();
    same.into_iter()
        .map(name)
        .chain(others.iter().map(String::as_str))
        .chain(different.into_iter().map(name))
        .collect()
}

/// What the look at the tags came to.
struct Resolved {
    /// The tags with their digests, as the server has just said.
    tags: Vec<(String, Digest)>,
    /// How many are no longer there.
    gone: u64,
}

/// Asks for the digests of as many tags as are worth asking for.
async fn resolve_all(reader: &Reader, tags: &[&str], unknown: &mut Vec<String>) -> Resolved {
    let lookups: Vec<_> = tags.iter().take(LOOKUPS).map(|tag| resolve(reader, tag)).collect();
    let answers: Vec<_> = stream::iter(lookups).buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut resolved = Resolved { tags: Vec::with_capacity(answers.len()), gone: 0 };
    let mut failed = 0;
    for (tag, answer) in answers {
        match answer {
            Ok(digest) => resolved.tags.push((tag, digest)),
            // A ghost tag or one that went meanwhile shares nothing.
            Err(failure) if failure.kind == FailureKind::NotFound => resolved.gone += 1,
            Err(_) => failed += 1,
        }
    }
    if failed > 0 {
        unknown.push(format!("{} could not be looked up", human::count(failed, "tag", "tags")));
    }
    if let Some(left @ 1..) = tags.len().checked_sub(LOOKUPS) {
        unknown
            .push(format!("{} were not looked at", human::count(left as u64, "further tag", "further tags")));
    }
    resolved
}

async fn resolve(reader: &Reader, tag: &str) -> (String, Result<Digest, Failure>) {
    (tag.to_owned(), reader.resolve(tag).await)
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
