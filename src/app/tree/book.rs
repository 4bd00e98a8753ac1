//! The facts of a branch's entries, and which of them still have to be asked for.
//!
//! Invariant: only entries that were asked about, or that the listing told about, are in the map.

use std::collections::HashMap;

use crate::domain::{Digest, Facts};

/// The facts of a branch's entries.
#[derive(Debug, Clone, Default)]
pub(super) struct FactsBook {
    known: HashMap<u32, Known>,
}

/// The facts of one entry.
#[derive(Debug, Clone)]
pub(super) struct Known {
    facts: Option<Box<Facts>>,
    state: Asked,
}

/// How far asking for them is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// They are as the server last said.
    Answered,
    /// They may have changed: to be asked for again.
    Old,
    /// Somebody has asked.
    UnderWay,
    /// They could not be had.
    Failed,
}

impl FactsBook {
    pub(super) fn get(&self, id: u32) -> Option<&Facts> {
        self.known.get(&id)?.facts.as_deref()
    }

    pub(super) fn set(&mut self, id: u32, facts: Box<Facts>) {
        self.known.insert(id, Known { facts: Some(facts), state: Asked::Answered });
    }

    /// Whether somebody should ask.
    pub(super) fn is_wanted(&self, id: u32) -> bool {
        self.known.get(&id).is_none_or(|k| k.state == Asked::Old)
    }

    pub(super) fn mark(&mut self, id: u32, state: Asked) {
        self.known.entry(id).or_insert(Known { facts: None, state }).state = state;
    }

    /// What is shown stays, but is to be asked for again.
    pub(super) fn forget(&mut self, id: u32) {
        if let Some(known) = self.known.get_mut(&id) {
            known.state = Asked::Old;
        }
    }

    pub(super) fn forget_all(&mut self) {
        self.known.values_mut().for_each(|k| k.state = Asked::Old);
    }

    /// Takes an entry out, for [`put_back`](Self::put_back).
    pub(super) fn take(&mut self, id: u32) -> Option<Known> {
        self.known.remove(&id)
    }

    /// Puts it under its new number; it is to be asked for again.
    pub(super) fn put_back(&mut self, id: u32, known: Known) {
        self.known.entry(id).or_insert(Known { state: Asked::Old, ..known });
    }

    /// The entries that have facts.
    pub(super) fn ids(&self) -> impl Iterator<Item = u32> {
        self.known.keys().copied()
    }

    pub(super) fn digest(&self, id: u32) -> Option<&Digest> {
        self.get(id)?.digest.as_ref()
    }
}
