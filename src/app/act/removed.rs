//! Untying and deleting, once the question was answered: the request, the rows that go, and what can be put back.
//!
//! Invariant: a sent removal is never cancelled.

use std::collections::BTreeSet;

use super::remove::Looked;
use crate::app::effect::Request;
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::{Removal, Slot};
use crate::domain::job::{Deletion, RemovalFailure, Undo};
use crate::domain::{Capabilities, ConnectionId, Digest, Failure, FailureKind, Locator, NodeKind};

impl App {
    pub(super) fn untag(&mut self, tags: Vec<Locator>) {
        let what = self.name_all(&tags, "tag", "tags");
        self.tell(Level::Note, &format!("Untying {what}…"));
        self.start_beside(Slot::Removal(Removal { deletes: false, also: Vec::new() }), Request::Untag(tags));
    }

    /// Deletes manifests; every tag that was found to go with one leaves the tree with it.
    pub(super) fn delete(&mut self, manifests: &[(Locator, Digest)], impacts: &[Looked]) {
        let mut also = Vec::new();
        let mut deletions = Vec::new();
        for (at, digest) in manifests {
            let home = self.home_of(at);
            let tags: BTreeSet<&String> = impacts
                .iter()
                .filter(|(a, _)| self.home_of(a) == home)
                .filter_map(|(_, impact)| impact.as_ref()?.as_ref().ok())
                .filter(|impact| impact.digest == *digest)
                .flat_map(|impact| &impact.tags)
                .collect();
            if home.kind() == NodeKind::Repository {
                also.extend(tags.iter().map(|tag| (at.clone(), home.child(NodeKind::Tag, tag))));
            }
            let tags = tags.into_iter().cloned().collect();
            deletions.push(Deletion { at: at.clone(), digest: digest.clone(), tags });
        }
        let names: Vec<Locator> = manifests.iter().map(|(at, _)| at.clone()).collect();
        let what = self.name_all(&names, "image", "images");
        self.tell(Level::Note, &format!("Deleting {what}…"));
        self.start_beside(Slot::Removal(Removal { deletes: true, also }), Request::Delete(deletions));
    }

    pub(in crate::app) fn on_removed(
        &mut self,
        removal: &Removal,
        results: &[(Locator, Result<Undo, RemovalFailure>)],
    ) {
        let of = |is_meant: &dyn Fn(&Result<Undo, RemovalFailure>) -> bool| -> Vec<Locator> {
            results.iter().filter(|(_, result)| is_meant(result)).map(|(at, _)| at.clone()).collect()
        };
        let gone = of(&Result::is_ok);
        let mut kept = of(&|result| *result == Ok(Undo::Possible));
        if !gone.is_empty() {
            self.tell_of_removal(removal, &gone, kept.len());
        }
        // What went before a failure comes back with the same key.
        kept.extend(of(&|result| result.as_ref().is_err_and(|f| f.undo == Undo::Possible)));
        self.remember_removal(kept);
        // A failure is told last: it is what the bottom line shows.
        for (at, result) in results {
            match result {
                Ok(_) => self.take_rows(removal, at),
                Err(RemovalFailure { failure, undo: Undo::Possible }) => self.on_half_removed(at, failure),
                Err(RemovalFailure { failure, .. }) => self.on_removal_failed(removal, at, failure),
            }
        }
        self.list_places_of(&gone);
    }

    fn tell_of_removal(&mut self, removal: &Removal, gone: &[Locator], kept: usize) {
        let verb = if removal.deletes { "Deleted" } else { "Untied" };
        let (one, many) = if removal.deletes { ("image", "images") } else { ("tag", "tags") };
        let what = self.name_all(gone, one, many);
        let undo = match kept {
            0 => String::new(),
            kept if kept == gone.len() => " U undoes.".to_owned(),
            kept => format!(" U brings {kept} back."),
        };
        self.tell(Level::Info, &format!("{verb} {what}.{undo}"));
    }

    /// Lists the places on this machine anew that something was removed from: other names may have gone with it.
    fn list_places_of(&mut self, gone: &[Locator]) {
        let places: BTreeSet<&ConnectionId> =
            gone.iter().filter(|at| self.is_here(at)).map(|at| &at.connection).collect();
        for id in places {
            self.refresh(&Locator::root(id.clone()));
        }
    }

    /// Takes a node and everything that went with it out of the tree.
    fn take_rows(&mut self, removal: &Removal, at: &Locator) {
        let also = removal.also.iter().filter(|(with, _)| with == at).map(|(_, tag)| tag);
        for node in std::iter::once(at).chain(also) {
            self.tree.remove(node);
            if self.details.at.as_ref() == Some(node) {
                self.forget_details();
            }
        }
        self.find_siblings();
    }

    /// Some of its tags went: the list shows which.
    fn on_half_removed(&mut self, at: &Locator, failure: &Failure) {
        if let Some(repository) = at.repository_node() {
            self.refresh(&repository);
        }
        self.tell_with_hint(Level::Error, &failure.to_string(), "U puts back what went.");
    }

    fn on_removal_failed(&mut self, removal: &Removal, at: &Locator, failure: &Failure) {
        // What is gone already needs no row either.
        if failure.kind == FailureKind::NotFound {
            self.take_rows(removal, at);
        }
        if failure.kind != FailureKind::Unsupported || self.is_here(at) {
            self.tell_failure(failure);
            return;
        }
        let (refused, hint) = if removal.deletes {
            (
                Capabilities::DELETE,
                "Its administrator would have to enable deletes (Distribution: storage.delete.enabled).",
            )
        } else {
            (
                Capabilities::UNTAG,
                "Its administrator would have to enable deletes of tags (Distribution: storage.delete.enabled).",
            )
        };
        self.refuse(&at.connection, refused);
        self.tell_with_hint(Level::Error, &failure.to_string(), hint);
    }

    /// The server has refused this: it is not offered any more.
    pub(super) fn refuse(&mut self, id: &ConnectionId, refused: Capabilities) {
        if let Some(state) = self.connections.iter_mut().find(|c| c.id() == id) {
            state.refused |= refused;
        }
    }
}
