//! Pulling tags, manifests and whole repositories into an OCI image layout.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::open::Local;
use super::{End, Workspace, all_tags};
use crate::domain::connection::ConnectFailure;
use crate::domain::job::Moved;
use crate::domain::{Failure, FailureKind, ImagePlace, LocalImage, Locator, NodeKind, Place, Platform};
use crate::registry::Content;
use crate::transfer::{Meter, PullJob};

/// A repository, and what is to be pulled from it.
pub(super) type Group = (Locator, Vec<Locator>);

/// What images are called in a layout of one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// By their tags.
    Short,
    /// By their full references: several have one tag.
    Full,
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
        let what = self.to_pull(what, place).await?;
        let Some((groups, mut failures)) = stop.run_until_cancelled(self.by_repository(&what)).await else {
            return Err(Failure::cancelled("listing what to pull"));
        };
        check_name(place, &groups)?;
        if let (ImagePlace::Engine(id), [(_, targets)]) = (&place.place, groups.as_slice())
            && let ([at], None) = (targets.as_slice(), &place.name)
            && self.local(&at.connection).is_none()
        {
            match self.pull_by_engine(at, id, platform.as_ref(), meter, stop).await? {
                Ok(moved) => {
                    self.tell_place(&place.place);
                    return Ok(moved);
                }
                Err(failure) => {
                    meter.forget_parts();
                    meter.log(&format!("The engine does not pull it by itself: {failure}"));
                }
            }
        }
        let naming = naming(&groups);
        let mut jobs = Vec::new();
        for (repository, targets) in &groups {
            match self.jobs(repository, targets, place, naming, platform.as_ref(), stop).await {
                Ok(more) => jobs.extend(more),
                Err(failure) => failures.push(failure),
            }
        }
        if jobs.is_empty() && failures.is_empty() {
            return Err(Failure::new(FailureKind::NotFound, "pulling", "there is no tag to pull"));
        }
        let mut moved = Moved::default();
        if !jobs.is_empty() {
            match self.put(jobs, &place.place, meter, stop).await {
                Ok(put) => moved = put,
                Err(failure) if failure.kind == FailureKind::Cancelled => return Err(failure),
                Err(failure) => failures.push(failure),
            }
        }
        Failure::first_of(failures).map_or(Ok(moved), Err)
    }

    /// What is to be pulled: of images that lie in the place already, those of their registries.
    async fn to_pull(&self, what: &[Locator], place: &LocalImage) -> Result<Vec<Locator>, Failure> {
        let mut all = Vec::with_capacity(what.len());
        for at in what {
            let is_there = match self.local(&at.connection) {
                Some(Local::Store(_)) => place.place == ImagePlace::Store,
                Some(Local::Engine(_)) => place.place == ImagePlace::Engine(at.connection.clone()),
                None => false,
            };
            all.push(if is_there { self.registry_node(at).await? } else { at.clone() });
        }
        Ok(all)
    }

    /// The node in its registry of an image on this machine. A registry that is not connected is asked for this run.
    async fn registry_node(&self, at: &Locator) -> Result<Locator, Failure> {
        let doing = || format!("pulling {} again", at.name());
        let reference = at.reference("").ok_or_else(|| {
            Failure::new(FailureKind::Invalid, doing(), "it has no name that says where it comes from")
        })?;
        let place: Place = reference.to_string().parse()?;
        match self.visit(&place).await {
            Ok((_, found)) => Ok(found),
            Err(ConnectFailure::Refused { failure, .. }) => Err(failure),
            Err(ConnectFailure::NoPlaceForSecret) => {
                Err(Failure::new(FailureKind::Unauthorized, doing(), "its registry wants a sign-in"))
            }
        }
    }

    /// The jobs that bring `targets` of one repository: one for a registry's, one for each image on this machine.
    async fn jobs(
        &self,
        repository: &Locator,
        targets: &[Locator],
        place: &LocalImage,
        naming: Naming,
        platform: Option<&Platform>,
        stop: &CancellationToken,
    ) -> Result<Vec<PullJob>, Failure> {
        if self.local(&repository.connection).is_some() {
            let mut jobs = Vec::new();
            for at in targets {
                let source = self.source(&End::Node(at.clone()), stop).await?;
                jobs.push(source.job(place, platform.cloned()));
            }
            return Ok(jobs);
        }
        let (server, name) = self.content_of(repository)?;
        let host = self.host_of(repository)?;
        let content: Arc<dyn Content> = Arc::new(server.content(&name));
        let images =
            targets.iter().map(|t| (t.name().to_owned(), image_name(t, &host, place, naming))).collect();
        let layout = PathBuf::new();
        Ok(vec![PullJob { content, images, layout, platform: platform.cloned(), host }])
    }

    /// The tags and manifests of `what`, grouped by repository; a repository stands for all of its tags, and an image on
    /// this machine that lies in none for itself. A repository whose tags cannot be listed is a failure beside the others.
    pub(super) async fn by_repository(&self, what: &[Locator]) -> (Vec<Group>, Vec<Failure>) {
        let mut groups: Vec<Group> = Vec::new();
        let mut failures = Vec::new();
        for at in what {
            let repository = at.repository_node().unwrap_or_else(|| at.clone());
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

/// By full references when images that are not the same would get one name.
fn naming(groups: &[Group]) -> Naming {
    let mut named: HashMap<&str, &Locator> = HashMap::new();
    let mut targets = groups.iter().flat_map(|(_, targets)| targets);
    let repeats = targets.any(|at| named.insert(at.name(), at).is_some_and(|other| other != at));
    if repeats { Naming::Full } else { Naming::Short }
}

/// The name that an image gets: the one that was chosen, else the full reference; in a layout of one's own the tag.
fn image_name(at: &Locator, host: &str, place: &LocalImage, naming: Naming) -> String {
    if let Some(name) = &place.name {
        return name.clone();
    }
    match (&place.place, at.kind(), naming) {
        (ImagePlace::Layout(_), NodeKind::Tag, Naming::Short) => at.name().to_owned(),
        _ => at.reference(host).map_or_else(|| at.name().to_owned(), |r| r.to_string()),
    }
}
