//! Starting and cancelling tasks.
//!
//! Invariant: starting a task for a slot cancels the one before it in the same call.

use crate::app::effect::{Effect, Request};
use crate::app::event::TaskId;
use crate::app::state::App;
use crate::app::waits::Slot;

impl App {
    /// Starts `request` for `slot`; what ran for the slot before is cancelled.
    pub(in crate::app) fn start(&mut self, slot: Slot, request: Request) -> TaskId {
        self.cancel_where(|s| *s == slot);
        self.start_beside(slot, request)
    }

    /// Starts `request` beside others of its kind: jobs, removals.
    pub(in crate::app) fn start_beside(&mut self, slot: Slot, request: Request) -> TaskId {
        let id = self.waits.issue(slot);
        self.out.push(Effect::Run(id, request));
        id
    }

    /// Cancels every task whose slot satisfies `wanted`; says whether there was one.
    pub(in crate::app) fn cancel_where(&mut self, wanted: impl Fn(&Slot) -> bool) -> bool {
        let ids = self.waits.ids(wanted);
        for id in &ids {
            self.waits.take(*id);
            self.out.push(Effect::Cancel(*id));
        }
        !ids.is_empty()
    }
}
