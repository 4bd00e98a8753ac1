//! Untying tags, deleting images and repositories: by the web API, because the registry itself answers 405.
//!
//! The API deletes tags, not manifests, so an image goes when every tag of its digest went.
//!
//! Invariant: a tag is removed only where the walk over the repository says that it points at the digest, and the
//! registry says so still; nothing is removed while a tag is unknown.

use async_trait::async_trait;

use super::DockerHub;
use super::walk::Walk;
use crate::domain::impact::Impact;
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, FailureKind, Locator, NodeKind};
use crate::registry::{Blast, Delete, DeleteRepository, Distribution, Untag, untag};

#[async_trait]
impl Untag for DockerHub {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let repository = at.repository().unwrap_or_default();
        Distribution::check_tag(repository, at.name())?;
        self.api.delete_tag(repository, at.name()).await
    }
}

#[async_trait]
impl Delete for DockerHub {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        self.delete_tags(repository, digest, None).await
    }

    async fn delete_shown(
        &self,
        repository: &Locator,
        digest: &Digest,
        tags: &[String],
    ) -> Result<(), Failure> {
        self.delete_tags(repository, digest, Some(tags)).await
    }
}

impl DockerHub {
    /// Removes every tag of `digest`; where some were shown, nothing unless those are all.
    async fn delete_tags(
        &self,
        repository: &Locator,
        digest: &Digest,
        shown: Option<&[String]>,
    ) -> Result<(), Failure> {
        let name = repository.repository().unwrap_or_default();
        let doing = format!("deleting {}@{digest}", visible(name));
        let walk = Walk::take(&self.api, &self.registry, name).await.map_err(|f| f.while_doing(&doing))?;
        walk.check_complete(&doing)?;
        let tags = walk.tags_of(digest);
        untag::check_shown(&tags, shown, &doing)?;
        let mut removed = 0;
        for tag in &tags {
            if !untag::points_at(&self.registry, name, tag, digest).await? {
                continue;
            }
            match self.api.delete_tag(name, tag).await {
                Err(failure) if failure.kind != FailureKind::NotFound => return Err(failure),
                _ => removed += 1,
            }
        }
        if removed == 0 {
            return Err(no_tag_to_remove(&doing, &walk.holders_of(digest)));
        }
        Ok(())
    }
}

fn no_tag_to_remove(doing: &str, holders: &[String]) -> Failure {
    if holders.is_empty() {
        let said = "no tag points at it, and Docker Hub deletes images by their tags";
        return Failure::new(FailureKind::NotFound, doing, said);
    }
    let said = format!(
        "Docker Hub deletes images by their tags, and this one is a part of {}",
        visible(&holders.join(", "))
    );
    Failure::new(FailureKind::Unsupported, doing, said)
}

#[async_trait]
impl DeleteRepository for DockerHub {
    async fn delete_repository(&self, at: &Locator) -> Result<(), Failure> {
        self.api.delete_repository(at.repository().unwrap_or_default()).await
    }
}

#[async_trait]
impl Blast for DockerHub {
    async fn impact(&self, at: &Locator) -> Result<Impact, Failure> {
        let repository = at.repository().unwrap_or_default();
        let digest: Digest = match at.kind() {
            NodeKind::Manifest => at.name().parse()?,
            _ => self.registry.resolve(repository, at.name()).await?.digest,
        };
        let (walked, referrers) = tokio::join!(
            Walk::take(&self.api, &self.registry, repository),
            self.registry.referrers(repository, &digest)
        );
        let mut impact = match walked {
            Ok(walk) => Impact {
                tags: walk.tags_of(&digest),
                in_indexes: walk.holders_of(&digest),
                children: walk.children_of(&digest),
                referrers: Vec::new(),
                looked_at: walk.looked_at(),
                unknown: walk.unknown,
                digest,
            },
            Err(failure) => nothing_known(digest, &failure),
        };
        if at.kind() == NodeKind::Tag && !impact.tags.iter().any(|t| t == at.name()) {
            impact.tags.push(at.name().to_owned());
        }
        match referrers {
            Ok(found) => impact.referrers = found,
            Err(failure) => impact.unknown.push(format!("referrers: {}", failure.said)),
        }
        Ok(impact)
    }
}

fn nothing_known(digest: Digest, failure: &Failure) -> Impact {
    Impact {
        digest,
        tags: Vec::new(),
        in_indexes: Vec::new(),
        children: Vec::new(),
        referrers: Vec::new(),
        looked_at: (0, 0),
        unknown: vec![format!("its other tags: {}", failure.said)],
    }
}
