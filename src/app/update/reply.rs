//! A task's reply goes to the slot that waits for it, or nowhere.
//!
//! Invariant: this is the only check against stale replies.

use crate::app::event::{ConnectFailure, Reply, TaskId};
use crate::app::state::{App, Health};
use crate::app::waits::Slot;
use crate::domain::{Facts, Failure, FailureKind, Locator, Page};

impl App {
    pub(super) fn on_reply(&mut self, id: TaskId, reply: Reply) {
        let Some(slot) = self.waits.take(id) else { return };
        match (slot, reply) {
            (Slot::SignIns, Reply::SignIns(found)) => self.on_sign_ins(found),
            (Slot::Form, Reply::Connected(result)) => self.on_form_checked(result),
            (Slot::Join(what), Reply::Connected(result)) => self.on_joined(&what, result),
            (Slot::TakeOver(found), Reply::Connected(result)) => self.on_taken_over(&found, result),
            (Slot::Visit, Reply::Connected(result)) => self.on_visited(result),
            (Slot::Disconnect(_), Reply::Disconnected(id, result)) => self.on_disconnected(&id, result),
            (Slot::Bookmark(_), Reply::Bookmarked(result)) => self.on_bookmarked(result),
            (Slot::Branch(at), Reply::Page(result)) => self.on_page(&at, result),
            (Slot::Facts(at), Reply::Facts(result)) => self.on_facts(&at, result),
            (Slot::CopyDigest(at), Reply::Facts(result)) => self.on_digest_to_copy(&at, result),
            (Slot::Details, Reply::Details(result)) => self.on_details(*result),
            (Slot::Inspect, Reply::Inspection(result)) => self.on_inspection(result),
            (Slot::Impact(at), Reply::Impact(result)) => self.on_impact(&at, result),
            (Slot::Removal(removal), Reply::Removed(results)) => self.on_removed(&removal, &results),
            (Slot::Job, Reply::Moved(result)) => self.on_moved(id, result),
            (Slot::Restoring, Reply::Restored(results)) => self.on_restored(&results),
            (Slot::RepositoryRemoval(_), Reply::RepositoryDeleted(at, result)) => {
                self.on_repository_deleted(&at, result);
            }
            (Slot::Creation, Reply::RepositoryCreated(result)) => self.on_repository_created(result),
            (Slot::Tagging, Reply::Tagged(result)) => self.on_tagged(result),
            (Slot::Weight, Reply::Weighed(result)) => self.on_weighed(result),
            (Slot::Seen(at), Reply::Facts(result)) => self.on_seen(&at, result),
            (Slot::HasFile, Reply::HasFile(result)) => self.on_file_looked_for(result),
            (Slot::Origin(place), Reply::Connected(result)) => self.on_origin(place, result),
            (Slot::WebAddress, Reply::WebAddress(result)) => self.on_web_address(result),
            (Slot::Choices(field), Reply::Choices(result)) => self.on_choices(field, result),
            (Slot::Check(field), Reply::Checked(result)) => self.on_checked(field, result),
            (Slot::Summary(asked), Reply::Summary(result)) => self.on_summary(*asked, result),
            (Slot::Reading, Reply::ExtraDone(result)) => self.on_extra_read(result),
            (Slot::Job, Reply::ExtraDone(result)) => self.on_extra_done(id, result),
            (slot, Reply::Broken(said)) => self.on_broken(id, slot, said),
            (slot, _) => self.on_broken(id, slot, "the task answered something else".to_owned()),
        }
    }

    /// A task broke down: whoever waits gets a failure, so that nothing waits for ever.
    fn on_broken(&mut self, id: TaskId, slot: Slot, said: String) {
        let failure = Failure::new(FailureKind::Bug, "working on it", said);
        let refused = |failure| ConnectFailure::Refused { failure, field: None };
        match slot {
            Slot::SignIns => {
                self.on_sign_ins(Vec::new());
                self.tell_failure(&failure);
            }
            Slot::Form => self.on_form_checked(Err(refused(failure))),
            Slot::Join(what) => self.on_joined(&what, Err(refused(failure))),
            Slot::TakeOver(found) => self.on_taken_over(&found, Err(refused(failure))),
            Slot::Visit => self.on_visited(Err(refused(failure))),
            Slot::Disconnect(id) => self.on_disconnected(&id, Err(failure)),
            Slot::Bookmark(_) => self.on_bookmarked(Err(failure)),
            Slot::Branch(at) => self.on_page(&at, Err(failure)),
            Slot::Facts(at) => self.on_facts(&at, Err(failure)),
            Slot::CopyDigest(at) => self.on_digest_to_copy(&at, Err(failure)),
            Slot::Details => self.on_details(Err(failure)),
            Slot::Inspect => self.on_inspection(Err(failure)),
            Slot::Impact(at) => self.on_impact(&at, Err(failure)),
            Slot::Removal(_) => {
                self.tell_failure(&failure.while_doing("removing; refresh to see what is left"))
            }
            Slot::Job => self.on_moved(id, Err(failure)),
            Slot::Restoring => {
                self.tell_failure(&failure.while_doing("putting back; refresh to see what is there"))
            }
            Slot::RepositoryRemoval(at) => self.on_repository_deleted(&at, Err(failure)),
            Slot::Creation => self.on_repository_created(Err(failure)),
            Slot::Tagging => self.on_tagged(Err(failure)),
            Slot::Weight => self.on_weighed(Err(failure)),
            Slot::Seen(at) => self.on_seen(&at, Err(failure)),
            Slot::HasFile => self.on_file_looked_for(Err(failure)),
            Slot::Origin(place) => self.on_origin(place, Err(refused(failure))),
            Slot::WebAddress => self.on_web_address(Err(failure)),
            Slot::Choices(field) => self.on_choices(field, Err(failure)),
            Slot::Check(field) => self.on_checked(field, Err(failure)),
            Slot::Summary(asked) => self.on_summary(*asked, Err(failure)),
            Slot::Reading => self.on_extra_read(Err(failure)),
        }
    }

    fn on_page(&mut self, at: &Locator, result: Result<Page, Failure>) {
        self.set_health(at, result.as_ref().err());
        match result {
            Ok(page) => {
                for warning in &page.warnings {
                    self.on_warning(&self.host_of(at), warning);
                }
                self.tree.take_page(at, page);
            }
            Err(failure) => {
                self.note_goal_failure(at);
                self.ask_password_again(at, &failure);
                self.tree.fail(at, failure);
            }
        }
    }

    fn on_facts(&mut self, at: &Locator, result: Result<Facts, Failure>) {
        match result {
            Ok(facts) => {
                self.tree.set_facts(at, facts);
                if self.details.at.as_ref().is_some_and(|shown| shown.parent() == at.parent()) {
                    self.find_siblings();
                }
            }
            Err(failure) => self.tree.facts_failed(at, &failure),
        }
    }

    /// How a listing went is how its connection is.
    pub(super) fn set_health(&mut self, at: &Locator, failure: Option<&Failure>) {
        let mut all = self.connections.iter_mut().chain(&mut self.places);
        if let Some(state) = all.find(|c| *c.id() == at.connection) {
            state.health = match failure {
                None => Health::Fine,
                Some(failure) => Health::Failed(failure.clone()),
            };
        }
    }
}
