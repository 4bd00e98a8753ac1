//! Marked nodes.
//!
//! Invariant: each node once, in the order in which they were marked.

use std::collections::HashSet;

use super::{Selection, Tree};
use crate::domain::{Locator, NodeKind};

/// How many are marked at once.
const MOST: usize = 10_000;

/// The marked nodes.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    order: Vec<Locator>,
    set: HashSet<Locator>,
}

impl Marks {
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(super) fn contains(&self, at: &Locator) -> bool {
        self.set.contains(at)
    }

    fn toggle(&mut self, at: Locator) {
        if self.set.remove(&at) {
            self.order.retain(|other| *other != at);
        } else {
            self.add(at);
        }
    }

    fn add(&mut self, at: Locator) {
        if self.set.insert(at.clone()) {
            self.order.push(at);
        }
    }

    /// Keeps those of which `keep` says so.
    pub(super) fn retain(&mut self, keep: impl Fn(&Locator) -> bool) {
        self.order.retain(&keep);
        self.set.retain(keep);
    }
}

impl Tree {
    /// Marks the node under the cursor, or takes the mark away. Other rows cannot be marked.
    pub fn toggle_mark(&mut self) {
        if let Selection::Node(at) = self.selection() {
            self.marks.toggle(at);
        }
    }

    /// Marks every image that an open branch shows, at most `MOST`, or takes all marks away where each has one. Returns
    /// how many are marked then.
    pub fn toggle_all_marks(&mut self, group: &Locator) -> u64 {
        let images: Vec<Locator> = self.images_shown(group).take(MOST).collect();
        if images.iter().all(|at| self.marks.contains(at)) {
            self.clear_marks();
        } else {
            images.into_iter().for_each(|at| self.marks.add(at));
        }
        self.marked_count()
    }

    fn images_shown(&self, group: &Locator) -> impl Iterator<Item = Locator> {
        self.branch(group).into_iter().flat_map(|branch| {
            let is_image = |id: &u32| matches!(branch.entries.kind(*id), NodeKind::Tag | NodeKind::Manifest);
            branch.shown_ids().filter(is_image).map(|id| branch.locator_of(id))
        })
    }

    /// The marked nodes, in the order in which they were marked.
    #[must_use]
    pub fn marked(&self) -> Vec<Locator> {
        self.marks.order.clone()
    }

    /// How many are marked.
    #[must_use]
    pub fn marked_count(&self) -> u64 {
        self.marks.order.len() as u64
    }

    /// Takes all marks away.
    pub fn clear_marks(&mut self) {
        self.marks = Marks::default();
    }
}
