//! Brings what a branch shows up to date: sorted, without hidden ones, filtered, laid out.
//!
//! Invariant: settled bottom-up after every change. A page costs what its own entries cost; only a change of order or
//! filter goes through all of them.

use super::branch::Branch;
use super::filter::{Filter, Hit};
use super::lanes::LARGE;
use super::shown::{Hits, How};
use super::sort::{Order, merge};
use crate::app::effect::Sort;
use crate::domain::NodeKind;

impl Branch {
    /// The order of its entries: versions sort tags alone.
    pub(super) fn sort_under(&self, how: &How) -> Sort {
        let holds_tags = self.at.as_ref().is_some_and(|at| at.kind() == NodeKind::Repository);
        match how.preferences.sort {
            _ if self.at.is_none() => Sort::Name,
            // What ran last is what is looked for, and its name says nothing.
            _ if self.holds_runs() => Sort::Newest,
            Sort::Version if !holds_tags => Sort::Name,
            sort => sort,
        }
    }

    fn holds_runs(&self) -> bool {
        self.at.as_ref().is_some_and(|at| matches!(at.kind(), NodeKind::Builds | NodeKind::Build))
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
