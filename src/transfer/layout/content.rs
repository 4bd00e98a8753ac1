//! A layout as something to read images from.
//!
//! Invariant: manifests are verified here; blobs are handed on as the file has them, and verified by who keeps them.

use std::io::SeekFrom;
use std::path::Path;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use tokio::fs::File;
use tokio::io::AsyncSeekExt as _;
use tokio_util::io::ReaderStream;

use super::{Layout, StoredImage};
use crate::domain::{Descriptor, Digest, Failure, FailureKind, RawManifest};
use crate::registry::{BlobStream, Content};
use crate::transfer::on_disk;
use crate::transfer::plan::MANIFEST_LIMIT;

/// Bytes read from a file at once.
const PIECE: usize = 256 << 10;

impl Layout {
    /// The image called `name`, by what is written in the index or by what it means (`ubuntu` for
    /// `docker.io/library/ubuntu:latest`); without a name the only one that there is.
    ///
    /// # Errors
    /// `NotFound`, and which names there are; `Invalid` when one has to be named, or several have the name.
    pub fn find(&self, name: Option<&str>) -> Result<StoredImage, Failure> {
        super::find::find(&self.images()?, name, &self.shown())
    }

    /// Opens the layout at `root`, and finds an image in it as [`Layout::find`] does.
    ///
    /// # Errors
    /// As [`Layout::open`] and [`Layout::find`].
    pub async fn open_image(root: &Path, name: Option<String>) -> Result<(Self, StoredImage), Failure> {
        let root = root.to_owned();
        let open = move || {
            let layout = Self::open(&root)?;
            let image = layout.find(name.as_deref())?;
            Ok((layout, image))
        };
        on_disk(open).await
    }

    fn read_manifest(&self, target: &str) -> Result<RawManifest, Failure> {
        let descriptor = match target.parse::<Digest>() {
            Ok(digest) => Descriptor::new("", digest, 0),
            Err(_) => self.find(Some(target))?.manifest,
        };
        let bytes = self.read_blob(&descriptor, MANIFEST_LIMIT)?.into();
        let Descriptor { media_type, digest, .. } = descriptor;
        Ok(RawManifest { bytes, media_type, digest, claimed: None })
    }
}

#[async_trait]
impl Content for Layout {
    async fn manifest(&self, target: &str) -> Result<RawManifest, Failure> {
        let (layout, target) = (self.clone(), target.to_owned());
        on_disk(move || layout.read_manifest(&target)).await
    }

    async fn blob(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream, Failure> {
        let doing = format!("reading {} in {}", blob.digest, self.shown());
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => Failure::new(FailureKind::NotFound, &doing, "it is not there"),
            _ => Failure::io(&doing, &error),
        };
        let mut file = File::open(self.blob_path(&blob.digest)).await.map_err(failed)?;
        let total = file.metadata().await.map_err(failed)?.len();
        file.seek(SeekFrom::Start(offset)).await.map_err(failed)?;
        let pieces = ReaderStream::with_capacity(file, PIECE);
        let doing = doing.clone();
        let bytes = pieces.map(move |piece| piece.map_err(|e| Failure::io(&doing, &e))).boxed();
        Ok(BlobStream { offset, total: Some(total), bytes })
    }
}
