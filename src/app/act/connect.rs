//! Connect Registry…, Edit connection…, Disconnect: the ways to more, other or fewer connections.

use crate::app::effect::Request;
use crate::app::event::ConnectFailure;
use crate::app::modal::{Act, Confirm, Consent, Form, Modal, Pick, PickItem, Picker, PickerPurpose};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::connection::{Connected, Draft, FieldKind, FoundSignIn, KeepSecret, ProviderInfo};
use crate::domain::text::visible;
use crate::domain::{ConnectionId, Failure, FailureKind, Locator, NodeKind};

type Checked = Result<(Connected, Option<Locator>), ConnectFailure>;

impl App {
    /// The providers, and the sign-ins that Docker and Podman stored as soon as they are found.
    pub(super) fn open_connect_picker(&mut self) {
        let choices = self
            .providers
            .iter()
            .map(|p| PickItem {
                label: p.title.to_owned(),
                note: p.about.to_owned(),
                pick: Pick::Provider(p),
            })
            .collect();
        let picker = Picker::new(PickerPurpose::Connect, "Connect Registry…", None, choices);
        self.modals.push(Modal::Picker(picker));
        if let Some(found) = self.welcome.as_ref().and_then(|w| w.found.clone()) {
            self.offer_sign_ins(&found);
        } else {
            self.start(Slot::SignIns, Request::FindSignIns);
        }
    }

    pub(in crate::app) fn on_sign_ins(&mut self, mut found: Vec<FoundSignIn>) {
        found.retain(|f| !self.connections.iter().any(|c| c.connected.connection.host() == f.host));
        self.offer_sign_ins(&found);
        if let Some(welcome) = &mut self.welcome {
            welcome.found = Some(found);
        }
    }

    /// Adds the sign-ins to the open picker.
    fn offer_sign_ins(&mut self, found: &[FoundSignIn]) {
        let pickers = self.modals.iter_mut().filter_map(|m| match m {
            Modal::Picker(p) if p.purpose == PickerPurpose::Connect => Some(p),
            _ => None,
        });
        for picker in pickers {
            picker.choices.retain(|c| !matches!(c.pick, Pick::SignIn(_)));
            picker.choices.extend(found.iter().map(sign_in_choice));
            picker.narrow();
        }
    }

    /// Opens a provider's form; one that asks nothing is connected to at once.
    pub(in crate::app) fn connect_with(&mut self, provider: &'static ProviderInfo) {
        if !provider.fields.is_empty() {
            self.open_form(provider, None);
            return;
        }
        let draft = Draft {
            editing: None,
            provider: provider.id.to_owned(),
            values: std::collections::BTreeMap::new(),
            keep: KeepSecret::Ask,
        };
        self.join(Slot::Join(provider.id.to_owned()), provider.title, Request::Connect(draft));
    }

    /// Makes a connection of a stored sign-in.
    pub(super) fn take_over(&mut self, found: FoundSignIn) {
        let host = found.host.clone();
        self.join(Slot::TakeOver(found.clone()), &host, Request::TakeOver(found));
    }

    fn join(&mut self, slot: Slot, title: &str, request: Request) {
        if let Some(welcome) = &mut self.welcome {
            welcome.busy = Some(visible(title).into_owned());
            welcome.failure = None;
        }
        self.tell(Level::Note, &format!("Connecting to {title}…"));
        self.start(slot, request);
    }

    /// A stored sign-in was tried. What did not work goes on in the form: a CA file may be all that is missing.
    pub(in crate::app) fn on_taken_over(&mut self, found: &FoundSignIn, result: Checked) {
        let by_address = self.providers.iter().find(|p| p.fields.iter().any(|f| f.id == "url"));
        match (result, by_address) {
            (Err(ConnectFailure::Refused { failure, field }), Some(provider)) if self.modals.is_empty() => {
                if let Some(welcome) = &mut self.welcome {
                    welcome.busy = None;
                    welcome.failure = Some(failure.clone());
                }
                self.notice = None;
                self.log_failure(&failure);
                self.modals.push(Modal::Form(Form::of_sign_in(provider, found, failure, field)));
            }
            (result, _) => self.on_joined(&found.host, result),
        }
    }

    pub(super) fn edit_connection(&mut self, id: &ConnectionId) {
        let Some(state) = self.connection(id) else { return };
        let connected = state.connected.clone();
        match self.providers.iter().find(|p| p.id == connected.connection.provider) {
            Some(provider) => self.open_form(provider, Some(connected)),
            None => {
                let text =
                    format!("The provider “{}” is not known to this version.", connected.connection.provider);
                self.tell(Level::Error, &text);
            }
        }
    }

    /// Opens the form on the password when an account is not let in, as after a start when the password was kept for one
    /// run only: once, and only where nothing else has the keys.
    pub(in crate::app) fn ask_password_again(&mut self, at: &Locator, failure: &Failure) {
        let is_refused = failure.kind == FailureKind::Unauthorized && at.kind() == NodeKind::Connection;
        let is_typing = !self.modals.is_empty() || self.filter.as_ref().is_some_and(|f| f.typing);
        let is_here = self.selected().is_some_and(|s| s.connection == at.connection);
        if !is_refused || is_typing || !is_here {
            return;
        }
        let Some(state) = self.connections.iter_mut().find(|c| *c.id() == at.connection) else { return };
        if state.connected.connection.username.is_empty() || std::mem::replace(&mut state.asked_again, true) {
            return;
        }
        self.edit_connection(&at.connection);
        if let Some(Modal::Form(form)) = self.modals.last_mut() {
            form.failure = Some(failure.clone());
            if let Some(secret) = form.fields.iter().find(|f| f.field.kind == FieldKind::Secret) {
                form.focus_on(secret.field.id);
            }
        }
    }

    pub(super) fn ask_disconnect(&mut self, id: &ConnectionId) {
        let name = self.title_of(&Locator::root(id.clone()));
        let kept = self.can(&Locator::root(id.clone())).contains(crate::domain::Capabilities::KEPT);
        let about = if kept {
            "Its settings and its stored password are forgotten. Nothing changes in the registry."
        } else {
            "It was made for this run only. Nothing changes in the registry."
        };
        let act = Act::Disconnect(id.clone());
        self.modals.push(Modal::Confirm(Confirm::plain(format!("Disconnect {name}?"), about, act)));
    }
}

impl Confirm {
    /// A question that Enter answers, without a blast radius.
    pub(super) fn plain(title: String, about: &str, act: Act) -> Self {
        Self {
            title,
            about: about.to_owned(),
            summary: Vec::new(),
            act,
            consent: Consent::Enter,
            input: tui_input::Input::default(),
            impacts: Vec::new(),
            weight: None,
            can_untag: false,
            takes_images: false,
            top: 0,
        }
    }
}

fn sign_in_choice(found: &FoundSignIn) -> PickItem {
    let account = found.username.as_ref().map(|u| format!(" as {u}")).unwrap_or_default();
    PickItem {
        label: visible(&format!("{}{account}", found.host)).into_owned(),
        note: visible(&format!("signed in: {}", found.source)).into_owned(),
        pick: Pick::SignIn(found.clone()),
    }
}
