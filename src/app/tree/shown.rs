//! What a branch shows of its entries: sorted, without hidden ones, filtered.
//!
//! Invariant: settled bottom-up after every change. A page costs what its own entries cost; only a change of order or
//! filter goes through all of them.

use std::collections::HashSet;

use super::branch::Branch;
use super::filter::{Filter, Hit};
use super::folders::Folder;
use super::layout::Status;
use super::rows::Level;
use super::sort::{LARGE, Order, merge};
use crate::app::effect::{Preferences, Sort};
use crate::domain::NodeKind;

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
    base: Option<Vec<u32>>,
    sort: Sort,
    /// The changes of order that `base` has seen; nothing before the first.
    order: Option<u64>,
    hits: Option<Hits>,
    /// Entries that came since the last time, in natural order.
    fresh: Vec<u32>,
    /// Entries taken out of `base`, to be put back where they belong by now.
    moved: Vec<u32>,
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
struct Hits {
    /// The changes of the filter that it has seen.
    filtered: u64,
    ranked: Vec<Hit>,
    /// The hits in the order of `base`; nothing when entries have come or gone since.
    matched: Option<Vec<u32>>,
    /// Children without a match of their own that have hits below them, in the order of `base`.
    above: Vec<u32>,
    /// Whether all entries are shown, because nothing but the branch itself matches.
    all: bool,
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

impl Branch {
    /// What it shows, without folders.
    pub(super) fn shown_ids(&self) -> impl Iterator<Item = u32> {
        let hits = self.shown.hits.as_ref().filter(|h| !h.all);
        let ranked =
            hits.into_iter().flat_map(|h| h.ranked.iter().map(|hit| hit.id).chain(h.above.iter().copied()));
        let base = if hits.is_some() { &[] } else { self.base() };
        ranked.chain(base.iter().copied())
    }

    /// Where the entry that `is_it` is among them.
    pub(super) fn shown_position(&self, is_it: impl Fn(u32) -> bool) -> Option<usize> {
        let Some(hits) = self.shown.hits.as_ref().filter(|h| !h.all) else {
            return self.base().iter().position(|&id| is_it(id));
        };
        let ranked = hits.ranked.iter().position(|hit| is_it(hit.id));
        ranked.or_else(|| Some(hits.ranked.len() + hits.above.iter().position(|&id| is_it(id))?))
    }

    /// What it shows at `position`, without folders.
    pub(super) fn shown_id(&self, position: usize) -> Option<u32> {
        match self.shown.hits.as_ref().filter(|h| !h.all) {
            None => self.base().get(position).copied(),
            Some(hits) => match hits.ranked.get(position) {
                Some(hit) => Some(hit.id),
                None => hits.above.get(position - hits.ranked.len()).copied(),
            },
        }
    }

    /// How many entries it shows.
    pub(super) fn shown_len(&self) -> usize {
        match &self.shown.hits {
            Some(hits) if !hits.all => hits.ranked.len() + hits.above.len(),
            _ => self.base().len(),
        }
    }

    /// Every entry that is not hidden, in the chosen order.
    pub(super) fn base(&self) -> &[u32] {
        self.shown.base.as_deref().unwrap_or(&self.natural)
    }

    /// How many of its own entries the filter hit.
    pub(super) fn hit_count(&self) -> usize {
        self.shown.hits.as_ref().map_or(0, |h| h.ranked.len())
    }

    /// Whether the filter hit this entry.
    pub(super) fn is_hit(&self, id: u32, how: &How) -> bool {
        how.filter.as_ref().is_some_and(|f| f.matches(self.entries.text(id)))
    }

    /// Of the filter: the first hit, or the first child with hits below it.
    pub(super) fn first_hit(&self) -> Option<u32> {
        let hits = self.shown.hits.as_ref().filter(|h| !h.all)?;
        hits.ranked.first().map(|hit| hit.id).or_else(|| hits.above.first().copied())
    }

    /// The order of its entries: versions sort tags alone.
    pub(super) fn sort_under(&self, how: &How) -> Sort {
        let holds_tags = self.at.as_ref().is_some_and(|at| at.kind() == NodeKind::Repository);
        match how.preferences.sort {
            _ if self.at.is_none() => Sort::Name,
            Sort::Version if !holds_tags => Sort::Name,
            sort => sort,
        }
    }

    /// Has an entry put where it belongs, after what the order looks at has changed.
    pub(super) fn place_anew(&mut self, id: u32) {
        let by_facts = matches!(self.shown.sort, Sort::Newest | Sort::Size);
        if let Some(base) = self.shown.base.as_mut().filter(|_| by_facts)
            && let Some(position) = base.iter().position(|&other| other == id)
        {
            base.remove(position);
            self.shown.moved.push(id);
        }
    }

    /// Brings what it shows up to date, and everything open below it. `matched` says whether the filter hits the node
    /// itself. Returns whether it hits anything below.
    pub(super) fn settle(&mut self, how: &How, matched: bool) -> bool {
        self.settle_base(how);
        self.settle_hits(how);
        self.shown.fresh.clear();
        let any = self.settle_children(how, matched);
        self.lay_out(how);
        any
    }

    fn settle_base(&mut self, how: &How) {
        let sort = self.sort_under(how);
        let hides = !how.preferences.hidden_tags && self.hidden > 0;
        let is_natural = sort == Sort::Name && !hides && self.at.is_some();
        let is_seen = self.shown.order == Some(how.order) && is_natural == self.shown.base.is_none();
        if is_seen {
            self.merge_into_base(sort, hides);
            return;
        }
        self.shown.order = Some(how.order);
        self.shown.sort = sort;
        self.shown.moved.clear();
        self.shown.hits = None;
        self.shown.relevel = true;
        self.shown.base = (!is_natural).then(|| self.arrange(sort, hides));
    }

    fn arrange(&self, sort: Sort, hides: bool) -> Vec<u32> {
        if self.at.is_none() {
            return self.given.clone();
        }
        let mut visible = self.natural.clone();
        if hides {
            visible.retain(|&id| !self.is_hidden(id));
        }
        Order { entries: &self.entries, facts: &self.facts, sort }.arrange(visible)
    }

    fn merge_into_base(&mut self, sort: Sort, hides: bool) {
        self.shown.relevel |= !self.shown.fresh.is_empty() || !self.shown.moved.is_empty();
        let Some(mut base) = self.shown.base.take() else { return };
        let mut new = std::mem::take(&mut self.shown.moved);
        if !new.is_empty() && self.natural.len() < LARGE {
            // among a large number of hits equal ones wait for the next key to change places
            self.shown.hits = None;
        }
        new.extend(self.shown.fresh.iter().copied().filter(|&id| !(hides && self.is_hidden(id))));
        let order = Order { entries: &self.entries, facts: &self.facts, sort };
        new.sort_by(|&a, &b| order.compare(a, b));
        merge(&mut base, &new, |a, b| order.compare(a, b));
        self.shown.base = Some(base);
    }

    fn settle_hits(&mut self, how: &How) {
        let Some(filter) = &how.filter else {
            self.shown.relevel |= self.shown.hits.take().is_some();
            return;
        };
        match self.shown.hits.take() {
            Some(hits) if hits.filtered == how.filtered => self.add_hits(hits, filter, how),
            before => {
                let narrow =
                    |h: Hits| (how.narrowed && h.filtered + 1 == how.filtered).then_some(h.matched).flatten();
                let before = before.filter(|_| self.shown.fresh.is_empty()).and_then(narrow);
                let text = |id| self.entries.text(id);
                let matched = filter.select(before.as_deref().unwrap_or(self.base()), text);
                let ranked = filter.rank(&matched, text);
                let filtered = how.filtered;
                self.shown.hits = Some(Hits { filtered, ranked, matched: Some(matched), ..Hits::default() });
                self.shown.relevel = true;
            }
        }
    }

    /// Filters the entries that came since the last time.
    fn add_hits(&mut self, mut hits: Hits, filter: &Filter, how: &How) {
        if !self.shown.fresh.is_empty() {
            let hides = !how.preferences.hidden_tags;
            let mut new = self.shown.fresh.clone();
            new.retain(|&id| self.is_hit(id, how) && !(hides && self.is_hidden(id)));
            let order = Order { entries: &self.entries, facts: &self.facts, sort: self.shown.sort };
            let mut scored = filter.score(&new, |id| self.entries.text(id));
            scored.sort_by(|a, b| a.compare(*b, |a, b| order.compare(a, b)));
            merge(&mut hits.ranked, &scored, |a: Hit, b| a.compare(b, |a, b| order.compare(a, b)));
            hits.matched = None;
        }
        self.shown.hits = Some(hits);
    }

    /// Settles the open children. Returns whether the filter hits anything in here.
    fn settle_children(&mut self, how: &How, matched: bool) -> bool {
        let mut above = Vec::new();
        for (&id, child) in self.children.iter_mut().filter(|(_, child)| child.open) {
            let is_hit = how.filter.as_ref().is_some_and(|f| f.matches(self.entries.text(id)));
            if child.settle(how, is_hit) && !is_hit {
                above.push(id);
            }
        }
        let order = Order { entries: &self.entries, facts: &self.facts, sort: self.shown.sort };
        if self.at.is_some() {
            above.sort_by(|&a, &b| order.compare(a, b));
        }
        let Some(hits) = &mut self.shown.hits else { return false };
        let any = !hits.ranked.is_empty() || !above.is_empty();
        let all = matched && !any;
        self.shown.relevel |= hits.all != all || hits.above != above;
        (hits.all, hits.above) = (all, above);
        any
    }
}
