//! What follows from every event: listings that go on, facts of what is visible, the way to the goal.
//!
//! Invariant: never more than [`FACTS_AT_ONCE`] requests for facts run, and only for rows that are visible or
//! that the order has to place.

use crate::app::effect::{Effect, Request};
use crate::app::state::App;
use crate::app::tree::Want;
use crate::app::waits::Slot;

/// How many requests for facts run at a time.
const FACTS_AT_ONCE: usize = 8;

impl App {
    /// Brings everything that depends on the state up to date.
    pub(super) fn settle(&mut self) {
        self.pursue_goal();
        for want in self.tree.wants() {
            self.list(want);
        }
        self.ask_facts();
        self.ask_impacts();
        self.look_at_tags();
        self.ask_choices();
        self.follow_cursor();
    }

    /// Asks for a page.
    pub(in crate::app) fn list(&mut self, want: Want) {
        let request = Request::Children { at: want.at.clone(), cursor: want.cursor };
        self.start(Slot::Branch(want.at), request);
    }

    fn ask_facts(&mut self) {
        let running = self.waits.count(|s| matches!(s, Slot::Facts(_)));
        for at in self.tree.facts_wanted(FACTS_AT_ONCE.saturating_sub(running)) {
            self.tree.facts_asked(&at);
            self.start(Slot::Facts(at.clone()), Request::Facts { at });
        }
    }

    /// The details follow when the cursor has rested on another node than before.
    fn follow_cursor(&mut self) {
        let selected = self.selected();
        if selected != self.last_selected {
            self.last_selected = selected;
            self.out.push(Effect::Rest);
        }
    }
}
