//! A choice from a list, narrowed by typing.
//!
//! Invariant: the cursor is on a hit, or there is none.

use tui_input::Input;

use crate::app::choice::Choices;
use crate::app::effect::Request;
use crate::app::fuzzy;
use crate::app::key::Key;
use crate::app::modal::{Modal, Pick, PickItem, Picker, PickerPurpose};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::typing::{Typed, type_key};
use crate::app::waits::Slot;

impl Picker {
    /// A list with nothing typed.
    pub(super) fn new(
        purpose: PickerPurpose,
        title: &str,
        about: Option<String>,
        choices: Vec<PickItem>,
    ) -> Self {
        let hits = (0..choices.len()).map(|i| (i, Vec::new())).collect();
        Self {
            purpose,
            title: title.to_owned(),
            about,
            input: Input::default(),
            choices,
            hits,
            cursor: 0,
            beside: Choices::default(),
        }
    }

    /// Looks again for what matches the typed text.
    pub(super) fn narrow(&mut self) {
        let labels: Vec<&str> = self.choices.iter().map(|c| c.label.as_str()).collect();
        self.hits = fuzzy::narrow(self.input.value(), &labels);
        self.cursor = self.cursor.min(self.hits.len().saturating_sub(1));
    }

    fn chosen(&self) -> Option<&PickItem> {
        self.hits.get(self.cursor).and_then(|(i, _)| self.choices.get(*i))
    }

    fn move_by(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.hits.len().saturating_sub(1));
    }
}

impl App {
    pub(in crate::app) fn key_in_picker(&mut self, key: Key) {
        let page = isize::try_from(self.viewport.popup.max(2) - 1).unwrap_or(1);
        let Some(Modal::Picker(picker)) = self.modals.last_mut() else { return };
        match key {
            Key::Esc => self.close_top(),
            Key::Enter => self.choose(),
            _ if picker.beside.take_key(key) => {}
            Key::Up | Key::BackTab | Key::Ctrl('p') => picker.move_by(-1),
            Key::Down | Key::Tab | Key::Ctrl('n') => picker.move_by(1),
            Key::PageUp => picker.move_by(-page),
            Key::PageDown => picker.move_by(page),
            _ => {
                if type_key(&mut picker.input, key) == Typed::Changed {
                    self.narrow_picker();
                }
            }
        }
    }

    /// Narrows the topmost list by what was typed; the palette offers a typed place too.
    pub(in crate::app) fn narrow_picker(&mut self) {
        let Some(Modal::Picker(picker)) = self.modals.last_mut() else { return };
        picker.cursor = 0;
        match picker.purpose {
            PickerPurpose::Palette => picker.offer_typed_place(),
            PickerPurpose::NewValue(_) => picker.offer_new_value(),
            _ => picker.narrow(),
        }
    }

    fn choose(&mut self) {
        let Some(Modal::Picker(picker)) = self.modals.last() else { return };
        let Some(pick) = picker.chosen().map(|item| item.pick.clone()) else { return };
        let (beside, purpose) = (picker.beside.clone(), picker.purpose);
        self.close_top();
        match pick {
            Pick::Provider(provider) => self.connect_with(provider),
            Pick::SignIn(found) => self.take_over(found),
            Pick::Command(command) => {
                let at = self.selected();
                self.perform(command, at.as_ref());
            }
            Pick::Go(at) => self.go_to(at),
            Pick::Visit(place) => {
                self.tell(Level::Note, &format!("Connecting to {}…", place.host));
                self.start(Slot::Visit, Request::Visit(place));
            }
            Pick::Keep(draft) => self.check_draft(draft),
            Pick::PullTo(what, place) => self.pull_to_chosen(what, place, beside.platform()),
            Pick::PullInto(what, kind) => self.ask_path(what, kind, &beside),
            Pick::SendTo(what, to) => self.ask_names(what, to),
            Pick::Extra(offered, at) => self.begin_extra(offered, &at, Vec::new()),
            Pick::MakeRegistry(offered, push) => self.make_registry(offered, push),
            Pick::Value(value) | Pick::NewValue(value) => self.set_value(purpose, &value),
        }
    }
}
