//! The local store, an OCI image layout, as a place in the tree.
//!
//! Invariant: reading makes no folder; a store that is not there yet is an empty one.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::tree::{self, Name, Named};
use crate::domain::impact::Impact;
use crate::domain::{
    Capabilities, ConnectionId, Cursor, Descriptor, Digest, Failure, FailureKind, Locator, NodeKind, Page,
    Reference, human, text::visible,
};
use crate::registry::{Account, Blast, Delete, Distribution, Provider, Untag};
use crate::transfer::{Layout, StoredImage, on_disk};

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    id: ConnectionId,
    root: PathBuf,
}

impl Store {
    /// The store in the folder `root`, as the place called `id`. Touches no file.
    #[must_use]
    pub fn new(id: ConnectionId, root: PathBuf) -> Self {
        Self { id, root }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.root
    }

    /// The image at a tag or manifest, and the layout that it lies in.
    ///
    /// # Errors
    /// `NotFound` when it is gone; `Invalid` when the index is damaged; `Io`.
    pub async fn find(&self, at: &Locator) -> Result<(Layout, Descriptor), Failure> {
        let (layout, found) = self.entries_at(at).await?;
        let first = found.into_iter().next().ok_or_else(|| gone(at))?;
        Ok((layout, first.manifest))
    }

    /// Gives the image at `at` one more name; returns its node.
    ///
    /// # Errors
    /// As [`Store::find`].
    pub async fn tag(&self, at: &Locator, name: &Reference) -> Result<Locator, Failure> {
        let (layout, image) = self.find(at).await?;
        let spelled = name.to_string();
        on_disk(move || layout.tag_again(&spelled, &image)).await?;
        Ok(Name::Reference(name.clone()).locate(&self.id))
    }

    async fn images(&self) -> Result<Option<(Layout, Vec<StoredImage>)>, Failure> {
        let root = self.root.clone();
        let read = move || match Layout::open(&root) {
            Ok(layout) => layout.images().map(|images| Some((layout, images))),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
            Err(failure) => Err(failure),
        };
        on_disk(read).await
    }

    /// The entries of the index that `at` stands for: two spellings of one reference are one node.
    async fn entries_at(&self, at: &Locator) -> Result<(Layout, Vec<StoredImage>), Failure> {
        let (layout, mut images) = self.images().await?.ok_or_else(|| gone(at))?;
        images.retain(|image| name_of(image).locate(&self.id) == *at);
        Ok((layout, images))
    }
}

fn name_of(image: &StoredImage) -> Name {
    match &image.name {
        Some(name) => Name::read(name),
        None => Name::None(image.manifest.digest.clone()),
    }
}

fn gone(at: &Locator) -> Failure {
    let doing = format!("looking for {} in the local store", visible(at.name()));
    Failure::new(FailureKind::NotFound, doing, "it is not there")
}

#[async_trait]
impl Provider for Store {
    async fn check(&self) -> Result<Account, Failure> {
        let mut lines = vec![("folder".to_owned(), visible(&self.root.to_string_lossy()).into_owned())];
        let found = self.images().await?;
        let count = found.as_ref().map_or(0, |(_, images)| images.len());
        lines.push(("images".to_owned(), human::thousands(count as u64)));
        if let Some((layout, _)) = found {
            let size = on_disk(move || layout.size()).await?;
            lines.push(("size".to_owned(), human::size(size)));
        }
        Ok(Account { lines, ..Account::default() })
    }

    async fn children(&self, at: &Locator, _cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let images = self.images().await?.map(|(_, images)| images).unwrap_or_default();
        let named = images.iter().map(|image| Named { name: name_of(image), facts: None });
        Ok(tree::children(at, named.collect()))
    }

    fn distribution(&self, _at: &Locator) -> Option<Distribution> {
        None
    }

    fn untag(&self) -> Option<&dyn Untag> {
        Some(self)
    }

    fn delete(&self) -> Option<&dyn Delete> {
        Some(self)
    }

    fn blast(&self) -> Option<&dyn Blast> {
        Some(self)
    }

    fn capabilities(&self) -> Capabilities {
        super::LOCAL
    }
}

#[async_trait]
impl Untag for Store {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let (layout, found) = self.entries_at(at).await?;
        if found.is_empty() {
            return Err(gone(at));
        }
        on_disk(move || layout.remove(&found)).await.map(|_freed| ())
    }
}

#[async_trait]
impl Delete for Store {
    async fn delete_manifest(&self, within: &Locator, digest: &Digest) -> Result<(), Failure> {
        let (layout, mut images) = self.images().await?.ok_or_else(|| gone(within))?;
        images.retain(|image| image.manifest.digest == *digest);
        if images.is_empty() {
            return Err(gone(&within.child(NodeKind::Manifest, &digest.to_string())));
        }
        on_disk(move || layout.remove(&images)).await.map(|_freed| ())
    }
}

#[async_trait]
impl Blast for Store {
    async fn impact(&self, at: &Locator) -> Result<Impact, Failure> {
        let digest = self.find(at).await?.1.digest;
        let images = self.images().await?.map(|(_, images)| images).unwrap_or_default();
        let all = images.len() as u64;
        let same = images.into_iter().filter(|image| image.manifest.digest == digest);
        Ok(super::impact(digest.clone(), same.filter_map(|image| image.name).collect(), all))
    }
}
