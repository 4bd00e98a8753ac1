//! Bringing images into a container engine: by the engine itself where it can reach the registry, else fetched here and
//! loaded into it.
//!
//! Invariant: a credential goes to the engine with the request alone, and never in the clear to another machine; nothing
//! is written to its configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::open::Local;
use super::target::only_reference;
use crate::domain::job::{Moved, Part, PartState};
use crate::domain::{
    ConnectionId, Credential, Digest, Failure, FailureKind, Locator, Platform, Reference, human,
};
use crate::engine::{Address, Kind, PullStep};
use crate::http::is_loopback;
use crate::images::{self, EngineImages};
use crate::transfer::archive::{self, Loading, pull_and_stream};
use crate::transfer::{Meter, PullJob, on_disk};

/// What was fetched for an engine, and never loaded, stays so long.
const KEPT: Duration = Duration::from_hours(7 * 24);

impl Workspace {
    /// The images of the engine called `id`.
    ///
    /// # Errors
    /// `NotFound` when there is no such engine, and where it was looked for.
    pub(super) async fn engine_images(&self, id: &ConnectionId) -> Result<Arc<EngineImages>, Failure> {
        if let Some(Local::Engine(known)) = self.local(id) {
            return Ok(known);
        }
        self.find_engines().await;
        match self.local(id) {
            Some(Local::Engine(found)) => Ok(found),
            _ => {
                let doing = format!("looking for the engine {id}");
                let none = Failure::new(FailureKind::NotFound, doing, "no engine of that name answers");
                Err(none.with_next("Start it, or say where it is with DOCKER_HOST or CONTAINER_HOST."))
            }
        }
    }

    /// Has the engine pull the image at `at` itself, with the connection's credential in the request. Nothing when it
    /// cannot: the registry is not one that it reaches or trusts, or the engine not one to be told a password.
    ///
    /// # Errors
    /// `NotFound` when the registry has no such image; `Cancelled`.
    pub(super) async fn pull_by_engine(
        &self,
        at: &Locator,
        id: &ConnectionId,
        platform: Option<&Platform>,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Result<Moved, Failure>, Failure> {
        let found = self.engine_images(id).await?;
        let engine = found.engine()?.clone();
        let reference = at.reference(&self.host_of(at)?);
        let reference = reference.ok_or_else(|| {
            Failure::new(FailureKind::Invalid, format!("pulling {}", at.name()), "it is no image")
        })?;
        let (server, _) = self.content_of(at)?;
        let credential = server.http().credential().await?;
        if let Some(said) = why_not_asked(engine.address(), &reference.host, &credential) {
            let doing = format!("asking {} to pull {reference}", found.title());
            return Ok(Err(Failure::new(FailureKind::Unsupported, doing, said)));
        }
        meter.tell(&format!("{} pulls", found.title()));
        let mut step = |step: PullStep| show(meter, step);
        let pulling = engine.pull(&reference, platform, &credential, &mut step);
        let Some(pulled) = stop.run_until_cancelled(pulling).await else {
            return Err(Failure::cancelled(format!("pulling {reference}")));
        };
        match pulled {
            Ok(inspected) => {
                meter.tell("finished");
                let moved = meter.progress().fetched;
                let digest: Digest = inspected.image.id.parse()?;
                Ok(Ok(Moved {
                    location: located(engine.version().kind, &reference),
                    at: Some(images::locate(id, &reference)),
                    images: vec![(reference.to_string(), digest)],
                    moved,
                    ..Moved::default()
                }))
            }
            Err(failure) if matches!(failure.kind, FailureKind::NotFound | FailureKind::Cancelled) => {
                Err(failure)
            }
            Err(failure) => Ok(Err(failure)),
        }
    }

    /// Fetches the images of `jobs` and loads them into an engine.
    ///
    /// # Errors
    /// As [`Workspace::put`].
    pub(super) async fn put_into_engine(
        &self,
        jobs: Vec<PullJob>,
        id: &ConnectionId,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Moved, Failure> {
        let target = self.engine_images(id).await?;
        let engine = target.engine()?.clone();
        let jobs: Vec<PullJob> = jobs.into_iter().map(for_here).collect();
        let folder = self.paths().cache.join("loading");
        let parent = folder.clone();
        if let Err(failure) = on_disk(move || archive::sweep(&parent, KEPT)).await {
            tracing::debug!(%failure, "what was left of earlier loads stays");
        }
        let beside = waiting_place(&folder, id, &jobs);
        let Loading { mut moved, archive, staged } = pull_and_stream(jobs, &beside, meter, stop).await?;
        meter.tell(&format!("loading {} into {}", human::size(archive.size), target.title()));
        let loaded = stop.run_until_cancelled(engine.load(archive.bytes)).await;
        loaded.unwrap_or_else(|| Err(Failure::cancelled("loading into the engine")))?;
        staged.remove().await;
        meter.tell("finished");
        let only = only_reference(&moved);
        moved.at = only.as_ref().map(|reference| images::locate(id, reference));
        moved.location =
            only.map_or_else(|| target.title(), |reference| located(engine.version().kind, &reference));
        Ok(moved)
    }
}

/// An engine takes one platform: this machine's, unless another was asked for.
fn for_here(job: PullJob) -> PullJob {
    PullJob { platform: job.platform.or_else(|| Some(Platform::here())), ..job }
}

/// Why an engine at `address` is not to pull from the registry at `host` itself; nothing when it may.
fn why_not_asked(address: &Address, host: &str, credential: &Credential) -> Option<&'static str> {
    let is_elsewhere = address.host().is_some_and(|engine| !is_loopback(engine));
    if is_elsewhere && is_loopback(host) {
        return Some("the engine runs on another machine, and the registry on this one");
    }
    let is_secret = !matches!(credential, Credential::Anonymous);
    (is_elsewhere && is_secret && !address.is_private())
        .then_some("the password would go to the engine in the clear; reach it over TLS or SSH")
}

/// Where what is fetched for an engine waits. The same images for the same engine wait in the same place, so that what
/// a stopped try had fetched is used by the next.
fn waiting_place(folder: &Path, id: &ConnectionId, jobs: &[PullJob]) -> PathBuf {
    let mut lines = vec![id.to_string()];
    for job in jobs {
        lines.extend(job.platform.iter().map(ToString::to_string));
        lines.extend(job.images.iter().map(|(_, name)| name.clone()));
    }
    folder.join(Digest::of(lines.join("\n").as_bytes()).short(16))
}

fn located(kind: Kind, reference: &Reference) -> String {
    let scheme = match kind {
        Kind::Docker => "docker-daemon",
        Kind::Podman => "podman",
    };
    format!("{scheme}:{reference}")
}

/// A step of the engine's own pull, in the jobs panel.
fn show(meter: &Meter, step: PullStep) {
    let Some(layer) = step.layer else { return };
    let state = match step.stage.as_str() {
        "Pull complete" | "Download complete" => PartState::Done,
        "Already exists" => PartState::Present,
        "Waiting" | "Pulling fs layer" => PartState::Waiting,
        _ => PartState::Running,
    };
    let total = step.total.unwrap_or_default();
    let done = if matches!(state, PartState::Done | PartState::Present) {
        total
    } else {
        step.current.unwrap_or_default()
    };
    meter.show(Part { name: layer, total, done: done.min(total), state });
}

#[cfg(test)]
mod tests;
