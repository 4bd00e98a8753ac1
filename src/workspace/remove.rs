//! Untying tags and deleting manifests.
//!
//! Invariant: each call touches one tag or one manifest; of many, the caller asks one after another and keeps every
//! result.

use super::Workspace;
use crate::domain::{Digest, Failure, FailureKind, Locator};

impl Workspace {
    /// Unties a tag; its manifest stays.
    ///
    /// # Errors
    /// `Unsupported` when the server cannot or will not.
    pub async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let provider = self.provider(&at.connection)?;
        let facet = provider.untag().ok_or_else(|| cannot("untagging", at))?;
        facet.untag(at).await
    }

    /// Deletes the manifest `digest` of the repository that `at` lies in.
    ///
    /// # Errors
    /// `Unsupported` when the server cannot or will not.
    pub async fn delete(&self, at: &Locator, digest: &Digest) -> Result<(), Failure> {
        let provider = self.provider(&at.connection)?;
        let facet = provider.delete().ok_or_else(|| cannot("deleting", at))?;
        let repository = at.repository_node().ok_or_else(|| cannot("deleting", at))?;
        facet.delete_manifest(&repository, digest).await
    }
}

fn cannot(doing: &str, at: &Locator) -> Failure {
    Failure::new(
        FailureKind::Unsupported,
        format!("{doing} {}", at.name()),
        "this kind of registry does not offer it",
    )
}
