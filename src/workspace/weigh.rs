//! What pulling tags or whole repositories would take, to be told before it is done.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Workspace;
use crate::domain::job::Weight;
use crate::domain::{Cursor, Digest, Failure, Locator, NodeKind};
use crate::registry::Content;
use crate::transfer::weigh;

/// So many manifests are read at most: some registries count each as a pull. What is beyond is told as unknown.
const READ_AT_MOST: usize = 200;

impl Workspace {
    /// Counts the images and bytes of `what`. Where the vendor's lists tell sizes nothing more is asked; otherwise
    /// manifests are read, a limited number for all of `what`, and each shared blob of a node counts once.
    ///
    /// # Errors
    /// What listing the tags says.
    pub async fn weigh(&self, what: &[Locator]) -> Result<Weight, Failure> {
        let mut all = Weight::default();
        let mut left = READ_AT_MOST;
        for at in what {
            let weight = match at.kind() {
                NodeKind::Repository => self.weigh_repository(at, &mut left).await?,
                _ => self.weigh_targets(at, vec![at.name().to_owned()], &mut left).await?,
            };
            all.images += weight.images;
            all.blobs += weight.blobs;
            all.bytes += weight.bytes;
            all.unknown += weight.unknown;
        }
        Ok(all)
    }

    async fn weigh_repository(&self, at: &Locator, left: &mut usize) -> Result<Weight, Failure> {
        let mut tags = Vec::new();
        let mut told: BTreeMap<Digest, u64> = BTreeMap::new();
        let mut is_told = true;
        let mut cursor: Option<Cursor> = None;
        loop {
            let page = self.children(at, cursor.as_ref()).await?;
            for entry in page.entries.into_iter().filter(|e| e.kind == NodeKind::Tag) {
                match entry.facts.as_deref().map(|f| (f.digest.clone(), f.size)) {
                    Some((Some(digest), Some(size))) => drop(told.insert(digest, size)),
                    _ => is_told = false,
                }
                tags.push(entry.name);
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        if is_told {
            let (images, bytes) = (tags.len() as u64, told.values().sum());
            return Ok(Weight { images, bytes, ..Weight::default() });
        }
        self.weigh_targets(at, tags, left).await
    }

    /// Reads as many of `targets` as are `left` to be read.
    async fn weigh_targets(
        &self,
        at: &Locator,
        mut targets: Vec<String>,
        left: &mut usize,
    ) -> Result<Weight, Failure> {
        let beyond = targets.len().saturating_sub(*left) as u64;
        targets.truncate(*left);
        *left -= targets.len();
        if targets.is_empty() {
            return Ok(Weight { images: beyond, unknown: beyond, ..Weight::default() });
        }
        let (server, repository) = self.content_of(at)?;
        let content: Arc<dyn Content> = Arc::new(server.content(&repository));
        // Whoever asked drops the future to give it up.
        let read = weigh(&content, &targets, None, &CancellationToken::new()).await?;
        Ok(Weight { images: read.images + beyond, unknown: read.unknown + beyond, ..read })
    }
}
