//! Copying an image between registries and places on this machine.
//!
//! Invariant: the bytes of manifests stay as they are, so that every digest does.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::source::{End, Source};
use crate::domain::job::{Along, Copying, Moved, Seen};
use crate::domain::{Failure, FailureKind, Locator, NodeKind, Platform, human};
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
        self.copy_seen(from, to, extent, &Seen::NotLooked, meter, stop).await
    }

    /// As [`copy`](Self::copy), unless the tag in a registry was moved since it was `seen`.
    async fn copy_seen(
        &self,
        from: &End,
        to: &End,
        extent: &Extent,
        seen: &Seen,
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
                let job = source.job(target, platform);
                self.put(vec![job], &target.place, meter, stop).await
            }
            (_, End::Node(target)) => {
                let source = self.source(from, stop).await?;
                let mount_from = match from {
                    End::Node(at) => mountable(at, target),
                    End::Local(_) => None,
                };
                let job =
                    PushJob { mount_from, platform, seen: seen.clone(), ..self.push_job(source, target)? };
                let moved = self.push_to(target, job, meter, stop).await?;
                match (from, moved.images.first()) {
                    (End::Node(at), Some((_, root)))
                        if extent.along == Along::Referrers && self.local(&at.connection).is_none() =>
                    {
                        let referrers = self.copy_referrers(root, at, target, meter, stop).await?;
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
    /// The first failure, when everything else is done, and how many went through. `Conflict` for a tag that was moved since the person saw it.
    pub async fn copy_all(
        &self,
        what: &[Copying],
        extent: &Extent,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Moved, Failure> {
        let (mut all, mut failures): (Option<Moved>, _) = (None, Vec::new());
        let mut done = 0;
        for one in what {
            match self.copy_one(one, extent, meter, stop).await {
                Ok(moved) => {
                    done += 1;
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
            (Some(failure), _) => Err(with_count(failure, done, what.len())),
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
        let (from, to) = (End::Node(one.from.clone()), End::Node(one.to.clone()));
        let moved = self.copy_seen(&from, &to, extent, &one.seen, meter, stop).await?;
        Ok(Moved { at: Some(one.to.clone()), ..moved })
    }

    /// The job that brings all of `source` to `target`, whatever is there.
    fn push_job(&self, source: Source, target: &Locator) -> Result<PushJob, Failure> {
        let (to, repository) = self.content_of(target)?;
        Ok(PushJob {
            content: source.content,
            images: vec![(source.target, target.name().to_owned())],
            to,
            repository,
            mount_from: None,
            platform: None,
            seen: Seen::NotLooked,
            source: source.place,
            host: self.host_of(target)?,
        })
    }

    async fn push_to(
        &self,
        target: &Locator,
        job: PushJob,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Moved, Failure> {
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

/// `failure`, and how many of several images are there nevertheless.
fn with_count(failure: Failure, done: usize, all: usize) -> Failure {
    if done == 0 {
        return failure;
    }
    let said =
        format!("{}; {done} of {} went through", failure.said, human::count(all as u64, "image", "images"));
    Failure { said, ..failure }
}

/// The image stays what was asked for; what came along counts, and is told.
fn with_referrers(mut moved: Moved, referrers: &Moved) -> Moved {
    moved.moved += referrers.moved;
    moved.mounted += referrers.mounted;
    moved.reused += referrers.reused;
    let along = referrers.images.len() as u64;
    moved.referrers = Some(along);
    moved.notes.push(told(along));
    moved
}

fn told(referrers: u64) -> String {
    match referrers {
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
