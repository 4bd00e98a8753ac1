//! When a request is sent again, and how long is waited before.
//!
//! Invariant: a write is sent again only when it surely did not happen. Waiting ends when the future is dropped.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio::time::Instant;

use super::broken::{Again, Broken};
use super::observe::Observer;
use super::pause;
use super::reply::Reply;
use super::request::Request;
use super::{Http, Timings, locked};
use crate::domain::{Failure, FailureKind};

/// Until when a host asked to be left alone. Shared by all requests of the connection.
#[derive(Default)]
pub(super) struct Pauses(Mutex<HashMap<String, Instant>>);

impl Pauses {
    fn set(&self, host: &str, pause: Duration) {
        let until = Instant::now() + pause;
        let mut pauses = locked(&self.0);
        let known = pauses.entry(host.to_owned()).or_insert(until);
        *known = until.max(*known);
    }

    /// Waits until the host may be asked again.
    async fn sit_out(&self, host: &str) {
        loop {
            let until = locked(&self.0).get(host).copied();
            match until {
                Some(until) if until > Instant::now() => tokio::time::sleep_until(until).await,
                _ => return,
            }
        }
    }
}

impl Http {
    /// Runs `attempt` until it succeeds, fails for good, or was tried often enough.
    pub(super) async fn retrying<T, F>(
        &self,
        request: &Request,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Broken>>,
    {
        let host = super::host_and_port(&request.url);
        let timings = &self.0.settings.timings;
        let mut delays = delays(timings);
        loop {
            self.0.pauses.sit_out(&host).await;
            let broken = match attempt().await {
                Ok(done) => return Ok(done),
                Err(broken) => broken,
            };
            let allowed = match broken.again {
                Again::Never => false,
                Again::IfItOnlyReads => request.may_repeat(),
                Again::Always => true,
            };
            let failure = broken.failure;
            let Some(delay) = delays.next().filter(|_| allowed) else { return Err(failure) };
            let pause = failure.retry_after.map_or(delay, |asked| asked.max(timings.retry_base));
            if pause > timings.longest_pause {
                return Err(failure);
            }
            if failure.kind == FailureKind::RateLimited || failure.retry_after.is_some() {
                self.0.pauses.set(&host, pause);
            }
            wait(self.0.settings.observer.as_ref(), &host, &failure, pause).await;
        }
    }
}

/// Exponential, with jitter.
fn delays(timings: &Timings) -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_jitter()
        .with_min_delay(timings.retry_base)
        .with_max_delay(timings.longest_pause)
        .with_max_times(timings.retries)
        .build()
}

/// Waits where a person can see it; a wait that is given up is taken off the screen too.
async fn wait(observer: &dyn Observer, host: &str, why: &Failure, pause: Duration) {
    struct Shown<'a>(&'a dyn Observer, &'a str);
    impl Drop for Shown<'_> {
        fn drop(&mut self) {
            self.0.resumed(self.1);
        }
    }
    observer.waiting(host, why, pause);
    let _shown = Shown(observer, host);
    tokio::time::sleep(pause).await;
}

/// Lets a reply pass unless it says "try again".
pub(super) fn pass(reply: Reply, request: &Request) -> Result<Reply, Broken> {
    if (request.throttled)(&reply) {
        let failure = Failure { kind: FailureKind::RateLimited, ..reply.failure(&request.doing) };
        return Err(Broken { failure, again: Again::Always });
    }
    let again = match reply.status.as_u16() {
        429 => Again::Always,
        403 if pause::asked_pause(&reply.headers).is_some() => Again::Always,
        408 | 500 | 502 | 503 | 504 => Again::IfItOnlyReads,
        _ => return Ok(reply),
    };
    Err(Broken { failure: reply.failure(&request.doing), again })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_end() {
        let timings = Timings { retry_base: Duration::from_millis(100), retries: 4, ..Timings::default() };
        let all: Vec<Duration> = delays(&timings).collect();
        assert_eq!(all.len(), 4);
        for (i, delay) in all.iter().enumerate() {
            let base = Duration::from_millis(100 << i);
            assert!(*delay >= base && *delay <= base * 2, "{all:?}");
        }
    }
}
