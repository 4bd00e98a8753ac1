//! Lists of a vendor's API, taken page by page: what to ask for next, and when to stop.
//!
//! Invariant: a list ends, whatever the server answers: a page that comes again is its last, and so is an empty one.

use super::distribution::cursor::{Origin, Position};
use crate::domain::{Cursor, Failure, Page};

/// Where one list stands.
pub struct Paging {
    last: Option<Position>,
}

impl Paging {
    /// From the cursor of the page before; from the start without one.
    ///
    /// # Errors
    /// `Bug` for a cursor that was not made here.
    pub fn at(cursor: Option<&Cursor>) -> Result<Self, Failure> {
        Ok(Self { last: cursor.map(Position::read).transpose()? })
    }

    /// What the page before said of this one (a number, a token); nothing for the first page.
    #[must_use]
    pub fn asked(&self) -> Option<&str> {
        self.last.as_ref().map(|l| l.query.as_str())
    }

    /// The number of this page, for servers that count them; the first is 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.asked().and_then(|n| n.parse().ok()).unwrap_or(1)
    }

    /// `page` with the way on: `next` is what to ask for after it.
    #[must_use]
    pub fn finish(&self, mut page: Page, next: Option<String>) -> Page {
        let names: Vec<String> = page.entries.iter().map(|e| e.name.clone()).collect();
        if self.last.as_ref().is_some_and(|l| l.repeats(&names)) {
            page.entries.clear();
            page.warnings.push("the server sent a page of the list again; the list ends here".to_owned());
            return page;
        }
        let next = next.filter(|_| !names.is_empty());
        let after = next.and_then(|n| Position::after(self.last.as_ref(), &names, (n, Origin::Link)));
        page.next = after.map(|p| p.to_cursor());
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Entry, NodeKind};

    fn page(name: &str) -> Page {
        Page { entries: vec![Entry::named(NodeKind::Tag, name)], ..Page::default() }
    }

    #[test]
    fn pages_follow_each_other_until_one_comes_again() {
        let start = Paging::at(None).unwrap();
        assert_eq!((start.asked(), start.number()), (None, 1));
        let first = start.finish(page("a"), Some("2".to_owned()));
        let second = Paging::at(first.next.as_ref()).unwrap();
        assert_eq!((second.asked(), second.number()), (Some("2"), 2));
        let again = second.finish(page("a"), Some("3".to_owned()));
        assert_eq!((again.entries.len(), again.next, again.warnings.len()), (0, None, 1));
        assert_eq!(second.finish(page("b"), None).next, None);
        assert_eq!(second.finish(Page::default(), Some("3".to_owned())).next, None);
    }
}
