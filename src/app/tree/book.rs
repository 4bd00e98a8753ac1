//! The facts of a branch's entries, and which of them still have to be asked for.
//!
//! Invariant: only entries that were asked about, or that the listing told about, are in the map. What a listing told in
//! part stays on top of what is learnt of the same manifest: its time is the one that the list is ordered by. What a
//! listing told in full is asked of the listing again, and of nobody else.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

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
    source: Source,
    state: Asked,
}

/// Where the facts of an entry come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// All from the listing.
    Listed,
    /// All from an answer of their own.
    Answer,
    /// Some from the listing, and what it left out, as far as that is known, from an answer.
    PartlyListed,
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

    /// Takes what a listing told. What is missing in it is to be asked for.
    pub(super) fn tell(&mut self, id: u32, told: Box<Facts>) {
        let before = self.known.remove(&id);
        let (source, state) = if told.are_partial() {
            (Source::PartlyListed, Asked::Old)
        } else {
            (Source::Listed, Asked::Answered)
        };
        self.known.insert(id, Known { facts: Some(told), source, state });
        if let Some(before) = before {
            self.fill(id, before);
        }
    }

    /// Takes the answer to a question.
    pub(super) fn set(&mut self, id: u32, answer: Box<Facts>) {
        let listed = self.known.remove(&id).filter(|k| k.source != Source::Answer);
        let listed = listed.and_then(|k| Some((k.facts?, k.source)));
        let (facts, source) = match listed.filter(|(told, _)| told.may_be_of_the_same(&answer)) {
            Some((told, source)) => (Box::new(told.or(*answer)), source),
            None => (answer, Source::Answer),
        };
        self.known.insert(id, Known { facts: Some(facts), source, state: Asked::Answered });
    }

    /// Whether somebody should ask.
    pub(super) fn is_wanted(&self, id: u32) -> bool {
        self.known.get(&id).is_none_or(|k| k.state == Asked::Old)
    }

    /// Whether somebody should ask for the sake of an order: not when the listing has told what that needs.
    pub(super) fn is_wanted_for(&self, id: u32, has_needed: impl Fn(&Facts) -> bool) -> bool {
        let told = self.known.get(&id).filter(|k| k.source != Source::Answer);
        self.is_wanted(id) && !told.and_then(|k| k.facts.as_deref()).is_some_and(has_needed)
    }

    pub(super) fn mark(&mut self, id: u32, state: Asked) {
        self.known.entry(id).or_insert(Known { facts: None, source: Source::Answer, state }).state = state;
    }

    /// What is shown stays, but is to be asked for again.
    pub(super) fn forget(&mut self, id: u32) {
        if let Some(known) = self.known.get_mut(&id) {
            known.state = Asked::Old;
        }
    }

    /// The same for all that a new listing does not tell.
    pub(super) fn forget_all(&mut self) {
        let others = self.known.values_mut().filter(|k| k.source != Source::Listed);
        others.for_each(|k| k.state = Asked::Old);
    }

    /// Takes an entry out, for [`put_back`](Self::put_back).
    pub(super) fn take(&mut self, id: u32) -> Option<Known> {
        self.known.remove(&id)
    }

    /// Puts it under its new number. It is to be asked for again, unless the listing told of it anew.
    pub(super) fn put_back(&mut self, id: u32, known: Known) {
        match self.known.entry(id) {
            Entry::Occupied(_) => self.fill(id, known),
            Entry::Vacant(place) => {
                place.insert(Known { state: Asked::Old, ..known });
            }
        }
    }

    /// Completes what a listing told in part with what was known of the same manifest.
    fn fill(&mut self, id: u32, before: Known) {
        let Some(told) = self.known.get_mut(&id).filter(|k| k.source == Source::PartlyListed) else { return };
        let (Some(facts), Some(before)) = (&mut told.facts, before.facts) else { return };
        if facts.digest.is_none() || facts.digest != before.digest {
            return;
        }
        **facts = std::mem::take(&mut **facts).or(*before);
        if !facts.are_partial() {
            told.state = Asked::Answered;
        }
    }

    /// The entries that have facts.
    pub(super) fn ids(&self) -> impl Iterator<Item = u32> {
        self.known.keys().copied()
    }

    pub(super) fn digest(&self, id: u32) -> Option<&Digest> {
        self.get(id)?.digest.as_ref()
    }
}
