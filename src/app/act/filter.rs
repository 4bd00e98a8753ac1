//! The filter of the tree: live while it is typed, kept by Enter, dropped by Esc.

use crate::app::key::{Key, Pane};
use crate::app::state::{App, FilterBar};
use crate::app::typing::{Typed, type_key};

impl App {
    /// Opens the filter, or goes on typing into it.
    pub(super) fn open_filter(&mut self) {
        self.pane = Pane::Tree;
        self.filter.get_or_insert_with(FilterBar::default).typing = true;
    }

    pub(in crate::app) fn key_in_filter(&mut self, key: Key) {
        match key {
            Key::Esc => self.drop_filter(),
            Key::Enter => self.keep_filter(),
            Key::Up => self.tree.move_by(-1),
            Key::Down => self.tree.move_by(1),
            Key::PageUp => self.tree.page(-1),
            Key::PageDown => self.tree.page(1),
            _ => {
                let typed = self.filter.as_mut().map(|bar| type_key(&mut bar.input, key));
                if typed == Some(Typed::Changed) {
                    self.apply_filter();
                }
            }
        }
    }

    /// Narrows the tree to what was typed.
    pub(in crate::app) fn apply_filter(&mut self) {
        let text = self.filter.as_ref().map_or("", |bar| bar.input.value());
        self.tree.set_filter(text);
    }

    fn keep_filter(&mut self) {
        match &mut self.filter {
            Some(bar) if !bar.input.value().is_empty() => bar.typing = false,
            _ => self.drop_filter(),
        }
    }

    /// Shows every row again.
    pub(super) fn drop_filter(&mut self) {
        self.filter = None;
        self.tree.set_filter("");
    }
}
