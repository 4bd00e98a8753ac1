//! When a request is sent again, and how long is waited before.
//!
//! Invariant: a write is sent again only when it surely did not happen. Waiting ends when the future is dropped.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::time::Instant;

use super::errors::{Again, Broken};
use super::observe::Observer;
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
                Again::IfItOnlyReads => request.only_reads(),
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

/// Lets a reply pass unless its status says "try again".
pub(super) fn pass(reply: Reply, doing: &str) -> Result<Reply, Broken> {
    let again = match reply.status.as_u16() {
        429 => Again::Always,
        408 | 500 | 502 | 503 | 504 => Again::IfItOnlyReads,
        _ => return Ok(reply),
    };
    Err(Broken { failure: reply.failure(doing), again })
}

/// The pause that the server asks for: seconds, an HTTP date, or Docker Hub's old seconds since 1970.
pub(super) fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER).or_else(|| headers.get("x-retry-after"))?.to_str().ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    read_pause(text.trim(), now)
}

/// Numbers from here on (2001) are dates.
const A_DATE: u64 = 1_000_000_000;

fn read_pause(text: &str, now: Duration) -> Option<Duration> {
    let until = match text.parse::<u64>() {
        Ok(seconds) if seconds < A_DATE => return Some(Duration::from_secs(seconds)),
        Ok(date) => date,
        Err(_) => {
            let date = jiff::fmt::rfc2822::parse(text).ok()?;
            u64::try_from(date.timestamp().as_second()).ok()?
        }
    };
    Some(Duration::from_secs(until).saturating_sub(Duration::from_secs(now.as_secs())))
}

/// `3 s`, `5 min`, `6 h`.
pub(super) fn in_words(pause: Duration) -> String {
    match pause.as_secs() {
        0 => format!("{} ms", pause.as_millis()),
        s @ 1..=119 => format!("{s} s"),
        s @ 120..=7199 => format!("{} min", s / 60),
        s => format!("{} h", s / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_come_as_seconds_dates_and_unix_time() {
        let now = Duration::from_secs(1_600_000_000);
        let read = |text| read_pause(text, now).map(|d| d.as_secs());
        assert_eq!(read("7"), Some(7));
        assert_eq!(read("0"), Some(0));
        assert_eq!(read("1600000090"), Some(90));
        assert_eq!(read("1500000000"), Some(0));
        assert_eq!(read("Sun, 13 Sep 2020 12:27:40 GMT"), Some(60));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-3"), None);
    }

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
