//! Telling the person: at the bottom until the next key, a failure a few keys longer; in the log for good.
//!
//! Invariant: the log is bounded, and every text in it is safe to show.

use crate::app::key::Key;
use crate::app::notice::{Level, Notice};
use crate::app::state::App;
use crate::domain::Failure;
use crate::domain::text::visible;

/// How many messages are kept.
const KEPT: usize = 500;
/// How many keys a failure outlasts: its sentence is longer than one moment.
const LASTS: u8 = 3;

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
        self.tell_with_hint(Level::Error, &failure.to_string(), failure.hint());
    }

    /// Keeps a failure in the log alone: it is shown elsewhere.
    pub(super) fn log_failure(&mut self, failure: &Failure) {
        self.keep(Notice::failure(self.now, failure));
    }

    fn post(&mut self, notice: Notice) {
        self.notice_lasts = if notice.level == Level::Error { LASTS } else { 0 };
        self.notice = Some(notice.clone());
        self.keep(notice);
    }

    fn keep(&mut self, notice: Notice) {
        if self.notices.len() >= KEPT {
            self.notices.remove(0);
        }
        self.notices.push(notice);
    }

    /// A key comes in: takes the message away, unless it is a failure that outlasts the key. Says whether the key was
    /// for that alone.
    pub(in crate::app) fn age_notice(&mut self, key: Key) -> bool {
        let is_failure = self.notice_lasts > 0 && self.notice.is_some() && !self.is_typing_or_asked();
        if is_failure && key != Key::Esc {
            self.notice_lasts -= 1;
        } else {
            self.notice = None;
        }
        is_failure && key == Key::Esc && self.welcome.is_none()
    }

    /// Takes a failure of before away as soon as something else needs the bottom line.
    pub(in crate::app) fn yield_bottom_line(&mut self) {
        if self.notice_lasts < LASTS && self.is_typing_or_asked() {
            self.notice.take_if(|notice| notice.level == Level::Error);
        }
    }

    fn is_typing_or_asked(&self) -> bool {
        !self.modals.is_empty() || self.filter.as_ref().is_some_and(|bar| bar.typing)
    }
}
