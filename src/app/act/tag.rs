//! Tag…: another name for an image, after a look at what has that name.
//!
//! Invariant: a name that stands for another image is taken from it only after that was said; what was seen goes along
//! with the request, so that a name that moves meanwhile is not taken either.

use super::registries::check_tag;
use crate::app::effect::Request;
use crate::app::modal::{Act, Confirm, Consent, Modal, Prompt, Purpose};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::job::{Copying, Seen};
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, Locator, NodeKind, Reference};

impl App {
    /// Asks for another tag of the same repository; on this machine for a whole name.
    pub(super) fn ask_tag(&mut self, at: &Locator) {
        let title = format!("Tag {}", self.title_of(at));
        let (about, text) = if self.is_here(at) {
            let own = at.reference("").map_or_else(String::new, |r| r.to_string());
            ("Another name for it, such as ghcr.io/team/app:1.0. It keeps the one it has.", own)
        } else {
            ("Another tag in the same repository. Nothing is transferred.", String::new())
        };
        self.prompt(Prompt::new(title, about, &text, Purpose::Tag(at.clone())));
    }

    /// The node that the image at `at` gets with the name that was typed, or what is wrong with that.
    pub(super) fn name_tag(&self, at: &Locator, typed: &str) -> Result<Locator, String> {
        if !self.is_here(at) {
            check_tag(typed)?;
            let repository = at.repository_node().unwrap_or_else(|| at.clone());
            return Ok(repository.child(NodeKind::Tag, typed));
        }
        let reference: Reference = typed.parse().map_err(|f: Failure| visible(&f.said).into_owned())?;
        if reference.digest.is_some() {
            return Err("An image gets a name with a tag; a digest cannot be given.".to_owned());
        }
        let repository = format!("{}/{}", reference.host, reference.repository);
        let tag = reference.tag.as_deref().unwrap_or("latest");
        let place = Locator::root(at.connection.clone());
        Ok(place.child(NodeKind::Repository, &repository).child(NodeKind::Tag, tag))
    }

    /// Enter: looks up what has the name now, then goes on.
    pub(super) fn look_at_name(&mut self, at: &Locator, typed: &str) {
        let own = "That is the name it has; give it another.".to_owned();
        let named = self.name_tag(at, typed).and_then(|to| if to == *at { Err(own) } else { Ok(to) });
        match named {
            Ok(to) => self.send_prompt(Slot::Seen(to.clone()), Request::Facts { at: to }),
            Err(error) => {
                if let Some(Modal::Prompt(prompt)) = self.modals.last_mut() {
                    prompt.error = Some(error);
                }
            }
        }
    }

    /// What has the name was looked up: gives it, after a question where another image has it.
    pub(super) fn tag_or_ask(&mut self, to: &Locator, seen: Seen) {
        let Some(Modal::Prompt(prompt)) = self.modals.last_mut() else { return };
        prompt.busy = false;
        let Purpose::Tag(at) = &prompt.purpose else { return };
        let (at, name) = (at.clone(), prompt.input.value().trim().to_owned());
        let copy = Copying { from: at.clone(), to: to.clone(), seen: seen.clone() };
        let question = match &seen {
            Seen::Digest(there) if self.is_here(to) => Some(self.question_of_taking(to, there)),
            _ => self.question_of_replacing(&[&copy]),
        };
        let question = question.filter(|_| self.replaces_another(&copy, true));
        let request = Request::Tag { at, name, seen };
        match question {
            None => self.send_prompt(Slot::Tagging, request),
            Some((title, about)) => {
                let mut confirm = Confirm::plain(title, &about, Act::Replace(Box::new(request)));
                confirm.consent = Consent::Yes;
                self.modals.push(Modal::Confirm(confirm));
            }
        }
    }

    /// The question before a name on this machine goes from one image to another.
    fn question_of_taking(&self, to: &Locator, there: &Digest) -> (String, String) {
        let title = format!("Replace {} in {}?", self.title_of(to), self.place_title(to));
        let digest = format!("{}:{}…", there.algorithm().name(), there.short(12));
        (title, format!("Another image has that name, {digest}. It loses it."))
    }

    fn place_title(&self, at: &Locator) -> String {
        self.title_of(&Locator::root(at.connection.clone()))
    }

    pub(in crate::app) fn on_tagged(&mut self, result: Result<Locator, Failure>) {
        let is_its = |purpose: &Purpose| matches!(purpose, Purpose::Tag(_));
        match result {
            Ok(at) => {
                self.end_prompt(is_its);
                self.tell(Level::Info, &format!("Tagged {}.", self.title_of(&at)));
                self.show_new_image(&at);
            }
            Err(failure) => self.blame_prompt(&failure, is_its),
        }
    }
}
