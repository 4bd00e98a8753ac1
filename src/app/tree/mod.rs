//! The tree of a million rows: branches, their names in arenas, the visible window.
//!
//! Invariant: nothing is kept per row. A branch keeps the names of its children and their order; what lies in a row is
//! found by a binary search per level, and only the visible rows are ever made.
//!
//! The files, lowest first; each imports only from lines above its own:
//!
//! 1. `arena`, `natural`, `listing`, `book`, `lanes`, `level`: names, their order, how far a listing is, facts, work on
//!    many entries, rows of one level. They know nothing of each other.
//! 2. `entries` (names and what is not the same for all), `version`, `filter`.
//! 3. `sort`, `folders`: the order of entries, and folders made of their names.
//! 4. `shown`: what a branch shows of its entries, as plain data.
//! 5. `branch`: a node with its children, all of the above.
//! 6. `items`: what a branch shows, by position.
//! 7. `layout` and `rows`: how many rows that takes, and what lies in each.
//! 8. `settle`: brings a branch and all below it up to date.
//! 9. The tree itself: `cursor`, then `marks`, `facts` and `view`, then `change`: what may change it from outside.

mod arena;
mod book;
mod branch;
mod change;
mod cursor;
mod entries;
mod facts;
mod filter;
mod folders;
mod items;
mod lanes;
mod layout;
mod level;
mod listing;
mod marks;
mod natural;
mod rows;
mod settle;
mod shown;
mod sort;
#[cfg(test)]
mod tests;
mod version;
mod view;

use branch::Branch;
use cursor::Window;
use marks::Marks;
use shown::How;

use crate::app::effect::Preferences;
use crate::domain::{ConnectionId, Cursor, Locator, NodeKind};

/// A connection and what it is called.
pub type Labelled = (ConnectionId, String);

/// The tree.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Above all connections; takes no row of its own.
    root: Branch,
    how: How,
    window: Window,
    marks: Marks,
    rows: usize,
}

/// What a row stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// The tree is empty.
    Nothing,
    /// The heading above the places on this machine.
    Heading,
    /// A node.
    Node(Locator),
    /// A folder made of the parts of repository names.
    Folder {
        /// The branch whose repositories it holds.
        under: Locator,
        /// Its path below that branch.
        path: String,
    },
    /// The listing of this branch failed, in all or in part.
    Failed(Locator),
    /// This branch has more pages.
    More(Locator),
    /// The first page of this branch is on its way.
    Loading(Locator),
    /// There is nothing in this branch.
    Empty(Locator),
    /// Some of this branch is set aside, and shown when asked for.
    Aside(Locator),
}

/// A page to ask for. Whoever gets one has to ask, and to report with [`Tree::take_page`], [`Tree::fail`] or
/// [`Tree::cancel`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// The branch.
    pub at: Locator,
    /// Where to go on; nothing for the first page.
    pub cursor: Option<Cursor>,
}

impl Tree {
    /// An empty tree, shown this way.
    #[must_use]
    pub fn new(preferences: Preferences) -> Self {
        Self { how: How { preferences, ..How::default() }, ..Self::default() }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whether a branch is open.
    #[must_use]
    pub fn is_open(&self, at: &Locator) -> bool {
        self.branch(at).is_some_and(|b| b.open)
    }

    /// Whether a branch was ever opened.
    #[must_use]
    pub fn is_known(&self, at: &Locator) -> bool {
        self.branch(at).is_some()
    }

    /// How many children of a branch there are as far as is known, and whether there may be more. Nothing for leaves,
    /// and before the first page.
    #[must_use]
    pub fn children_count(&self, at: &Locator) -> Option<(u64, bool)> {
        self.branch(at)?.count()
    }

    /// What the row of a node shows as its name; nothing for one that no listing has brought.
    #[must_use]
    pub fn label(&self, at: &Locator) -> Option<&str> {
        let (branch, id) = self.entry(at)?;
        Some(branch.entries.text(id))
    }

    /// Whether any listing is under way.
    #[must_use]
    pub fn loading(&self) -> bool {
        let mut any = false;
        self.root.each(&mut |branch| any |= branch.listing.is_under_way());
        any
    }

    /// How many rows the filter hit.
    #[must_use]
    pub fn hits(&self) -> usize {
        let mut hits = 0;
        self.each_open(&mut |branch| hits += branch.hit_count());
        hits
    }

    /// Every loaded connection, namespace, registry and repository, for the palette.
    pub fn places(&self) -> impl Iterator<Item = Locator> {
        let mut branches = Vec::new();
        self.root.each(&mut |branch| branches.push(branch));
        branches.into_iter().flat_map(|branch| {
            let is_place = |kind: NodeKind| kind.has_children() && kind != NodeKind::Untagged;
            let ids = branch.natural.iter().copied();
            let ids = ids.filter(move |&id| is_place(branch.entries.kind(id)) && !branch.is_heading(id));
            ids.map(|id| branch.locator_of(id))
        })
    }

    /// Brings rows and cursor up to date after a change.
    fn settle(&mut self) {
        self.root.settle(&self.how, false);
        self.rows = self.root.rows();
        self.follow_anchor();
    }

    /// Calls `visit` with every branch all of whose ancestors are open, and which is open itself.
    fn each_open<'a>(&'a self, visit: &mut impl FnMut(&'a Branch)) {
        fn go<'a>(branch: &'a Branch, visit: &mut impl FnMut(&'a Branch)) {
            visit(branch);
            for child in branch.children.values().filter(|c| c.open) {
                go(child, visit);
            }
        }
        go(&self.root, visit);
    }

    /// Marks a branch as open; nothing when it is not known or a leaf.
    fn set_open(&mut self, at: &Locator) -> Option<&mut Branch> {
        let (parent, id) = self.entry_mut(at)?;
        let branch = parent.sprout(id)?;
        branch.open = true;
        Some(branch)
    }

    fn branch(&self, at: &Locator) -> Option<&Branch> {
        let connection = self.root.child(NodeKind::Connection, &at.connection.0)?;
        at.steps.iter().try_fold(connection, |branch, step| branch.child(step.kind, &step.name))
    }

    fn branch_mut(&mut self, at: &Locator) -> Option<&mut Branch> {
        let connection = self.root.child_mut(NodeKind::Connection, &at.connection.0)?;
        at.steps.iter().try_fold(connection, |branch, step| branch.child_mut(step.kind, &step.name))
    }

    /// The branch that holds a node, and the node's number there.
    fn entry(&self, at: &Locator) -> Option<(&Branch, u32)> {
        let (branch, kind, name) = match at.parent() {
            None => (&self.root, NodeKind::Connection, &*at.connection.0),
            Some(parent) => (self.branch(&parent)?, at.kind(), at.name()),
        };
        Some((branch, branch.find(kind, name)?))
    }

    /// Like [`entry`](Self::entry).
    fn entry_mut(&mut self, at: &Locator) -> Option<(&mut Branch, u32)> {
        let (branch, kind, name) = match at.parent() {
            None => (&mut self.root, NodeKind::Connection, &*at.connection.0),
            Some(parent) => (self.branch_mut(&parent)?, at.kind(), at.name()),
        };
        let id = branch.find(kind, name)?;
        Some((branch, id))
    }
}
