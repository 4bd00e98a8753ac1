//! What changes a repository: untying a tag, deleting an artifact, deleting all of it.
//!
//! Invariant: each is one call, so that nothing is left half done.

use async_trait::async_trait;

use super::{Harbor, Named};
use crate::domain::{Digest, Failure, Locator, text::visible};
use crate::registry::distribution::Distribution;
use crate::registry::{Delete, DeleteRepository, Untag};

#[async_trait]
impl Untag for Harbor {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let (repository, tag) = (at.repository().unwrap_or_default(), at.name());
        Distribution::check_tag(repository, tag)?;
        let doing = format!("untagging {}:{}", visible(repository), visible(tag));
        let of = Named::of(repository, &doing)?;
        self.client.delete(of, &["artifacts", tag, "tags", tag], &doing).await
    }
}

#[async_trait]
impl Delete for Harbor {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        let name = repository.repository().unwrap_or_default();
        let doing = format!("deleting {}@{digest}", visible(name));
        let of = Named::of(name, &doing)?;
        self.client.delete(of, &["artifacts", &digest.to_string()], &doing).await
    }
}

#[async_trait]
impl DeleteRepository for Harbor {
    async fn delete_repository(&self, at: &Locator) -> Result<(), Failure> {
        let name = at.repository().unwrap_or_default();
        let doing = format!("deleting the repository {}", visible(name));
        self.client.delete(Named::of(name, &doing)?, &[], &doing).await
    }
}
