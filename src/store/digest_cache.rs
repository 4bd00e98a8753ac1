//! What is known for good about a digest: facts of manifests, and the bytes of manifests and configurations.
//!
//! Invariant: a blob that comes out has its digest; an entry that is damaged is dropped without a word. Calls read and
//! write small files, and are meant for threads that may do so.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use lru::LruCache;

use super::digest_files::{DigestFiles, Limit};
use super::paths::Paths;
use crate::domain::{Digest, Facts};

const LIMIT: Limit = Limit { files: 50_000, bytes: 200 * 1024 * 1024 };
const FACTS_IN_MEMORY: NonZeroUsize = NonZeroUsize::new(4096).unwrap();
const BLOBS_IN_MEMORY: NonZeroUsize = NonZeroUsize::new(32).unwrap();
/// Larger blobs are not kept: hardly any manifest or configuration is, and they would push out many others.
const LARGEST_BLOB: usize = 256 * 1024;

/// The most recently used entries.
type Recent<T> = Mutex<LruCache<Digest, T>>;

fn recall<T: Clone>(recent: &Recent<T>, digest: &Digest) -> Option<T> {
    recent.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
}

fn remember<T>(recent: &Recent<T>, digest: &Digest, value: T) {
    recent.lock().unwrap_or_else(PoisonError::into_inner).put(digest.clone(), value);
}

/// Facts of manifests by digest, in `facts/` below the cache folder.
#[derive(Debug)]
pub struct FactsCache {
    files: DigestFiles,
    recent: Recent<Facts>,
}

impl FactsCache {
    /// Opens nothing yet.
    #[must_use]
    pub fn new(paths: &Paths) -> Self {
        let files = DigestFiles::new(paths.cache.join("facts"), "json", LIMIT);
        Self { files, recent: Mutex::new(LruCache::new(FACTS_IN_MEMORY)) }
    }

    /// What is known about a manifest.
    #[must_use]
    pub fn get(&self, digest: &Digest) -> Option<Facts> {
        if let Some(facts) = recall(&self.recent, digest) {
            return Some(facts);
        }
        let json = self.files.read(digest)?;
        let Ok(facts) = serde_json::from_slice::<Facts>(&json) else {
            self.files.remove(digest);
            return None;
        };
        remember(&self.recent, digest, facts.clone());
        Some(facts)
    }

    /// Keeps what is known about a manifest.
    pub fn put(&self, digest: &Digest, facts: &Facts) {
        if recall(&self.recent, digest).as_ref() == Some(facts) {
            return;
        }
        remember(&self.recent, digest, facts.clone());
        match serde_json::to_vec(facts) {
            Ok(json) => self.files.write(digest, &json),
            Err(error) => tracing::info!(%error, "facts are not cached"),
        }
    }
}

/// Manifests and configurations by digest, in `blobs/` below the cache folder.
#[derive(Debug)]
pub struct BlobCache {
    files: DigestFiles,
    recent: Recent<Bytes>,
}

impl BlobCache {
    /// Opens nothing yet.
    #[must_use]
    pub fn new(paths: &Paths) -> Self {
        let files = DigestFiles::new(paths.cache.join("blobs"), "blob", LIMIT);
        Self { files, recent: Mutex::new(LruCache::new(BLOBS_IN_MEMORY)) }
    }

    /// The bytes with this digest.
    #[must_use]
    pub fn get(&self, digest: &Digest) -> Option<Bytes> {
        if let Some(blob) = recall(&self.recent, digest) {
            return Some(blob);
        }
        let blob = Bytes::from(self.files.read(digest)?);
        if !digest.matches(&blob) {
            self.files.remove(digest);
            return None;
        }
        remember(&self.recent, digest, blob.clone());
        Some(blob)
    }

    /// Keeps the bytes with this digest; bytes that do not have it, and large ones, are left out.
    pub fn put(&self, digest: &Digest, blob: &Bytes) {
        if blob.len() > LARGEST_BLOB || recall(&self.recent, digest).is_some() || !digest.matches(blob) {
            return;
        }
        // A copy of its own: the bytes may be a part of a larger buffer.
        remember(&self.recent, digest, Bytes::copy_from_slice(blob));
        self.files.write(digest, blob);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::domain::Platform;
    use crate::store::Env;

    fn somewhere() -> (tempfile::TempDir, Paths) {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::find(Some(dir.path()), &Env::new("/", [("A", "b")])).unwrap();
        (dir, paths)
    }

    #[test]
    fn facts_outlive_the_run() {
        let (_dir, paths) = somewhere();
        let digest = Digest::of(b"manifest");
        let facts = Facts {
            digest: Some(digest.clone()),
            size: Some(42),
            platforms: vec![Platform::here()],
            ..Facts::default()
        };
        assert_eq!(FactsCache::new(&paths).get(&digest), None);
        FactsCache::new(&paths).put(&digest, &facts);
        assert_eq!(FactsCache::new(&paths).get(&digest), Some(facts));
        let hex = digest.hex();
        assert!(paths.cache.join("facts/sha256").join(digest.short(2)).join(format!("{hex}.json")).exists());
    }

    #[test]
    fn newer_facts_replace_older_ones() {
        let (_dir, paths) = somewhere();
        let (cache, digest) = (FactsCache::new(&paths), Digest::of(b"manifest"));
        for size in [1, 2] {
            cache.put(&digest, &Facts { size: Some(size), ..Facts::default() });
        }
        assert_eq!(cache.get(&digest).unwrap().size, Some(2));
        assert_eq!(FactsCache::new(&paths).get(&digest).unwrap().size, Some(2));
    }

    #[test]
    fn damaged_entries_are_dropped() {
        let (_dir, paths) = somewhere();
        let digest = Digest::of(b"content");
        FactsCache::new(&paths).put(&digest, &Facts::default());
        BlobCache::new(&paths).put(&digest, &Bytes::from_static(b"content"));
        let (facts, blobs) = (FactsCache::new(&paths), BlobCache::new(&paths));
        for path in [facts.files.path(&digest), blobs.files.path(&digest)] {
            fs::write(&path, b"conten").unwrap();
        }
        assert_eq!(facts.get(&digest), None);
        assert_eq!(blobs.get(&digest), None);
        assert!(!facts.files.path(&digest).exists() && !blobs.files.path(&digest).exists());
    }

    #[test]
    fn blobs_are_what_their_digest_says() {
        let (_dir, paths) = somewhere();
        let (small, large) = (Bytes::from_static(b"config"), Bytes::from(vec![0; LARGEST_BLOB + 1]));
        let wrong = Digest::of(b"other");
        let cache = BlobCache::new(&paths);
        cache.put(&Digest::of(&small), &small);
        cache.put(&Digest::of(&large), &large);
        cache.put(&wrong, &small);
        for cache in [cache, BlobCache::new(&paths)] {
            assert_eq!(cache.get(&Digest::of(&small)), Some(small.clone()));
            assert_eq!(cache.get(&Digest::of(&large)), None);
            assert_eq!(cache.get(&wrong), None);
        }
    }

    #[test]
    fn threads_share_a_cache() {
        let (_dir, paths) = somewhere();
        let cache = FactsCache::new(&paths);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for n in 0..50_u64 {
                        let digest = Digest::of(&n.to_le_bytes());
                        cache.put(&digest, &Facts { size: Some(n), ..Facts::default() });
                        assert_eq!(cache.get(&digest).unwrap().size, Some(n));
                    }
                });
            }
        });
    }
}
