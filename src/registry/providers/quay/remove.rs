//! Untying tags and deleting repositories by the API, images by the registry, which drops every tag of a digest.
//!
//! Invariant: what the sign-in cannot do by the API is done by the protocol, or refused with the reason.

use async_trait::async_trait;

use super::Quay;
use super::sign_in::Access;
use crate::domain::{Digest, Failure, FailureKind, Locator};
use crate::registry::{Delete, DeleteRepository, Distribution, Untag};

#[async_trait]
impl Untag for Quay {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let repository = at.repository().unwrap_or_default();
        Distribution::check_tag(repository, at.name())?;
        match self.account.access().await? {
            Access::OAuth => self.api.delete_tag(repository, at.name()).await,
            Access::Registry | Access::Anonymous => Untag::untag(&self.plain, at).await,
        }
    }
}

#[async_trait]
impl Delete for Quay {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        self.plain.delete_manifest(repository, digest).await
    }
}

#[async_trait]
impl DeleteRepository for Quay {
    async fn delete_repository(&self, at: &Locator) -> Result<(), Failure> {
        let repository = at.repository().unwrap_or_default();
        if self.account.access().await? == Access::OAuth {
            return self.api.delete_repository(repository).await;
        }
        let doing = format!("deleting the repository {}", crate::domain::text::visible(repository));
        let said =
            "this sign-in is for the registry alone; this needs an OAuth token with the scope repo:admin";
        Err(Failure::new(FailureKind::Forbidden, doing, said))
    }
}
