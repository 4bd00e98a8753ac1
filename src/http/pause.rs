//! The pause that a server asks for, read and put into words.
//!
//! Invariant: a pause is never negative; a date that is past is a pause of nothing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The pause that the server asks for: seconds, an HTTP date, or Docker Hub's old seconds since 1970. Without one, the
/// time at which a quota that is used up is filled again (`x-ratelimit-remaining: 0` with `x-ratelimit-reset`).
pub(super) fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let filled_again = || {
        is_used_up(headers).then(|| text("x-ratelimit-reset").or_else(|| text("ratelimit-reset"))).flatten()
    };
    let asked = text(RETRY_AFTER.as_str()).or_else(|| text("x-retry-after")).or_else(filled_again)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    read_pause(asked, now)
}

/// Whether the headers say that nothing is left of a quota.
pub(super) fn is_used_up(headers: &HeaderMap) -> bool {
    ["x-ratelimit-remaining", "ratelimit-remaining"]
        .iter()
        .filter_map(|name| headers.get(*name))
        .any(|left| left.to_str().is_ok_and(|left| left.trim() == "0"))
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
    use reqwest::header::HeaderValue;

    #[test]
    fn a_quota_that_is_used_up_asks_for_a_pause() {
        let headers = |remaining: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-ratelimit-remaining", HeaderValue::from_static(remaining));
            headers.insert("x-ratelimit-reset", HeaderValue::from_static("4000000000"));
            headers
        };
        assert!(asked_pause(&headers("0")).is_some_and(|pause| pause > Duration::from_hours(1)));
        assert_eq!(asked_pause(&headers("1")), None);
    }

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
}
