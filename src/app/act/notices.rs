//! Telling the person: on the bottom line until the next key, in the log for good.
//!
//! Invariant: the log is bounded, and every text in it is safe to show.

use crate::app::notice::{Level, Notice};
use crate::app::state::App;
use crate::domain::Failure;
use crate::domain::text::visible;

/// How many messages are kept.
const KEPT: usize = 500;

impl App {
    /// Tells something.
    pub(in crate::app) fn tell(&mut self, level: Level, text: &str) {
        self.post(Notice { at: self.now, level, text: visible(text).into_owned(), hint: None });
    }

    /// Tells something with the next step.
    pub(in crate::app) fn tell_with_hint(&mut self, level: Level, text: &str, hint: &'static str) {
        self.post(Notice { at: self.now, level, text: visible(text).into_owned(), hint: Some(hint) });
    }

    /// Tells a failure.
    pub(in crate::app) fn tell_failure(&mut self, failure: &Failure) {
        self.tell_with_hint(Level::Error, &failure.to_string(), failure.kind.hint());
    }

    fn post(&mut self, notice: Notice) {
        if self.notices.len() >= KEPT {
            self.notices.remove(0);
        }
        self.notices.push(notice.clone());
        self.notice = Some(notice);
    }
}
