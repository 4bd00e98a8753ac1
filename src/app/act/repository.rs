//! Delete repository…: with its name typed, because everything in it goes.

use crate::app::effect::Request;
use crate::app::modal::{Act, Confirm, Consent, Modal};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::human::count;
use crate::domain::{Capabilities, Failure, FailureKind, Locator};

impl App {
    pub(super) fn ask_delete_repository(&mut self, at: &Locator) {
        let tags = match self.tree.children_count(at) {
            Some((n, true)) => format!("{} or more", count(n, "tag", "tags")),
            Some((n, false)) => count(n, "tag", "tags"),
            None => "all its tags".to_owned(),
        };
        let host = self.registry_host(at);
        let title = format!("Delete repository {}?", self.title_of(at));
        let about =
            format!("It goes from {host} with {tags} and every manifest in it. Nothing brings it back.");
        let mut confirm = Confirm::plain(title, &about, Act::DeleteRepository(at.clone()));
        confirm.consent = Consent::Name(at.name().to_owned());
        self.modals.push(Modal::Confirm(confirm));
    }

    pub(super) fn delete_repository(&mut self, at: Locator) {
        self.tell(Level::Note, &format!("Deleting {}…", self.title_of(&at)));
        self.start_beside(Slot::RepositoryRemoval(at.clone()), Request::DeleteRepository(at));
    }

    pub(in crate::app) fn on_repository_deleted(&mut self, at: &Locator, result: Result<(), Failure>) {
        let failure = match result {
            Ok(()) => {
                self.tell(Level::Info, &format!("Deleted repository {}.", self.title_of(at)));
                return self.drop_branch(at);
            }
            Err(failure) => failure,
        };
        match failure.kind {
            FailureKind::NotFound => self.drop_branch(at),
            FailureKind::Unsupported => self.refuse(&at.connection, Capabilities::DELETE_REPOSITORY),
            _ => {}
        }
        self.tell_failure(&failure);
    }

    /// Takes a branch that is gone out of the tree, with its listing.
    fn drop_branch(&mut self, at: &Locator) {
        self.cancel_listing(at);
        self.tree.remove(at);
        if self.details.at.as_ref().is_some_and(|shown| shown.is_within(at)) {
            self.forget_details();
        }
    }
}
