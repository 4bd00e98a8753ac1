//! Untying tags and deleting manifests.
//!
//! Invariant: each call touches one tag or one manifest; of many, the caller asks one after another and keeps every
//! result.

use super::Workspace;
use super::retag::own_tag;
use crate::domain::job::{Deletion, RemovalFailure, Undo};
use crate::domain::{Failure, FailureKind, Locator};

impl Workspace {
    /// Unties a tag; its manifest stays.
    ///
    /// # Errors
    /// `Unsupported` when the server cannot or will not.
    pub async fn untag(&self, at: &Locator) -> Result<Undo, Failure> {
        let provider = self.provider(&at.connection)?;
        let facet = provider.untag().ok_or_else(|| cannot("untagging", at))?;
        let undo = self.remember(at, None, &own_tag(at)).await;
        facet.untag(at).await?;
        self.tell_if_local(&at.connection);
        Ok(undo)
    }

    /// Deletes a manifest from the repository that the chosen node lies in.
    ///
    /// # Errors
    /// `Unsupported` when the server cannot or will not. What went until then is told to be possible to undo.
    pub async fn delete(&self, deletion: &Deletion) -> Result<Undo, RemovalFailure> {
        let Deletion { at, digest, tags } = deletion;
        let provider = self.provider(&at.connection)?;
        let facet = provider.delete().ok_or_else(|| cannot("deleting", at))?;
        // An image without a name lies in no repository.
        let within = at.repository_node().or_else(|| at.parent()).ok_or_else(|| cannot("deleting", at))?;
        let tags = if tags.is_empty() { own_tag(at) } else { tags.clone() };
        let undo = self.remember(at, Some(digest), &tags).await;
        if let Err(failure) = facet.delete_shown(&within, digest, &tags).await {
            let undo = self.keep_what_went(at, &failure).await;
            return Err(RemovalFailure { failure, undo });
        }
        self.tell_if_local(&at.connection);
        Ok(undo)
    }
}

impl Workspace {
    /// Deletes the repository at `at` with everything in it.
    ///
    /// # Errors
    /// `Unsupported` when the vendor's API cannot; and what it says.
    pub async fn delete_repository(&self, at: &Locator) -> Result<(), Failure> {
        let provider = self.provider(&at.connection)?;
        let facet = provider.delete_repository().ok_or_else(|| cannot("deleting", at))?;
        facet.delete_repository(at).await
    }

    /// Makes the repository `name` below `parent`.
    ///
    /// # Errors
    /// `Unsupported` where pushing makes it, or nothing can; and what the vendor says.
    pub async fn create_repository(&self, parent: &Locator, name: &str) -> Result<Locator, Failure> {
        let provider = self.provider(&parent.connection)?;
        let facet = provider.create_repository().ok_or_else(|| cannot("making a repository in", parent))?;
        facet.create_repository(parent, name).await
    }
}

fn cannot(doing: &str, at: &Locator) -> Failure {
    Failure::new(
        FailureKind::Unsupported,
        format!("{doing} {}", at.name()),
        "this kind of registry does not offer it",
    )
}
