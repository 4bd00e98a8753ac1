//! Giving a manifest another name, and putting back what was removed.
//!
//! Invariant: a manifest goes back byte for byte, so its digest is the same as before.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Workspace;
use super::open::Local;
use super::reader::Reader;
use crate::domain::job::{Seen, Undo};
use crate::domain::{Digest, Failure, FailureKind, Locator, NodeKind, RawManifest, reference, text::visible};
use crate::images;
use crate::registry::Distribution;

/// How many removals are remembered.
const REMEMBERED: usize = 500;

/// The manifests of what was removed in this run.
#[derive(Default)]
pub(super) struct Removed(Mutex<VecDeque<Kept>>);

/// What it takes to put one node back.
#[derive(Clone)]
struct Kept {
    at: Locator,
    manifest: RawManifest,
    /// The tags that it had, as far as they are known.
    tags: Vec<String>,
}

impl Kept {
    /// What it is put back as: its tags, else its digest.
    fn names(&self) -> Vec<String> {
        if self.tags.is_empty() { vec![self.manifest.digest.to_string()] } else { self.tags.clone() }
    }
}

impl Removed {
    fn list(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        // Every change is one push or remove, so a poisoned list is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workspace {
    /// Gives the manifest at `at` in a registry the tag `tag` too; no blob moves.
    ///
    /// # Errors
    /// `Invalid` when it is no tag; `NotFound`; `Forbidden`; `Conflict` (an immutable tag, or one that is not what the
    /// person has `seen` any more).
    pub async fn tag(&self, at: &Locator, tag: &str, seen: &Seen) -> Result<Digest, Failure> {
        if !reference::is_tag(tag) {
            let said = format!("“{}” is not a tag", visible(tag));
            return Err(Failure::new(FailureKind::Invalid, format!("tagging {}", at.name()), said));
        }
        self.check_name_unmoved(&sibling(at, tag), seen).await?;
        let (server, repository) = self.content_of(at)?;
        let manifest = server.manifest(&repository, at.name()).await?;
        server.put_manifest(&repository, tag, &manifest.media_type, manifest.bytes).await?;
        Ok(manifest.digest)
    }

    /// Gives the image at `at` another name: a tag of its repository in a registry, a full reference on this machine.
    /// Returns the new node.
    ///
    /// # Errors
    /// As [`tag`](Self::tag); `Conflict` for a name that is not what the person has `seen` any more.
    pub async fn add_name(&self, at: &Locator, name: &str, seen: &Seen) -> Result<Locator, Failure> {
        if let Some(local) = self.local(&at.connection) {
            let reference = name.parse()?;
            self.check_name_unmoved(&images::locate(&at.connection, &reference), seen).await?;
            let new = match local {
                Local::Store(store) => store.tag(at, &reference).await?,
                Local::Engine(engine) => engine.tag(at, &reference).await?,
            };
            self.tell_if_local(&at.connection);
            return Ok(new);
        }
        self.tag(at, name, seen).await?;
        Ok(sibling(at, name))
    }

    /// What the tag at `at` points at now.
    ///
    /// # Errors
    /// What the server says, unless there is no such tag.
    pub async fn see(&self, at: &Locator) -> Result<Seen, Failure> {
        match self.facts(at).await {
            Ok(facts) => Ok(facts.digest.map_or(Seen::Nothing, Seen::Digest)),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(Seen::Nothing),
            Err(failure) => Err(failure),
        }
    }

    /// Refuses to take a name from another image than the person saw.
    async fn check_name_unmoved(&self, to: &Locator, seen: &Seen) -> Result<(), Failure> {
        if *seen == Seen::NotLooked {
            return Ok(());
        }
        let now = self.see(to).await?;
        match seen.differs_from(now.digest()) {
            Some(said) => {
                let doing = format!("tagging {}", visible(to.name()));
                Err(Failure::new(FailureKind::Conflict, doing, said))
            }
            None => Ok(()),
        }
    }

    /// Reads what it takes to put `at` back, before it goes. Without it the removal is for good.
    pub(super) async fn remember(&self, at: &Locator, digest: Option<&Digest>, tags: &[String]) -> Undo {
        match self.manifest_of(at, digest).await {
            Ok(manifest) => {
                let mut list = self.removed.list();
                list.retain(|kept| kept.at != *at);
                if list.len() >= REMEMBERED {
                    list.pop_front();
                }
                list.push_back(Kept { at: at.clone(), manifest, tags: tags.to_vec() });
                Undo::Possible
            }
            Err(failure) => {
                tracing::debug!(%failure, "what is removed cannot be put back");
                Undo::Impossible
            }
        }
    }

    /// What a removal that failed leaves to be put back: nothing is remembered where nothing went.
    pub(super) async fn keep_what_went(&self, at: &Locator, failure: &Failure) -> Undo {
        let kept = self.removed.list().iter().find(|kept| kept.at == *at).cloned();
        if let (Some(kept), Ok((server, repository))) = (kept, self.content_of(at))
            && failure.kind != FailureKind::NotFound
        {
            for name in kept.names() {
                let now = server.resolve(&repository, &name).await;
                if now.is_err_and(|failure| failure.kind == FailureKind::NotFound) {
                    return Undo::Possible;
                }
            }
        }
        self.removed.list().retain(|kept| kept.at != *at);
        Undo::Impossible
    }

    async fn manifest_of(&self, at: &Locator, digest: Option<&Digest>) -> Result<RawManifest, Failure> {
        let (server, repository) = self.content_of(at)?;
        // Asked for by its digest it may be in the cache, and some servers count what is asked for by name.
        let digest = match digest {
            Some(digest) => digest.clone(),
            None => server.resolve(&repository, at.name()).await?.digest,
        };
        self.manifest(&Reader::Registry(server, repository), &digest.to_string()).await
    }

    /// Puts back what removing `at` took away: the manifest, and the tags that it had.
    ///
    /// # Errors
    /// `NotFound` when nothing is remembered of it; `Conflict` when its tags have been given to other manifests meanwhile
    /// (then nothing is put back), `Invalid` when some have and the others are back; what the server says, for instance
    /// when its blobs are gone.
    pub async fn undo(&self, at: &Locator) -> Result<(), Failure> {
        let doing = format!("putting {} back", at.name());
        let kept = self.removed.list().iter().find(|kept| kept.at == *at).cloned();
        let kept = kept.ok_or_else(|| {
            Failure::new(FailureKind::NotFound, doing.as_str(), "its manifest was not kept")
        })?;
        let (server, repository) = self.content_of(at)?;
        let (mut free, mut taken) = (Vec::new(), None);
        for name in kept.names() {
            match check_free(&server, &repository, &name, &kept.manifest.digest, &doing).await {
                Ok(()) => free.push(name),
                Err(failure) if failure.kind == FailureKind::Conflict => taken = taken.or(Some(failure)),
                Err(failure) => return Err(failure),
            }
        }
        if let Some(failure) = taken.take_if(|_| free.is_empty()) {
            return Err(failure);
        }
        for name in &free {
            let RawManifest { media_type, bytes, .. } = &kept.manifest;
            server
                .put_manifest(&repository, name, media_type, bytes.clone())
                .await
                .map_err(|f| f.while_doing(format!("{doing} as {}", visible(name))))?;
        }
        self.removed.list().retain(|kept| kept.at != *at);
        let rest =
            |failure: Failure| Failure { kind: FailureKind::Invalid, ..failure }.with_next(OTHERS_ARE_BACK);
        taken.map_or(Ok(()), |failure| Err(rest(failure)))
    }
}

/// What there is to know when one tag of several has a new owner.
const OTHERS_ARE_BACK: &str = "Its other tags are back.";

/// Whether `name` is free, or points where it is to point.
async fn check_free(
    server: &Distribution,
    repository: &str,
    name: &str,
    digest: &Digest,
    doing: &str,
) -> Result<(), Failure> {
    match server.resolve(repository, name).await {
        Ok(found) if found.digest != *digest => {
            let said = format!("{} points at {} by now", visible(name), found.digest);
            Err(Failure::new(FailureKind::Conflict, doing, said))
        }
        Ok(_) => Ok(()),
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// The tag `tag` of the repository that `at` lies in.
#[must_use]
pub fn sibling(at: &Locator, tag: &str) -> Locator {
    at.repository_node().unwrap_or_else(|| at.clone()).child(NodeKind::Tag, tag)
}

/// The tags of a removal of the one tag at `at`.
pub(super) fn own_tag(at: &Locator) -> Vec<String> {
    if at.kind() == NodeKind::Tag { vec![at.name().to_owned()] } else { Vec::new() }
}
