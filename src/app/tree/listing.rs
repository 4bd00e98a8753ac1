//! How far the listing of a branch is.
//!
//! Invariant: at most one page is under way, and whoever is handed a cursor is the one to ask for it.

use crate::domain::{Cursor, Failure};

/// The progress of a listing.
#[derive(Debug, Clone, Default)]
pub(super) struct Listing {
    next: Next,
    state: State,
    /// Whether the rows are older than a refresh that is under way or has failed.
    stale: bool,
    /// How many rows there were before a refresh: so many are asked for again.
    restore: usize,
    /// Whether every page is wanted.
    everything: bool,
    /// How many there are in all, where the server says.
    total: Option<u64>,
}

/// Which page comes next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Next {
    #[default]
    First,
    At(Cursor),
    End,
}

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Idle,
    UnderWay,
    Cancelled,
    Failed(Box<Failure>),
}

impl Listing {
    /// Starts on the next page: the cursor to ask with. Nothing when there is none, or while one is under way.
    pub(super) fn ask(&mut self) -> Option<Option<Cursor>> {
        if self.is_under_way() {
            return None;
        }
        let cursor = match &self.next {
            Next::First => None,
            Next::At(cursor) => Some(cursor.clone()),
            Next::End => return None,
        };
        self.state = State::UnderWay;
        Some(cursor)
    }

    /// Like [`ask`](Self::ask), unless the last page failed or was cancelled.
    pub(super) fn ask_on(&mut self) -> Option<Option<Cursor>> {
        if matches!(self.state, State::Idle) { self.ask() } else { None }
    }

    /// Starts over; `loaded` rows stay until the first new page is here. Nothing while that page is under way already.
    pub(super) fn restart(&mut self, loaded: usize) -> Option<Option<Cursor>> {
        if self.is_under_way() && self.next == Next::First {
            return None;
        }
        self.next = Next::First;
        self.stale = loaded > 0;
        self.restore = self.restore.max(loaded);
        self.state = State::UnderWay;
        Some(None)
    }

    /// Notes that a page is here. Whether the rows so far have to go, because it is the first of a refresh.
    pub(super) fn receive(&mut self, next: Option<Cursor>, total: Option<u64>) -> bool {
        let anew = std::mem::take(&mut self.stale);
        self.next = next.map_or(Next::End, Next::At);
        self.total = total.or(self.total.filter(|_| !anew));
        self.state = State::Idle;
        anew
    }

    /// Notes that `loaded` rows are here, after a page.
    pub(super) fn note_loaded(&mut self, loaded: usize) {
        if self.next == Next::End || self.restore <= loaded {
            self.restore = 0;
        }
    }

    /// Notes that a row was taken away.
    pub(super) fn note_removed(&mut self) {
        self.total = self.total.map(|total| total.saturating_sub(1));
    }

    /// Notes that the page under way failed.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.state = State::Failed(Box::new(failure));
        self.everything = false;
        self.restore = 0;
    }

    /// Notes that the page under way was cancelled; nothing is asked for until somebody does so again.
    pub(super) fn cancel(&mut self) {
        if self.is_under_way() {
            self.state = State::Cancelled;
        }
        self.everything = false;
        self.restore = 0;
    }

    /// From now on every page is wanted, also after a failure or a cancel.
    pub(super) fn want_everything(&mut self) {
        self.everything = true;
        self.resume();
    }

    /// Lets a cancelled or failed listing go on.
    pub(super) fn resume(&mut self) {
        if !self.is_under_way() {
            self.state = State::Idle;
        }
    }

    /// Whether every page is wanted.
    pub(super) fn wants_everything(&self) -> bool {
        self.everything
    }

    /// Whether fewer rows are here than there were before a refresh.
    pub(super) fn is_short(&self) -> bool {
        self.restore > 0
    }

    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.state, State::UnderWay)
    }

    /// Whether the first page has never come, or is to come again.
    pub(super) fn is_at_first(&self) -> bool {
        self.next == Next::First
    }

    /// Whether there are more pages.
    pub(super) fn has_more(&self) -> bool {
        self.next != Next::End
    }

    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }

    pub(super) fn failure(&self) -> Option<&Failure> {
        match &self.state {
            State::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// How many children there are as far as is known, when `loaded` are here, and whether there may be more.
    pub(super) fn count(&self, loaded: usize) -> (u64, bool) {
        let loaded = u64::try_from(loaded).unwrap_or(u64::MAX);
        match self.total {
            Some(total) if total >= loaded && self.has_more() => (total, false),
            _ => (loaded, self.has_more()),
        }
    }
}
