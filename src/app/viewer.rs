//! Moving about in the manifest view: lines, documents, matches.
//!
//! Invariant: the chosen line exists and is visible; a search belongs to the document that is shown.

use tui_input::Input;

use super::inspect::{Document, Inspector, Mode, Search};
use super::key::Key;
use super::typing::{Typed, type_key};
use crate::domain::Digest;

impl Inspector {
    pub(super) fn push(&mut self, mut document: Document) {
        self.failure = None;
        self.search = None;
        document.show(self.mode);
        self.stack.push(document);
    }

    pub(super) fn back(&mut self) {
        if self.stack.len() > 1 {
            self.stack.pop();
            self.search = None;
            self.show(self.mode);
        }
    }

    pub(super) fn show(&mut self, mode: Mode) {
        self.mode = mode;
        if let Some(document) = self.stack.last_mut() {
            document.show(mode);
        }
        self.find();
    }

    /// The member that Enter opens on the chosen line.
    pub(crate) fn link(&self) -> Option<Digest> {
        let document = self.stack.last()?;
        document.lines.get(document.cursor)?.link.clone()
    }

    /// Moves the chosen line; `height` lines are visible.
    pub(super) fn move_by(&mut self, by: isize, height: usize) {
        let cursor = self.stack.last().map_or(0, |d| d.cursor);
        self.move_to(cursor.saturating_add_signed(by), height);
    }

    /// Chooses a line; `height` lines are visible.
    pub(super) fn move_to(&mut self, line: usize, height: usize) {
        let Some(document) = self.stack.last_mut() else { return };
        document.cursor = line.min(document.lines.len().saturating_sub(1));
        let lowest_top = (document.cursor + 1).saturating_sub(height.max(1));
        document.top = document.top.clamp(lowest_top, document.cursor);
    }

    pub(super) fn scroll_right(&mut self, by: usize) {
        let Some(document) = self.stack.last_mut() else { return };
        let longest = document.lines.iter().map(|l| l.text().chars().count()).max().unwrap_or(0);
        document.left = (document.left + by).min(longest.saturating_sub(1));
    }

    /// Scrolls left; says whether there was anything to scroll.
    pub(super) fn scroll_left(&mut self, by: usize) -> bool {
        let Some(document) = self.stack.last_mut() else { return false };
        let moved = document.left > 0;
        document.left = document.left.saturating_sub(by);
        moved
    }

    pub(super) fn open_search(&mut self) {
        let input = self.search.take().map_or_else(Input::default, |s| s.input);
        self.search = Some(Search { input, typing: true, hits: Vec::new(), current: 0 });
        self.find();
    }

    pub(super) fn type_search(&mut self, key: Key, height: usize) {
        let Some(search) = self.search.as_mut() else { return };
        match key {
            Key::Esc => self.search = None,
            Key::Enter => {
                search.typing = false;
                if search.input.value().is_empty() {
                    self.search = None;
                }
            }
            Key::Down => self.next_match(1, height),
            Key::Up => self.next_match(-1, height),
            _ => {
                if type_key(&mut search.input, key) == Typed::Changed {
                    self.find();
                    self.next_match(0, height);
                }
            }
        }
    }

    /// Looks for what was typed; the first match is the one at or below the chosen line.
    pub(super) fn find(&mut self) {
        let (Some(search), Some(document)) = (self.search.as_mut(), self.stack.last()) else { return };
        let wanted = search.input.value().to_lowercase();
        let lines = document.lines.iter().enumerate();
        search.hits = if wanted.is_empty() {
            Vec::new()
        } else {
            lines.filter(|(_, l)| l.text().to_lowercase().contains(&wanted)).map(|(i, _)| i).collect()
        };
        search.current = search.hits.iter().position(|i| *i >= document.cursor).unwrap_or(0);
    }

    /// Goes to the match `by` further, round and round.
    pub(super) fn next_match(&mut self, by: isize, height: usize) {
        let Some(search) = self.search.as_mut() else { return };
        let count = search.hits.len();
        search.current = search.current.saturating_add(count).saturating_add_signed(by) % count.max(1);
        if let Some(line) = search.hits.get(search.current).copied() {
            self.move_to(line, height);
        }
    }
}
