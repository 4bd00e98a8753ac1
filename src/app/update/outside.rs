//! What the world tells without being asked: time, room, pauses, warnings, the clipboard, the browser.

use crate::app::event::Viewport;
use crate::app::notice::Level;
use crate::app::state::App;
use crate::domain::Failure;
use crate::domain::text::visible;

/// How many different warnings are remembered; a server that makes up ever new ones is not shown beyond.
const WARNINGS: usize = 200;

impl App {
    pub(super) fn on_viewport(&mut self, viewport: Viewport) {
        self.viewport = viewport;
        self.tree.set_height(usize::from(viewport.tree));
        self.clamp_scrolls();
    }

    pub(super) fn on_tick(&mut self, now: i64) {
        self.now = now;
        self.pauses.retain(|(_, _, ends)| *ends > now);
    }

    /// A host's pause, which ends `seconds` from now. The text comes from the server.
    pub(super) fn on_waiting(&mut self, host: String, said: &str, seconds: u64) {
        let ends = self.now.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        self.pauses.retain(|(h, _, _)| *h != host);
        self.pauses.push((host, visible(said).into_owned(), ends));
    }

    pub(super) fn on_warning(&mut self, host: &str, text: &str) {
        if self.warned.len() >= WARNINGS || !self.warned.insert((host.to_owned(), text.to_owned())) {
            return;
        }
        self.tell(Level::Warning, &format!("{host} says: {text}"));
    }

    pub(super) fn on_copied(&mut self, what: &str, way: Result<String, Failure>) {
        match way {
            Ok(way) => self.tell(Level::Info, &format!("Copied the {what} to the {way}.")),
            Err(failure) => self.tell_failure(&failure),
        }
    }

    pub(super) fn on_opened(&mut self, result: Result<String, Failure>) {
        match result {
            Ok(address) => self.tell(Level::Info, &format!("Opened {address}.")),
            Err(failure) => self.tell_failure(&failure),
        }
    }
}
