//! Pulling tags, manifests and whole repositories into an OCI image layout.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Workspace, all_tags};
use crate::domain::job::Pulled;
use crate::domain::{Failure, FailureKind, Locator, NodeKind, Platform};
use crate::registry::Content;
use crate::transfer::{Meter, PullJob, pull};

/// Where a pull goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullPlace {
    /// The local image store; images are named by their full reference.
    Store,
    /// The local image store, under a name of one's own.
    StoreNamed(String),
    /// Another layout folder, with the name that the image gets there.
    Layout(PathBuf, Option<String>),
}

impl Workspace {
    /// The folder of the local image store.
    #[must_use]
    pub fn store_folder(&self) -> PathBuf {
        self.paths.image_store()
    }

    /// Pulls everything in `what`, which lies in one repository or is repositories; each blob is fetched once.
    ///
    /// # Errors
    /// What the transfer says; what had arrived stays for the next try.
    pub async fn pull(
        &self,
        what: &[Locator],
        place: &PullPlace,
        platform: Option<Platform>,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Pulled, Failure> {
        let mut all: Option<Pulled> = None;
        for (repository, targets) in self.by_repository(what).await? {
            let (server, name) = self.content_of(&repository)?;
            let host = self.connection(&repository.connection)?.host().to_owned();
            let content: Arc<dyn Content> = Arc::new(server.content(&name));
            let images = targets.iter().map(|t| (t.name().to_owned(), image_name(t, &host, place))).collect();
            let layout = match place {
                PullPlace::Store | PullPlace::StoreNamed(_) => self.store_folder(),
                PullPlace::Layout(folder, _) => folder.clone(),
            };
            let job = PullJob { content, images, layout, platform: platform.clone(), host };
            let pulled = pull(job, meter, stop).await?;
            all = Some(match all {
                None => pulled,
                Some(before) => join(before, pulled),
            });
        }
        all.ok_or_else(|| Failure::new(FailureKind::NotFound, "pulling", "there is no tag to pull"))
    }

    /// The tags and manifests of `what`, grouped by repository; a repository stands for all of its tags.
    async fn by_repository(&self, what: &[Locator]) -> Result<Vec<(Locator, Vec<Locator>)>, Failure> {
        let mut groups: Vec<(Locator, Vec<Locator>)> = Vec::new();
        for at in what {
            let Some(repository) = at.repository_node() else { continue };
            let targets = if at.kind() == NodeKind::Repository {
                let tags = all_tags(self, at).await?;
                tags.iter().map(|t| at.child(NodeKind::Tag, t)).collect()
            } else {
                vec![at.clone()]
            };
            match groups.iter_mut().find(|(r, _)| *r == repository) {
                Some((_, known)) => known.extend(targets),
                None => groups.push((repository, targets)),
            }
        }
        groups.retain(|(_, targets)| !targets.is_empty());
        Ok(groups)
    }
}

fn image_name(at: &Locator, host: &str, place: &PullPlace) -> String {
    let full = || at.reference(host).map_or_else(|| at.name().to_owned(), |r| r.to_string());
    match place {
        PullPlace::Store => full(),
        PullPlace::StoreNamed(name) | PullPlace::Layout(_, Some(name)) => name.clone(),
        PullPlace::Layout(_, None) => match at.kind() {
            NodeKind::Tag => at.name().to_owned(),
            _ => full(),
        },
    }
}

fn join(mut before: Pulled, after: Pulled) -> Pulled {
    before.images.extend(after.images);
    before.fetched += after.fetched;
    before.reused += after.reused;
    before.notes.extend(after.notes);
    before.location = after.location;
    before
}
