//! Untying one tag, so that the manifest and its other tags stay.
//!
//! Invariant: a tag never ends up pointing at anything else. Where `DELETE manifests/<tag>` is refused, a unique empty
//! manifest is put over the tag and deleted by its digest (regclient's way), or as the vendor's API does it; this is
//! begun only after it has been shown that the delete works, and undone unless the tag is known to be gone. A tag that
//! could not be put back is named in the failure, with the digest that it pointed at.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::distribution::Distribution;
use crate::domain::text::visible;
use crate::domain::{Descriptor, Digest, Failure, FailureKind, RawManifest, media, reference};

/// How many other tags are looked up before a tag counts as the only one, at least, and how many at a time.
const LOOKUPS: usize = 1_000;
const SIDE_BY_SIDE: usize = 8;

/// Removes `tag` from `repository`.
///
/// # Errors
/// `Unsupported` when deletes are switched off; `NotFound` when the tag is gone; `Invalid` when `tag` is none, but a
/// digest; what the transport may say.
pub async fn by_protocol(server: &Distribution, repository: &str, tag: &str) -> Result<(), Failure> {
    Distribution::check_tag(repository, tag)?;
    match server.delete_tag(repository, tag).await {
        Err(failure) if may_know_digests_only(failure.kind) => {
            by_stand_in(server, repository, tag, &ByDigest { server, repository }).await
        }
        other => other,
    }
}

/// Whether `tag` points at `digest` now: what a list said may have changed since.
///
/// # Errors
/// What the transport may say.
pub async fn points_at(
    server: &Distribution,
    repository: &str,
    tag: &str,
    digest: &Digest,
) -> Result<bool, Failure> {
    match server.resolve(repository, tag).await {
        Ok(now) => Ok(now.digest == *digest),
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Refuses to remove `tags` when one of them is not among those that were `shown`.
///
/// # Errors
/// `Conflict` with the names of the others.
pub fn check_shown(tags: &[String], shown: Option<&[String]>, doing: &str) -> Result<(), Failure> {
    let Some(shown) = shown else { return Ok(()) };
    let others: Vec<&str> = tags.iter().filter(|tag| !shown.contains(tag)).map(String::as_str).collect();
    if others.is_empty() {
        return Ok(());
    }
    let said = format!(
        "it has tags that were not shown before: {}; nothing was removed, refresh and look again",
        visible(&others.join(", "))
    );
    Err(Failure::new(FailureKind::Conflict, doing, said))
}

/// Refuses the only tag of its manifest, for registries where that takes the manifest along.
///
/// # Errors
/// `Conflict` when no other tag is known to point there; what the transport may say.
pub async fn check_not_the_last(
    server: &Distribution,
    repository: &str,
    tag: &str,
    doing: &str,
) -> Result<(), Failure> {
    let digest = server.resolve(repository, tag).await.map_err(|f| f.while_doing(doing))?.digest;
    let (mut looked, mut cursor) = (0, None);
    loop {
        let page = server.tags(repository, cursor.as_ref()).await.map_err(|f| f.while_doing(doing))?;
        let others: Vec<&String> =
            page.names.iter().filter(|name| *name != tag && reference::is_tag(name)).collect();
        let looks: Vec<_> =
            others.iter().map(|other| points_at(server, repository, other, &digest)).collect();
        looked += looks.len();
        let mut answers = stream::iter(looks).buffer_unordered(SIDE_BY_SIDE);
        while let Some(answer) = answers.next().await {
            if answer? {
                return Ok(());
            }
        }
        cursor = page.next.filter(|_| looked < LOOKUPS);
        if cursor.is_none() {
            let said = "no other tag of its image was found, and here the image goes with its last tag; delete the image \
                        instead";
            return Err(Failure::new(FailureKind::Conflict, doing, said));
        }
    }
}

/// How a manifest is taken out of a registry.
#[async_trait]
pub trait Remove: Send + Sync {
    /// Whether [`remove`](Self::remove) is going to work; asked before anything is changed.
    ///
    /// # Errors
    /// Why it is not.
    async fn ready(&self, tag: &str, before: &RawManifest) -> Result<(), Failure>;

    /// Removes the manifest `digest`, which `tag` alone points at.
    ///
    /// # Errors
    /// What the server says; `NotFound` when it is not there.
    async fn remove(&self, tag: &str, digest: &Digest) -> Result<(), Failure>;
}

/// Servers from before OCI 1.1 answer 400 or 405 to a delete by tag.
fn may_know_digests_only(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Unsupported | FailureKind::Invalid)
}

/// Puts a stand-in over `tag` and removes that, for registries that cannot take a tag by its name.
///
/// # Errors
/// As [`by_protocol`], and what `way` says.
pub async fn by_stand_in(
    server: &Distribution,
    repository: &str,
    tag: &str,
    way: &dyn Remove,
) -> Result<(), Failure> {
    let doing = format!("untagging {repository}:{tag}");
    let before = server.manifest(repository, tag).await?;
    way.ready(tag, &before).await.map_err(|f| f.while_doing(doing.clone()))?;
    let config = server.put_blob(repository, Bytes::from_static(b"{}")).await?;
    let bytes = stand_in(&config, &before.digest, tag);
    let change = Change { server, way, repository, tag, before, stand_in: Digest::of(&bytes) };
    change.make(bytes).await.map_err(|f| f.while_doing(doing))
}

/// The protocol's own way.
struct ByDigest<'a> {
    server: &'a Distribution,
    repository: &'a str,
}

#[async_trait]
impl Remove for ByDigest<'_> {
    /// Asks for the deletion of a digest that cannot exist: 404 means that deletes are on.
    async fn ready(&self, _tag: &str, before: &RawManifest) -> Result<(), Failure> {
        let absent = Digest::of(format!("absent beside {}", before.digest).as_bytes());
        match self.server.delete_manifest(self.repository, &absent).await {
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(()),
            other => other,
        }
    }

    async fn remove(&self, _tag: &str, digest: &Digest) -> Result<(), Failure> {
        self.server.delete_manifest(self.repository, digest).await
    }
}

/// A stand-in on its way over a tag and out of the registry.
struct Change<'a> {
    server: &'a Distribution,
    way: &'a dyn Remove,
    repository: &'a str,
    tag: &'a str,
    /// What the tag points at until then.
    before: RawManifest,
    stand_in: Digest,
}

impl Change<'_> {
    async fn make(self, bytes: Bytes) -> Result<(), Failure> {
        let put = self.server.put_manifest(self.repository, self.tag, media::OCI_MANIFEST, bytes).await;
        if let Err(failure) = put {
            return Err(if self.may_have_been_put(&failure).await {
                self.undo(failure).await
            } else {
                failure
            });
        }
        match self.way.remove(self.tag, &self.stand_in).await {
            Ok(()) => Ok(()),
            Err(failure) if failure.kind == FailureKind::NotFound => {
                if self.is_gone().await {
                    Ok(())
                } else {
                    Err(self.undo(not_deleted(failure)).await)
                }
            }
            Err(failure) => Err(self.undo(failure).await),
        }
    }

    /// Whether a write that failed may have happened all the same: the answer was lost, or was no refusal.
    async fn may_have_been_put(&self, failure: &Failure) -> bool {
        match failure.kind {
            FailureKind::Unauthorized
            | FailureKind::Forbidden
            | FailureKind::Conflict
            | FailureKind::Unsupported
            | FailureKind::RateLimited => false,
            FailureKind::Integrity => true,
            _ => match self.server.resolve(self.repository, self.tag).await {
                Ok(now) => now.digest == self.stand_in,
                Err(unknown) => unknown.kind != FailureKind::NotFound,
            },
        }
    }

    /// Whether the tag is surely gone.
    async fn is_gone(&self) -> bool {
        let now = self.server.resolve(self.repository, self.tag).await;
        now.is_err_and(|failure| failure.kind == FailureKind::NotFound)
    }

    /// Puts back what the tag pointed at. The failure says so where that fails too.
    async fn undo(&self, why: Failure) -> Failure {
        let RawManifest { bytes, media_type, digest, .. } = &self.before;
        match self.server.put_manifest(self.repository, self.tag, media_type, bytes.clone()).await {
            Ok(_) => why,
            Err(failure) => {
                let said = format!(
                    "{}; the tag may point at an empty image now, because putting back {digest} failed too: {}",
                    why.said, failure.said
                );
                Failure { said, ..why }
            }
        }
    }
}

/// A server that says "not found" of a manifest that it was just given, while the tag stays.
fn not_deleted(failure: Failure) -> Failure {
    let said = "it answers that there is nothing to delete (404), and the tag stays".to_owned();
    Failure { kind: FailureKind::Unsupported, said, ..failure }
}

/// A manifest that nobody else has: it names the tag and what the tag pointed at.
fn stand_in(config: &Descriptor, before: &Digest, tag: &str) -> Bytes {
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": media::OCI_MANIFEST,
        "config": { "mediaType": media::OCI_CONFIG, "digest": config.digest, "size": config.size },
        "layers": [],
        "annotations": { "dev.tagalong.untagged": tag, "dev.tagalong.before": before },
    });
    Bytes::from(manifest.to_string())
}
