//! The palette: every command that applies now, and every place that is loaded, by name.

use crate::app::command::{Command, Group, ITEMS};
use crate::app::modal::{Modal, Pick, PickItem, Picker, PickerPurpose};
use crate::app::state::App;
use crate::domain::text::visible;
use crate::domain::{Locator, Place};

/// How many places are offered; more than anyone scrolls through, few enough to narrow while typing.
const PLACES: usize = 50_000;

impl App {
    pub(super) fn open_palette(&mut self) {
        let at = self.selected();
        let (kind, can) = self.context(at.as_ref());
        let commands = ITEMS
            .iter()
            .filter(|i| i.group != Group::Move && i.command != Command::Palette && i.applies(kind, can))
            .filter(|i| self.is_allowed(i) && self.has_use(i, at.as_ref()));
        let mut choices: Vec<PickItem> = commands
            .map(|i| PickItem {
                label: i.label.to_owned(),
                note: i.key().map_or_else(String::new, |k| k.to_string()),
                pick: Pick::Command(i.command),
            })
            .collect();
        if let Some(at) = &at {
            choices.extend(self.extra_choices(at));
        }
        choices.extend(self.tree.places().take(PLACES).map(|at| self.place_choice(at)));
        let about =
            "A command, a place in the tree, or a reference such as ghcr.io/owner/image:tag".to_owned();
        let title = "Go to, or do";
        self.modals.push(Modal::Picker(Picker::new(PickerPurpose::Palette, title, Some(about), choices)));
    }

    fn place_choice(&self, at: Locator) -> PickItem {
        let name = self.connection(&at.connection).map_or("", |c| c.connected.connection.name.as_str());
        let note = if at.steps.is_empty() { String::new() } else { visible(name).into_owned() };
        PickItem { label: self.title_of(&at), note, pick: Pick::Go(at) }
    }
}

impl Picker {
    /// Narrows, and puts what was typed last when it names a place on a host.
    pub(super) fn offer_typed_place(&mut self) {
        self.choices.retain(|c| !matches!(c.pick, Pick::Visit(_)));
        self.narrow();
        let typed = self.input.value().trim();
        if !typed.contains(['/', '.', ':']) {
            return;
        }
        if let Ok(place) = typed.parse::<Place>() {
            let label = format!("Go to {typed}");
            self.hits.push((self.choices.len(), Vec::new()));
            self.choices.push(PickItem { label, note: place.host.clone(), pick: Pick::Visit(place) });
        }
    }
}
