//! Untag… and Delete image…: first what it would touch, then the question, then the deed, then the tree.
//!
//! Invariant: nothing is removed of which the blast radius was not looked up; a sent removal is never cancelled.

use std::collections::BTreeSet;

use crate::app::effect::Request;
use crate::app::modal::{Act, Confirm, Consent, Modal};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::{Removal, Slot};
use crate::domain::human::count;
use crate::domain::impact::Impact;
use crate::domain::job::{Deletion, Undo};
use crate::domain::{Capabilities, Digest, Failure, FailureKind, Locator, NodeKind};

/// How many blast radii are looked up at a time.
const IMPACTS_AT_ONCE: usize = 4;
/// How many tags without a known digest are looked at for each.
const OTHERS: usize = 400;

type Looked = (Locator, Option<Result<Impact, Failure>>);

impl App {
    pub(super) fn ask_untag(&mut self, tags: Vec<Locator>) {
        let title = format!("Untag {}?", self.name_all(&tags, "tag", "tags"));
        let about = "The manifest and its other tags stay.";
        let mut confirm = Confirm::plain(title, about, Act::Untag(tags.clone()));
        confirm.consent = Consent::Yes;
        confirm.impacts = tags.into_iter().map(|at| (at, None)).collect();
        self.modals.push(Modal::Confirm(confirm));
    }

    pub(super) fn ask_delete(&mut self, images: Vec<Locator>) {
        let title = format!("Delete {}?", self.name_all(&images, "image", "images"));
        let can_untag =
            images.iter().all(|at| at.kind() == NodeKind::Tag && self.can(at).contains(Capabilities::UNTAG));
        let mut confirm = Confirm::plain(title, "", Act::Delete(Vec::new()));
        confirm.consent = Consent::Yes;
        confirm.impacts = images.into_iter().map(|at| (at, None)).collect();
        confirm.can_untag = can_untag;
        self.modals.push(Modal::Confirm(confirm));
    }

    fn name_all(&self, all: &[Locator], one: &str, many: &str) -> String {
        match all {
            [at] => self.title_of(at),
            _ => count(all.len() as u64, one, many),
        }
    }

    /// Turns the question about deleting into one about untying, with what is known already.
    pub(super) fn untag_instead(&mut self) {
        let Some(Modal::Confirm(confirm)) = self.modals.last() else { return };
        let impacts = confirm.impacts.clone();
        if let Some(at) =
            impacts.iter().map(|(at, _)| at).find(|at| !self.can(at).contains(Capabilities::UNTAG))
        {
            let text = format!("{} cannot be untied.", self.title_of(at));
            return self.tell(Level::Note, &text);
        }
        self.modals.pop();
        self.ask_untag(impacts.iter().map(|(at, _)| at.clone()).collect());
        if let Some(Modal::Confirm(confirm)) = self.modals.last_mut() {
            confirm.impacts = impacts;
        }
        self.weigh();
    }

    /// Looks up the next blast radii of the open question.
    pub(in crate::app) fn ask_impacts(&mut self) {
        let Some(Modal::Confirm(confirm)) = self.modals.last() else { return };
        let running = self.waits.count(|s| matches!(s, Slot::Impact(_)));
        let next: Vec<Locator> = confirm
            .impacts
            .iter()
            .filter(|(at, impact)| impact.is_none() && !self.waits.has(&Slot::Impact(at.clone())))
            .map(|(at, _)| at.clone())
            .take(IMPACTS_AT_ONCE.saturating_sub(running))
            .collect();
        for at in next {
            let repository = at.repository_node().unwrap_or_else(|| at.clone());
            let known = self.tree.known_digests(&repository);
            let others = self.tree.unknown_tags(&repository, OTHERS);
            self.start(Slot::Impact(at.clone()), Request::Impact { at, known, others });
        }
    }

    pub(in crate::app) fn on_impact(&mut self, at: &Locator, mut result: Result<Impact, Failure>) {
        if let (Ok(impact), Some(repository)) = (&mut result, at.repository_node()) {
            let (listed, more) = self.tree.children_count(&repository).unwrap_or((0, true));
            impact.looked_at.1 = impact.looked_at.1.max(listed);
            if more {
                impact.unknown.push("not every tag of the repository is listed yet".to_owned());
            }
        }
        let confirm = self.modals.iter_mut().rev().find_map(|m| match m {
            Modal::Confirm(confirm) => Some(confirm),
            _ => None,
        });
        let Some(confirm) = confirm else { return };
        if let Some((_, impact)) = confirm.impacts.iter_mut().find(|(a, _)| a == at) {
            *impact = Some(result);
        }
        self.weigh();
    }

    /// Works out from what is known what a yes does, and how sure one has to be.
    fn weigh(&mut self) {
        let Some(Modal::Confirm(confirm)) = self.modals.last() else { return };
        let mut manifests: Vec<(Locator, Digest)> = Vec::new();
        let mut unknown = 0;
        for (at, impact) in &confirm.impacts {
            let digest = match impact {
                Some(Ok(impact)) => impact.digest.clone(),
                // Whatever digest is known from before: nobody can tell what would go with it.
                Some(Err(_)) => {
                    unknown += 1;
                    continue;
                }
                None => continue,
            };
            let same =
                |(a, d): &(Locator, Digest)| *d == digest && a.repository_node() == at.repository_node();
            if !manifests.iter().any(same) {
                manifests.push((at.clone(), digest));
            }
        }
        let Some(Modal::Confirm(confirm)) = self.modals.last_mut() else { return };
        match &mut confirm.act {
            Act::Delete(targets) => {
                confirm.about = tell_what_stays(unknown);
                *targets = manifests;
                confirm.consent =
                    if touches_others(&confirm.impacts) { Consent::Yes } else { Consent::Enter };
            }
            Act::Untag(_) => {
                let unsure = confirm.impacts.iter().any(|(_, i)| !matches!(i, Some(Ok(_))));
                confirm.consent = if unsure { Consent::Yes } else { Consent::Enter };
            }
            Act::Disconnect(_) | Act::PullRepository(_) | Act::Quit => {}
        }
    }

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
            let Some(repository) = at.repository_node() else { continue };
            let tags: BTreeSet<&String> = impacts
                .iter()
                .filter(|(a, _)| a.repository_node().as_ref() == Some(&repository))
                .filter_map(|(_, impact)| impact.as_ref()?.as_ref().ok())
                .filter(|impact| impact.digest == *digest)
                .flat_map(|impact| &impact.tags)
                .collect();
            also.extend(tags.iter().map(|tag| (at.clone(), repository.child(NodeKind::Tag, tag))));
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
        results: &[(Locator, Result<Undo, Failure>)],
    ) {
        let gone: Vec<Locator> =
            results.iter().filter(|(_, r)| r.is_ok()).map(|(at, _)| at.clone()).collect();
        if !gone.is_empty() {
            let verb = if removal.deletes { "Deleted" } else { "Untied" };
            let (one, many) = if removal.deletes { ("image", "images") } else { ("tag", "tags") };
            let what = self.name_all(&gone, one, many);
            self.tell(Level::Info, &format!("{verb} {what}."));
        }
        // A failure is told last: it is what the bottom line shows.
        for (at, result) in results {
            match result {
                Ok(_) => self.take_rows(removal, at),
                Err(failure) => self.on_removal_failed(removal, at, failure),
            }
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

    fn on_removal_failed(&mut self, removal: &Removal, at: &Locator, failure: &Failure) {
        // What is gone already needs no row either.
        if failure.kind == FailureKind::NotFound {
            self.take_rows(removal, at);
        }
        if failure.kind != FailureKind::Unsupported {
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
        if let Some(state) = self.connections.iter_mut().find(|c| *c.id() == at.connection) {
            state.refused |= refused;
        }
        self.tell_with_hint(Level::Error, &failure.to_string(), hint);
    }
}

/// What could not be looked up is not deleted.
fn tell_what_stays(unknown: u64) -> String {
    match unknown {
        0 => String::new(),
        1 => "1 image stays: what goes with it could not be looked up.".to_owned(),
        _ => format!("{unknown} images stay: what goes with them could not be looked up."),
    }
}

/// Whether deleting touches more than was chosen, or nobody can tell.
fn touches_others(impacts: &[Looked]) -> bool {
    let chosen = |at: &Locator, tag: &str| {
        impacts.iter().any(|(a, _)| a.kind() == NodeKind::Tag && a.name() == tag && a.parent() == at.parent())
    };
    impacts.iter().any(|(at, impact)| match impact {
        Some(Ok(impact)) => {
            impact.tags.iter().any(|tag| !chosen(at, tag))
                || !impact.in_indexes.is_empty()
                || !impact.children.is_empty()
                || !impact.referrers.is_empty()
                || !impact.unknown.is_empty()
                || impact.looked_at.0 < impact.looked_at.1
        }
        Some(Err(_)) | None => true,
    })
}
