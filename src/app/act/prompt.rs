//! One-line prompts, and the one there is: Open repository….

use tui_input::Input;

use crate::app::effect::Request;
use crate::app::key::Key;
use crate::app::modal::{Modal, Prompt, Purpose};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::typing::{Typed, type_key};
use crate::app::waits::Slot;
use crate::domain::reference::is_repository;
use crate::domain::{ConnectionId, Failure, Locator};

impl App {
    pub(super) fn ask_repository(&mut self, connection: &ConnectionId) {
        let name = self.title_of(&Locator::root(connection.clone()));
        self.modals.push(Modal::Prompt(Prompt {
            title: format!("Open a repository of {name}"),
            about: "Its full name, such as team/app. It is kept as a bookmark.".to_owned(),
            input: Input::default(),
            error: None,
            busy: false,
            purpose: Purpose::OpenRepository(connection.clone()),
        }));
    }

    pub(in crate::app) fn key_in_prompt(&mut self, key: Key) {
        let Some(Modal::Prompt(prompt)) = self.modals.last_mut() else { return };
        match key {
            Key::Esc if prompt.busy => {
                prompt.busy = false;
                self.cancel_where(|s| matches!(s, Slot::Bookmark(_)));
            }
            Key::Esc => self.close_top(),
            _ if prompt.busy => {}
            Key::Enter => self.answer_prompt(),
            _ => {
                if type_key(&mut prompt.input, key) == Typed::Changed {
                    prompt.error = None;
                }
            }
        }
    }

    fn answer_prompt(&mut self) {
        let Some(Modal::Prompt(prompt)) = self.modals.last_mut() else { return };
        let Purpose::OpenRepository(connection) = prompt.purpose.clone();
        let repository = prompt.input.value().trim().trim_matches('/').to_owned();
        if !is_repository(&repository) {
            prompt.error =
                Some("A repository has lower-case letters and digits, with . _ - / between them.".to_owned());
            return;
        }
        prompt.busy = true;
        prompt.error = None;
        self.start(Slot::Bookmark(connection.clone()), Request::Bookmark { connection, repository });
    }

    pub(in crate::app) fn on_bookmarked(&mut self, result: Result<Locator, Failure>) {
        match result {
            Ok(at) => {
                self.modals.retain(|m| !matches!(m, Modal::Prompt(_)));
                self.keep_bookmark(&at);
                self.tell(Level::Info, &format!("{} is kept as a bookmark.", self.title_of(&at)));
                self.go_to(at);
            }
            Err(failure) => match self.modals.last_mut() {
                Some(Modal::Prompt(prompt)) => {
                    prompt.busy = false;
                    prompt.error = Some(crate::domain::text::visible(&failure.sentence()).into_owned());
                }
                _ => self.tell_failure(&failure),
            },
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
