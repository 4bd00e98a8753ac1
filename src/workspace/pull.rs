//! Pulling tags, manifests and whole repositories into an OCI image layout.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Workspace, all_tags};
use crate::domain::job::Moved;
use crate::domain::{Failure, FailureKind, ImagePlace, LocalImage, Locator, NodeKind, Platform};
use crate::registry::Content;
use crate::transfer::{Meter, PullJob, pull};

/// A repository, and what is to be pulled from it.
pub(super) type Group = (Locator, Vec<Locator>);

impl Workspace {
    /// The folder of the local image store.
    #[must_use]
    pub fn store_folder(&self) -> PathBuf {
        self.paths.image_store()
    }

    /// Pulls everything in `what`, which lies in one repository or is repositories; each blob is fetched once.
    ///
    /// # Errors
    /// `Invalid` for one name and several images, before anything is fetched. Else the first failure, when everything
    /// else is done; what had arrived stays for the next try. `Cancelled` ends it at a safe point.
    pub async fn pull(
        &self,
        what: &[Locator],
        place: &LocalImage,
        platform: Option<Platform>,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Moved, Failure> {
        let Some((groups, mut failures)) = stop.run_until_cancelled(self.by_repository(what)).await else {
            return Err(Failure::cancelled("listing what to pull"));
        };
        check_name(place, &groups)?;
        let mut all: Option<Moved> = None;
        for (repository, targets) in groups {
            let job = self.pull_job(&repository, &targets, place, platform.clone());
            let pulled = match job {
                Ok(job) => pull(job, meter, stop).await,
                Err(failure) => Err(failure),
            };
            match pulled {
                Ok(pulled) => {
                    all = Some(match all {
                        None => pulled,
                        Some(before) => join(before, pulled),
                    });
                }
                Err(failure) if failure.kind == FailureKind::Cancelled => return Err(failure),
                Err(failure) => failures.push(failure),
            }
        }
        // Part of it may be there even when something failed.
        self.tell_place(&place.place);
        if let Some(failure) = Failure::first_of(failures) {
            return Err(failure);
        }
        all.ok_or_else(|| Failure::new(FailureKind::NotFound, "pulling", "there is no tag to pull"))
    }

    fn pull_job(
        &self,
        repository: &Locator,
        targets: &[Locator],
        place: &LocalImage,
        platform: Option<Platform>,
    ) -> Result<PullJob, Failure> {
        let (server, name) = self.content_of(repository)?;
        let host = self.connection(&repository.connection)?.host().to_owned();
        let content: Arc<dyn Content> = Arc::new(server.content(&name));
        let images = targets.iter().map(|t| (t.name().to_owned(), image_name(t, &host, place))).collect();
        let layout = self.folder_of(&place.place)?;
        Ok(PullJob { content, images, layout, platform, host })
    }

    /// The tags and manifests of `what`, grouped by repository; a repository stands for all of its tags. A repository
    /// whose tags cannot be listed is a failure beside the others.
    pub(super) async fn by_repository(&self, what: &[Locator]) -> (Vec<Group>, Vec<Failure>) {
        let mut groups: Vec<Group> = Vec::new();
        let mut failures = Vec::new();
        for at in what {
            let Some(repository) = at.repository_node() else { continue };
            let targets = match self.targets(at).await {
                Ok(targets) => targets,
                Err(failure) => {
                    failures.push(failure);
                    continue;
                }
            };
            match groups.iter_mut().find(|(r, _)| *r == repository) {
                Some((_, known)) => known.extend(targets),
                None => groups.push((repository, targets)),
            }
        }
        groups.retain(|(_, targets)| !targets.is_empty());
        (groups, failures)
    }

    async fn targets(&self, at: &Locator) -> Result<Vec<Locator>, Failure> {
        if at.kind() != NodeKind::Repository {
            return Ok(vec![at.clone()]);
        }
        let tags = all_tags(self, at).await?;
        Ok(tags.iter().map(|t| at.child(NodeKind::Tag, t)).collect())
    }
}

/// One name cannot stand for several images: the last one would take it from the others.
fn check_name(place: &LocalImage, groups: &[Group]) -> Result<(), Failure> {
    let images: usize = groups.iter().map(|(_, targets)| targets.len()).sum();
    match place.name.as_deref() {
        Some(name) if images > 1 => {
            let said = format!("{images} images cannot all have the name “{name}”");
            Err(Failure::new(FailureKind::Invalid, "pulling", said))
        }
        _ => Ok(()),
    }
}

/// The name that an image gets: the one that was chosen, else the full reference; in a layout of one's own the tag.
fn image_name(at: &Locator, host: &str, place: &LocalImage) -> String {
    if let Some(name) = &place.name {
        return name.clone();
    }
    match (&place.place, at.kind()) {
        (ImagePlace::Layout(_), NodeKind::Tag) => at.name().to_owned(),
        _ => at.reference(host).map_or_else(|| at.name().to_owned(), |r| r.to_string()),
    }
}

fn join(mut before: Moved, after: Moved) -> Moved {
    before.images.extend(after.images);
    before.moved += after.moved;
    before.reused += after.reused;
    before.notes.extend(after.notes);
    before.location = after.location;
    before
}
