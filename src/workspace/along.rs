//! Copying what refers to an image: signatures, SBOMs, attestations, and what refers to those.
//!
//! Invariant: referrers follow their image, never the other way round, and a registry without the referrers API gets
//! the tag that stands in for it (distribution-spec 1.1, "Referrers Tag Schema").

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::copy::mountable;
use crate::domain::job::{Moved, Seen};
use crate::domain::{Descriptor, Digest, Failure, Locator, Manifest, reference};
use crate::registry::{Distribution, cosign_tag_of};
use crate::transfer::{Meter, PushJob, push};

/// So far signatures of signatures are followed.
const DEEPEST: usize = 4;

impl Workspace {
    /// Copies everything that refers to the image `root`, which was copied from `from`, or to a member of it, into the
    /// repository of `to`.
    ///
    /// # Errors
    /// The first failure; the image itself stays.
    pub(super) async fn copy_referrers(
        &self,
        root: &Digest,
        from: &Locator,
        to: &Locator,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Moved, Failure> {
        let (source, repository) = self.content_of(from)?;
        let (target, target_repository) = self.content_of(to)?;
        let mut subjects = family(&source, &repository, root).await?;
        let mut known: BTreeSet<Digest> = subjects.iter().cloned().collect();
        let mut all = Moved::default();
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for subject in &subjects {
                let mut found = source.referrers(&repository, subject).await?;
                found.retain(|d| known.insert(d.digest.clone()));
                if found.is_empty() {
                    continue;
                }
                let job = PushJob {
                    content: Arc::new(source.content(&repository)),
                    images: found.iter().map(|referrer| names(referrer, subject)).collect(),
                    to: target.clone(),
                    repository: target_repository.clone(),
                    mount_from: mountable(from, to),
                    platform: None,
                    seen: Seen::NotLooked,
                    source: self.host_of(from)?,
                    host: self.host_of(to)?,
                };
                let moved = push(job, meter, stop).await?;
                target.note_referrers(&target_repository, subject, &found).await?;
                all.moved += moved.moved;
                all.mounted += moved.mounted;
                all.reused += moved.reused;
                all.images.extend(moved.images);
                next.extend(found.into_iter().map(|d| d.digest));
            }
            subjects = next;
        }
        Ok(all)
    }
}

/// The manifest `root`, and the members of it.
async fn family(source: &Distribution, repository: &str, root: &Digest) -> Result<Vec<Digest>, Failure> {
    let raw = source.manifest(repository, &root.to_string()).await?;
    let mut family = vec![root.clone()];
    if let Manifest::Index(index) = raw.parse()? {
        family.extend(index.manifests.into_iter().map(|m| m.digest));
    }
    Ok(family)
}

/// Where a referrer is, and what it is called at the target: cosign's have tags, others only their digest.
fn names(referrer: &Descriptor, subject: &Digest) -> (String, String) {
    let digest = referrer.digest.to_string();
    let tag = cosign_tag_of(referrer, subject).filter(|name| reference::is_tag(name)).map(str::to_owned);
    (digest.clone(), tag.unwrap_or(digest))
}
