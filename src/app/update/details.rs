//! The details pane follows the cursor once it has rested.
//!
//! Invariant: what is shown belongs to the node that the pane names.

use crate::app::details::{DetailsPane, DetailsState};
use crate::app::effect::Request;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::detail::Details;
use crate::domain::{Failure, FailureKind, Locator, NodeKind};

impl App {
    /// Shows the selected node, unless it is shown already.
    pub(super) fn show_details(&mut self) {
        let Some(at) = self.selected() else {
            self.forget_details();
            return;
        };
        if self.details.at.as_ref() != Some(&at) {
            self.ask_details(at, None);
        }
    }

    /// Asks again for the details that are shown; they stay until the new ones are here.
    pub(in crate::app) fn refresh_details(&mut self) {
        let Some(at) = self.details.at.clone() else { return };
        let shown = match std::mem::take(&mut self.details.state) {
            DetailsState::Ready(details) => Some(details),
            DetailsState::Loading(before) => before,
            DetailsState::Nothing | DetailsState::Failed(_) => None,
        };
        self.ask_details(at, shown);
    }

    /// Empties the pane; the next rest fills it.
    pub(in crate::app) fn forget_details(&mut self) {
        self.cancel_where(|s| *s == Slot::Details);
        self.details = DetailsPane::default();
        self.last_selected = None;
    }

    fn ask_details(&mut self, at: Locator, shown: Option<Box<Details>>) {
        let top = if shown.is_some() { self.details.top } else { 0 };
        let siblings = self.tree.siblings(&at);
        self.details =
            DetailsPane { at: Some(at.clone()), state: DetailsState::Loading(shown), top, siblings };
        self.start(Slot::Details, Request::Details { at });
    }

    pub(super) fn on_details(&mut self, result: Result<Details, Failure>) {
        // A vendor may list what is written in the connection without asking anybody: the check is what tells.
        if let (Err(failure), Some(at)) = (&result, self.details.at.clone())
            && at.kind() == NodeKind::Connection
            && !self.is_here(&at)
            && failure.kind != FailureKind::Cancelled
        {
            self.set_health(&at, Some(failure));
        }
        self.details.state = match result {
            Ok(details) => DetailsState::Ready(Box::new(details)),
            Err(failure) => DetailsState::Failed(failure),
        };
        self.find_siblings();
    }

    /// Looks up which other tags share the digest of the tag that is shown.
    pub(in crate::app) fn find_siblings(&mut self) {
        if let Some(at) = &self.details.at {
            self.details.siblings = self.tree.siblings(at);
        }
    }
}
