//! Undo: what an untag or delete took away is put back, the last one first.
//!
//! Invariant: what cannot be put back is not offered. What failed and may work next time can be tried again.

use crate::app::effect::Request;
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::{Failure, Locator};

/// How many removals can be put back, one after the other.
const REMEMBERED: usize = 20;

impl App {
    /// Notes what can be put back.
    pub(super) fn remember_removal(&mut self, nodes: Vec<Locator>) {
        if nodes.is_empty() {
            return;
        }
        if self.undoable.len() >= REMEMBERED {
            self.undoable.remove(0);
        }
        self.undoable.push(nodes);
    }

    pub(super) fn undo(&mut self) {
        let Some(nodes) = self.undoable.pop() else {
            return self.tell(Level::Note, "There is nothing to put back.");
        };
        if self.read_only && nodes.iter().any(|at| !self.is_here(at)) {
            self.undoable.push(nodes);
            return self.tell(Level::Note, "Nothing is written to a registry in this run.");
        }
        self.tell(Level::Note, &format!("Putting {} back…", self.name_all(&nodes, "image", "images")));
        self.start_beside(Slot::Restoring, Request::Undo(nodes));
    }

    pub(in crate::app) fn on_restored(&mut self, results: &[(Locator, Result<(), Failure>)]) {
        let back: Vec<Locator> =
            results.iter().filter(|(_, result)| result.is_ok()).map(|(at, _)| at.clone()).collect();
        let mut parents: Vec<Locator> = Vec::new();
        for at in &back {
            let Some(parent) = at.parent() else { continue };
            self.tree.add_child(&parent, at.kind(), at.name());
            if !parents.contains(&parent) {
                parents.push(parent);
            }
        }
        // Other tags of the same manifest come back with it.
        for parent in &parents {
            self.refresh(parent);
        }
        if !back.is_empty() {
            self.tell(Level::Info, &format!("Put {} back.", self.name_all(&back, "image", "images")));
        }
        let mut again = Vec::new();
        for (at, result) in results {
            let Err(failure) = result else { continue };
            if failure.kind.is_transient() {
                again.push(at.clone());
            }
            self.tell_failure(failure);
        }
        self.remember_removal(again);
    }
}
