//! Questions, and what a yes sets off.
//!
//! Invariant: a confirmation carries what it will do as data; a yes counts only when everything that can be known is.

use crate::app::effect::{Effect, Request};
use crate::app::key::Key;
use crate::app::modal::{Act, Confirm, Consent, Modal};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::typing::type_key;
use crate::app::waits::Slot;

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
            (Key::Char('y'), _) | (Key::Enter, Consent::Enter) => self.accept(),
            (Key::Enter, Consent::Yes) => self.tell(Level::Note, "Press y to go on, Esc to keep everything."),
            _ => self.scroll_by_key(key),
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
            self.tell(Level::Error, "Nothing can be deleted: no digest is known.");
            return;
        }
        let impacts = confirm.impacts.clone();
        self.close_top();
        match act {
            Act::Untag(tags) => self.untag(tags),
            Act::Delete(manifests) => self.delete(manifests, &impacts),
            Act::Disconnect(id) => {
                self.start(Slot::Disconnect(id.clone()), Request::Disconnect(id));
            }
            Act::PullRepository(what) => self.pull(what),
            Act::Quit => self.out.push(Effect::Quit),
        }
    }

    /// Leaves; asks first while jobs run. Asked again, it leaves.
    pub(super) fn quit(&mut self) {
        let running = self.jobs.running();
        let asked = matches!(self.modals.last(), Some(Modal::Confirm(c)) if c.act == Act::Quit);
        if running == 0 || asked {
            self.out.push(Effect::Quit);
            return;
        }
        let jobs = crate::domain::human::count(running as u64, "job runs", "jobs run");
        let title = format!("Quit while {jobs}?");
        let about = "What was fetched is kept; the next pull goes on from there.";
        self.modals.push(Modal::Confirm(Confirm::plain(title, about, Act::Quit)));
    }

    /// Cancels what only `modal` was waiting for.
    pub(super) fn cancel_for(&mut self, modal: &Modal) {
        let is_its = |slot: &Slot| match modal {
            Modal::Form(_) => *slot == Slot::Form,
            Modal::Prompt(_) => matches!(slot, Slot::Bookmark(_)),
            Modal::Confirm(_) => matches!(slot, Slot::Impact(_)),
            Modal::Inspect(_) => *slot == Slot::Inspect,
            Modal::Menu(_) | Modal::Picker(_) | Modal::Help(_) | Modal::Log(_) => false,
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
