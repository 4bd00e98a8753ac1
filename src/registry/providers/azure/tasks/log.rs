//! The log of a run, read as it grows.
//!
//! Invariant: each byte is read once; a line is handed on when it is whole, or when the log is complete. The address of
//! a log ends after a while, and another is asked for then.

use url::Url;

use super::Tasks;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, human};
use crate::registry::providers::azure::storage::Storage;

/// The most that is read of a log to be shown as a whole; of a longer one its end.
const MOST_SHOWN: u64 = 4 << 20;

/// A log, and how far it was read.
pub(super) struct Log<'a> {
    tasks: &'a Tasks<'a>,
    storage: Storage,
    run: String,
    link: Option<Url>,
    read: u64,
    /// The start of a line that is not whole yet.
    begun: Vec<u8>,
    /// Whether all of it was read.
    pub(super) is_read: bool,
}

impl<'a> Log<'a> {
    /// The log of a run, from its start.
    ///
    /// # Errors
    /// `Invalid` when the connection's addresses cannot be read.
    pub(super) fn of(tasks: &'a Tasks<'a>, run: &str) -> Result<Self, Failure> {
        let entra = &tasks.azure.arm.entra;
        let storage = Storage::new(&entra.opening, &entra.cloud.arm)?;
        Ok(Self {
            tasks,
            storage,
            run: run.to_owned(),
            link: None,
            read: 0,
            begun: Vec::new(),
            is_read: false,
        })
    }

    /// The lines that came since the last time; none while the log is not there yet.
    ///
    /// # Errors
    /// What the resource manager and the storage say.
    pub(super) async fn more(&mut self) -> Result<Vec<String>, Failure> {
        match self.read_on().await {
            // The address lives for an hour or so.
            Err(failure) if failure.kind == FailureKind::Forbidden && self.link.take().is_some() => {
                self.read_on().await
            }
            told => told,
        }
    }

    /// The whole log as it is now, or its end.
    ///
    /// # Errors
    /// As [`more`](Self::more).
    pub(super) async fn whole(&mut self) -> Result<Vec<String>, Failure> {
        let link = self.link().await?;
        let length = self.storage.look(&link, &self.doing()).await?.map_or(0, |grown| grown.length);
        let left_out = length.saturating_sub(MOST_SHOWN);
        self.read = left_out;
        let mut lines = self.more().await?;
        lines.extend(self.last());
        if left_out > 0 {
            let said = format!("(the first {} are left out)", human::size(left_out));
            // The first of these lines began before.
            lines.splice(..1.min(lines.len()), [said]);
        }
        Ok(lines)
    }

    /// The line that was begun and has no end.
    pub(super) fn last(&mut self) -> Option<String> {
        let begun = std::mem::take(&mut self.begun);
        (!begun.is_empty()).then(|| readable(&begun))
    }

    async fn read_on(&mut self) -> Result<Vec<String>, Failure> {
        let (link, doing) = (self.link().await?, self.doing());
        let Some(grown) = self.storage.look(&link, &doing).await? else { return Ok(Vec::new()) };
        let mut lines = Vec::new();
        while self.read < grown.length {
            let piece = self.storage.read(&link, self.read, grown.length, &doing).await?;
            if piece.is_empty() {
                break;
            }
            self.read += piece.len() as u64;
            self.begun.extend_from_slice(&piece);
            lines.extend(self.whole_lines());
        }
        self.is_read = grown.is_complete && self.read >= grown.length;
        Ok(lines)
    }

    fn whole_lines(&mut self) -> Vec<String> {
        let Some(end) = memchr::memrchr(b'\n', &self.begun) else { return Vec::new() };
        let rest = self.begun.split_off(end + 1);
        let whole = std::mem::replace(&mut self.begun, rest);
        let lines = whole.strip_suffix(b"\n").unwrap_or(&whole).split(|b| *b == b'\n');
        lines.map(readable).collect()
    }

    async fn link(&mut self) -> Result<Url, Failure> {
        if self.link.is_none() {
            self.link = Some(self.tasks.log_link(&self.run).await?);
        }
        self.link.clone().ok_or_else(|| Failure::new(FailureKind::Bug, self.doing(), "it has no address"))
    }

    fn doing(&self) -> String {
        format!("reading the log of the run {}", visible(&self.run))
    }
}

/// A line as it may be shown: the last of what was written over it, without colours.
fn readable(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let last = text.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
    let spaced = without_colours(last).replace('\t', "    ");
    visible(&spaced).into_owned()
}

/// Text without the sequences that only colour it or move about in its line (ECMA-48, "CSI").
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let parameters = after.find(|c: char| !matches!(c, ' '..='?')).unwrap_or(after.len());
        let (_, end) = after.split_at_checked(parameters).unwrap_or_default();
        let mut end = end.chars();
        end.next();
        rest = end.as_str();
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_shown_as_it_was_left() {
        for (line, shown) in [
            ("Step 1/2 : FROM x\r", "Step 1/2 : FROM x"),
            ("10 %\r 50 %\r100 %\r", "100 %"),
            ("\u{1b}[1;32mok\u{1b}[0m\u{1b}[K done", "ok done"),
            ("a\tb\u{7}", "a    b␇"),
            ("\u{1b}[", ""),
            ("\u{1b}]0;title\u{7}", "␛]0;title␇"),
        ] {
            assert_eq!(readable(line.as_bytes()), shown, "{line:?}");
        }
        assert_eq!(readable(&[b'a', 0xff]), "a\u{fffd}");
    }
}
