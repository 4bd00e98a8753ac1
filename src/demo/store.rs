//! What the registry holds: repositories with manifests, tags and blobs. Others put content in and look at it here.
//!
//! Invariant: a tag points at a manifest of its own repository. Content is kept as it comes; what a push has to
//! fulfil is checked by the routes, so tests can put broken content in.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;

use super::blob::Blob;
use crate::domain::{Digest, RawManifest};

/// The registry's content. All methods take a shared reference; each is one step that no other can come between.
#[derive(Default)]
pub struct Store {
    contents: RwLock<Contents>,
}

#[derive(Default)]
struct Contents {
    repositories: BTreeMap<String, Repository>,
    blobs: HashMap<Digest, Blob>,
}

#[derive(Default)]
struct Repository {
    manifests: BTreeMap<Digest, Held>,
    tags: BTreeMap<TagName, Digest>,
    blobs: HashSet<Digest>,
}

struct Held {
    raw: RawManifest,
    subject: Option<Digest>,
}

/// A tag in the order of the specification: case-insensitive; where that is equal, by bytes.
#[derive(PartialEq, Eq)]
struct TagName(String);

impl Ord for TagName {
    fn cmp(&self, other: &Self) -> Ordering {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        self.0.bytes().map(lower).cmp(other.0.bytes().map(lower)).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for TagName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Some names of a longer list.
pub(super) struct Names {
    /// The names, in order.
    pub(super) names: Vec<String>,
    /// Whether there are more behind them.
    pub(super) more: bool,
}

impl Store {
    /// Makes an empty repository, unless it is there.
    pub fn create(&self, repository: &str) {
        self.write().repository(repository);
    }

    /// Puts a blob into a repository.
    pub fn put_blob(&self, repository: &str, bytes: impl Into<Bytes>) -> Digest {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        self.put_blob_as(repository, &digest, Blob::Kept(bytes));
        digest
    }

    /// Puts a blob into a repository under a digest that is taken as given.
    pub fn put_blob_as(&self, repository: &str, digest: &Digest, blob: Blob) {
        let mut contents = self.write();
        contents.blobs.insert(digest.clone(), blob);
        contents.repository(repository).blobs.insert(digest.clone());
    }

    /// Puts a manifest into a repository, untagged.
    pub fn put_manifest(&self, repository: &str, media_type: &str, bytes: impl Into<Bytes>) -> Digest {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        let raw =
            RawManifest { bytes, media_type: media_type.to_owned(), digest: digest.clone(), claimed: None };
        self.put_raw(repository, raw);
        digest
    }

    /// Puts a manifest into a repository under the digest that it carries.
    pub fn put_raw(&self, repository: &str, raw: RawManifest) {
        let subject = raw.parse().ok().and_then(|m| m.subject().map(|s| s.digest.clone()));
        self.write().repository(repository).manifests.insert(raw.digest.clone(), Held { raw, subject });
    }

    /// Points a tag at a manifest; answers whether the manifest is there.
    pub fn tag(&self, repository: &str, tag: &str, digest: &Digest) -> bool {
        let mut contents = self.write();
        let repository = contents.repository(repository);
        let known = repository.manifests.contains_key(digest);
        if known {
            repository.tags.insert(TagName(tag.to_owned()), digest.clone());
        }
        known
    }

    /// Whether there is such a repository.
    #[must_use]
    pub fn has_repository(&self, repository: &str) -> bool {
        self.read().repositories.contains_key(repository)
    }

    /// Every repository, in order.
    #[must_use]
    pub fn repositories(&self) -> Vec<String> {
        self.read().repositories.keys().cloned().collect()
    }

    /// Every tag of a repository, in order; none when there is no such repository.
    #[must_use]
    pub fn tags(&self, repository: &str) -> Vec<String> {
        self.tags_after(repository, None, usize::MAX).map_or_else(Vec::new, |page| page.names)
    }

    /// What a tag points at.
    #[must_use]
    pub fn resolve(&self, repository: &str, tag: &str) -> Option<Digest> {
        self.read().repositories.get(repository)?.tags.get(&TagName(tag.to_owned())).cloned()
    }

    /// A manifest by digest.
    #[must_use]
    pub fn manifest(&self, repository: &str, digest: &Digest) -> Option<RawManifest> {
        Some(self.read().repositories.get(repository)?.manifests.get(digest)?.raw.clone())
    }

    /// Every manifest of a repository, ordered by digest.
    #[must_use]
    pub fn manifests(&self, repository: &str) -> Vec<RawManifest> {
        let contents = self.read();
        let held = contents.repositories.get(repository).map(|r| r.manifests.values());
        held.into_iter().flatten().map(|held| held.raw.clone()).collect()
    }

    /// The manifests of a repository that refer to `subject`, ordered by digest.
    #[must_use]
    pub fn referrers(&self, repository: &str, subject: &Digest) -> Vec<RawManifest> {
        let contents = self.read();
        let held = contents.repositories.get(repository).map(|r| r.manifests.values());
        let refer = held.into_iter().flatten().filter(|held| held.subject.as_ref() == Some(subject));
        refer.map(|held| held.raw.clone()).collect()
    }

    /// A blob that a repository holds.
    #[must_use]
    pub fn blob(&self, repository: &str, digest: &Digest) -> Option<Blob> {
        let contents = self.read();
        contents.repositories.get(repository)?.blobs.get(digest)?;
        contents.blobs.get(digest).cloned()
    }

    /// A blob that any repository holds.
    #[must_use]
    pub fn any_blob(&self, digest: &Digest) -> Option<Blob> {
        self.read().blobs.get(digest).cloned()
    }

    /// Removes a tag; answers whether it was there.
    pub fn remove_tag(&self, repository: &str, tag: &str) -> bool {
        let mut contents = self.write();
        let found = contents.repositories.get_mut(repository);
        found.is_some_and(|r| r.tags.remove(&TagName(tag.to_owned())).is_some())
    }

    /// Removes a manifest with every tag of it; answers whether it was there.
    pub fn remove_manifest(&self, repository: &str, digest: &Digest) -> bool {
        let mut contents = self.write();
        let Some(found) = contents.repositories.get_mut(repository) else { return false };
        found.tags.retain(|_, target| target != digest);
        found.manifests.remove(digest).is_some()
    }

    /// Removes a blob from a repository, and its bytes when no other repository holds it; answers whether it was there.
    pub fn remove_blob(&self, repository: &str, digest: &Digest) -> bool {
        let mut contents = self.write();
        let found = contents.repositories.get_mut(repository).is_some_and(|r| r.blobs.remove(digest));
        if !contents.repositories.values().any(|r| r.blobs.contains(digest)) {
            contents.blobs.remove(digest);
        }
        found
    }

    /// At most `n` tags behind `last`; nothing when there is no such repository.
    pub(super) fn tags_after(&self, repository: &str, last: Option<&str>, n: usize) -> Option<Names> {
        let contents = self.read();
        let tags = &contents.repositories.get(repository)?.tags;
        let start = last.map_or(Bound::Unbounded, |last| Bound::Excluded(TagName(last.to_owned())));
        Some(first(n, tags.range((start, Bound::Unbounded)).map(|(tag, _)| tag.0.as_str())))
    }

    /// At most `n` repositories behind `last`.
    pub(super) fn repositories_after(&self, last: Option<&str>, n: usize) -> Names {
        let contents = self.read();
        let start = last.map_or(Bound::Unbounded, Bound::Excluded);
        first(
            n,
            contents.repositories.range::<str, _>((start, Bound::Unbounded)).map(|(name, _)| name.as_str()),
        )
    }

    fn read(&self) -> RwLockReadGuard<'_, Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Contents> {
        self.contents.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }
}

fn first<'a>(n: usize, mut all: impl Iterator<Item = &'a str>) -> Names {
    let names = all.by_ref().take(n).map(str::to_owned).collect();
    Names { names, more: all.next().is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::media::OCI_MANIFEST;

    #[test]
    fn tags_are_in_the_order_of_the_specification() {
        let store = Store::default();
        let digest = store.put_manifest("a", OCI_MANIFEST, "{}");
        for tag in ["b", "A", "a", "_x", "1.10", "1.9", "B"] {
            assert!(store.tag("a", tag, &digest));
        }
        assert_eq!(store.tags("a"), ["1.10", "1.9", "_x", "A", "a", "B", "b"]);
        let page = store.tags_after("a", Some("_x"), 2).unwrap();
        assert_eq!((page.names, page.more), (vec!["A".to_owned(), "a".to_owned()], true));
    }

    #[test]
    fn a_blob_lives_as_long_as_a_repository_holds_it() {
        let store = Store::default();
        let digest = store.put_blob("a", "x");
        store.put_blob("b", "x");
        assert!(store.remove_blob("a", &digest));
        assert!(store.blob("a", &digest).is_none());
        assert!(store.any_blob(&digest).is_some());
        assert!(store.remove_blob("b", &digest));
        assert!(store.any_blob(&digest).is_none());
    }

    #[test]
    fn a_deleted_manifest_takes_its_tags_along() {
        let store = Store::default();
        let digest = store.put_manifest("a", OCI_MANIFEST, "{}");
        assert!(store.tag("a", "one", &digest));
        assert!(store.remove_manifest("a", &digest));
        assert!(store.tags("a").is_empty());
        assert!(!store.tag("a", "two", &digest));
    }
}
