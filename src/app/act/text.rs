//! A text that a vendor gave, to be read and copied.
//!
//! Invariant: every text from outside is made safe to show before it becomes a line.

use std::collections::HashSet;

use crate::app::inspect::{Line, Tone};
use crate::app::json;
use crate::app::key::Key;
use crate::app::modal::{Modal, Text};
use crate::app::state::App;
use crate::domain::text::visible;

impl App {
    pub(super) fn show_text(&mut self, title: &str, whole: String) {
        let is_json = serde_json::from_str::<serde_json::Value>(&whole).is_ok_and(|value| value.is_object());
        let lines = if is_json { json::lines(whole.as_bytes(), &HashSet::new()) } else { plain(&whole) };
        let title = visible(title).into_owned();
        self.modals.push(Modal::Text(Text { title, lines, whole, top: 0 }));
    }

    pub(in crate::app) fn key_in_text(&mut self, key: Key) {
        match (key, self.modals.last()) {
            (Key::Char('y'), Some(Modal::Text(text))) => {
                let whole = text.whole.clone();
                self.copy("text", whole);
            }
            _ => self.key_in_scroll(key),
        }
    }
}

fn plain(text: &str) -> Vec<Line> {
    let line = |line: &str| Line { spans: vec![(Tone::Plain, visible(line).into_owned())], link: None };
    text.lines().map(line).collect()
}
