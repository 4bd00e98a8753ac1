//! The items of a branch by position: what it shows of its entries, without folders.
//!
//! Invariant: nothing is copied; what is shown is the order or the hits that the branch has, or else all its entries.

use super::branch::Branch;
use super::shown::How;

impl Branch {
    /// What it shows, without folders.
    pub(super) fn shown_ids(&self) -> impl Iterator<Item = u32> {
        let hits = self.shown.hits.as_ref().filter(|h| !h.all);
        let ranked =
            hits.into_iter().flat_map(|h| h.ranked.iter().map(|hit| hit.id).chain(h.above.iter().copied()));
        let base = if hits.is_some() { &[] } else { self.base() };
        ranked.chain(base.iter().copied())
    }

    /// Where the entry that `is_it` is among them.
    pub(super) fn shown_position(&self, is_it: impl Fn(u32) -> bool) -> Option<usize> {
        let Some(hits) = self.shown.hits.as_ref().filter(|h| !h.all) else {
            return self.base().iter().position(|&id| is_it(id));
        };
        let ranked = hits.ranked.iter().position(|hit| is_it(hit.id));
        ranked.or_else(|| Some(hits.ranked.len() + hits.above.iter().position(|&id| is_it(id))?))
    }

    /// What it shows at `position`, without folders.
    pub(super) fn shown_id(&self, position: usize) -> Option<u32> {
        match self.shown.hits.as_ref().filter(|h| !h.all) {
            None => self.base().get(position).copied(),
            Some(hits) => match hits.ranked.get(position) {
                Some(hit) => Some(hit.id),
                None => hits.above.get(position - hits.ranked.len()).copied(),
            },
        }
    }

    /// How many entries it shows.
    pub(super) fn shown_len(&self) -> usize {
        match &self.shown.hits {
            Some(hits) if !hits.all => hits.ranked.len() + hits.above.len(),
            _ => self.base().len(),
        }
    }

    /// Every entry that is not hidden, in the chosen order.
    pub(super) fn base(&self) -> &[u32] {
        self.shown.base.as_deref().unwrap_or(&self.natural)
    }

    /// How many of its own entries the filter hit.
    pub(super) fn hit_count(&self) -> usize {
        self.shown.hits.as_ref().map_or(0, |h| h.ranked.len())
    }

    /// Of the filter: the first hit, or the first child with hits below it.
    pub(super) fn first_hit(&self) -> Option<u32> {
        let hits = self.shown.hits.as_ref().filter(|h| !h.all)?;
        hits.ranked.first().map(|hit| hit.id).or_else(|| hits.above.first().copied())
    }

    /// Whether the filter hit this entry.
    pub(super) fn is_hit(&self, id: u32, how: &How) -> bool {
        how.filter.as_ref().is_some_and(|f| f.matches(self.entries.text(id)))
    }
}
