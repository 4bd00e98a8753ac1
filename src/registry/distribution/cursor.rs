//! Where a listing stands, in a form that the caller keeps: the query of the next page, and what it takes to notice
//! a server that sends the same pages for ever.
//!
//! Invariant: a listing ends, whatever the server answers. A page that equals the one before, or the one remembered
//! at the last power of two (Brent's way to find a cycle), is the end.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::domain::{Cursor, Failure, FailureKind};

/// How the next page was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::registry) enum Origin {
    /// The server named it.
    Link,
    /// The page was full, so there may be more after its last name.
    Guess,
}

/// The position after some pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::registry) struct Position {
    /// The query of the next page.
    pub(in crate::registry) query: String,
    pub(in crate::registry) origin: Origin,
    pages: u64,
    previous: u64,
    remembered: u64,
}

impl Position {
    /// Before any page, with a query of the caller's own.
    pub(in crate::registry) fn starting(query: impl Into<String>) -> Self {
        Self { query: query.into(), origin: Origin::Link, pages: 0, previous: 0, remembered: 0 }
    }

    /// The position after a page with these names, unless the listing runs in a circle there.
    pub(in crate::registry) fn after(
        last: Option<&Self>,
        names: &[String],
        next: (String, Origin),
    ) -> Option<Self> {
        let (query, origin) = next;
        let page = fingerprint(names);
        if last.is_some_and(|l| l.query == query || l.was_seen(page)) {
            return None;
        }
        let pages = last.map_or(0, |l| l.pages) + 1;
        let remembered = if pages.is_power_of_two() { page } else { last.map_or(page, |l| l.remembered) };
        Some(Self { query, origin, pages, previous: page, remembered })
    }

    /// Whether a page of these names repeats one that was seen.
    pub(in crate::registry) fn repeats(&self, names: &[String]) -> bool {
        self.was_seen(fingerprint(names))
    }

    fn was_seen(&self, page: u64) -> bool {
        page == self.previous || page == self.remembered
    }

    pub(in crate::registry) fn to_cursor(&self) -> Cursor {
        let origin = if self.origin == Origin::Link { 'l' } else { 'g' };
        Cursor(format!("{} {:x} {:x} {origin} {}", self.pages, self.previous, self.remembered, self.query))
    }

    pub(in crate::registry) fn read(cursor: &Cursor) -> Result<Self, Failure> {
        Self::parse(&cursor.0).ok_or_else(|| {
            Failure::new(FailureKind::Bug, "reading the position in a list", "it is not one of ours")
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, ' ');
        let pages = parts.next()?.parse().ok()?;
        let previous = u64::from_str_radix(parts.next()?, 16).ok()?;
        let remembered = u64::from_str_radix(parts.next()?, 16).ok()?;
        let origin = match parts.next()? {
            "l" => Origin::Link,
            "g" => Origin::Guess,
            _ => return None,
        };
        Some(Self { query: parts.next()?.to_owned(), origin, pages, previous, remembered })
    }
}

fn fingerprint(names: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    names.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(n: usize) -> Vec<String> {
        vec![format!("page {n}")]
    }

    /// How many pages are taken from a server whose pages run `0, 1, … tail+cycle-1` and then round the cycle.
    fn pages_taken(tail: usize, cycle: usize) -> usize {
        let mut position: Option<Position> = None;
        for step in 0..10_000 {
            let n = if step < tail { step } else { tail + (step - tail) % cycle };
            if position.as_ref().is_some_and(|p| p.repeats(&page(n))) {
                return step;
            }
            let Some(next) =
                Position::after(position.as_ref(), &page(n), (format!("last={step}"), Origin::Link))
            else {
                return step + 1;
            };
            position = Some(Position::read(&next.to_cursor()).unwrap());
        }
        usize::MAX
    }

    #[test]
    fn a_page_that_comes_again_is_the_end() {
        assert_eq!(pages_taken(3, 1), 4);
        assert_eq!(pages_taken(0, 1), 1);
    }

    #[test]
    fn the_same_query_twice_is_the_end() {
        let first = Position::after(None, &page(0), ("last=a".to_owned(), Origin::Link)).unwrap();
        assert_eq!(Position::after(Some(&first), &page(1), ("last=a".to_owned(), Origin::Link)), None);
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        for text in ["", "1", "1 a b x q", "x a b l q"] {
            assert!(Position::read(&Cursor(text.to_owned())).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_cycle_is_noticed(tail in 0_usize..60, cycle in 1_usize..60) {
            let taken = pages_taken(tail, cycle);
            prop_assert!(taken >= tail + cycle, "stopped too early: {}", taken);
            prop_assert!(taken <= 4 * (tail + cycle) + 4, "went on too long: {}", taken);
        }
    }
}
