//! What is known beside the nodes of the tree, and what still has to be asked.
//!
//! Invariant: a visible tag is wanted until it was asked for or its listing told everything, and again when its facts
//! may have changed or asking was cancelled. Others are wanted only for an order that needs what is not known of them.

use super::Tree;
use super::book::Asked;
use super::branch::Branch;
use super::rows::What;
use crate::app::effect::Sort;
use crate::domain::{Digest, Facts, Failure, FailureKind, Locator, NodeKind};

/// How many tags of a repository are asked about for the sake of the order.
const FOR_ORDER: usize = 500;

impl Branch {
    /// The tags that an order by facts cannot place yet, of the last `FOR_ORDER` by name: those tend to be the newest.
    /// None before the listing has ended.
    fn unplaced(&self, sort: Sort) -> impl Iterator<Item = u32> {
        let bound = if self.listing.has_more() { 0 } else { FOR_ORDER };
        let tags = self.natural.iter().rev().copied().filter(|&id| self.is_tag(id) && !self.is_hidden(id));
        tags.take(bound).filter(move |&id| self.facts.is_wanted_for(id, |facts| can_place(sort, facts)))
    }
}

/// Whether an order by facts can place what has these.
fn can_place(sort: Sort, facts: &Facts) -> bool {
    match sort {
        Sort::Newest => facts.time.is_some(),
        Sort::Size => facts.size.is_some(),
        Sort::Name | Sort::Version => true,
    }
}

impl Tree {
    /// The tags whose facts nobody has asked for, at most `limit`: the visible ones, nearest to the cursor first; then,
    /// while the order is one by facts, those that it has to place, at most `FOR_ORDER` of a repository.
    #[must_use]
    pub fn facts_wanted(&self, limit: usize) -> Vec<Locator> {
        let mut wanted: Vec<(usize, Locator)> = self
            .visible_rows()
            .filter_map(|index| {
                let spot = self.locate(index)?;
                let What::Entry(id) = spot.what else { return None };
                let is_tag = spot.branch.entries.kind(id) == NodeKind::Tag;
                (is_tag && spot.branch.facts.is_wanted(id))
                    .then(|| (index.abs_diff(self.cursor()), spot.branch.locator_of(id)))
            })
            .collect();
        wanted.sort_by_key(|(distance, _)| *distance);
        wanted.truncate(limit);
        let mut wanted: Vec<Locator> = wanted.into_iter().map(|(_, at)| at).collect();
        if self.is_ordered_by_facts() {
            self.each_open(&mut |branch| {
                let unplaced = branch.unplaced(self.how.preferences.sort).map(|id| branch.locator_of(id));
                let room = limit.saturating_sub(wanted.len());
                let more: Vec<_> = unplaced.filter(|at| !wanted.contains(at)).take(room).collect();
                wanted.extend(more);
            });
        }
        wanted
    }

    /// How many images there are in a place on this machine, and their bytes where all are known; nothing before it was
    /// listed.
    #[must_use]
    pub fn images_below(&self, place: &Locator) -> Option<(u64, Option<u64>)> {
        let branch = self.branch(place).filter(|b| b.count().is_some())?;
        let of = |&id: &u32| {
            let facts = branch.facts.get(id);
            let images = if branch.is_tag(id) { 1 } else { facts.and_then(|f| f.count).unwrap_or(0) };
            (images, facts.and_then(|f| f.size))
        };
        let each: Vec<(u64, Option<u64>)> = branch.natural.iter().map(of).collect();
        Some((each.iter().map(|(images, _)| images).sum(), each.iter().map(|(_, size)| *size).sum()))
    }

    /// Whether the order of tags depends on their facts.
    #[must_use]
    pub fn is_ordered_by_facts(&self) -> bool {
        matches!(self.how.preferences.sort, Sort::Newest | Sort::Size)
    }

    /// Of how many tags of the open repositories the facts are known, and how many tags there are.
    #[must_use]
    pub fn facts_known(&self) -> (usize, usize) {
        let (mut known, mut tags) = (0, 0);
        self.each_open(&mut |branch| {
            known +=
                branch.facts.ids().filter(|&id| branch.is_tag(id) && branch.facts.get(id).is_some()).count();
            tags += branch.natural.iter().filter(|&&id| branch.is_tag(id)).count();
        });
        (known, tags)
    }

    /// Notes that the facts of a tag have been asked for.
    pub fn facts_asked(&mut self, at: &Locator) {
        self.mark_facts(at, Asked::UnderWay);
    }

    /// Takes the facts of a node.
    pub fn set_facts(&mut self, at: &Locator, facts: Facts) {
        if let Some((branch, id)) = self.entry_mut(at) {
            branch.facts.set(id, Box::new(facts));
            branch.shown.place_anew(id);
            self.settle();
        }
    }

    /// Notes that the facts of a tag could not be had. They are wanted again after a refresh; at once when the request
    /// was only cancelled.
    pub fn facts_failed(&mut self, at: &Locator, failure: &Failure) {
        let state = if failure.kind == FailureKind::Cancelled { Asked::Old } else { Asked::Failed };
        self.mark_facts(at, state);
    }

    /// What is known beside a node.
    #[must_use]
    pub fn facts(&self, at: &Locator) -> Option<&Facts> {
        let (branch, id) = self.entry(at)?;
        branch.facts.get(id)
    }

    /// Has the facts of a tag, or of all children of a branch, asked for again. What is shown stays until then.
    pub fn forget_facts(&mut self, at: &Locator) {
        if let Some((branch, id)) = self.entry_mut(at) {
            branch.facts.forget(id);
        }
        if let Some(branch) = self.branch_mut(at) {
            branch.facts.forget_all();
        }
    }

    fn mark_facts(&mut self, at: &Locator, state: Asked) {
        if let Some((branch, id)) = self.entry_mut(at) {
            branch.facts.mark(id, state);
        }
    }

    /// The tags of a repository whose digest is known, in natural order.
    #[must_use]
    pub fn known_digests(&self, repository: &Locator) -> Vec<(String, Digest)> {
        let Some(branch) = self.branch(repository) else { return Vec::new() };
        let mut ids: Vec<u32> = branch.facts.ids().filter(|&id| branch.is_tag(id)).collect();
        ids.sort_by(|&a, &b| branch.entries.compare(a, b));
        ids.into_iter()
            .filter_map(|id| Some((branch.entries.name(id).to_owned(), branch.facts.digest(id)?.clone())))
            .collect()
    }

    /// The first `limit` tags of a repository, in natural order, whose digest is not known.
    #[must_use]
    pub fn unknown_tags(&self, repository: &Locator, limit: usize) -> Vec<String> {
        let Some(branch) = self.branch(repository) else { return Vec::new() };
        let unknown = |id: &u32| branch.is_tag(*id) && branch.facts.digest(*id).is_none();
        let ids = branch.natural.iter().copied().filter(unknown).take(limit);
        ids.map(|id| branch.entries.name(id).to_owned()).collect()
    }

    /// The other tags that are known to share the digest of this one, in natural order.
    #[must_use]
    pub fn siblings(&self, at: &Locator) -> Vec<String> {
        let Some(digest) = self.facts(at).and_then(|f| f.digest.as_ref()) else { return Vec::new() };
        let Some(repository) = at.parent() else { return Vec::new() };
        let mut known = self.known_digests(&repository);
        known.retain(|(name, other)| other == digest && name != at.name());
        known.into_iter().map(|(name, _)| name).collect()
    }
}
