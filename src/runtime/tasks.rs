//! Tasks: the only place that spawns. A task's return value is its one reply, panics included.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, Id, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::app::{Event, Reply, TaskId};
use crate::transfer::Meter;

/// How long a write that was sent may take to report while the program ends.
const LAST_WRITES: Duration = Duration::from_secs(10);

/// What a task comes back with.
enum Done {
    Reply(Reply),
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
    /// Of a transfer: its meter, and the way to stop it at a safe point.
    transfer: Option<(Arc<Meter>, CancellationToken)>,
    /// Whether it changes a registry: then it is never aborted.
    writes: bool,
}

/// What is special about a task.
pub(super) enum Nature {
    /// Reads; can be aborted at any time.
    Reads,
    /// Changes a registry; finishes and reports.
    Writes,
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
        let abort = self.running.spawn(async { Done::Reply(work.await) });
        self.known.insert(abort.id(), task);
        let writes = matches!(nature, Nature::Writes);
        let transfer = match nature {
            Nature::Transfers(meter, stop) => Some((meter, stop)),
            _ => None,
        };
        self.handles.insert(task, Running { abort, transfer, writes });
    }

    /// Runs blocking work that nobody waits for, such as writing a setting; it is finished before the program ends.
    pub(super) fn aside(&mut self, work: impl FnOnce() -> Option<Event> + Send + 'static) {
        self.running.spawn_blocking(|| Done::Aside(work()));
    }

    /// Aborts a task, unless it changes a registry.
    pub(super) fn cancel(&mut self, task: TaskId) {
        if let Some(running) = self.handles.get(&task).filter(|r| !r.writes) {
            running.abort.abort();
        }
    }

    /// Asks a transfer to stop at a safe point.
    pub(super) fn stop(&mut self, task: TaskId) {
        if let Some((_, stop)) = self.handles.get(&task).and_then(|r| r.transfer.as_ref()) {
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
                Err(error) if error.is_panic() => (error.id(), Some(Reply::Broken(message(error)))),
                Err(error) => (error.id(), None),
            };
            let Some(task) = self.known.remove(&id) else { continue };
            self.handles.remove(&task);
            if let Some(reply) = reply {
                return Event::Reply(task, Box::new(reply));
            }
        }
    }

    /// A sample of every running transfer.
    pub(super) fn progress(&self) -> Vec<Event> {
        let mut samples: Vec<_> = self
            .handles
            .iter()
            .filter_map(|(task, r)| Some((*task, r.transfer.as_ref()?.0.progress())))
            .collect();
        samples.sort_by_key(|(task, _)| *task);
        samples.into_iter().map(|(task, progress)| Event::Progress(task, progress)).collect()
    }

    /// Whether a transfer runs.
    pub(super) fn moves(&self) -> bool {
        self.handles.values().any(|r| r.transfer.is_some())
    }

    /// Ends everything: transfers at a safe point, writes when they have reported, the rest at once.
    pub(super) async fn finish(mut self) {
        for running in self.handles.values() {
            match &running.transfer {
                Some((_, stop)) => stop.cancel(),
                None if running.writes => {}
                None => running.abort.abort(),
            }
        }
        let all = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_WRITES, all).await.is_err() {
            tracing::warn!("a task did not end in time");
        }
    }
}

fn message(error: tokio::task::JoinError) -> String {
    let panic = error.into_panic();
    let text = panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a message".to_owned())
}
