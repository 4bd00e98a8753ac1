//! Undo: what an untag or delete took away is put back, the last one first.
//!
//! Invariant: what cannot be put back is not offered. What failed and may work next time can be tried again.

use crate::app::effect::Request;
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::{Failure, FailureKind, Locator};

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
        }
        for parent in results.iter().filter_map(|(at, _)| at.parent()) {
            if !parents.contains(&parent) {
                parents.push(parent);
            }
        }
        // Other tags of the same manifest come back with it, even where its own has a new owner.
        for parent in &parents {
            self.refresh(parent);
        }
        self.tell_of_restored(&back, results);
        let stays = |result: &Result<(), Failure>| result.as_ref().is_err_and(may_work_later);
        let again = results.iter().filter(|(_, result)| stays(result)).map(|(at, _)| at.clone());
        self.remember_removal(again.collect());
    }

    /// One message for all: what came back, and what did not and why. Every failure is in the log.
    fn tell_of_restored(&mut self, back: &[Locator], results: &[(Locator, Result<(), Failure>)]) {
        let put = format!("Put {} back", self.name_all(back, "image", "images"));
        let failures: Vec<&Failure> =
            results.iter().filter_map(|(_, result)| result.as_ref().err()).collect();
        let Some((first, others)) = failures.split_first() else {
            return self.tell(Level::Info, &format!("{put}."));
        };
        for other in others {
            self.log_failure(other);
        }
        let more =
            if others.is_empty() { String::new() } else { format!(" (and {} more failed)", others.len()) };
        let text =
            if back.is_empty() { format!("{first}{more}") } else { format!("{put}, but: {first}{more}") };
        let hint = match first.kind {
            FailureKind::Conflict => "Move or remove that tag first; then U tries again.",
            _ if may_work_later(first) => "U tries again.",
            _ => first.hint(),
        };
        self.tell_with_hint(Level::Error, &text, hint);
    }
}

/// Whether the same undo may work another time: something stands in its way that can go. What was not kept, or what the
/// server cannot take any more, stays away.
fn may_work_later(failure: &Failure) -> bool {
    !matches!(
        failure.kind,
        FailureKind::NotFound | FailureKind::Unsupported | FailureKind::Invalid | FailureKind::Bug
    )
}
