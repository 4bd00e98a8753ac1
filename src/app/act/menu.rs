//! The context menu of a node: entries of the table with their own keys, narrowed by typing.
//!
//! Invariant: what the menu shows is what the table says applies to its node right now, and does something there.

use std::borrow::Cow;

use tui_input::Input;

use crate::app::command::{self, Command, Item};
use crate::app::fuzzy;
use crate::app::key::Key;
use crate::app::modal::{Entry, Menu, Modal};
use crate::app::state::App;
use crate::app::typing::{Typed, type_key};
use crate::domain::Locator;
use crate::domain::human::{count, thousands};

/// The commands that nodes of every kind have: they come last.
const COMMON: &[Command] =
    &[Command::EditConnection, Command::Disconnect, Command::Refresh, Command::LoadAll];

impl App {
    pub(super) fn open_menu(&mut self, at: &Locator) {
        let marked = self.tree.marked_count();
        let about = if marked > 0 { format!(" · {} marked", thousands(marked)) } else { String::new() };
        let title = format!("{}{about}", self.title_of(at));
        let entries = self.menu_of(at);
        self.modals.push(Modal::Menu(Menu { at: at.clone(), title, entries, cursor: 0, narrow: None }));
    }

    /// The entries of the table, and what only the vendor offers before those that every node has.
    fn menu_of(&self, at: &Locator) -> Vec<Entry> {
        let items = command::menu(at.kind(), self.can(at));
        let mut entries: Vec<Entry> = items
            .filter(|item| self.is_allowed(item) && self.has_use(item, Some(at)))
            .map(Entry::Item)
            .collect();
        let is_common = |entry: &Entry| matches!(entry, Entry::Item(item) if COMMON.contains(&item.command));
        let common = entries.iter().position(is_common).unwrap_or(entries.len());
        entries.splice(common..common, self.offered(at).into_iter().map(Entry::Extra));
        entries
    }

    /// What an entry of the menu is called.
    pub(crate) fn label_of_entry(&self, entry: &Entry) -> Cow<'static, str> {
        match entry {
            Entry::Item(item) => self.label_of(item),
            Entry::Extra(offered) => self.label_of_extra(offered),
        }
    }

    /// Whether an entry that applies has anything to do: every page may be here already, and an image be from nowhere.
    pub(in crate::app) fn has_use(&self, item: &Item, at: Option<&Locator>) -> bool {
        let Some(at) = at else { return true };
        match item.command {
            Command::LoadAll => self.tree.children_count(at).is_none_or(|(_, more)| more),
            Command::CopyPullCommand | Command::PullAgain => !self.is_here(at) || is_from_a_registry(at),
            Command::CopyReference => at.reference(&self.host_of(at)).is_some(),
            _ => true,
        }
    }

    /// What an entry is called: with how many marked ones it acts on, and where a pull goes.
    pub(crate) fn label_of(&self, item: &Item) -> Cow<'static, str> {
        let label = self.label_for_marked(item);
        match item.command {
            Command::PullImage | Command::PullRepository => {
                let (text, tail) = label.strip_suffix('…').map_or((&*label, ""), |text| (text, "…"));
                Cow::Owned(format!("{text} → {}{tail}", self.name_of_place(&self.usual_place())))
            }
            _ => label,
        }
    }

    /// The word of an entry on the bottom line, with where a pull goes.
    pub(crate) fn hint_of(&self, item: &Item) -> Cow<'static, str> {
        match item.command {
            Command::PullImage | Command::PullRepository => {
                Cow::Owned(format!("{} → {}", item.hint, self.name_of_place(&self.usual_place())))
            }
            _ => Cow::Borrowed(item.hint),
        }
    }

    fn label_for_marked(&self, item: &Item) -> Cow<'static, str> {
        let (verb, one, many, tail) = match item.command {
            Command::PullImage => ("Pull", "marked image", "marked images", ""),
            Command::PullTo => ("Pull", "marked image", "marked images", " to…"),
            Command::SaveTo => ("Save", "marked image", "marked images", " to file…"),
            Command::Push => ("Push", "marked image", "marked images", "…"),
            Command::CopyTo => ("Copy", "marked image", "marked images", " to…"),
            Command::CopyReference => ("Copy", "marked name", "marked names", ""),
            Command::Untag => ("Untag", "marked tag", "marked tags", "…"),
            Command::Delete => ("Delete", "marked image", "marked images", "…"),
            _ => return Cow::Borrowed(item.label),
        };
        match self.marked_for(item).len() as u64 {
            0 => Cow::Borrowed(item.label),
            n => Cow::Owned(format!("{verb} {}{tail}", count(n, one, many))),
        }
    }

    pub(in crate::app) fn key_in_menu(&mut self, key: Key) {
        let Some(Modal::Menu(menu)) = self.modals.last_mut() else { return };
        match key {
            Key::Esc if menu.narrow.is_some() => {
                menu.narrow = None;
                self.narrow_menu();
            }
            Key::Esc => self.close_top(),
            Key::Up | Key::BackTab => menu.step_back(),
            Key::Down | Key::Tab => menu.step_on(),
            Key::Enter => {
                if let Some(entry) = menu.entries.get(menu.cursor).cloned() {
                    self.run_entry(entry);
                }
            }
            _ if menu.narrow.is_some() => self.narrow_by(key),
            _ => self.own_key(key),
        }
    }

    /// A key while nothing narrows the menu: an entry's own, a motion, or the first letter to narrow by.
    fn own_key(&mut self, key: Key) {
        let Some(Modal::Menu(menu)) = self.modals.last_mut() else { return };
        let has_key = |entry: &&Entry| matches!(entry, Entry::Item(item) if item.keys.contains(&key));
        if let Some(entry) = menu.entries.iter().find(has_key).cloned() {
            return self.run_entry(entry);
        }
        match key {
            Key::Char('k') => menu.step_back(),
            Key::Char('j') => menu.step_on(),
            Key::Char('m' | 'q') | Key::Left => self.close_top(),
            Key::Char('/') => menu.narrow = Some(Input::default()),
            Key::Char(c) if c != ' ' => {
                menu.narrow = Some(Input::default());
                self.narrow_by(key);
            }
            _ => {}
        }
    }

    fn narrow_by(&mut self, key: Key) {
        let Some(Modal::Menu(menu)) = self.modals.last_mut() else { return };
        if let Some(input) = &mut menu.narrow
            && type_key(input, key) == Typed::Changed
        {
            self.narrow_menu();
        }
    }

    /// Shows the entries that match what was typed.
    pub(in crate::app) fn narrow_menu(&mut self) {
        let Some(Modal::Menu(menu)) = self.modals.last() else { return };
        let all = self.menu_of(&menu.at);
        let labels: Vec<_> = all.iter().map(|entry| self.label_of_entry(entry)).collect();
        let labels: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
        let typed = menu.narrow.as_ref().map_or("", Input::value);
        let entries =
            fuzzy::narrow(typed, &labels).into_iter().filter_map(|(i, _)| all.get(i).cloned()).collect();
        if let Some(Modal::Menu(menu)) = self.modals.last_mut() {
            menu.entries = entries;
            menu.cursor = 0;
        }
    }

    fn run_entry(&mut self, entry: Entry) {
        let Some(Modal::Menu(menu)) = self.modals.pop() else { return };
        match entry {
            Entry::Item(item) => self.perform(item.command, Some(&menu.at)),
            Entry::Extra(offered) => self.begin_extra(offered, &menu.at, Vec::new()),
        }
    }
}

/// Whether the name of an image on this machine says a registry to pull it from. `localhost` alone stands for none.
pub(super) fn is_from_a_registry(at: &Locator) -> bool {
    at.reference("").is_some_and(|reference| reference.host != "localhost")
}

impl Menu {
    fn step_on(&mut self) {
        self.cursor = if self.cursor + 1 < self.entries.len() { self.cursor + 1 } else { 0 };
    }

    fn step_back(&mut self) {
        self.cursor = self.cursor.checked_sub(1).unwrap_or(self.entries.len().saturating_sub(1));
    }
}
