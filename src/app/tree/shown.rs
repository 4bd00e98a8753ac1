//! What a branch shows of its entries, and how: plain numbers, brought up to date by `settle`.
//!
//! Invariant: an entry that came or moved since the branch was settled last waits in `fresh` or `moved`; every other
//! that is not hidden is in `base`, or in the natural order where there is none.

use std::collections::HashSet;

use super::filter::{Filter, Hit};
use super::folders::Folder;
use super::level::Level;
use crate::app::effect::{Preferences, Sort};

/// How the whole tree is shown.
#[derive(Debug, Clone, Default)]
pub(super) struct How {
    pub(super) preferences: Preferences,
    pub(super) filter: Option<Filter>,
    /// Counts changes of the preferences.
    pub(super) order: u64,
    /// Counts changes of the filter.
    pub(super) filtered: u64,
    /// Whether whatever matches the filter matched the one before.
    pub(super) narrowed: bool,
}

/// What a branch shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// The entries in the chosen order without hidden ones; nothing when that is natural order and all of them.
    pub(super) base: Option<Vec<u32>>,
    pub(super) sort: Sort,
    /// The changes of order that `base` has seen; nothing before the first.
    pub(super) order: Option<u64>,
    pub(super) hits: Option<Hits>,
    /// Entries that came since the last time, in natural order.
    pub(super) fresh: Vec<u32>,
    /// Entries taken out of `base`, to be put back where they belong by now.
    pub(super) moved: Vec<u32>,
    /// Whether the positions of the open items have to be found again.
    pub(super) relevel: bool,
    pub(super) level: Level,
    pub(super) folders: Vec<Folder>,
    pub(super) open_folders: HashSet<String>,
    /// What the listing has to say before the first entry.
    pub(super) head: Option<Status>,
    /// What it has to say after the last.
    pub(super) tail: Option<Status>,
}

/// What the filter leaves of a branch.
#[derive(Debug, Clone, Default)]
pub(super) struct Hits {
    /// The changes of the filter that it has seen.
    pub(super) filtered: u64,
    pub(super) ranked: Vec<Hit>,
    /// The hits in the order of `base`; nothing when entries have come or gone since.
    pub(super) matched: Option<Vec<u32>>,
    /// Children without a match of their own that have hits below them, in the order of `base`.
    pub(super) above: Vec<u32>,
    /// Whether all entries are shown, because nothing but the branch itself matches.
    pub(super) all: bool,
}

/// A row that says how a listing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// It failed.
    Failed,
    /// There are more pages.
    More,
    /// The first page is on its way.
    Loading,
    /// There is nothing.
    Empty,
    /// Some are set aside.
    Aside,
}

impl Shown {
    /// Takes note of new entries.
    pub(super) fn add(&mut self, fresh: &[u32]) {
        self.fresh.extend_from_slice(fresh);
    }

    /// Forgets everything but which folders are open.
    pub(super) fn start_over(&mut self) {
        *self = Self { open_folders: std::mem::take(&mut self.open_folders), ..Self::default() };
    }

    /// Takes note that a child was opened or closed.
    pub(super) fn reopened(&mut self) {
        self.relevel = true;
    }

    /// Has an entry put where it belongs, after what the order looks at has changed.
    pub(super) fn place_anew(&mut self, id: u32) {
        let by_facts = matches!(self.sort, Sort::Newest | Sort::Size);
        if let Some(base) = self.base.as_mut().filter(|_| by_facts)
            && let Some(position) = base.iter().position(|&other| other == id)
        {
            base.remove(position);
            self.moved.push(id);
        }
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, id: u32) {
        if let Some(base) = &mut self.base {
            base.retain(|&other| other != id);
        }
        if let Some(hits) = &mut self.hits {
            hits.ranked.retain(|hit| hit.id != id);
            hits.above.retain(|&other| other != id);
            hits.matched = None;
        }
        self.fresh.retain(|&other| other != id);
        self.moved.retain(|&other| other != id);
        self.relevel = true;
    }
}
