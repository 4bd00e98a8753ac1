//! One-line prompts: typing, checking what was typed, sending it off.
//!
//! Invariant: what was typed stays until the answer has worked, and nothing is completed behind the person's back.

use tui_input::Input;

use super::registries::check_repository;
use crate::app::choice::Choices;
use crate::app::effect::Request;
use crate::app::key::Key;
use crate::app::modal::{Modal, Prompt, Purpose};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::typing::{Typed, type_key};
use crate::app::waits::Slot;
use crate::domain::text::visible;
use crate::domain::{ConnectionId, Failure, Locator};

impl Prompt {
    /// A prompt filled in with `text`.
    pub(super) fn new(
        title: impl Into<String>,
        about: impl Into<String>,
        text: &str,
        purpose: Purpose,
    ) -> Self {
        Self {
            title: title.into(),
            about: about.into(),
            input: Input::from(text),
            error: None,
            busy: false,
            beside: Choices::default(),
            purpose,
        }
    }
}

impl App {
    pub(super) fn ask_repository(&mut self, connection: &ConnectionId) {
        let name = self.title_of(&Locator::root(connection.clone()));
        let title = format!("Open a repository of {name}");
        let about = "Its full name, such as team/app. It is kept as a bookmark.";
        self.prompt(Prompt::new(title, about, "", Purpose::OpenRepository(connection.clone())));
    }

    pub(super) fn ask_new_repository(&mut self, parent: &Locator) {
        let title = format!("Create a repository in {}", self.title_of(parent));
        let about = "Its name, such as team/app. It is made empty; pushes fill it.";
        self.prompt(Prompt::new(title, about, "", Purpose::CreateRepository(parent.clone())));
    }

    pub(super) fn prompt(&mut self, prompt: Prompt) {
        self.modals.push(Modal::Prompt(prompt));
    }

    pub(in crate::app) fn key_in_prompt(&mut self, key: Key) {
        let Some(Modal::Prompt(prompt)) = self.modals.last_mut() else { return };
        match key {
            // What only reads can be given up; a change that was sent is finished whoever waits.
            Key::Esc if prompt.busy && self.waits.count(is_of_prompt) > 0 => {
                prompt.busy = false;
                self.cancel_where(is_of_prompt);
            }
            Key::Esc => self.close_top(),
            _ if prompt.busy => {}
            Key::Enter => self.answer_prompt(),
            _ if prompt.beside.take_key(key) => {}
            _ => {
                if type_key(&mut prompt.input, key) == Typed::Changed {
                    self.check_prompt();
                }
            }
        }
    }

    /// Says what is wrong with the text as it stands.
    pub(in crate::app) fn check_prompt(&mut self) {
        let Some(Modal::Prompt(prompt)) = self.modals.last() else { return };
        let error = self.find_prompt_error(&prompt.purpose, prompt.input.value().trim());
        if let Some(Modal::Prompt(prompt)) = self.modals.last_mut() {
            prompt.error = error;
        }
    }

    fn find_prompt_error(&self, purpose: &Purpose, typed: &str) -> Option<String> {
        if typed.is_empty() {
            return None;
        }
        match purpose {
            Purpose::OpenRepository(_) | Purpose::CreateRepository(_) => {
                check_repository(typed.trim_matches('/')).err()
            }
            Purpose::Tag(at) => self.name_tag(at, typed).err(),
            Purpose::Save { .. } => None,
            Purpose::Send(sending) => self.find_name_error(sending, typed),
        }
    }

    /// Enter: goes on with what was typed, unless something is wrong with it.
    fn answer_prompt(&mut self) {
        self.check_prompt();
        let Some(Modal::Prompt(prompt)) = self.modals.last_mut() else { return };
        let typed = prompt.input.value().trim().to_owned();
        if typed.is_empty() {
            prompt.error = Some("Type it first; Esc cancels.".to_owned());
        }
        if prompt.error.is_some() {
            return;
        }
        match prompt.purpose.clone() {
            Purpose::OpenRepository(connection) => {
                let repository = typed.trim_matches('/').to_owned();
                let request = Request::Bookmark { connection: connection.clone(), repository };
                self.send_prompt(Slot::Bookmark(connection), request);
            }
            Purpose::CreateRepository(parent) => {
                let name = typed.trim_matches('/').to_owned();
                self.send_prompt(Slot::Creation, Request::CreateRepository { parent, name });
            }
            Purpose::Tag(at) => self.look_at_name(&at, &typed),
            Purpose::Save { .. } => self.look_at_file(),
            Purpose::Send(_) => self.send_names(),
        }
    }

    pub(super) fn send_prompt(&mut self, slot: Slot, request: Request) {
        if let Some(Modal::Prompt(prompt)) = self.modals.last_mut() {
            prompt.busy = true;
        }
        self.start_beside(slot, request);
    }

    /// The answer did not work: it is said at the prompt that waits for it, else at the bottom.
    pub(super) fn blame_prompt(&mut self, failure: &Failure, is_its: impl Fn(&Purpose) -> bool) {
        let waiting = self.modals.iter_mut().rev().find_map(|m| match m {
            Modal::Prompt(prompt) if prompt.busy && is_its(&prompt.purpose) => Some(prompt),
            _ => None,
        });
        match waiting {
            Some(prompt) => {
                prompt.busy = false;
                prompt.error = Some(visible(&failure.sentence()).into_owned());
            }
            None => self.tell_failure(failure),
        }
    }

    /// Takes away the prompt that an answer was for.
    pub(super) fn end_prompt(&mut self, is_its: impl Fn(&Purpose) -> bool) {
        self.modals.retain(|m| !matches!(m, Modal::Prompt(p) if p.busy && is_its(&p.purpose)));
    }

    pub(in crate::app) fn on_bookmarked(&mut self, result: Result<Locator, Failure>) {
        let is_its = |purpose: &Purpose| matches!(purpose, Purpose::OpenRepository(_));
        match result {
            Ok(at) => {
                self.end_prompt(is_its);
                self.keep_bookmark(&at);
                self.tell(Level::Info, &format!("{} is kept as a bookmark.", self.title_of(&at)));
                self.go_to(at);
            }
            Err(failure) => self.blame_prompt(&failure, is_its),
        }
    }

    pub(in crate::app) fn on_repository_created(&mut self, result: Result<Locator, Failure>) {
        let is_its = |purpose: &Purpose| matches!(purpose, Purpose::CreateRepository(_));
        match result {
            Ok(at) => {
                self.end_prompt(is_its);
                if let Some(parent) = at.parent() {
                    self.tree.add_child(&parent, at.kind(), at.name());
                }
                self.tell(Level::Info, &format!("Created {}.", self.title_of(&at)));
                self.go_to(at);
            }
            Err(failure) => self.blame_prompt(&failure, is_its),
        }
    }

    fn keep_bookmark(&mut self, at: &Locator) {
        if let Some(parent) = at.parent() {
            self.tree.add_child(&parent, at.kind(), at.name());
        }
        let state = self.connections.iter_mut().find(|c| *c.id() == at.connection);
        if let (Some(state), Some(repository)) = (state, at.repository()) {
            let bookmarks = &mut state.connected.connection.bookmarks;
            if !bookmarks.iter().any(|b| b == repository) {
                bookmarks.push(repository.to_owned());
            }
        }
    }
}

/// Whether a slot is one that only a prompt waits for, and that can be given up.
pub(super) fn is_of_prompt(slot: &Slot) -> bool {
    matches!(slot, Slot::Bookmark(_) | Slot::Seen(_) | Slot::HasFile)
}
