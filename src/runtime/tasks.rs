//! Tasks: the only place that spawns. A task's return value is its one reply, panics included.
//!
//! Invariant: what changes a registry is never aborted.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, Id, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::app::{Event, Reply, TaskId};
use crate::transfer::Meter;

/// How long a transfer may take to reach a safe point while the program ends.
pub(super) const LAST_STEPS: Duration = Duration::from_secs(10);

/// What a task comes back with.
enum Done {
    Reply(Box<Reply>),
    /// Of work on the side: something to tell, if anything.
    Aside(Option<Event>),
}

/// The running tasks.
#[derive(Default)]
pub(super) struct Tasks {
    running: JoinSet<Done>,
    known: HashMap<Id, TaskId>,
    handles: HashMap<TaskId, Running>,
}

struct Running {
    abort: AbortHandle,
    nature: Nature,
}

/// What is special about a task.
#[derive(Clone)]
pub(super) enum Nature {
    /// Reads; can be aborted at any time.
    Reads,
    /// Changes a registry: never aborted. Can be stopped between two changes.
    Writes(CancellationToken),
    /// Moves an image.
    Transfers(Arc<Meter>, CancellationToken),
}

impl Tasks {
    pub(super) fn spawn(
        &mut self,
        task: TaskId,
        nature: Nature,
        work: impl Future<Output = Reply> + Send + 'static,
    ) {
        let abort = self.running.spawn(async { Done::Reply(Box::new(work.await)) });
        self.known.insert(abort.id(), task);
        self.handles.insert(task, Running { abort, nature });
    }

    /// Runs blocking work that nobody waits for, such as writing a setting; it is finished before the program ends.
    pub(super) fn aside(&mut self, work: impl FnOnce() -> Option<Event> + Send + 'static) {
        self.running.spawn_blocking(|| Done::Aside(work()));
    }

    /// Aborts a task, unless it changes a registry.
    pub(super) fn cancel(&mut self, task: TaskId) {
        if let Some(running) = self.handles.get(&task).filter(|r| !r.writes()) {
            running.abort.abort();
        }
    }

    /// Asks a transfer to stop at a safe point.
    pub(super) fn stop(&mut self, task: TaskId) {
        if let Some(Running { nature: Nature::Transfers(_, stop), .. }) = self.handles.get(&task) {
            stop.cancel();
        }
    }

    /// The next reply; waits for ever while nothing runs. Can be dropped and called again.
    pub(super) async fn next(&mut self) -> Event {
        loop {
            let Some(joined) = self.running.join_next_with_id().await else {
                std::future::pending::<()>().await;
                continue;
            };
            let (id, reply) = match joined {
                Ok((_, Done::Aside(Some(event)))) => return event,
                Ok((_, Done::Aside(None))) => continue,
                Ok((id, Done::Reply(reply))) => (id, Some(reply)),
                Err(error) if error.is_panic() => (error.id(), Some(Box::new(Reply::Broken(message(error))))),
                Err(error) => (error.id(), None),
            };
            let Some(task) = self.known.remove(&id) else { continue };
            self.handles.remove(&task);
            if let Some(reply) = reply {
                return Event::Reply(task, reply);
            }
        }
    }

    /// A sample of every running transfer.
    pub(super) fn progress(&self) -> Vec<Event> {
        let mut samples: Vec<_> = self
            .handles
            .iter()
            .filter_map(|(task, r)| match &r.nature {
                Nature::Transfers(meter, _) => Some((*task, meter.progress())),
                Nature::Reads | Nature::Writes(_) => None,
            })
            .collect();
        samples.sort_by_key(|(task, _)| *task);
        samples.into_iter().map(|(task, progress)| Event::Progress(task, progress)).collect()
    }

    /// Whether a transfer runs.
    pub(super) fn moves(&self) -> bool {
        self.handles.values().any(|r| matches!(r.nature, Nature::Transfers(..)))
    }

    /// Ends everything: reads at once, transfers at a safe point within `patience`, writes when the change under way is done, however
    /// long the registry takes.
    pub(super) async fn finish(mut self, patience: Duration) {
        for running in self.handles.values() {
            match &running.nature {
                Nature::Reads => running.abort.abort(),
                Nature::Writes(stop) | Nature::Transfers(_, stop) => stop.cancel(),
            }
        }
        if tokio::time::timeout(patience, drain(&mut self.running)).await.is_ok() {
            return;
        }
        for running in self.handles.values().filter(|r| !r.writes()) {
            running.abort.abort();
        }
        tracing::warn!("a task did not end in time");
        drain(&mut self.running).await;
    }
}

impl Running {
    fn writes(&self) -> bool {
        matches!(self.nature, Nature::Writes(_))
    }
}

async fn drain(running: &mut JoinSet<Done>) {
    while running.join_next().await.is_some() {}
}

fn message(error: tokio::task::JoinError) -> String {
    let panic = error.into_panic();
    let text = panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_write_is_waited_for_when_everything_else_has_been_aborted() {
        let mut tasks = Tasks::default();
        let (held, aborted) = oneshot::channel::<()>();
        let deaf = Nature::Transfers(Meter::new(), CancellationToken::new());
        tasks.spawn(TaskId(1), deaf, async move {
            std::future::pending::<()>().await;
            drop(held);
            Reply::Removed(Vec::new())
        });
        let (stop, done) = (CancellationToken::new(), Arc::new(AtomicBool::new(false)));
        let write = {
            let done = Arc::clone(&done);
            async move {
                // Ends no sooner than the transfer is given up.
                let _gone = aborted.await;
                done.store(true, Ordering::Relaxed);
                Reply::Removed(Vec::new())
            }
        };
        tasks.spawn(TaskId(2), Nature::Writes(stop.clone()), write);
        tasks.cancel(TaskId(2));
        tasks.finish(Duration::ZERO).await;
        assert!(done.load(Ordering::Relaxed));
        assert!(stop.is_cancelled(), "no further change is begun");
    }
}
