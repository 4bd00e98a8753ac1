//! The cursor and the visible window.
//!
//! Invariant: the cursor belongs to a node, not to a row: when rows come and go it stays with its node, in the same
//! line of the window. While a refresh may still bring a lost node back the cursor keeps its row and waits for it.

use std::ops::Range;

use super::branch::Branch;
use super::rows::{Reached, Spot, What, locate};
use super::shown::Status;
use super::{Selection, Tree};
use crate::domain::{Locator, NodeKind};

/// So many rows stay visible above and below the cursor.
const MARGIN: usize = 2;

/// Where the cursor is, and what is visible.
#[derive(Debug, Clone, Default)]
pub(super) struct Window {
    cursor: usize,
    top: usize,
    height: usize,
    anchor: Option<Anchor>,
}

/// What the cursor belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Anchor {
    Node(Locator),
    Folder(Locator, String),
    /// A row about the listing of a branch, so many rows below the branch.
    Below(Locator, usize),
}

impl Tree {
    /// The row of the cursor; 0 in an empty tree.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.window.cursor
    }

    /// The first visible row. It follows the cursor so that two rows stay visible beyond it.
    #[must_use]
    pub fn top(&self) -> usize {
        self.window.top
    }

    /// Sets how many rows are visible.
    pub fn set_height(&mut self, rows: usize) {
        self.window.height = rows;
        self.show_cursor();
    }

    /// Moves the cursor by so many rows, up to the first or last.
    pub fn move_by(&mut self, by: isize) {
        self.move_to(self.window.cursor.saturating_add_signed(by));
    }

    /// Moves the cursor to a row, or to the last where there are fewer.
    pub fn move_to(&mut self, row: usize) {
        self.window.cursor = row.min(self.len().saturating_sub(1));
        self.window.anchor = self.anchor_at(self.window.cursor);
        self.show_cursor();
    }

    /// Moves the cursor to the first row.
    pub fn first(&mut self) {
        self.move_to(0);
    }

    /// Moves the cursor to the last row.
    pub fn last(&mut self) {
        self.move_to(usize::MAX);
    }

    /// Moves the cursor by so many windows.
    pub fn page(&mut self, by: isize) {
        let rows = self.window.height.saturating_sub(1).max(1);
        self.move_by(by.saturating_mul(rows.cast_signed()));
    }

    /// Moves the window by so many rows, and the cursor along where it would leave it.
    pub fn scroll(&mut self, by: isize) {
        let window = &mut self.window;
        let last_top = self.rows.saturating_sub(window.height);
        window.top = window.top.saturating_add_signed(by).min(last_top);
        let margin = margin(window.height);
        let low = if window.top == 0 { 0 } else { window.top + margin };
        let high = match window.top + window.height {
            end if end >= self.rows => self.rows,
            end => end - margin,
        };
        let row = window.cursor.min(high.saturating_sub(1)).max(low);
        self.move_to(row);
    }

    /// Moves the cursor to the node, or the folder, that its row lies in.
    pub fn to_parent(&mut self) {
        let Some(spot) = self.locate(self.window.cursor) else { return };
        let folder = match spot.what {
            What::Folder(index) => {
                spot.branch.shown.folders.get(index).and_then(|f| Some(f.path.rsplit_once('/')?.0))
            }
            _ => spot.folder.and_then(|i| spot.branch.shown.folders.get(i)).map(|f| f.path.as_str()),
        };
        let Some(at) = spot.branch.at.clone() else { return };
        let anchor = match folder {
            Some(path) => Anchor::Folder(at, path.to_owned()),
            None => Anchor::Node(at),
        };
        if let Reached::Row(row) = self.reach(&anchor) {
            self.move_to(row);
        }
    }

    /// Opens what `at` lies in and puts the cursor there. Whether that worked: not when the node is not known, or
    /// left out by the filter.
    pub fn reveal(&mut self, at: &Locator) -> bool {
        let Some((branch, id)) = self.entry_mut(at) else { return false };
        let path = super::folders::folder_path(&branch.entries, id).to_owned();
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]).filter(|(end, _)| *end > 0) {
            branch.shown.open_folders.extend(path.get(..end).map(str::to_owned));
        }
        branch.shown.reopened();
        let mut above = at.parent();
        while let Some(ancestor) = above {
            self.set_open(&ancestor);
            above = ancestor.parent();
        }
        self.settle();
        match self.reach(&Anchor::Node(at.clone())) {
            Reached::Row(row) => {
                self.move_to(row);
                true
            }
            _ => false,
        }
    }

    /// What is selected.
    #[must_use]
    pub fn selection(&self) -> Selection {
        self.selection_at(self.window.cursor)
    }

    /// What a row stands for.
    #[must_use]
    pub fn selection_at(&self, index: usize) -> Selection {
        self.locate(index).and_then(select).unwrap_or(Selection::Nothing)
    }

    /// The visible rows.
    pub(super) fn visible_rows(&self) -> Range<usize> {
        let top = self.window.top;
        top..self.len().min(top.saturating_add(self.window.height))
    }

    /// The rows that are visible, or up to two windows away.
    pub(super) fn near_rows(&self) -> Range<usize> {
        let Window { top, height, .. } = self.window;
        let around = height.saturating_mul(2);
        top.saturating_sub(around)..self.len().min(top.saturating_add(height + around))
    }

    /// Puts the cursor where its node is now, in the same line of the window as before.
    pub(super) fn follow_anchor(&mut self) {
        let line = self.window.cursor.saturating_sub(self.window.top);
        let (row, stays) = match self.window.anchor.as_ref().map(|anchor| (anchor, self.reach(anchor))) {
            // the row about a listing may have become something else
            Some((Anchor::Below(_, below), Reached::Row(row))) => (row + below, false),
            Some((_, Reached::Row(row))) => (row, true),
            Some((_, Reached::Closed(row))) => (row, false),
            Some((anchor, Reached::Nowhere)) => {
                let row = if self.how.filter.is_some() { self.first_hit() } else { None };
                (row.unwrap_or(self.window.cursor), self.may_come_back(anchor))
            }
            None => (self.window.cursor, false),
        };
        self.window.cursor = row.min(self.len().saturating_sub(1));
        self.window.top = self.window.cursor.saturating_sub(line);
        if !stays {
            self.anchor_anew();
        }
        self.show_cursor();
    }

    /// Whether a refresh that is going on may still bring a node back.
    fn may_come_back(&self, anchor: &Anchor) -> bool {
        let (Anchor::Node(at) | Anchor::Folder(at, _) | Anchor::Below(at, _)) = anchor;
        let mut above = at.parent();
        while let Some(at) = above {
            if self.branch(&at).is_some_and(|b| b.listing.is_short()) {
                return true;
            }
            above = at.parent();
        }
        false
    }

    /// Lets the cursor belong to whatever is in its row now.
    pub(super) fn anchor_anew(&mut self) {
        self.window.anchor = self.anchor_at(self.window.cursor);
    }

    /// The row of a node, if it is shown.
    pub(super) fn row_of(&self, at: &Locator) -> Option<usize> {
        match self.reach(&Anchor::Node(at.clone())) {
            Reached::Row(row) => Some(row),
            _ => None,
        }
    }

    /// The row of the first hit of the filter.
    pub(super) fn first_hit(&self) -> Option<usize> {
        let (mut branch, mut at) = (&self.root, None);
        loop {
            let Some(id) = branch.first_hit() else { return at.and_then(|at| self.row_of(&at)) };
            at = Some(branch.locator_of(id));
            match branch.children.get(&id) {
                Some(child) if child.open && !branch.is_hit(id, &self.how) => branch = child,
                _ => return at.and_then(|at| self.row_of(&at)),
            }
        }
    }

    pub(super) fn locate(&self, index: usize) -> Option<Spot<'_>> {
        locate(&self.root, index)
    }

    fn show_cursor(&mut self) {
        let window = &mut self.window;
        let margin = margin(window.height);
        let low = (window.cursor + margin + 1).saturating_sub(window.height).min(window.cursor);
        let high = window.cursor.saturating_sub(margin).max(low);
        let top = window.top.clamp(low, high);
        window.top = top.min(self.rows.saturating_sub(window.height));
    }

    fn anchor_at(&self, row: usize) -> Option<Anchor> {
        let spot = self.locate(row)?;
        Some(match spot.what {
            What::Entry(id) => Anchor::Node(spot.branch.locator_of(id)),
            What::Folder(index) => {
                Anchor::Folder(spot.branch.at.clone()?, spot.branch.shown.folders.get(index)?.path.clone())
            }
            What::Status(_) => {
                let at = spot.branch.at.clone()?;
                let below = row - self.row_of(&at)?;
                Anchor::Below(at, below)
            }
        })
    }

    fn reach(&self, anchor: &Anchor) -> Reached {
        match anchor {
            Anchor::Node(at) => self.reach_node(at).0,
            Anchor::Below(at, _) => match self.reach_node(at) {
                (Reached::Row(row), Some(branch)) if !branch.open => Reached::Closed(row),
                (reached, _) => reached,
            },
            Anchor::Folder(at, path) => match self.reach_node(at) {
                (Reached::Row(row), Some(branch)) if branch.open => {
                    after(row + 1, branch.row_of_folder(path))
                }
                (Reached::Row(row), _) => Reached::Closed(row),
                (other, _) => other,
            },
        }
    }

    /// Where a node is shown, and its branch if it was ever opened.
    fn reach_node(&self, at: &Locator) -> (Reached, Option<&Branch>) {
        let (mut branch, mut first) = (&self.root, 0);
        let mut steps = at.steps.iter();
        let (mut kind, mut name) = (NodeKind::Connection, &at.connection.0);
        loop {
            let Some(id) = branch.find(kind, name) else { return (Reached::Nowhere, None) };
            let reached = after(first, branch.row_of(id));
            let (Reached::Row(row), child) = (reached, branch.children.get(&id)) else {
                return (reached, None);
            };
            let Some(step) = steps.next() else { return (reached, child) };
            let Some(child) = child.filter(|c| c.open) else { return (Reached::Closed(row), None) };
            (branch, first, kind, name) = (child, row + 1, step.kind, &step.name);
        }
    }
}

fn margin(height: usize) -> usize {
    MARGIN.min(height.saturating_sub(1) / 2)
}

fn after(first: usize, reached: Reached) -> Reached {
    match reached {
        Reached::Row(row) => Reached::Row(first + row),
        Reached::Closed(row) => Reached::Closed(first + row),
        Reached::Nowhere => Reached::Nowhere,
    }
}

fn select(spot: Spot<'_>) -> Option<Selection> {
    let branch = spot.branch;
    let at = || branch.at.clone();
    Some(match spot.what {
        What::Entry(id) if branch.is_heading(id) => Selection::Heading,
        What::Entry(id) if branch.entries.failure(id).is_some() => Selection::Failed(at()?),
        What::Entry(id) => Selection::Node(branch.locator_of(id)),
        What::Folder(index) => {
            Selection::Folder { under: at()?, path: branch.shown.folders.get(index)?.path.clone() }
        }
        What::Status(Status::Failed) => Selection::Failed(at()?),
        What::Status(Status::More) => Selection::More(at()?),
        What::Status(Status::Loading) => Selection::Loading(at()?),
        What::Status(Status::Empty) => Selection::Empty(at()?),
        What::Status(Status::Aside) => Selection::Aside(at()?),
    })
}
