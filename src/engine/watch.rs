//! One engine over time: it answers, its images change, it goes away, it comes back.
//!
//! Invariant: an engine that is not there is asked again ever more rarely, never more often than after a second and at
//! the latest after a minute. Between two signs nothing runs but a wait. One that answers and tells no events (a proxy
//! before its socket may refuse them) is there all the same.

use std::time::Duration;

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::Instant;

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

/// How things stand with the engine.
enum Link {
    /// It does not answer.
    Apart,
    /// Its events are listened to, since then.
    Listening(Events, Instant),
    /// It answers and tells no events.
    Deaf,
}

struct Watched {
    candidate: Candidate,
    /// The pause before the next try.
    pause: Duration,
    /// The first and the longest of the pauses.
    pauses: (Duration, Duration),
    link: Link,
    /// Whether it was said that the engine does not answer.
    told: bool,
    /// Whether the next try is the first.
    fresh: bool,
}

/// Watches the engine at `candidate`, as long as the stream is read. Of a usual socket that nothing listens on, nothing
/// is said before an engine has answered there.
#[must_use]
pub fn watch(candidate: Candidate) -> BoxStream<'static, Sign> {
    watch_at(candidate, (FIRST_PAUSE, LONGEST_PAUSE))
}

/// The same with other pauses: the first and the longest.
pub(super) fn watch_at(candidate: Candidate, pauses: (Duration, Duration)) -> BoxStream<'static, Sign> {
    let watched = Watched { candidate, pause: pauses.0, pauses, link: Link::Apart, told: false, fresh: true };
    stream::unfold(watched, |mut watched| async move {
        let sign = watched.next().await;
        Some((sign, watched))
    })
    .boxed()
}

impl Watched {
    async fn next(&mut self) -> Sign {
        loop {
            match &mut self.link {
                Link::Apart => return self.connect().await,
                Link::Listening(events, since) => match changed(events).await {
                    Ok(()) => {
                        self.pause = self.pauses.0;
                        return Sign::Changed;
                    }
                    Err(failure) if is_refusal(&failure) => self.link = Link::Deaf,
                    Err(failure) => {
                        // One that breaks off again and again is not asked every second.
                        if since.elapsed() >= self.pauses.1 {
                            self.pause = self.pauses.0;
                        }
                        return self.part(failure);
                    }
                },
                Link::Deaf => return self.look_again().await,
            }
        }
    }

    fn part(&mut self, failure: Failure) -> Sign {
        (self.link, self.told) = (Link::Apart, true);
        Sign::Gone(failure)
    }

    /// After a long pause, looks whether an engine without events is there; its images may have changed meanwhile.
    async fn look_again(&mut self) -> Sign {
        tokio::time::sleep(self.pauses.1).await;
        match Engine::connect(&self.candidate).await {
            Ok(engine) => {
                self.link = Link::Listening(engine.events(), Instant::now());
                Sign::Changed
            }
            Err(failure) => self.part(failure),
        }
    }

    /// Tries until there is something to say.
    async fn connect(&mut self) -> Sign {
        loop {
            if !std::mem::take(&mut self.fresh) {
                tokio::time::sleep(self.pause).await;
                self.pause = (self.pause * 2).min(self.pauses.1);
            }
            match Engine::connect(&self.candidate).await {
                Ok(engine) => {
                    self.told = false;
                    self.link = Link::Listening(engine.events(), Instant::now());
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

/// Whether the engine has answered, and will not tell events.
fn is_refusal(failure: &Failure) -> bool {
    !matches!(failure.kind, FailureKind::Offline | FailureKind::Timeout)
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
