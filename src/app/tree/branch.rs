//! A branch: a node with children, and what of them is loaded.
//!
//! Invariant: `natural` holds every entry that exists once, in natural order; it is also the index by name. An entry
//! taken out of it stays in the arena, unseen, until the branch is listed anew.

use std::collections::{BTreeMap, HashMap};

use super::book::{FactsBook, Known};
use super::entries::{Entries, is_hidden_tag};
use super::listing::Listing;
use super::natural;
use super::shown::Shown;
use super::sort::insert_at;
use crate::domain::{ConnectionId, Entry, Locator, NodeKind, Page};

/// The name of the one entry that is no node: the heading above the places on this machine. No connection has it.
pub(super) const HEADING: &str = "";

/// A node with children. The root, above all connections, has no place of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Branch {
    /// Where it is; nothing for the root.
    pub(super) at: Option<Locator>,
    pub(super) entries: Entries,
    pub(super) facts: FactsBook,
    /// Of the root: the connections, and the heading among them, in the order in which they were given.
    pub(super) given: Vec<u32>,
    /// The entries that exist, in natural order.
    pub(super) natural: Vec<u32>,
    /// How many of them are hidden unless asked for.
    pub(super) hidden: usize,
    /// How many of them are groups of what has no tag, which are no children of their own.
    pub(super) groups: usize,
    /// The branches among the entries that were ever opened.
    pub(super) children: BTreeMap<u32, Branch>,
    pub(super) open: bool,
    pub(super) listing: Listing,
    pub(super) shown: Shown,
    kept: Kept,
}

/// What outlives a refresh by name, until the new listing has ended.
#[derive(Debug, Clone, Default)]
struct Kept {
    branches: HashMap<(NodeKind, String), Branch>,
    facts: HashMap<(NodeKind, String), Known>,
}

impl Branch {
    /// The branch at a node, with nothing loaded.
    pub(super) fn at(at: Locator) -> Self {
        let prefix = match at.kind() {
            NodeKind::Namespace => format!("{}/", at.name()),
            _ => String::new(),
        };
        Self { entries: Entries::below(&prefix), at: Some(at), ..Self::default() }
    }

    /// The number of a child.
    pub(super) fn find(&self, kind: NodeKind, name: &str) -> Option<u32> {
        let place = self.natural.binary_search_by(|&id| self.entries.compare_with(id, kind, name));
        self.natural.get(place.ok()?).copied()
    }

    /// The branch at a child, if it was ever opened.
    pub(super) fn child(&self, kind: NodeKind, name: &str) -> Option<&Self> {
        self.children.get(&self.find(kind, name)?)
    }

    /// Like [`child`](Self::child).
    pub(super) fn child_mut(&mut self, kind: NodeKind, name: &str) -> Option<&mut Self> {
        let id = self.find(kind, name)?;
        self.children.get_mut(&id)
    }

    /// The branch at a child, made if it was never opened; nothing for leaves.
    pub(super) fn sprout(&mut self, id: u32) -> Option<&mut Self> {
        if !has_children(self.entries.kind(id)) || self.entries.failure(id).is_some() || self.is_heading(id) {
            return None;
        }
        let at = self.locator_of(id);
        self.shown.reopened();
        Some(self.children.entry(id).or_insert_with(|| Self::at(at)))
    }

    /// Where a child is.
    pub(super) fn locator_of(&self, id: u32) -> Locator {
        let name = self.entries.name(id);
        match &self.at {
            None => Locator::root(ConnectionId::new(name)),
            Some(at) => at.child(self.entries.kind(id), name),
        }
    }

    /// Whether a child is no node, but a heading.
    pub(super) fn is_heading(&self, id: u32) -> bool {
        self.at.is_none() && self.entries.name(id) == HEADING
    }

    /// Whether a child is a tag.
    pub(super) fn is_tag(&self, id: u32) -> bool {
        self.entries.kind(id) == NodeKind::Tag
    }

    fn is_group(&self, id: u32) -> bool {
        self.entries.kind(id) == NodeKind::Untagged
    }

    /// Whether a child is hidden unless asked for: a tag by its name, or what its provider has set aside.
    pub(super) fn is_hidden(&self, id: u32) -> bool {
        self.entries.is_aside(id) || self.is_tag(id) && is_hidden_tag(self.entries.name(id))
    }

    /// How many children there are as far as is known, and whether there may be more; nothing before the first page.
    pub(super) fn count(&self) -> Option<(u64, bool)> {
        let nothing_yet = self.listing.is_at_first() && self.natural.is_empty();
        (!nothing_yet).then(|| self.listing.count(self.natural.len() - self.groups))
    }

    /// Takes a page of the listing. The first page of a refresh replaces what was there.
    pub(super) fn take_page(&mut self, page: Page) {
        if self.listing.receive(page.next, page.total) {
            self.empty();
        }
        self.insert(page.entries);
        self.listing.note_loaded(self.natural.len());
        if !self.listing.has_more() {
            self.kept = Kept::default();
        }
    }

    /// Replaces the children by these, which are all there are and stay in this order. Those that stay keep what was loaded of them.
    pub(super) fn replace(&mut self, entries: Vec<Entry>) {
        self.empty();
        self.listing.receive(None, None);
        let names: Vec<(NodeKind, String)> = entries.iter().map(|e| (e.kind, e.name.clone())).collect();
        self.insert(entries);
        self.given = names.iter().filter_map(|(kind, name)| self.find(*kind, name)).collect();
        self.kept = Kept::default();
    }

    fn empty(&mut self) {
        let entries = std::mem::take(&mut self.entries);
        let key = |id: u32| (entries.kind(id), entries.name(id).to_owned());
        for (id, child) in std::mem::take(&mut self.children) {
            self.kept.branches.insert(key(id), child);
        }
        for &id in &self.natural {
            if let Some(known) = self.facts.take(id) {
                self.kept.facts.insert(key(id), known);
            }
        }
        self.entries = entries.emptied();
        self.facts = FactsBook::default();
        self.natural = Vec::new();
        (self.hidden, self.groups) = (0, 0);
        self.shown.start_over();
    }

    /// Takes entries in; those that are known already only bring what else is said of them.
    pub(super) fn insert(&mut self, mut entries: Vec<Entry>) {
        entries.sort_by(|a, b| natural::compare(&a.name, &b.name).then_with(|| a.kind.cmp(&b.kind)));
        let (mut places, mut fresh) = (Vec::new(), Vec::with_capacity(entries.len()));
        let mut place = 0;
        for entry in entries {
            if let Some(&last) = fresh.last()
                && self.entries.compare_with(last, entry.kind, &entry.name).is_eq()
            {
                continue;
            }
            place = self.place_from(place, entry.kind, &entry.name);
            let known = self.natural.get(place).copied();
            if let Some(id) =
                known.filter(|&id| self.entries.compare_with(id, entry.kind, &entry.name).is_eq())
            {
                self.describe(id, entry);
            } else if let Some(id) = self.entries.push(entry.kind, &entry.name) {
                places.push(place);
                fresh.push(id);
                if let Some(why) = entry.aside {
                    self.entries.set_aside(id, why);
                }
                self.describe(id, entry);
            }
        }
        insert_at(&mut self.natural, &fresh, &places);
        self.hidden += fresh.iter().filter(|&&id| self.is_hidden(id)).count();
        self.groups += fresh.iter().filter(|&&id| self.is_group(id)).count();
        self.shown.add(&fresh);
    }

    /// The place of a name in natural order, which is not before `from`. Neighbours come together, so it looks nearby
    /// first.
    fn place_from(&self, from: usize, kind: NodeKind, name: &str) -> usize {
        let is_before = |&id: &u32| self.entries.compare_with(id, kind, name).is_lt();
        if self.natural.last().is_none_or(is_before) {
            return self.natural.len();
        }
        let mut step = 1;
        while self.natural.get(from + step).is_some_and(is_before) {
            step *= 2;
        }
        let start = from + step / 2;
        let near = self.natural.get(start..self.natural.len().min(from + step + 1)).unwrap_or_default();
        start + near.partition_point(is_before)
    }

    fn describe(&mut self, id: u32, entry: Entry) {
        if let Some(label) = &entry.label {
            self.entries.set_label(id, label);
        }
        if let Some(failure) = entry.failure {
            self.entries.set_failure(id, failure);
        }
        if let Some(facts) = entry.facts {
            self.facts.tell(id, facts);
            self.shown.place_anew(id);
        }
        if self.kept.branches.is_empty() && self.kept.facts.is_empty() {
            return;
        }
        let key = (entry.kind, entry.name);
        if let Some(branch) = self.kept.branches.remove(&key) {
            self.children.insert(id, branch);
        }
        if let Some(known) = self.kept.facts.remove(&key) {
            self.facts.put_back(id, known);
        }
    }

    /// Takes a child away.
    pub(super) fn remove(&mut self, id: u32) {
        self.hidden -= usize::from(self.is_hidden(id));
        self.entries.forget_aside(id);
        self.groups -= usize::from(self.is_group(id));
        self.natural.retain(|&other| other != id);
        self.listing.note_removed();
        self.children.remove(&id);
        self.facts.take(id);
        self.shown.remove(id);
    }

    /// Calls `visit` with this branch and every one below it that was ever opened.
    pub(super) fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        for child in self.children.values() {
            child.each(visit);
        }
    }
}

/// Whether nodes of this kind can be opened.
pub(super) fn has_children(kind: NodeKind) -> bool {
    kind.has_children()
}
