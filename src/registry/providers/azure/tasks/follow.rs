//! Following a run: its state as the stage, its log line by line, and what came of it.
//!
//! Invariant: leaving ends the following, never the run; a lost connection is waited for. What a run says of its failure
//! is told, with the end of its log.

use std::collections::VecDeque;
use std::time::Duration;

use super::log::Log;
use super::{Run, Tasks, wire};
use crate::domain::asked::Outcome;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Locator, NodeKind, RunState, human};
use crate::registry::Running;

/// The pause between two questions: short while lines come.
const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(4);
/// The longest pause while the connection is lost, and how often it is tried: about half an hour.
const LOST_LONGEST: Duration = Duration::from_mins(1);
const LOST_TRIES: u32 = 36;
/// How often the end of the log is looked for after the run has ended.
const LAST_LOOKS: u32 = 8;
/// How many lines of a log are told with a failure.
const TOLD: usize = 3;

impl Tasks<'_> {
    /// Follows a run to its end. The run as it is then.
    ///
    /// # Errors
    /// `Cancelled` when the person leaves; what the resource manager and the storage say.
    pub(in super::super) async fn follow(
        &self,
        id: &str,
        running: &Running<'_>,
    ) -> Result<(Run, Tail), Failure> {
        let mut following =
            Following { log: Log::of(self, id)?, tail: Tail::default(), pause: SHORTEST, lost: 0 };
        let left = || {
            let said = "no longer followed; it goes on in Azure: “Follow run” shows it, “Cancel run” ends it";
            Failure::new(FailureKind::Cancelled, format!("following the run {}", visible(id)), said)
        };
        let end = running.stop.run_until_cancelled(self.watch(id, &mut following, running)).await;
        let run = end.unwrap_or_else(|| Err(left()))?;
        Ok((run, following.tail))
    }

    /// The log of a run as it is now.
    ///
    /// # Errors
    /// What the resource manager and the storage say.
    pub(in super::super) async fn log(&self, id: &str) -> Result<Vec<String>, Failure> {
        Log::of(self, id)?.whole().await
    }

    async fn watch(&self, id: &str, at: &mut Following<'_>, running: &Running<'_>) -> Result<Run, Failure> {
        loop {
            match self.look(id, at, running).await {
                Ok(Some(run)) => return Ok(run),
                Ok(None) => at.lost = 0,
                Err(failure) if failure.kind.is_transient() && at.lost < LOST_TRIES => {
                    at.lost += 1;
                    running.stages.enter(&format!("run {}: {}; trying again", visible(id), failure.said));
                }
                Err(failure) => return Err(failure),
            }
            at.rest().await;
        }
    }

    /// Looks once; the run, when it has ended and its log was read.
    async fn look(
        &self,
        id: &str,
        at: &mut Following<'_>,
        running: &Running<'_>,
    ) -> Result<Option<Run>, Failure> {
        let run = self.run(id).await?;
        running.stages.enter(&stage(&run));
        at.read(running).await?;
        if !run.is_over() {
            return Ok(None);
        }
        at.pause = SHORTEST;
        for _ in 0..LAST_LOOKS {
            if at.log.is_read {
                break;
            }
            at.rest().await;
            at.read(running).await?;
        }
        let last = at.log.last();
        at.tell(last.into_iter().collect(), running);
        Ok(Some(run))
    }
}

/// A run that is being followed.
struct Following<'a> {
    log: Log<'a>,
    tail: Tail,
    pause: Duration,
    /// How often nothing could be reached, one time after another.
    lost: u32,
}

/// The last lines of a log.
#[derive(Debug, Default)]
pub(in super::super) struct Tail(VecDeque<String>);

impl Following<'_> {
    async fn read(&mut self, running: &Running<'_>) -> Result<(), Failure> {
        let lines = self.log.more().await?;
        self.pause = if lines.is_empty() { (self.pause * 2).min(LONGEST) } else { SHORTEST };
        self.tell(lines, running);
        Ok(())
    }

    fn tell(&mut self, lines: Vec<String>, running: &Running<'_>) {
        for line in lines {
            running.stages.line(&line);
            if !line.trim().is_empty() {
                self.tail.0.push_back(line);
            }
            if self.tail.0.len() > TOLD {
                self.tail.0.pop_front();
            }
        }
    }

    async fn rest(&self) {
        let lost = SHORTEST.saturating_mul(2_u32.saturating_pow(self.lost)).min(LOST_LONGEST);
        tokio::time::sleep(if self.lost > 0 { lost } else { self.pause }).await;
    }
}

fn stage(run: &Run) -> String {
    let id = visible(run.id());
    match run.state() {
        Some(RunState::Waiting) => format!("run {id}: waiting for an agent"),
        Some(state) => format!("run {id}: {}", state.word()),
        None => format!("run {id}: {}", visible(run.properties.status.as_deref().unwrap_or("no state"))),
    }
}

/// What came of a run that has ended, for a person who followed it at `at`.
///
/// # Errors
/// How it has ended, when not well: its own error, and the end of its log.
pub(in super::super) fn ended(run: &Run, tail: &Tail, at: &Locator) -> Result<Outcome, Failure> {
    let id = visible(run.id());
    let failed = |kind, how: &str| {
        let error = run.properties.run_error_message.as_deref().filter(|e| !e.is_empty());
        let told = error.map(|e| visible(e).into_owned()).into_iter().chain(tail.0.iter().cloned());
        let told = told.collect::<Vec<_>>().join(" | ");
        let said = if told.is_empty() { how.to_owned() } else { format!("{how}: {told}") };
        Err(Failure::new(kind, format!("building in Azure, run {id}"), said))
    };
    match run.state() {
        Some(RunState::Succeeded) => Ok(made(run, at)),
        Some(RunState::Cancelled) => failed(FailureKind::Cancelled, "it was cancelled in Azure"),
        _ if run.is_timed_out() => failed(FailureKind::Timeout, "it took longer than it may"),
        _ => failed(FailureKind::Invalid, "it failed"),
    }
}

/// What a run has made: said, with the branches that are different now.
fn made(run: &Run, at: &Locator) -> Outcome {
    let home = at.nearest(NodeKind::Registry).unwrap_or_default();
    let took = run.lasted().map_or(String::new(), |took| format!(" in {}", human::duration(took)));
    let image = |image: &wire::Image| {
        let digest = image.digest.as_deref().map_or(String::new(), |digest| format!(" ({digest})"));
        visible(&format!("{}{digest}", image.text(home))).into_owned()
    };
    let images: Vec<String> = run.images().iter().map(image).collect();
    let what = if images.is_empty() { String::new() } else { format!(": {}", images.join(", ")) };
    let said = format!("Run {} succeeded{took}{what}", visible(run.id()));
    let registry = registry_node(at);
    let own = run.images().iter().filter(|image| image.is_in(home));
    let tags: Vec<Locator> = own
        .filter_map(|image| {
            let repository = registry.child(NodeKind::Repository, image.repository.as_deref()?);
            Some(repository.child(NodeKind::Tag, image.tag.as_deref()?))
        })
        .collect();
    let mut changed = vec![registry.clone(), registry.child(NodeKind::Builds, super::NAME)];
    changed.extend(tags.iter().filter_map(Locator::parent));
    changed.extend(
        run.properties
            .task
            .iter()
            .map(|task| registry.child(NodeKind::Builds, super::NAME).child(NodeKind::Build, task)),
    );
    Outcome { said, changed, at: tags.into_iter().next(), ..Outcome::default() }
}

/// The node of the registry that `at` is or lies in.
fn registry_node(at: &Locator) -> Locator {
    let end = at.steps.iter().rposition(|step| step.kind == NodeKind::Registry).map_or(0, |i| i + 1);
    Locator { connection: at.connection.clone(), steps: at.steps.iter().take(end).cloned().collect() }
}
