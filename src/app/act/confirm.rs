//! Questions, and what a yes sets off.
//!
//! Invariant: a confirmation carries what it will do as data; a yes counts only when everything that can be known is.

use super::prompt::is_of_prompt;
use crate::app::effect::{Effect, Request};
use crate::app::jobs::Doing;
use crate::app::key::Key;
use crate::app::modal::{Act, Confirm, Consent, Modal, Weighing};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::typing::type_key;
use crate::app::waits::Slot;
use crate::domain::human::count;

/// What leaving does to a removal.
const REMOVAL_ENDS: &str = "The tag or image being removed is finished with; the ones after it stay.";

impl App {
    pub(in crate::app) fn key_in_confirm(&mut self, key: Key) {
        let Some(Modal::Confirm(confirm)) = self.modals.last_mut() else { return };
        match (key, &confirm.consent) {
            (Key::Esc, _) => self.close_top(),
            (Key::Enter, Consent::Name(name)) => {
                if confirm.input.value() == name {
                    self.accept();
                }
            }
            (key, Consent::Name(_)) => {
                type_key(&mut confirm.input, key);
            }
            (Key::Char('n' | 'q'), _) => self.close_top(),
            (Key::Char('u'), _) if confirm.can_untag => self.untag_instead(),
            (Key::Enter, Consent::Enter) if confirm.weight == Some(Weighing::Looking) => {
                self.tell(Level::Note, "Still counting; wait a moment, or y pulls all of it at once.");
            }
            (Key::Enter, Consent::Yes) => self.tell(Level::Note, "Press y to go on, Esc to keep everything."),
            (Key::Char('y'), _) | (Key::Enter, Consent::Enter) => self.accept(),
            _ => self.scroll_by_key(key),
        }
    }

    /// A click on one of the answers: 0 is yes, 1 is no.
    pub(in crate::app) fn press_answer(&mut self, position: usize) {
        let Some(Modal::Confirm(confirm)) = self.modals.last() else { return };
        match (position, &confirm.consent) {
            (0, Consent::Name(_)) => self.key_in_confirm(Key::Enter),
            (0, _) => self.key_in_confirm(Key::Char('y')),
            (1, _) => self.close_top(),
            _ => {}
        }
    }

    /// A yes.
    fn accept(&mut self) {
        let Some(Modal::Confirm(confirm)) = self.modals.last() else { return };
        if confirm.is_looking() {
            self.tell(Level::Note, "Still looking up what it touches; wait a moment.");
            return;
        }
        let act = confirm.act.clone();
        if act == Act::Delete(Vec::new()) {
            self.tell(Level::Error, "Nothing is deleted: what would go with it could not be looked up.");
            return;
        }
        let impacts = confirm.impacts.clone();
        self.close_top();
        match act {
            Act::Untag(tags) => self.untag(tags),
            Act::Delete(manifests) => self.delete(&manifests, &impacts),
            Act::Disconnect(id) => {
                self.start(Slot::Disconnect(id.clone()), Request::Disconnect(id));
            }
            Act::PullRepository(what) => self.pull_images(what),
            Act::DeleteRepository(at) => self.delete_repository(at),
            Act::Replace(request) => match *request {
                Request::Tag { .. } => self.send_prompt(Slot::Tagging, *request),
                request => self.send(request),
            },
            Act::Extra(extra, asked, push) => self.run_extra(extra, *asked, push),
            Act::Quit => self.out.push(Effect::Quit),
        }
    }

    /// Leaves; asks first while jobs or removals run. Asked again, it leaves.
    pub(super) fn quit(&mut self) {
        let asked = matches!(self.modals.last(), Some(Modal::Confirm(c)) if c.act == Act::Quit);
        match self.question_of_quitting().filter(|_| !asked) {
            Some(question) => self.modals.push(Modal::Confirm(question)),
            None => self.out.push(Effect::Quit),
        }
    }

    /// What to ask before leaving, while anything runs that would not go on.
    fn question_of_quitting(&self) -> Option<Confirm> {
        let is_change =
            |s: &Slot| matches!(s, Slot::Removal(_) | Slot::RepositoryRemoval(_) | Slot::Restoring);
        let removals = self.waits.count(is_change);
        let (running, about) = match (self.jobs.running(), removals) {
            (0, 0) => return None,
            (jobs, 0) => (
                count(jobs as u64, "job runs", "jobs run"),
                match self.jobs.list.iter().any(|j| j.end.is_none() && j.doing == Doing::Extra) {
                    true => "What a vendor was told to do may go on there; what has arrived here is kept.",
                    false => "What has arrived is kept; the next try goes on from there.",
                },
            ),
            (0, removals) => (count(removals as u64, "removal runs", "removals run"), REMOVAL_ENDS),
            (jobs, removals) => (
                format!(
                    "{} and {}",
                    count(jobs as u64, "job", "jobs"),
                    count(removals as u64, "removal run", "removals run")
                ),
                REMOVAL_ENDS,
            ),
        };
        Some(Confirm::plain(format!("Quit while {running}?"), about, Act::Quit))
    }

    /// Cancels what only `modal` was waiting for.
    pub(super) fn cancel_for(&mut self, modal: &Modal) {
        let is_its = |slot: &Slot| match modal {
            Modal::Form(_) => {
                matches!(slot, Slot::Form | Slot::Choices(_) | Slot::Check(_) | Slot::Summary(_))
            }
            Modal::Prompt(_) => is_of_prompt(slot),
            Modal::Confirm(_) => matches!(slot, Slot::Impact(_) | Slot::Weight),
            Modal::Inspect(_) => *slot == Slot::Inspect,
            Modal::Menu(_) | Modal::Picker(_) | Modal::Text(_) | Modal::Help(_) | Modal::Log(_) => false,
        };
        self.cancel_where(is_its);
    }
}

impl Confirm {
    /// Whether a blast radius is still being looked up.
    pub(crate) fn is_looking(&self) -> bool {
        self.impacts.iter().any(|(_, impact)| impact.is_none())
    }
}
