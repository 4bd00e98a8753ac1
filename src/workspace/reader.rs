//! What the manifests and configurations behind a node are read from: a registry, or the local store.
//!
//! Invariant: manifests and configurations are verified by whoever reads them.

use bytes::Bytes;

use super::Workspace;
use super::open::Local;
use crate::domain::{Descriptor, Digest, Failure, Locator, RawManifest};
use crate::registry::{Content as _, Distribution};
use crate::transfer::{Layout, on_disk};

/// The repository, or the layout.
pub(super) enum Reader {
    /// A repository of a registry.
    Registry(Distribution, String),
    /// The local store.
    Layout(Layout),
}

impl Workspace {
    /// What to read the node from, and what it is called there: its tag or digest, in the store always its digest.
    pub(super) async fn reader_of(&self, at: &Locator) -> Result<(Reader, String), Failure> {
        if let Some(Local::Store(store)) = self.local(&at.connection) {
            let (layout, image) = store.find(at).await?;
            return Ok((Reader::Layout(layout), image.digest.to_string()));
        }
        let (server, repository) = self.content_of(at)?;
        Ok((Reader::Registry(server, repository), at.name().to_owned()))
    }
}

impl Reader {
    /// The digest behind a tag.
    pub(super) async fn resolve(&self, target: &str) -> Result<Digest, Failure> {
        match self {
            Self::Registry(server, repository) => Ok(server.resolve(repository, target).await?.digest),
            Self::Layout(_) => target.parse(),
        }
    }

    /// A manifest by tag or digest.
    pub(super) async fn manifest(&self, target: &str) -> Result<RawManifest, Failure> {
        match self {
            Self::Registry(server, repository) => server.manifest(repository, target).await,
            Self::Layout(layout) => layout.manifest(target).await,
        }
    }

    /// A small blob, whole and verified.
    pub(super) async fn blob(&self, blob: &Descriptor, limit: u64) -> Result<Bytes, Failure> {
        match self {
            Self::Registry(server, repository) => server.blob(repository, blob, limit).await,
            Self::Layout(layout) => {
                let (layout, blob) = (layout.clone(), blob.clone());
                on_disk(move || layout.read_blob(&blob, limit)).await.map(Bytes::from)
            }
        }
    }

    /// What refers to a manifest. A layout has no list of that.
    pub(super) async fn referrers(&self, digest: &Digest) -> Result<Vec<Descriptor>, Failure> {
        match self {
            Self::Registry(server, repository) => server.referrers(repository, digest).await,
            Self::Layout(_) => Ok(Vec::new()),
        }
    }
}
