//! Moving about in the tree: opening, closing, refreshing, marking.
//!
//! Invariant: closing a branch cancels its listing, and those of everything below it.

use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::key::Pane;
use crate::app::notice::Level;
use crate::app::row::Twig;
use crate::app::state::App;
use crate::app::tree::Selection;
use crate::app::waits::Slot;
use crate::domain::Locator;
use crate::domain::human::count;

impl App {
    /// Up, down, pages and ends, in the pane that has the keys.
    pub(super) fn move_in_pane(&mut self, motion: Command) {
        match self.pane {
            Pane::Tree => self.move_in_tree(motion),
            Pane::Details => self.move_in_details(motion),
            Pane::Jobs => self.move_in_jobs(motion),
        }
    }

    fn move_in_tree(&mut self, motion: Command) {
        match motion {
            Command::Up => self.tree.move_by(-1),
            Command::Down => self.tree.move_by(1),
            Command::PageUp => self.tree.page(-1),
            Command::PageDown => self.tree.page(1),
            Command::First => self.tree.first(),
            Command::Last => self.tree.last(),
            _ => {}
        }
    }

    fn move_in_details(&mut self, motion: Command) {
        let page = isize::try_from(self.viewport.details.max(2) - 1).unwrap_or(1);
        match motion {
            Command::Up => self.scroll_details(-1),
            Command::Down => self.scroll_details(1),
            Command::PageUp => self.scroll_details(-page),
            Command::PageDown => self.scroll_details(page),
            Command::First => self.scroll_details(isize::MIN),
            Command::Last => self.scroll_details(isize::MAX),
            _ => {}
        }
    }

    /// Enter: opens or closes a branch, opens a leaf's menu, does what the row says.
    pub(super) fn enter(&mut self) {
        match self.tree.selection() {
            Selection::Node(at) if !at.kind().has_children() => self.open_menu(&at),
            Selection::Node(_) | Selection::Folder { .. } => self.toggle_row(),
            Selection::Failed(at) => self.retry(&at),
            Selection::More(at) => self.load_all(&at),
            Selection::Aside(_) => self.toggle_hidden(),
            Selection::Loading(_) | Selection::Empty(_) | Selection::Heading | Selection::Nothing => {}
        }
    }

    fn toggle_row(&mut self) {
        match self.twig() {
            Some(Twig::Open) => self.close_row(),
            _ => self.open_row(),
        }
    }

    /// Expand: opens a branch; an open one is entered.
    pub(super) fn expand(&mut self) {
        match self.twig() {
            Some(Twig::Closed) => self.open_row(),
            Some(Twig::Open) => self.move_in_tree(Command::Down),
            Some(Twig::Leaf) | None => {}
        }
    }

    /// Collapse: closes an open branch; from anywhere else it goes to the parent.
    pub(super) fn collapse(&mut self) {
        match self.twig() {
            Some(Twig::Open) => self.close_row(),
            _ => self.tree.to_parent(),
        }
    }

    fn twig(&self) -> Option<Twig> {
        self.tree.row(self.tree.cursor()).map(|row| row.twig)
    }

    fn open_row(&mut self) {
        let row = self.tree.cursor();
        if let Some(want) = self.tree.open(row) {
            self.list(want);
        }
    }

    fn close_row(&mut self) {
        if let Selection::Node(at) = self.tree.selection() {
            self.cancel_listing(&at);
        }
        self.tree.close(self.tree.cursor());
    }

    /// Cancels the listing of a branch and of all branches below it; says whether there was one.
    pub(super) fn cancel_listing(&mut self, at: &Locator) -> bool {
        let cancelled = self.waits.branches().filter(|b| b.is_within(at)).cloned().collect::<Vec<_>>();
        for branch in &cancelled {
            self.cancel_where(|s| *s == Slot::Branch(branch.clone()));
            self.tree.cancel(branch);
        }
        !cancelled.is_empty()
    }

    fn retry(&mut self, at: &Locator) {
        if let Some(want) = self.tree.retry(at) {
            self.list(want);
        }
    }

    /// Lists every page that is left.
    pub(super) fn load_all(&mut self, at: &Locator) {
        if !self.tree.is_open(at)
            && let Some(want) = self.tree.open_at(at)
        {
            self.list(want);
        }
        if !self.lists_on(at) {
            self.tell(Level::Info, "Everything is loaded.");
        }
    }

    /// Asks the server again. The old rows stay until the new ones are here.
    pub(in crate::app) fn refresh(&mut self, at: &Locator) {
        self.tree.forget_facts(at);
        if let Some(want) = self.tree.refresh(at) {
            self.list(want);
        }
        if self.details.at.as_ref().is_some_and(|shown| shown.is_within(at)) {
            self.refresh_details();
        }
    }

    /// Asks again because the person wants it; an engine that does not answer is looked for again, too.
    pub(super) fn refresh_asked(&mut self, at: &Locator) {
        if self.is_here(at) {
            self.out.push(Effect::LookForEngines);
        }
        self.refresh(at);
    }

    /// Refreshes every branch that is open, and looks for engines again.
    pub(super) fn refresh_all(&mut self) {
        self.out.push(Effect::LookForEngines);
        let open: Vec<Locator> = self.tree.places().filter(|at| self.tree.is_open(at)).collect();
        for at in &open {
            self.refresh(at);
        }
    }

    pub(super) fn mark(&mut self) {
        self.tree.toggle_mark();
        self.tree.move_by(1);
    }

    /// Marks every image beside the one under the cursor, or in the group under it; a group that nobody has opened is
    /// opened first.
    pub(super) fn mark_all(&mut self, at: &Locator) {
        let group =
            if at.kind().has_children() { at.clone() } else { at.parent().unwrap_or_else(|| at.clone()) };
        let Some((_, more)) = self.tree.children_count(&group) else { return self.open_row() };
        let marked = self.tree.toggle_all_marks(&group);
        let rest = if more { "; there are more, and L lists them" } else { "" };
        self.tell(Level::Note, &format!("{}{rest}.", count(marked, "image is marked", "images are marked")));
    }

    /// Esc in the tree: the nearest thing that can be given up.
    pub(super) fn close(&mut self) {
        if self.pane != Pane::Tree {
            self.pane = Pane::Tree;
        } else if self.give_up() {
            self.tell(Level::Note, "Cancelled.");
        } else if self.filter.is_some() {
            self.drop_filter();
        } else {
            self.tree.clear_marks();
        }
    }

    /// Gives up what is on its way to the screen: a connection without a form, a goal, the listing of the selected
    /// branch. Says whether there was anything.
    pub(super) fn give_up(&mut self) -> bool {
        let joining = self.cancel_where(|s| matches!(s, Slot::Join(_) | Slot::TakeOver(_) | Slot::Visit));
        let goal = self.goal.take().is_some();
        let listing = self.selected().is_some_and(|at| self.cancel_listing(&at));
        if joining {
            self.welcome_if_alone();
        }
        joining || goal || listing
    }
}
