//! On the way to a node that the listings have not brought yet: open what lies above it, list on where names alone do
//! not lead there, and go there.
//!
//! Invariant: a goal ends: it is reached, given up by the person, or told as not found.

use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::{Locator, NodeKind};

/// What a step towards the goal came to.
enum Stride {
    /// Closer; look again.
    Closer,
    /// A listing is under way.
    Waits,
    /// There.
    There,
    /// It cannot be found.
    Lost,
}

impl App {
    /// Goes as far towards the goal as the listings allow.
    pub(in crate::app) fn pursue_goal(&mut self) {
        loop {
            let Some(goal) = &self.goal else { return };
            let at = goal.at.clone();
            match self.stride(&at) {
                Stride::Closer => {}
                Stride::Waits => return,
                Stride::There => {
                    self.goal = None;
                    return;
                }
                Stride::Lost => {
                    self.goal = None;
                    let text = format!("{} was not found.", self.title_of(&at));
                    return self.tell_with_hint(
                        Level::Warning,
                        &text,
                        "Check the name, or refresh the node above it.",
                    );
                }
            }
        }
    }

    /// The listing of a branch failed: nothing more comes from there.
    pub(in crate::app) fn note_goal_failure(&mut self, at: &Locator) {
        if let Some(goal) = &mut self.goal {
            goal.failed = Some(at.clone());
        }
    }

    fn stride(&mut self, goal: &Locator) -> Stride {
        if self.tree.reveal(goal) {
            if goal.kind().has_children() && !self.tree.is_open(goal) {
                self.open_branch(goal);
            }
            return Stride::There;
        }
        let Some((above, next)) = self.deepest_shown(goal) else { return Stride::Lost };
        if !self.tree.is_open(&above) {
            self.open_branch(&above);
        }
        // A repository that was named is there at once; the catalogue, which may be long or missing, follows.
        let failed = self.goal.as_ref().is_some_and(|g| g.failed.as_ref() == Some(&above));
        if next.kind() != NodeKind::Repository && !failed && self.lists_on(&above) {
            return Stride::Waits;
        }
        // An untagged manifest can be opened by its name too.
        if next.kind() == NodeKind::Tag {
            return Stride::Lost;
        }
        self.tree.add_child(&above, next.kind(), next.name());
        if self.tree.reveal(&next) { Stride::Closer } else { Stride::Lost }
    }

    /// The nearest node above `goal` that is in the tree, and the one below it on the way.
    fn deepest_shown(&mut self, goal: &Locator) -> Option<(Locator, Locator)> {
        let mut next = goal.clone();
        while let Some(above) = next.parent() {
            if self.tree.reveal(&above) {
                return Some((above, next));
            }
            next = above;
        }
        None
    }

    /// Has every page of a branch listed; says whether one is still to come.
    pub(super) fn lists_on(&mut self, at: &Locator) -> bool {
        self.tree.load_all(at);
        for want in self.tree.wants() {
            self.list(want);
        }
        self.waits.has(&Slot::Branch(at.clone()))
    }

    fn open_branch(&mut self, at: &Locator) {
        if let Some(want) = self.tree.open_at(at) {
            self.list(want);
        }
    }
}
