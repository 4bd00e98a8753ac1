//! One engine over time: it answers, its images change, it goes away, it comes back.
//!
//! Invariant: an engine that does not answer is tried a few times with growing pauses, and then left alone until there is
//! a reason to look again. Between two signs nothing runs but a wait. One that answers and tells no events (a proxy
//! before its socket may refuse them) is there all the same.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::Instant;

use super::candidate::{Candidate, Chosen};
use super::client::Engine;
use crate::domain::{Failure, FailureKind};

/// The pause before the second try; it doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The tries after one that failed: half a minute in all, which is what a restart takes.
const TRIES: usize = 7;
/// One whose events were listened to for so long has not just come back.
const LASTED: Duration = Duration::from_secs(60);
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
    /// Something for each reason to look again.
    again: BoxStream<'static, ()>,
    /// The pauses of a row of tries.
    row: ExponentialBuilder,
    /// Those that are left of this row.
    pauses: ExponentialBackoff,
    link: Link,
    /// Whether it was said that the engine does not answer.
    told: bool,
    /// Whether the next try is the first.
    fresh: bool,
}

/// Watches the engine at `candidate`, as long as the stream is read; `again` has something for each reason to look again
/// after one that does not answer. Of a usual socket that nothing listens on, nothing is said before an engine has
/// answered there.
#[must_use]
pub fn watch(candidate: Candidate, again: BoxStream<'static, ()>) -> BoxStream<'static, Sign> {
    watch_at(candidate, again, FIRST_PAUSE, TRIES)
}

/// The same with another first pause and another number of tries.
pub(super) fn watch_at(
    candidate: Candidate,
    again: BoxStream<'static, ()>,
    first: Duration,
    tries: usize,
) -> BoxStream<'static, Sign> {
    let row = ExponentialBuilder::default().with_min_delay(first).with_max_times(tries).without_max_delay();
    // The first look is one try: nothing has happened that would speak for more.
    let pauses = row.with_max_times(0).build();
    let watched = Watched { candidate, again, row, pauses, link: Link::Apart, told: false, fresh: true };
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
                        self.pauses = self.row.build();
                        return Sign::Changed;
                    }
                    Err(failure) if is_refusal(&failure) => self.link = Link::Deaf,
                    Err(failure) => {
                        // One that breaks off again and again does not get a new row of tries each time.
                        if since.elapsed() >= LASTED {
                            self.pauses = self.row.build();
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

    /// Looks whether an engine without events is there, when there is a reason to; its images may have changed meanwhile.
    async fn look_again(&mut self) -> Sign {
        reason(&mut self.again).await;
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
            let is_first = std::mem::take(&mut self.fresh);
            if !is_first {
                self.rest().await;
            }
            match Engine::connect(&self.candidate).await {
                Ok(engine) => {
                    if is_first {
                        self.pauses = self.row.build();
                    }
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

    /// The pause before the next try; a reason to look again ends it, and begins a new row of tries.
    async fn rest(&mut self) {
        let pause = self.pauses.next();
        let slept = async {
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = slept => {}
            () = reason(&mut self.again) => self.pauses = self.row.build(),
        }
    }

    fn is_worth_telling(&self, failure: &Failure) -> bool {
        self.candidate.chosen == Chosen::ByPerson
            || !matches!(failure.kind, FailureKind::Offline | FailureKind::Timeout)
    }
}

/// The next reason to look again; never, once there are no more.
async fn reason(again: &mut BoxStream<'static, ()>) {
    if again.next().await.is_none() {
        std::future::pending::<()>().await;
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
