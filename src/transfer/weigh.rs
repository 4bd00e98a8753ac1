//! What a transfer would take, without taking it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::batch::Wanted;
use super::plan::Plan;
use crate::domain::job::Weight;
use crate::domain::{Failure, Platform};
use crate::registry::Content;

/// Counts the images (tags or digests of `content`) and their distinct blobs by reading their manifests.
///
/// # Errors
/// `Cancelled`. An image that cannot be read is counted as unknown.
pub async fn weigh(
    content: &Arc<dyn Content>,
    targets: &[String],
    platform: Option<&Platform>,
    cancel: &CancellationToken,
) -> Result<Weight, Failure> {
    let images: Vec<_> = targets.iter().map(|t| (t.clone(), t.clone())).collect();
    let wanted = Wanted { content, images: &images, platform, source: "the repository" };
    let (read, _) = wanted.read(cancel).await?;
    let (plan, _) = Plan::of(read);
    Ok(Weight {
        images: targets.len() as u64,
        blobs: plan.blobs.len() as u64,
        bytes: plan.blobs.iter().map(|b| b.size).sum(),
        unknown: (targets.len() - plan.images.len()) as u64,
    })
}
