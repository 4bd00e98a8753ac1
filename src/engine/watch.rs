//! One engine over time: it answers, its images change, it goes away, it comes back.
//!
//! Invariant: an engine that is not there is asked again ever more rarely, never more often than after a second and at
//! the latest after a minute. Between two signs nothing runs but a wait.

use std::time::Duration;

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _};

use super::candidate::{Candidate, Chosen};
use super::client::Engine;
use crate::domain::{Failure, FailureKind};

/// The pause before the first new try.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// One command makes several events; they are one change.
const TOGETHER: Duration = Duration::from_millis(200);

/// Something that happened to an engine.
#[derive(Debug, Clone)]
pub enum Sign {
    /// It answers, for the first time or again.
    Up(Engine),
    /// Its images have changed.
    Changed,
    /// It does not answer (any more).
    Gone(Failure),
}

type Events = BoxStream<'static, Result<(), Failure>>;

struct Watched {
    candidate: Candidate,
    pause: Duration,
    /// The events, while the engine is there.
    events: Option<Events>,
    /// Whether it was said that the engine does not answer.
    told: bool,
    /// Whether the next try is the first.
    fresh: bool,
}

/// Watches the engine at `candidate`, as long as the stream is read. Of a usual socket that nothing listens on, nothing
/// is said before an engine has answered there.
#[must_use]
pub fn watch(candidate: Candidate) -> BoxStream<'static, Sign> {
    let watched = Watched { candidate, pause: FIRST_PAUSE, events: None, told: false, fresh: true };
    stream::unfold(watched, |mut watched| async move {
        let sign = watched.next().await;
        Some((sign, watched))
    })
    .boxed()
}

impl Watched {
    async fn next(&mut self) -> Sign {
        match &mut self.events {
            Some(events) => match changed(events).await {
                Ok(()) => Sign::Changed,
                Err(failure) => {
                    (self.events, self.told) = (None, true);
                    Sign::Gone(failure)
                }
            },
            None => self.connect().await,
        }
    }

    /// Tries until there is something to say.
    async fn connect(&mut self) -> Sign {
        loop {
            if !std::mem::take(&mut self.fresh) {
                tokio::time::sleep(self.pause).await;
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
            }
            match Engine::connect(&self.candidate).await {
                Ok(engine) => {
                    (self.pause, self.told) = (FIRST_PAUSE, false);
                    self.events = Some(engine.events());
                    return Sign::Up(engine);
                }
                Err(failure) if !self.told && self.is_worth_telling(&failure) => {
                    self.told = true;
                    return Sign::Gone(failure);
                }
                Err(_) => {}
            }
        }
    }

    fn is_worth_telling(&self, failure: &Failure) -> bool {
        self.candidate.chosen == Chosen::ByPerson
            || !matches!(failure.kind, FailureKind::Offline | FailureKind::Timeout)
    }
}

/// Waits for a change, and lets those pass that come right after it.
async fn changed(events: &mut Events) -> Result<(), Failure> {
    next_event(events).await?;
    tokio::time::sleep(TOGETHER).await;
    while let Some(further) = next_event(events).now_or_never() {
        further?;
    }
    Ok(())
}

async fn next_event(events: &mut Events) -> Result<(), Failure> {
    events.next().await.unwrap_or_else(|| {
        Err(Failure::new(FailureKind::Offline, "listening to the engine", "it has ended the connection"))
    })
}
