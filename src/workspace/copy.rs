//! Copying an image between registries and places on this machine.
//!
//! Invariant: the bytes of manifests stay as they are, so that every digest does.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::source::{End, Source};
use crate::domain::job::{Along, Copying, Moved, Seen};
use crate::domain::{Digest, Failure, FailureKind, Locator, NodeKind, Platform, human, text::visible};
use crate::registry::Distribution;
use crate::transfer::{Meter, PushJob, push};

/// How much of an image is taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extent {
    /// The member of an index; nothing for all of them with the index itself.
    pub platform: Option<Platform>,
    /// What goes along; from registry to registry only.
    pub along: Along,
}

impl Workspace {
    /// Copies one image. Into a registry it streams without touching the disk, and within one server no blob moves
    /// where the server can mount.
    ///
    /// # Errors
    /// What the transfer says; what had arrived is used by the next try.
    pub async fn copy(
        &self,
        from: &End,
        to: &End,
        extent: &Extent,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Moved, Failure> {
        let platform = extent.platform.clone();
        match (from, to) {
            (End::Node(at), End::Local(place)) => {
                self.pull(std::slice::from_ref(at), place, platform, meter, stop).await
            }
            (End::Local(_), End::Local(target)) => {
                let source = self.source(from, stop).await?;
                let job = source.job(target, platform)?;
                self.put(vec![job], &target.place, meter, stop).await
            }
            (_, End::Node(target)) => {
                let source = self.source(from, stop).await?;
                let mount_from = match from {
                    End::Node(at) => mountable(at, target),
                    End::Local(_) => None,
                };
                let moved = self.push_from(source, target, mount_from, platform, meter, stop).await?;
                match from {
                    End::Node(at)
                        if extent.along == Along::Referrers && self.local(&at.connection).is_none() =>
                    {
                        let referrers = self.copy_referrers(at, target, meter, stop).await?;
                        Ok(with_referrers(moved, &referrers))
                    }
                    _ => Ok(moved),
                }
            }
        }
    }

    /// Copies images to registries, one after another. A failure stops none of the others.
    ///
    /// # Errors
    /// The first failure, when everything else is done. `Conflict` for a tag that was moved since the person saw it.
    pub async fn copy_all(
        &self,
        what: &[Copying],
        extent: &Extent,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Moved, Failure> {
        let (mut all, mut failures): (Option<Moved>, _) = (None, Vec::new());
        for one in what {
            match self.copy_one(one, extent, meter, stop).await {
                Ok(moved) => {
                    all = Some(match all {
                        None => moved,
                        Some(before) => before.and(moved),
                    });
                }
                Err(failure) if failure.kind == FailureKind::Cancelled => return Err(failure),
                Err(failure) => failures.push(failure),
            }
        }
        match (Failure::first_of(failures), all) {
            (Some(failure), _) => Err(failure),
            (None, Some(moved)) => Ok(moved),
            (None, None) => Err(Failure::new(FailureKind::Invalid, "copying", "nothing was chosen")),
        }
    }

    async fn copy_one(
        &self,
        one: &Copying,
        extent: &Extent,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Moved, Failure> {
        let (server, repository) = self.content_of(&one.to)?;
        check_unmoved(&server, &repository, one).await?;
        let (from, to) = (End::Node(one.from.clone()), End::Node(one.to.clone()));
        let moved = self.copy(&from, &to, extent, meter, stop).await?;
        Ok(Moved { at: Some(one.to.clone()), ..moved })
    }

    async fn push_from(
        &self,
        source: Source,
        target: &Locator,
        mount_from: Option<String>,
        platform: Option<Platform>,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Moved, Failure> {
        let (to, repository) = self.content_of(target)?;
        let images = vec![(source.target, target.name().to_owned())];
        let (content, place) = (source.content, source.place);
        let host = self.host_of(target)?;
        let job = PushJob { content, images, to, repository, mount_from, platform, source: place, host };
        match push(job, meter, stop).await {
            Err(failure) if failure.kind == FailureKind::NotFound => {
                Err(self.told_to_make(target, failure).await)
            }
            done => done,
        }
    }

    /// `why` with the next step, where it is the repository that is missing and one has to be made before a push.
    async fn told_to_make(&self, target: &Locator, why: Failure) -> Failure {
        let (Ok(provider), Some(repository)) = (self.provider(&target.connection), target.repository_node())
        else {
            return why;
        };
        if provider.create_repository().is_none() {
            return why;
        }
        let is_missing = |listed: Result<_, Failure>| listed.is_err_and(|f| f.kind == FailureKind::NotFound);
        if !is_missing(provider.children(&repository, None).await.map(|_| ())) {
            return why;
        }
        let said = format!("{}; “Create repository…” makes it", why.said);
        Failure { said, ..why }
    }

    /// The host that references to `at` begin with.
    pub(super) fn host_of(&self, at: &Locator) -> Result<String, Failure> {
        match at.nearest(NodeKind::Registry) {
            Some(host) => Ok(host.to_owned()),
            None => Ok(self.connection(&at.connection)?.host().to_owned()),
        }
    }
}

/// Refuses to replace a tag that points elsewhere than the person saw.
async fn check_unmoved(server: &Distribution, repository: &str, one: &Copying) -> Result<(), Failure> {
    if one.seen == Seen::NotLooked {
        return Ok(());
    }
    let now: Option<Digest> = match server.resolve(repository, one.to.name()).await {
        Ok(resolved) => Some(resolved.digest),
        Err(failure) if failure.kind == FailureKind::NotFound => None,
        Err(failure) => return Err(failure),
    };
    let said = match (&one.seen, now) {
        (Seen::Nothing, Some(there)) => format!("somebody has made that tag meanwhile; it is {there}"),
        (Seen::Digest(seen), Some(there)) if *seen != there => {
            format!("the tag was moved meanwhile, from {seen} to {there}")
        }
        // Gone, or as it was: nothing of anybody's is replaced unseen.
        _ => return Ok(()),
    };
    let doing = format!("pushing {}:{}", visible(repository), visible(one.to.name()));
    Err(Failure::new(FailureKind::Conflict, doing, said))
}

/// The image stays what was asked for; what came along counts, and is told.
fn with_referrers(mut moved: Moved, referrers: &Moved) -> Moved {
    moved.moved += referrers.moved;
    moved.mounted += referrers.mounted;
    moved.reused += referrers.reused;
    moved.notes.push(told(referrers));
    moved
}

fn told(referrers: &Moved) -> String {
    match referrers.images.len() as u64 {
        0 => "nothing refers to it".to_owned(),
        n => format!("{} copied along", human::count(n, "referrer", "referrers")),
    }
}

/// The repository to mount from, when both lie on one server.
pub(super) fn mountable(from: &Locator, to: &Locator) -> Option<String> {
    let host = |at: &Locator| at.nearest(NodeKind::Registry).map(str::to_owned);
    let one_server = from.connection == to.connection && host(from) == host(to);
    let other = from.repository().filter(|repository| Some(*repository) != to.repository());
    other.filter(|_| one_server).map(str::to_owned)
}
