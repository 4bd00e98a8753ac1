//! How things are shown: sorting, folders, hidden rows, panes. Preferences are kept for the next start.

use crate::app::effect::{Effect, Sort};
use crate::app::key::Pane;
use crate::app::notice::Level;
use crate::app::state::App;
use crate::domain::human::thousands;

impl App {
    /// The next order: name, version, newest, size.
    pub(super) fn next_sort(&mut self) {
        let (sort, name) = match self.preferences.sort {
            Sort::Name => (Sort::Version, "version"),
            Sort::Version => (Sort::Newest, "time, newest first"),
            Sort::Newest => (Sort::Size, "size, largest first"),
            Sort::Size => (Sort::Name, "name"),
        };
        self.preferences.sort = sort;
        self.tree.set_sort(sort);
        self.keep_preferences();
        let known = match self.tree.facts_known() {
            (known, tags) if self.tree.is_ordered_by_facts() && known < tags => {
                format!("; {} of {} known", thousands(known as u64), thousands(tags as u64))
            }
            _ => String::new(),
        };
        self.tell(Level::Info, &format!("Tags are sorted by {name}{known}."));
    }

    pub(super) fn toggle_folders(&mut self) {
        self.preferences.folders = !self.preferences.folders;
        self.tree.set_folders(self.preferences.folders);
        self.keep_preferences();
        let how = if self.preferences.folders { "as folders" } else { "flat" };
        self.tell(Level::Info, &format!("Repositories are shown {how}."));
    }

    pub(super) fn toggle_hidden(&mut self) {
        self.preferences.hidden_tags = !self.preferences.hidden_tags;
        self.tree.set_hidden(self.preferences.hidden_tags);
        self.keep_preferences();
        let how = if self.preferences.hidden_tags { "shown" } else { "hidden" };
        let text = format!("Referrer tags, digests among the tags and places without content are {how}.");
        self.tell(Level::Info, &text);
    }

    fn keep_preferences(&mut self) {
        self.out.push(Effect::SavePreferences(self.preferences));
    }

    /// Tree, details, and jobs where there are any.
    pub(super) fn next_pane(&mut self) {
        self.pane = match self.pane {
            Pane::Tree => Pane::Details,
            Pane::Details if !self.jobs.list.is_empty() => Pane::Jobs,
            Pane::Details | Pane::Jobs => Pane::Tree,
        };
    }
}
