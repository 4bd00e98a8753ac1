//! What changes the tree from outside: opening and closing, pages, refreshes, the way it is shown.
//!
//! Invariant: every change ends with the tree settled, and whoever is handed a [`Want`] is the only one to have it.

use super::branch::{Branch, HEADING};
use super::filter::Filter;
use super::rows::What;
use super::shown::Status;
use super::{Labelled, Selection, Tree, Want};
use crate::app::effect::{Preferences, Sort};
use crate::domain::{Cursor, Entry, Failure, Locator, NodeKind, Page};

impl Tree {
    /// Sets the connections, each with its label, in this order: those to registries, then, below a heading, the places
    /// on this machine. Those that stay keep what is loaded of them.
    pub fn set_connections(&mut self, registries: &[Labelled], places: &[Labelled]) {
        let entry = |(id, label): &Labelled| Entry {
            label: Some(label.clone()),
            ..Entry::named(NodeKind::Connection, &*id.0)
        };
        let heading = (!places.is_empty()).then(|| Entry::named(NodeKind::Connection, HEADING));
        self.root
            .replace(registries.iter().map(entry).chain(heading).chain(places.iter().map(entry)).collect());
        self.marks.retain(|at| registries.iter().chain(places).any(|(id, _)| *id == at.connection));
        self.settle();
    }

    /// Opens what is in a row: a branch or a folder. A page to ask for, when none has come so far.
    pub fn open(&mut self, index: usize) -> Option<Want> {
        match self.selection_at(index) {
            Selection::Node(at) => self.open_at(&at),
            Selection::Folder { under, path } => {
                let branch = self.branch_mut(&under)?;
                branch.shown.open_folders.insert(path);
                branch.shown.reopened();
                self.settle();
                None
            }
            _ => None,
        }
    }

    /// Opens a branch. A page to ask for, when none has come so far.
    pub fn open_at(&mut self, at: &Locator) -> Option<Want> {
        let branch = self.set_open(at)?;
        branch.listing.resume();
        let cursor = if branch.listing.is_at_first() { branch.listing.ask() } else { None };
        self.settle();
        want(at, cursor)
    }

    /// Closes what is in a row: an open branch or folder; for a row about a listing, its branch.
    pub fn close(&mut self, index: usize) {
        match self.selection_at(index) {
            Selection::Folder { under, path } => {
                if let Some(branch) = self.branch_mut(&under) {
                    branch.shown.open_folders.remove(&path);
                    branch.shown.reopened();
                }
            }
            Selection::Nothing | Selection::Heading => {}
            Selection::Node(at)
            | Selection::Failed(at)
            | Selection::More(at)
            | Selection::Loading(at)
            | Selection::Empty(at)
            | Selection::Aside(at) => {
                if let Some((parent, id)) = self.entry_mut(&at)
                    && let Some(branch) = parent.children.get_mut(&id)
                {
                    branch.open = false;
                    parent.shown.reopened();
                }
            }
        }
        self.settle();
    }

    /// Lists a branch anew. Its rows stay, stale, until the first page is here. Nothing for what was never listed, and
    /// while that page is under way already.
    pub fn refresh(&mut self, at: &Locator) -> Option<Want> {
        let branch = self.branch_mut(at)?;
        let cursor = branch.listing.restart(branch.natural.len());
        self.settle();
        want(at, cursor)
    }

    /// Tries a failed listing again from where it failed; a listing with failed entries is refreshed.
    pub fn retry(&mut self, at: &Locator) -> Option<Want> {
        let branch = self.branch_mut(at)?;
        if branch.listing.failure().is_none() && branch.entries.any_failure() {
            return self.refresh(at);
        }
        branch.listing.resume();
        let cursor = branch.listing.ask();
        self.settle();
        want(at, cursor)
    }

    /// From now on [`wants`](Self::wants) asks for every page of a branch.
    pub fn load_all(&mut self, at: &Locator) {
        if let Some((parent, id)) = self.entry_mut(at)
            && let Some(branch) = parent.sprout(id)
        {
            branch.listing.want_everything();
            self.settle();
        }
    }

    /// The pages to ask for now: of branches that have to be loaded in full, and of those whose loaded part ends near
    /// the window. Each is told once.
    pub fn wants(&mut self) -> Vec<Want> {
        let mut wanted = self.ends_nearby();
        self.root.each(&mut |branch| {
            if wants_regardless(branch, self) {
                wanted.extend(branch.at.clone());
            }
        });
        let mut wants = Vec::new();
        for at in wanted {
            if let Some(cursor) = self.branch_mut(&at).and_then(|b| b.listing.ask_on()) {
                wants.push(Want { at, cursor });
            }
        }
        if !wants.is_empty() {
            self.settle();
        }
        wants
    }

    /// The branches with more pages whose last row is near the window.
    fn ends_nearby(&self) -> Vec<Locator> {
        self.near_rows()
            .filter_map(|row| self.locate(row))
            .filter(|spot| spot.what == What::Status(Status::More))
            .filter_map(|spot| spot.branch.at.clone())
            .collect()
    }

    /// Takes a page of a branch's listing.
    pub fn take_page(&mut self, at: &Locator, page: Page) {
        let Some(branch) = self.branch_mut(at) else { return };
        branch.take_page(page);
        if !self.marks.is_empty() {
            self.drop_lost_marks(at);
        }
        self.settle();
    }

    /// Takes away the marks of nodes that a complete listing no longer has.
    fn drop_lost_marks(&mut self, at: &Locator) {
        let Some(branch) = self.branch(at).filter(|b| !b.listing.has_more()) else { return };
        let is_there = |node: &Locator| {
            let step = node.steps.get(at.steps.len());
            step.is_none_or(|s| !node.is_within(at) || branch.find(s.kind, &s.name).is_some())
        };
        let mut marks = self.marks.clone();
        marks.retain(is_there);
        self.marks = marks;
    }

    /// Notes that the listing of a branch failed.
    pub fn fail(&mut self, at: &Locator, failure: Failure) {
        if let Some(branch) = self.branch_mut(at) {
            branch.listing.fail(failure);
            self.settle();
        }
    }

    /// Notes that the listing of a branch was cancelled. Its rows stay; it goes on when the branch is opened, refreshed,
    /// retried or loaded in full.
    pub fn cancel(&mut self, at: &Locator) {
        if let Some(branch) = self.branch_mut(at) {
            branch.listing.cancel();
            self.settle();
        }
    }

    /// Adds a child to a branch, such as a bookmark, unless it is there.
    pub fn add_child(&mut self, at: &Locator, kind: NodeKind, name: &str) {
        if let Some((parent, id)) = self.entry_mut(at)
            && let Some(branch) = parent.sprout(id)
        {
            branch.insert(vec![Entry::named(kind, name)]);
            self.settle();
        }
    }

    /// Takes a node away, after it was untied or deleted. If the cursor was on it, the next row has it.
    pub fn remove(&mut self, at: &Locator) {
        self.marks.retain(|node| !node.is_within(at));
        let has_cursor = matches!(self.selection(), Selection::Node(node) if node.is_within(at));
        let row = self.row_of(at);
        let Some((branch, id)) = self.entry_mut(at) else { return };
        branch.remove(id);
        self.settle();
        if let Some(row) = row.filter(|_| has_cursor) {
            self.move_to(row);
        }
    }

    /// Sets the filter; a blank text takes it away. A new filter puts the cursor on its first hit.
    pub fn set_filter(&mut self, text: &str) {
        let filter = Filter::new(text);
        self.how.narrowed = match (&filter, &self.how.filter) {
            (Some(new), Some(old)) => new.narrows(old),
            _ => false,
        };
        self.how.filter = filter;
        self.how.filtered += 1;
        self.settle();
        if let Some(row) = self.first_hit() {
            self.move_to(row);
        } else if self.how.filter.is_none() {
            self.anchor_anew();
        }
    }

    /// Sets the order.
    pub fn set_sort(&mut self, sort: Sort) {
        self.set_preferences(Preferences { sort, ..self.how.preferences });
    }

    /// Shows repositories as folders, or flat.
    pub fn set_folders(&mut self, folders: bool) {
        self.set_preferences(Preferences { folders, ..self.how.preferences });
    }

    /// Shows what is hidden otherwise, or hides it: referrer tags, digests among the tags, what providers set aside.
    pub fn set_hidden(&mut self, hidden_tags: bool) {
        self.set_preferences(Preferences { hidden_tags, ..self.how.preferences });
    }

    /// Sets the way things are shown: order, folders, hidden rows.
    pub fn set_preferences(&mut self, preferences: Preferences) {
        if preferences != self.how.preferences {
            self.how.preferences = preferences;
            self.how.order += 1;
            self.settle();
        }
    }
}

/// Whether a branch wants its next page wherever the window is: everything was asked for, nothing was listed so far, a
/// refresh has to bring back what was there, or filter and order have to see all.
fn wants_regardless(branch: &Branch, tree: &Tree) -> bool {
    let listing = &branch.listing;
    let sees_all = tree.how.filter.is_some() || branch.sort_under(&tree.how) != Sort::Name;
    listing.wants_everything() || listing.is_short() || branch.open && (listing.is_at_first() || sees_all)
}

fn want(at: &Locator, cursor: Option<Option<Cursor>>) -> Option<Want> {
    cursor.map(|cursor| Want { at: at.clone(), cursor })
}
