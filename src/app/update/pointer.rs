//! The mouse: a click selects, a second opens, the right button opens the menu, the wheel scrolls.
//!
//! Invariant: nothing can be done with the mouse alone; every gesture ends in what a key does too.

use crate::app::command::Command;
use crate::app::key::{Gesture, Key, Pane, Target};
use crate::app::modal::Modal;
use crate::app::state::App;

/// Lines a notch of the wheel moves.
const NOTCH: isize = 3;

impl App {
    pub(super) fn on_pointer(&mut self, gesture: Gesture, target: Target) {
        if !matches!(gesture, Gesture::WheelUp | Gesture::WheelDown) {
            self.notice = None;
        }
        match gesture {
            Gesture::WheelUp => self.wheel(target, -NOTCH),
            Gesture::WheelDown => self.wheel(target, NOTCH),
            _ if !self.modals.is_empty() => self.press_in_popup(gesture, target),
            _ if self.welcome.is_some() => self.press_in_welcome(gesture, target),
            _ => self.press(gesture, target),
        }
    }

    fn press(&mut self, gesture: Gesture, target: Target) {
        match target {
            Target::Row(row) => self.press_row(gesture, row),
            Target::Pane(pane) => self.pane = pane,
            Target::Hint(position) if gesture == Gesture::Click => self.press_hint(position),
            Target::Entry(position) if gesture == Gesture::Click => self.choose_job(position),
            Target::Hint(_) | Target::Entry(_) | Target::Popup | Target::Nothing => {}
        }
    }

    fn press_row(&mut self, gesture: Gesture, row: usize) {
        self.pane = Pane::Tree;
        self.goal = None;
        self.tree.move_to(row);
        match gesture {
            Gesture::DoubleClick => self.perform(Command::Enter, self.selected().as_ref()),
            Gesture::RightClick => self.perform(Command::Menu, self.selected().as_ref()),
            _ => {}
        }
    }

    fn press_hint(&mut self, position: usize) {
        let Some(item) = self.hints().get(position).copied() else { return };
        self.perform(item.command, self.selected().as_ref());
    }

    fn press_in_welcome(&mut self, gesture: Gesture, target: Target) {
        match target {
            Target::Entry(position) if gesture != Gesture::RightClick => self.choose_welcome(position),
            Target::Hint(_) => self.press(gesture, target),
            _ => {}
        }
    }

    fn press_in_popup(&mut self, gesture: Gesture, target: Target) {
        match (target, self.modals.last_mut()) {
            (Target::Entry(position), Some(_)) if gesture != Gesture::RightClick => {
                self.press_entry(gesture, position);
            }
            (Target::Entry(_) | Target::Popup, _) => {}
            // Beside a popup that holds nothing typed: it closes, as everywhere.
            (_, Some(Modal::Menu(_) | Modal::Text(_) | Modal::Help(_) | Modal::Log(_))) => self.close_top(),
            _ => {}
        }
    }

    fn press_entry(&mut self, gesture: Gesture, position: usize) {
        let height = usize::from(self.viewport.popup);
        match self.modals.last_mut() {
            Some(Modal::Menu(menu)) if position < menu.entries.len() => {
                menu.cursor = position;
                self.key_in_menu(Key::Enter);
            }
            Some(Modal::Picker(picker)) if position < picker.hits.len() => {
                picker.cursor = position;
                self.key_in_picker(Key::Enter);
            }
            Some(Modal::Picker(picker)) => picker.beside.press(position - picker.hits.len()),
            Some(Modal::Form(form)) => {
                if let Some(row) = form.rows().get(position).copied() {
                    self.press_form_row(row);
                }
            }
            Some(Modal::Prompt(prompt)) if !prompt.busy => prompt.beside.press(position),
            Some(Modal::Confirm(_)) => self.press_answer(position),
            Some(Modal::Inspect(viewer)) => {
                viewer.move_to(position, height);
                if gesture == Gesture::DoubleClick {
                    self.key_in_viewer(Key::Enter);
                }
            }
            _ => {}
        }
    }

    fn wheel(&mut self, target: Target, by: isize) {
        let height = usize::from(self.viewport.popup);
        match self.modals.last_mut() {
            Some(Modal::Menu(menu)) => menu.cursor = step(menu.cursor, by.signum(), menu.entries.len()),
            Some(Modal::Picker(picker)) => {
                picker.cursor = step(picker.cursor, by.signum(), picker.hits.len());
            }
            Some(Modal::Inspect(viewer)) => viewer.move_by(by, height),
            Some(_) => self.scroll_popup(by),
            None => match target {
                Target::Pane(Pane::Details) => self.scroll_details(by),
                Target::Pane(Pane::Jobs) => {
                    self.jobs.cursor = step(self.jobs.cursor, by.signum(), self.jobs.list.len())
                }
                _ => self.tree.scroll(by),
            },
        }
    }

    fn choose_job(&mut self, position: usize) {
        if position < self.jobs.list.len() {
            self.jobs.cursor = position;
            self.pane = Pane::Jobs;
        }
    }
}

/// `cursor` moved by `by` within `len` entries.
fn step(cursor: usize, by: isize, len: usize) -> usize {
    cursor.saturating_add_signed(by).min(len.saturating_sub(1))
}
