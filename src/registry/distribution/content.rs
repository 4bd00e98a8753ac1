//! One repository as something that a transfer reads from.
//!
//! Invariant: it adds nothing to [`Distribution`] but the repository's name.

use async_trait::async_trait;

use super::Distribution;
use crate::domain::{Descriptor, Failure, RawManifest};
use crate::registry::{BlobStream, Content};

/// One repository of a registry.
#[derive(Clone)]
pub struct RepositoryContent {
    distribution: Distribution,
    repository: String,
}

impl RepositoryContent {
    pub(super) fn new(distribution: Distribution, repository: &str) -> Self {
        Self { distribution, repository: repository.to_owned() }
    }
}

#[async_trait]
impl Content for RepositoryContent {
    async fn manifest(&self, target: &str) -> Result<RawManifest, Failure> {
        self.distribution.manifest(&self.repository, target).await
    }

    async fn blob(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream, Failure> {
        self.distribution.blob_from(&self.repository, blob, offset).await
    }
}
