//! Scrolling of what has no cursor: help, log, confirmations, the details pane.
//!
//! Invariant: nothing scrolls beyond its last line; how many there are, the layout tells.

use crate::app::key::Key;
use crate::app::modal::Modal;
use crate::app::state::App;

impl App {
    /// A key in the help or the log.
    pub(in crate::app) fn key_in_scroll(&mut self, key: Key) {
        match key {
            Key::Esc | Key::Enter | Key::Char('q' | '?' | '!') => self.close_top(),
            _ => self.scroll_by_key(key),
        }
    }

    /// Scrolls the topmost popup, if `key` is one that scrolls.
    pub(super) fn scroll_by_key(&mut self, key: Key) {
        let page = isize::try_from(self.viewport.popup.max(2) - 1).unwrap_or(1);
        match key {
            Key::Up | Key::Char('k') => self.scroll_popup(-1),
            Key::Down | Key::Char('j') => self.scroll_popup(1),
            Key::PageUp | Key::Ctrl('b' | 'u') => self.scroll_popup(-page),
            Key::PageDown | Key::Ctrl('f' | 'd') | Key::Char(' ') => self.scroll_popup(page),
            Key::Home | Key::Char('g') => self.scroll_popup(isize::MIN),
            Key::End | Key::Char('G') => self.scroll_popup(isize::MAX),
            _ => {}
        }
    }

    /// Scrolls the topmost popup by lines.
    pub(in crate::app) fn scroll_popup(&mut self, by: isize) {
        let last = usize::from(self.viewport.popup_lines.saturating_sub(self.viewport.popup));
        if let Some(top) = self.modals.last_mut().and_then(top_of) {
            *top = top.saturating_add_signed(by).min(last);
        }
    }

    /// Scrolls the details by lines.
    pub(in crate::app) fn scroll_details(&mut self, by: isize) {
        let last = usize::from(self.viewport.details_lines.saturating_sub(self.viewport.details));
        self.details.top = self.details.top.saturating_add_signed(by).min(last);
    }

    /// After the room has changed, nothing is scrolled beyond its end.
    pub(in crate::app) fn clamp_scrolls(&mut self) {
        self.scroll_details(0);
        self.scroll_popup(0);
        let height = usize::from(self.viewport.popup);
        if let Some(Modal::Inspect(viewer)) = self.modals.last_mut() {
            viewer.move_by(0, height);
        }
    }

    /// Where the log opens: at its end.
    pub(super) fn last_log_top(&self) -> usize {
        self.notices.len()
    }
}

fn top_of(modal: &mut Modal) -> Option<&mut usize> {
    match modal {
        Modal::Help(scroll) | Modal::Log(scroll) => Some(&mut scroll.top),
        Modal::Confirm(confirm) => Some(&mut confirm.top),
        Modal::Text(text) => Some(&mut text.top),
        _ => None,
    }
}
