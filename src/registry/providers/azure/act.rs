//! Untagging, and deleting manifests and repositories; what a lock has to do with it when Azure refuses.
//!
//! Source: "Lock a container image in an Azure container registry": what is locked is refused with 405.
//!
//! Invariant: nothing is unlocked on the way.

use async_trait::async_trait;

use super::Azure;
use super::server::{Of, Server};
use crate::domain::impact::Impact;
use crate::domain::text::visible;
use crate::domain::{Descriptor, Digest, Failure, FailureKind, Locator, MediaType, NodeKind};
use crate::registry::{Blast, Delete, DeleteRepository, Distribution, Untag};

use super::wire::{Locks, Manifest, Member};
use crate::domain::media;

#[async_trait]
impl Untag for Azure {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let repository = at.repository().unwrap_or_default();
        Distribution::check_tag(repository, at.name())?;
        let server = self.server(at)?;
        let done = server.delete_tag(repository, at.name()).await;
        self.recent.forget().await;
        match done {
            Err(failure) => Err(explained(&server, repository, Of::Tag(at.name()), failure).await),
            done => done,
        }
    }
}

#[async_trait]
impl Delete for Azure {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        let name = repository.repository().unwrap_or_default();
        let server = self.server(repository)?;
        let done = server.delete_manifest(name, digest).await;
        self.recent.forget().await;
        match done {
            Err(failure) => Err(explained(&server, name, Of::Manifest(digest), failure).await),
            done => done,
        }
    }
}

#[async_trait]
impl DeleteRepository for Azure {
    async fn delete_repository(&self, at: &Locator) -> Result<(), Failure> {
        let name = at.repository().unwrap_or_default();
        let server = self.server(at)?;
        let done = server.delete_repository(name).await;
        self.recent.forget().await;
        match done {
            Err(failure) => Err(explained(&server, name, Of::Repository, failure).await),
            done => done,
        }
    }
}

/// A refusal that a lock is the reason of says which lock.
async fn explained(server: &Server, repository: &str, what: Of<'_>, failure: Failure) -> Failure {
    if !matches!(failure.kind, FailureKind::Unsupported | FailureKind::Conflict) {
        return failure;
    }
    let mut locks = Vec::new();
    let mut note = |name: String, found: Locks| {
        locks.extend(found.off().map(|off| format!("{} ({off} is off)", visible(&name))));
    };
    // Why it was refused is the news; an attribute that cannot be read adds none.
    if let Ok(found) = server.repository(repository).await {
        note(format!("the repository {repository}"), found.changeable_attributes);
    }
    match what {
        Of::Tag(tag) => {
            if let Ok(found) = server.tag(repository, tag).await {
                note(format!("the tag {tag}"), found.changeable_attributes);
            }
        }
        Of::Manifest(digest) => {
            if let Ok(found) = server.manifest(repository, digest).await {
                note("the manifest".to_owned(), found.changeable_attributes);
            }
            for tag in server.tags_of(repository, digest).await.unwrap_or_default() {
                note(format!("the tag {}", tag.name), tag.changeable_attributes);
            }
        }
        Of::Repository => {}
    }
    let said = match locks.as_slice() {
        [] => format!("{}; something in it may be locked", failure.said),
        locks => format!("{}; locked: {}; “Locks…” there lifts it", failure.said, locks.join(", ")),
    };
    Failure { kind: FailureKind::Conflict, said, ..failure }
}

#[async_trait]
impl Blast for Azure {
    async fn impact(&self, at: &Locator) -> Result<Impact, Failure> {
        let repository = at.repository().unwrap_or_default();
        let server = self.server(at)?;
        let digest: Digest = match at.kind() {
            NodeKind::Manifest => at.name().parse()?,
            _ => server.distribution.resolve(repository, at.name()).await?.digest,
        };
        let above = at.repository_node().unwrap_or_else(|| at.clone());
        let (own, walk, referrers) = tokio::join!(
            server.manifest(repository, &digest),
            self.recent.walk(&server, &above),
            server.distribution.referrers(repository, &digest)
        );
        let own = own?;
        let mut unknown = Vec::new();
        let (in_indexes, tags) = match walk {
            Ok(walk) => {
                unknown.extend(walk.cut_short());
                (walk.holders_of(&own.digest), walk.tags())
            }
            Err(failure) => {
                unknown.push(format!("which indexes contain it: {}", failure.said));
                (Vec::new(), own.tags().len() as u64)
            }
        };
        let referrers = referrers.unwrap_or_else(|failure| {
            unknown.push(format!("referrers: {}", failure.said));
            Vec::new()
        });
        Ok(Impact {
            tags: own.tags().to_vec(),
            in_indexes,
            children: children(&own),
            referrers,
            looked_at: (tags, tags),
            unknown,
            digest,
        })
    }
}

/// The members of an index: they stay.
fn children(index: &Manifest) -> Vec<Descriptor> {
    let is_docker = index.media_type.as_deref() == Some(media::DOCKER_LIST);
    let kind = if is_docker { media::DOCKER_MANIFEST } else { media::OCI_MANIFEST };
    let child = |member: &Member| {
        let digest = member.digest.parse().ok()?;
        Some(Descriptor { platform: member.platform(), ..Descriptor::new(kind, digest, 0) })
    };
    let is_index = index.media_type.as_deref().is_none_or(|t| MediaType::of(t) == MediaType::Index);
    index.members().iter().filter(|_| is_index).filter_map(child).collect()
}
