//! Numbers as people read them: sizes and ages.

use jiff::Timestamp;

/// A size: `41.2 MiB`, `812 B`.
#[must_use]
pub fn size(bytes: u64) -> String {
    bytesize::ByteSize::b(bytes).display().iec().to_string()
}

/// The time between `then` and `now` (seconds since 1970) in one short unit: `now`, `5 m`, `3 h`, `2 d`, `5 w`, `7 mo`, `2 y`.
#[must_use]
pub fn age(then: i64, now: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let past = now.saturating_sub(then);
    match past {
        i64::MIN..MINUTE => "now".to_owned(),
        MINUTE..HOUR => format!("{} m", past / MINUTE),
        HOUR..DAY => format!("{} h", past / HOUR),
        _ if past < 14 * DAY => format!("{} d", past / DAY),
        _ if past < 60 * DAY => format!("{} w", past / (7 * DAY)),
        _ if past < 730 * DAY => format!("{} mo", past / (30 * DAY)),
        _ => format!("{} y", past / (365 * DAY)),
    }
}

/// How long something took: `43 s`, `1 m 3 s`, `2 h 5 m`.
#[must_use]
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} m {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Seconds since 1970 of an RFC 3339 date; nothing for dates before 1971, which reproducible builds use for "unknown".
#[must_use]
pub fn timestamp(rfc3339: &str) -> Option<i64> {
    let seconds = rfc3339.parse::<Timestamp>().ok()?.as_second();
    (seconds > 365 * 24 * 3600).then_some(seconds)
}

/// A date as people write it: `2024-03-01 12:30 UTC`.
#[must_use]
pub fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map_or_else(|_| String::new(), |t| t.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// `1 tag`, `2 tags`, `100,000 tags`.
#[must_use]
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// `100,000`.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes() {
        assert_eq!(age(100, 50), "now");
        assert_eq!(age(0, 3 * 86400), "3 d");
        assert_eq!(age(0, 800 * 86400), "2 y");
        assert_eq!(size(812), "812 B");
        assert_eq!([0, 59, 63, 3600, 7500].map(duration), ["0 s", "59 s", "1 m 3 s", "1 h 0 m", "2 h 5 m"]);
        assert_eq!(thousands(1_000_000), "1,000,000");
        assert_eq!(thousands(12), "12");
        assert_eq!(timestamp("1970-01-01T00:00:00Z"), None);
        assert_eq!(timestamp("2023-11-14T22:13:20Z"), Some(1_700_000_000));
    }
}
