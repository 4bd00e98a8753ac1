//! The blast radius from Harbor's own lists: tags and accessories of the artifact, the indexes that hold it.
//!
//! Invariant: what Harbor itself deletes along with an artifact is never told as staying.

use async_trait::async_trait;

use super::wire::{Accessory, Artifact, known};
use super::{Harbor, Named};
use crate::domain::impact::Impact;
use crate::domain::{Cursor, Descriptor, Digest, Failure, FailureKind, Locator, human, text::visible};
use crate::registry::Blast;

/// How many pages of artifacts are looked through for indexes.
const MOST_PAGES: usize = 20;

#[async_trait]
impl Blast for Harbor {
    async fn impact(&self, at: &Locator) -> Result<Impact, Failure> {
        let repository = at.repository().unwrap_or_default();
        let doing = format!("looking at what goes with {}", visible(at.name()));
        let of = Named::of(repository, &doing)?;
        let artifact = self.client.artifact(of, at.name(), &doing).await?;
        let digest: Digest = artifact
            .digest
            .parse()
            .map_err(|e: Failure| Failure::new(FailureKind::Invalid, doing.clone(), e.said))?;
        let mut impact = Impact {
            tags: artifact.tags.iter().map(|t| visible(&t.name).into_owned()).collect(),
            in_indexes: Vec::new(),
            // Which of them stay is for Harbor to decide; see below.
            children: Vec::new(),
            referrers: artifact.accessories.iter().filter_map(Accessory::descriptor).collect(),
            looked_at: (0, 0),
            unknown: artifact.what_becomes_of_members().into_iter().collect(),
            digest,
        };
        if let Err(failure) = self.find_holders(of, &mut impact, &doing).await {
            impact.unknown.push(format!("which indexes contain it: {}", failure.said));
        }
        Ok(impact)
    }
}

impl Harbor {
    /// Looks through the artifacts for indexes that hold the manifest.
    async fn find_holders(&self, of: Named<'_>, impact: &mut Impact, doing: &str) -> Result<(), Failure> {
        let mut cursor: Option<Cursor> = None;
        let digest = impact.digest.to_string();
        for _ in 0..MOST_PAGES {
            let listed = self.client.artifacts(of, None, cursor.as_ref(), doing).await?;
            for artifact in &listed.items {
                let tags = artifact.tags.len() as u64;
                impact.looked_at = (impact.looked_at.0 + tags, impact.looked_at.1 + tags);
                if artifact.references.iter().any(|r| r.child_digest == digest) {
                    impact.in_indexes.extend(artifact.names());
                }
            }
            match listed.next {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
        let seen = human::thousands(MOST_PAGES as u64 * 100);
        impact.unknown.push(format!("only the newest {seen} artifacts were looked through for indexes"));
        Ok(())
    }
}

impl Artifact {
    /// What it is called: its tags, else its digest.
    fn names(&self) -> Vec<String> {
        if self.tags.is_empty() {
            return vec![visible(&self.digest).into_owned()];
        }
        self.tags.iter().map(|t| visible(&t.name).into_owned()).collect()
    }

    /// Harbor deletes the members of an index with it, unless a tag or another index holds them.
    fn what_becomes_of_members(&self) -> Option<String> {
        let members = self.members().len() as u64;
        (members > 0).then(|| {
            format!(
                "what becomes of {}: Harbor deletes with an index what has no tag and lies in no other",
                human::count(members, "platform manifest", "platform manifests")
            )
        })
    }
}

impl Accessory {
    fn descriptor(&self) -> Option<Descriptor> {
        let mut found = Descriptor::new("", self.digest.parse().ok()?, known(self.size).unwrap_or_default());
        found.artifact_type = Some(self.kind.clone());
        Some(found)
    }
}
