//! Content of one repository, to be read: what a transfer takes from, whatever lies behind it.
//!
//! Invariant: bytes are handed on as the other side sent them; whoever keeps them verifies them.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;

use crate::domain::{Descriptor, Failure, RawManifest};

/// A blob on its way.
pub struct BlobStream {
    /// The first byte's position in the blob: what was asked for, or 0 when the server ignored the range.
    pub offset: u64,
    /// The whole blob's size, where the server said it.
    pub total: Option<u64>,
    /// The bytes from `offset` on. A break is a failure of a transient kind.
    pub bytes: BoxStream<'static, Result<Bytes, Failure>>,
}

/// One repository (or folder, or archive) that manifests and blobs can be read from.
#[async_trait]
pub trait Content: Send + Sync {
    /// The manifest behind a tag or digest, with its exact bytes; a digest is verified.
    ///
    /// # Errors
    /// `NotFound`, `Unauthorized`, `Integrity` and what the transport may say.
    async fn manifest(&self, target: &str) -> Result<RawManifest, Failure>;

    /// A blob from byte `offset` on. The first answer's failures are retried inside where that is safe; a stream
    /// that breaks later is the caller's to resume.
    ///
    /// # Errors
    /// `NotFound`, `Unauthorized` and what the transport may say.
    async fn blob(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream, Failure>;
}
