//! Forms: typing, moving, checking what was typed, sending it off.
//!
//! Invariant: nothing typed is lost by a check that fails or is cancelled.

use std::collections::BTreeMap;

use tui_input::Input;

use super::address::find_url_error;
use crate::app::effect::{Effect, Request};
use crate::app::key::Key;
use crate::app::local::{self, FormAction};
use crate::app::modal::{Form, FormField, FormFocus, FormPurpose, Modal};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::typing::{Typed, type_key};
use crate::app::waits::Slot;
use crate::domain::connection::{
    Connected, Connection, Draft, Field, FieldKind, FoundSignIn, KeepSecret, ProviderInfo,
};
use crate::domain::extra::SignInCode;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Secret};

impl App {
    pub(super) fn open_form(&mut self, provider: &'static ProviderInfo, editing: Option<Connected>) {
        self.modals.push(Modal::Form(Form::new(provider, editing)));
    }

    pub(in crate::app) fn key_in_form(&mut self, key: Key) {
        let Some(Modal::Form(form)) = self.modals.last_mut() else { return };
        match local::in_form(key) {
            Some(FormAction::Close) if form.checking => {
                form.checking = false;
                form.code = None;
                self.cancel_where(|s| matches!(s, Slot::Form | Slot::Summary(_)));
            }
            Some(FormAction::Close) => self.close_top(),
            _ if form.checking => self.key_while_checking(key),
            Some(FormAction::Next) => form.step(1),
            Some(FormAction::Before) => form.step(-1),
            Some(FormAction::Submit) => self.submit_form(),
            Some(FormAction::Fold) => form.fold(),
            Some(FormAction::Enter) => self.enter_in_form(),
            None => self.type_in_form(key),
        }
    }

    /// While the check waits for a person at a vendor's page, the code is copied and the page opened by a key.
    fn key_while_checking(&mut self, key: Key) {
        let Some(Modal::Form(Form { code: Some(code), .. })) = self.modals.last() else { return };
        match key {
            Key::Char('y') => {
                let code = code.code.clone();
                self.copy("code", code);
            }
            Key::Char('o') => {
                let page = code.page.clone();
                self.out.push(Effect::Open(page));
            }
            _ => {}
        }
    }

    /// A vendor wants a code typed at a page of its own, or has got it. Without a form it is a message.
    pub(in crate::app) fn on_sign_in_code(&mut self, code: Option<SignInCode>) {
        let form = self.modals.iter_mut().rev().find_map(|m| match m {
            Modal::Form(form) if form.checking => Some(form),
            _ => None,
        });
        match (form, code) {
            (Some(form), code) => form.code = code,
            (None, Some(SignInCode { code, page, .. })) => {
                let text = format!("To sign in, type {} at {}.", visible(&code), visible(&page));
                self.tell(Level::Warning, &text);
            }
            (None, None) => {}
        }
    }

    fn enter_in_form(&mut self) {
        let Some(Modal::Form(form)) = self.modals.last_mut() else { return };
        match form.focus {
            FormFocus::Options => form.advanced = !form.advanced,
            FormFocus::Submit => self.submit_form(),
            FormFocus::Field(i) if form.fields.get(i).is_some_and(FormField::is_chosen) => {
                self.pick_value(None)
            }
            FormFocus::Field(_) => match form.next_field() {
                Some(next) => form.focus = next,
                None => self.submit_form(),
            },
        }
    }

    /// A click on a line of the form.
    pub(in crate::app) fn press_form_row(&mut self, row: FormFocus) {
        let Some(Modal::Form(form)) = self.modals.last_mut() else { return };
        if form.checking {
            return;
        }
        form.focus = row;
        match row {
            FormFocus::Options => form.advanced = !form.advanced,
            FormFocus::Submit => self.submit_form(),
            FormFocus::Field(i) if form.fields.get(i).is_some_and(FormField::is_chosen) => {
                self.pick_value(None)
            }
            FormFocus::Field(_) => form.turn(1),
        }
    }

    /// A letter, or a key that turns what the field holds.
    fn type_in_form(&mut self, key: Key) {
        let Some(Modal::Form(form)) = self.modals.last_mut() else { return };
        let is_chosen = form.focused().is_some_and(|f| f.is_chosen());
        match key {
            Key::Char(' ') if is_chosen => self.pick_value(None),
            Key::Char(letter) if is_chosen => self.pick_value(Some(letter)),
            _ => {
                form.type_key(key);
                self.after_typing();
            }
        }
    }

    fn submit_form(&mut self) {
        let Some(Modal::Form(form)) = self.modals.last_mut() else { return };
        if form.wanted().is_some() {
            self.submit_extra();
        } else if let Some(draft) = form.draft() {
            self.check_draft(draft);
        }
    }

    /// Sends a filled-in form off to be checked.
    pub(super) fn check_draft(&mut self, draft: Draft) {
        if let Some(Modal::Form(form)) = self.modals.last_mut() {
            form.checking = true;
            form.failure = None;
            self.start(Slot::Form, Request::Connect(draft));
        }
    }
}

impl Form {
    fn new(provider: &'static ProviderInfo, editing: Option<Connected>) -> Self {
        let connection = editing.as_ref().map(|c| &c.connection);
        let fields: Vec<FormField> = provider.fields.iter().map(|f| FormField::new(f, connection)).collect();
        // What was set before is not hidden.
        let is_set = |f: &FormField| f.field.advanced && !f.input.value().is_empty();
        let advanced = editing.is_some() && fields.iter().any(is_set);
        let mut form = Self {
            purpose: FormPurpose::Connect { provider, editing: editing.map(Box::new) },
            fields,
            focus: FormFocus::Submit,
            advanced,
            checking: false,
            code: None,
            failure: None,
        };
        form.step(1);
        form
    }

    /// The form for a stored sign-in that did not work: filled in with what is known of it, the failure in it.
    pub(super) fn of_sign_in(
        provider: &'static ProviderInfo,
        found: &FoundSignIn,
        failure: Failure,
        field: Option<&'static str>,
    ) -> Self {
        let mut form = Self::new(provider, None);
        for field in &mut form.fields {
            let known = match field.field.id {
                "url" => found.host.as_str(),
                "username" => found.username.as_deref().unwrap_or_default(),
                other => match found.settings.get(other) {
                    Some(value) => value,
                    None => continue,
                },
            };
            field.input = Input::from(known);
        }
        form.advanced = form.fields.iter().any(|f| f.field.advanced);
        form.focus_on(field.unwrap_or(match failure.kind {
            FailureKind::Tls => "ca_file",
            FailureKind::Unauthorized | FailureKind::Forbidden => "password",
            _ => "url",
        }));
        form.failure = Some(failure);
        form
    }

    /// Moves the cursor, round and round.
    pub(super) fn step(&mut self, by: isize) {
        let rows = self.rows();
        let at = rows.iter().position(|r| *r == self.focus).unwrap_or(0);
        let len = rows.len();
        let next = at.saturating_add(len).saturating_add_signed(by) % len.max(1);
        self.focus = rows.get(next).copied().unwrap_or(FormFocus::Submit);
    }

    /// Folds or unfolds the options, where there are any; a cursor on a hidden one goes to their line.
    fn fold(&mut self) {
        if self.fields.iter().any(|f| f.field.advanced) {
            self.advanced = !self.advanced;
        }
        if !self.rows().contains(&self.focus) {
            self.focus = FormFocus::Options;
        }
    }

    /// The field after the one that has the cursor.
    pub(crate) fn next_field(&self) -> Option<FormFocus> {
        let rows = self.rows();
        let after = rows.iter().skip_while(|r| **r != self.focus).skip(1);
        after.copied().find(|r| matches!(r, FormFocus::Field(_)))
    }

    fn type_key(&mut self, key: Key) {
        if let (FormFocus::Options, Key::Char(' ') | Key::Left | Key::Right) = (self.focus, key) {
            self.advanced = !self.advanced;
            return;
        }
        if let Some(line) = self.focused_line() {
            if type_key(line, key) == Typed::Changed {
                self.forgive();
            }
            return;
        }
        match key {
            Key::Char(' ' | 'l') | Key::Right => self.turn(1),
            Key::Char('h') | Key::Left => self.turn(-1),
            _ => {}
        }
    }

    /// Flips a flag; the next or previous of several choices.
    fn turn(&mut self, by: isize) {
        let Some(field) = self.focused() else { return };
        if field.is_chosen() {
            return field.turn_value(by);
        }
        let next = match field.field.kind {
            FieldKind::Flag if field.input.value().is_empty() => "true",
            FieldKind::Flag => "",
            FieldKind::Choice(choices) => {
                let at = choices.iter().position(|c| *c == field.input.value()).unwrap_or(0);
                let next = at.saturating_add(choices.len()).saturating_add_signed(by) % choices.len().max(1);
                choices.get(next).copied().unwrap_or_default()
            }
            FieldKind::Text | FieldKind::Secret | FieldKind::File => return,
        };
        field.input = Input::from(next);
        field.error = None;
    }

    pub(super) fn focused(&mut self) -> Option<&mut FormField> {
        match self.focus {
            FormFocus::Field(i) => self.fields.get_mut(i),
            FormFocus::Options | FormFocus::Submit => None,
        }
    }

    /// The line that letters go to.
    pub(in crate::app) fn focused_line(&mut self) -> Option<&mut Input> {
        let typing = !self.checking;
        self.focused().filter(|f| typing && f.takes_text()).map(|f| &mut f.input)
    }

    /// The field was changed: what was wrong with it is history.
    pub(in crate::app) fn forgive(&mut self) {
        self.failure = self.failure.take().filter(|_| self.wanted().is_none());
        if let Some(field) = self.focused() {
            field.error = None;
            field.touch();
        }
    }

    /// Puts the cursor on a field, unfolding the options where it lies among them.
    pub(super) fn focus_on(&mut self, id: &str) {
        if let Some(i) = self.fields.iter().position(|f| f.field.id == id) {
            self.advanced |= self.fields.get(i).is_some_and(|f| f.field.advanced);
            self.focus = FormFocus::Field(i);
        }
    }

    /// What was typed, when every field can stay so; else the errors are shown and the first has the cursor.
    pub(super) fn draft(&mut self) -> Option<Draft> {
        let values = self.values()?;
        let FormPurpose::Connect { provider, editing } = &self.purpose else { return None };
        Some(Draft {
            editing: editing.as_ref().map(|c| c.connection.id.clone()),
            provider: provider.id.to_owned(),
            values,
            keep: KeepSecret::Ask,
        })
    }

    /// What the fields hold that are there, when every one can stay so; else the errors are shown and the first has the
    /// cursor.
    pub(super) fn values(&mut self) -> Option<BTreeMap<String, Secret>> {
        let editing = self.editing().is_some();
        let there: Vec<bool> = self.fields.iter().map(|f| self.is_there(f)).collect();
        for (field, is_there) in self.fields.iter_mut().zip(&there) {
            field.error = is_there.then(|| field.find_error(editing)).flatten();
        }
        if let Some(wrong) = self.fields.iter().find(|f| f.error.is_some()).map(|f| f.field.id) {
            self.focus_on(wrong);
            return None;
        }
        let filled = self.fields.iter().zip(&there).filter(|(_, is_there)| **is_there);
        Some(filled.map(|(f, _)| (f.field.id.to_owned(), Secret::new(f.input.value()))).collect())
    }
}

impl FormField {
    pub(super) fn new(field: &'static Field, editing: Option<&Connection>) -> Self {
        let value = match (editing, field.kind) {
            (Some(connection), _) => value_of(connection, field.id),
            (None, FieldKind::Choice(choices)) => choices.first().copied().unwrap_or_default().to_owned(),
            (None, _) => String::new(),
        };
        let secret_stays = editing.is_some() && field.kind == FieldKind::Secret;
        let placeholder = if secret_stays { "unchanged" } else { field.example };
        Self { field, input: Input::new(value), placeholder, error: None, values: None }
    }

    /// Whether letters are typed into it.
    fn takes_text(&self) -> bool {
        !self.is_chosen() && matches!(self.field.kind, FieldKind::Text | FieldKind::Secret | FieldKind::File)
    }

    /// Why what was typed cannot stay so.
    fn find_error(&self, editing: bool) -> Option<String> {
        let value = self.input.value();
        let unchanged = editing && self.field.kind == FieldKind::Secret;
        if value.trim().is_empty() {
            let is_asked = self.takes_text() || self.is_chosen();
            let missing = !self.field.optional && !unchanged && is_asked;
            return missing.then(|| format!("{} is needed.", self.field.label));
        }
        match self.field.id {
            "url" => find_url_error(value.trim(), &["https", "http"]),
            "proxy" => find_url_error(value.trim(), &["https", "http", "socks5", "socks5h"]),
            _ => None,
        }
    }
}

/// The value of a field in a connection that exists; secrets are not in there.
fn value_of(connection: &Connection, id: &str) -> String {
    let flag = |on: bool| if on { "true".to_owned() } else { String::new() };
    let options = &connection.options;
    match id {
        "name" => connection.name.clone(),
        "url" => connection.url.clone(),
        "username" => connection.username.clone(),
        "ca_file" => options.ca_file.clone().unwrap_or_default(),
        "client_certificate" => options.client_certificate.clone().unwrap_or_default(),
        "proxy" => options.proxy.clone().unwrap_or_default(),
        "plain_http" => flag(options.plain_http),
        "skip_verification" => flag(options.skip_verification),
        other => connection.settings.get(other).cloned().unwrap_or_default(),
    }
}
