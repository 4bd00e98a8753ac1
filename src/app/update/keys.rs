//! A key finds the one place that has it: the topmost popup, the first screen, the filter, the jobs pane, the table.
//!
//! Invariant: a key becomes a [`Command`] in one place, through the table.

use crate::app::command::{self, Command};
use crate::app::key::{Key, Pane};
use crate::app::modal::Modal;
use crate::app::state::App;

impl App {
    pub(super) fn on_key(&mut self, key: Key) {
        if self.age_notice(key) {
            return;
        }
        self.dispatch_key(key);
        self.yield_bottom_line();
    }

    fn dispatch_key(&mut self, key: Key) {
        match key {
            Key::Ctrl('c') => self.perform(Command::Quit, None),
            Key::Ctrl('z') => self.perform(Command::Suspend, None),
            _ if !self.modals.is_empty() => self.key_in_popup(key),
            _ if self.filter.as_ref().is_some_and(|bar| bar.typing) => self.key_in_filter(key),
            _ if self.welcome.is_some() && self.key_in_welcome(key) => {}
            _ if self.pane == Pane::Jobs && self.key_in_jobs(key) => {}
            _ => self.key_of_table(key),
        }
    }

    /// The topmost popup gets the key.
    fn key_in_popup(&mut self, key: Key) {
        match self.modals.last() {
            Some(Modal::Menu(_)) => self.key_in_menu(key),
            Some(Modal::Picker(_)) => self.key_in_picker(key),
            Some(Modal::Form(_)) => self.key_in_form(key),
            Some(Modal::Prompt(_)) => self.key_in_prompt(key),
            Some(Modal::Confirm(_)) => self.key_in_confirm(key),
            Some(Modal::Inspect(_)) => self.key_in_viewer(key),
            Some(Modal::Text(_)) => self.key_in_text(key),
            Some(Modal::Help(_) | Modal::Log(_)) => self.key_in_scroll(key),
            None => {}
        }
    }

    fn key_of_table(&mut self, key: Key) {
        let at = self.selected();
        let (kind, can) = self.context(at.as_ref());
        let Some(command) = command::of_key(key, kind, can) else { return };
        self.perform(command, at.as_ref());
    }
}
