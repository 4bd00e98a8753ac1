//! What follows from the check of a connection: it is kept and opened, or the person learns why not.

use crate::app::event::ConnectFailure;
use crate::app::modal::{Modal, Pick, PickItem, Picker, PickerPurpose};
use crate::app::notice::Level;
use crate::app::state::{App, ConnectionState, Goal, Welcome};
use crate::app::waits::Slot;
use crate::domain::connection::{Connected, Draft, KeepSecret};
use crate::domain::text::visible;
use crate::domain::{Capabilities, ConnectionId, Failure, FailureKind, Locator};

type Checked = Result<(Connected, Option<Locator>), ConnectFailure>;

impl App {
    /// The form was checked.
    pub(in crate::app) fn on_form_checked(&mut self, result: Checked) {
        match result {
            Ok((connected, _)) => {
                self.modals.retain(|m| !matches!(m, Modal::Form(_)));
                self.take_in(connected, None);
            }
            Err(ConnectFailure::Refused { failure, field }) => self.blame(failure, field),
            Err(ConnectFailure::NoPlaceForSecret) => self.ask_where_to_keep(),
        }
    }

    /// A stored sign-in, or a provider that asks nothing, was connected to.
    pub(in crate::app) fn on_joined(&mut self, what: &str, result: Checked) {
        match result {
            Ok((connected, at)) => self.take_in(connected, at),
            Err(failure) => {
                let failure = refusal(failure, format!("connecting to {what}"));
                if let Some(welcome) = &mut self.welcome {
                    welcome.busy = None;
                    welcome.failure = Some(failure.clone());
                }
                self.tell_failure(&failure);
            }
        }
    }

    /// The place of the command line, or of the palette, was connected to.
    pub(in crate::app) fn on_visited(&mut self, result: Checked) {
        match result {
            Ok((connected, at)) => self.take_in(connected, at),
            Err(failure) => {
                self.tell_refusal(failure, "connecting");
                self.welcome_if_alone();
            }
        }
    }

    /// Tells why a connection that no form asked for did not come about.
    pub(super) fn tell_refusal(&mut self, failure: ConnectFailure, doing: &str) {
        self.tell_failure(&refusal(failure, doing.to_owned()));
    }

    /// Shows a connection, new or changed, and goes to it or to `at` below it.
    fn take_in(&mut self, connected: Connected, at: Option<Locator>) {
        let root = Locator::root(connected.connection.id.clone());
        let name = connected.connection.name.clone();
        let before = self.connection(&root.connection).map(|c| c.connected.connection.clone());
        let is_changed = before.is_some_and(|before| before != connected.connection || at.is_none());
        self.admit(connected);
        if is_changed {
            if let Some(state) = self.connections.iter_mut().find(|c| *c.id() == root.connection) {
                state.refused = Capabilities::NONE;
            }
            self.refresh(&root);
        }
        self.tell(Level::Info, &format!("Connected to {name}."));
        self.go_to(at.unwrap_or(root));
    }

    /// Shows a connection, new or changed.
    pub(super) fn admit(&mut self, connected: Connected) {
        if let Some(warning) = &connected.warning {
            self.tell(Level::Warning, &format!("{}: {warning}", connected.connection.name));
        }
        match self.connections.iter_mut().find(|c| *c.id() == connected.connection.id) {
            Some(state) => state.connected = connected,
            None => self.connections.push(ConnectionState::new(connected)),
        }
        self.welcome = None;
        self.list_connections();
    }

    /// The tree shows the connections and the places on this machine, in their order.
    pub(in crate::app) fn list_connections(&mut self) {
        let named = |all: &[ConnectionState]| -> Vec<(ConnectionId, String)> {
            all.iter().map(|c| (c.id().clone(), c.connected.connection.name.clone())).collect()
        };
        self.tree.set_connections(&named(&self.connections), &named(&self.places));
    }

    /// The failure stays in the form, with the cursor on the field to blame.
    fn blame(&mut self, failure: Failure, field: Option<&'static str>) {
        let form = self.modals.iter_mut().rev().find_map(|m| match m {
            Modal::Form(form) => Some(form),
            _ => None,
        });
        if let Some(form) = form {
            form.checking = false;
            form.code = None;
            form.failure = Some(failure);
            if let Some(id) = field {
                form.focus_on(id);
            }
        } else {
            self.tell_failure(&failure);
        }
    }

    /// Everything works, but the system has no place for the secret.
    fn ask_where_to_keep(&mut self) {
        let Some(Modal::Form(form)) = self.modals.last_mut() else { return };
        form.checking = false;
        form.code = None;
        let Some(draft) = form.draft() else { return };
        let keep = |keep| Pick::Keep(Draft { keep, ..draft.clone() });
        let choices = vec![
            PickItem {
                label: "Until the program ends".to_owned(),
                note: "asked for again next time".to_owned(),
                pick: keep(KeepSecret::Memory),
            },
            PickItem {
                label: "In a file".to_owned(),
                note: "readable by your account alone, not encrypted".to_owned(),
                pick: keep(KeepSecret::File),
            },
        ];
        let about =
            "The sign-in works. This system has neither a keyring nor a credential helper.".to_owned();
        let title = "Where should the password be kept?";
        self.modals.push(Modal::Picker(Picker::new(PickerPurpose::KeepSecret, title, Some(about), choices)));
    }

    pub(in crate::app) fn on_disconnected(&mut self, id: &ConnectionId, result: Result<(), Failure>) {
        if let Err(failure) = result {
            self.tell_failure(&failure);
            return;
        }
        let name = self.title_of(&Locator::root(id.clone()));
        let gone = |at: &Locator| at.connection == *id;
        self.cancel_where(|s| match s {
            Slot::Branch(at) | Slot::Facts(at) | Slot::Impact(at) | Slot::Seen(at) | Slot::CopyDigest(at) => {
                gone(at)
            }
            Slot::Bookmark(connection) => connection == id,
            _ => false,
        });
        self.connections.retain(|c| c.id() != id);
        self.list_connections();
        if self.details.at.as_ref().is_some_and(gone) {
            self.forget_details();
        }
        self.goal.take_if(|goal| gone(&goal.at));
        self.undoable.retain(|nodes| !nodes.iter().any(gone));
        self.tell(Level::Info, &format!("Disconnected {name}."));
        self.welcome_if_alone();
    }

    /// Goes to a node as soon as the listings bring it.
    pub(super) fn go_to(&mut self, at: Locator) {
        if self.filter.is_some() {
            self.drop_filter();
        }
        self.pane = crate::app::key::Pane::Tree;
        self.goal = Some(Goal { at, failed: None });
    }

    /// The first screen, when nothing is connected and nothing is on its way.
    pub(in crate::app) fn welcome_if_alone(&mut self) {
        if self.connections.is_empty() && self.welcome.is_none() && !self.waits.has(&Slot::Visit) {
            let has_images = !self.places.is_empty();
            self.welcome = Some(Welcome { has_images, ..Welcome::default() });
            self.start(Slot::SignIns, crate::app::effect::Request::FindSignIns);
        }
    }
}

/// A refusal outside of the form as a failure that says what was being done.
fn refusal(failure: ConnectFailure, doing: String) -> Failure {
    match failure {
        ConnectFailure::Refused { failure, .. } => {
            Failure { said: visible(&failure.to_string()).into_owned(), doing, ..failure }
        }
        ConnectFailure::NoPlaceForSecret => {
            let said = "there is neither a keyring nor a credential helper to keep the password in";
            Failure::new(FailureKind::Io, doing, said)
        }
    }
}
