//! Lists of a vendor's API, taken page by page: what to ask for next, and when to stop.
//!
//! [`Paging`] is where a list stands: it serves vendors whose answers name the next page in their body (a number, a
//! token). [`Turn`] serves those who name it in a header, as a `Link` or by its number: a `Paging` with an address, which
//! it turns to the next page.
//!
//! Invariant: a list ends, whatever the server answers: a page that comes again is its last, and so is an empty one. Of a
//! `Link` only the query is used, on the list's own path, so that no page is asked for elsewhere.

#[cfg(test)]
mod tests;

use url::Url;

use super::distribution::cursor::{Origin, Position};
use crate::domain::{Cursor, Failure, Page};
use crate::http::header::LINK;
use crate::http::{Reply, link};

/// The header in which GitLab and others name the number of the next page; empty on the last one.
const NEXT_PAGE: &str = "x-next-page";

/// A page has come before, so the list ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated;

impl Repeated {
    /// As a warning, for the log.
    #[must_use]
    pub fn warning(self) -> String {
        "the server sent a page of the list again; the list ends here".to_owned()
    }
}

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

    /// Where to go on after a page whose items are called `names`, when `next` is what to ask for after it.
    ///
    /// # Errors
    /// `Repeated` when the page was seen before: its items are none.
    pub fn after(&self, names: &[String], next: Option<String>) -> Result<Option<Cursor>, Repeated> {
        self.follow(names, next.map(|n| (n, Origin::Link)))
    }

    /// `page` with the way on: `next` is what to ask for after it.
    #[must_use]
    pub fn finish(&self, mut page: Page, next: Option<String>) -> Page {
        let names: Vec<String> = page.entries.iter().map(|e| e.name.clone()).collect();
        match self.after(&names, next) {
            Ok(next) => page.next = next,
            Err(repeated) => {
                page.entries.clear();
                page.warnings.push(repeated.warning());
            }
        }
        page
    }

    fn follow(&self, names: &[String], way: Option<(String, Origin)>) -> Result<Option<Cursor>, Repeated> {
        if self.last.as_ref().is_some_and(|l| l.repeats(names)) {
            return Err(Repeated);
        }
        let way = way.filter(|_| !names.is_empty());
        let after = way.and_then(|way| Position::after(self.last.as_ref(), names, way));
        Ok(after.map(|p| p.to_cursor()))
    }
}

/// One page, about to be asked for, of a list whose next page is named in a header.
pub struct Turn {
    url: Url,
    paging: Paging,
}

/// What a page brought.
pub struct Turned<T> {
    /// The items, in the server's order; none when the page repeats one that was seen.
    pub items: Vec<T>,
    /// Where the next page starts; nothing after the last one.
    pub next: Option<Cursor>,
    /// What was odd about it.
    pub warnings: Vec<String>,
}

impl Turn {
    /// The page at `cursor` of the list whose first page is `first`.
    ///
    /// # Errors
    /// `Bug` for a cursor of another kind.
    pub fn at(mut first: Url, cursor: Option<&Cursor>) -> Result<Self, Failure> {
        let paging = Paging::at(cursor)?;
        if let Some(query) = paging.asked() {
            first.set_query(Some(query));
        }
        Ok(Self { url: first, paging })
    }

    /// The address to ask.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Reads the answer; `name` tells items apart. `size` is how many items were asked for: a server that names no
    /// next page after a full one is asked for the page with the next number.
    pub fn read<T>(
        &self,
        reply: &Reply,
        items: Vec<T>,
        size: usize,
        name: impl Fn(&T) -> String,
    ) -> Turned<T> {
        let names: Vec<String> = items.iter().map(name).collect();
        // A server that has named a next page once leaves it out on the last page only.
        let names_pages = self.paging.last.as_ref().is_some_and(|last| last.origin == Origin::Link);
        let may_go_on = items.len() >= size && !names_pages;
        match self.paging.follow(&names, self.way_on(reply, may_go_on)) {
            Ok(next) => Turned { items, next, warnings: Vec::new() },
            Err(repeated) => Turned { items: Vec::new(), next: None, warnings: vec![repeated.warning()] },
        }
    }

    fn way_on(&self, reply: &Reply, may_go_on: bool) -> Option<(String, Origin)> {
        let lines = reply.headers.get_all(LINK).iter().filter_map(|v| v.to_str().ok());
        if let Some(target) = link::next(lines) {
            let query = target.split_once('?')?.1.split('#').next()?;
            return (!query.is_empty()).then(|| (query.to_owned(), Origin::Link));
        }
        match reply.named(NEXT_PAGE) {
            Some(page) => Some((self.numbered(page.trim().parse().ok()?), Origin::Link)),
            None if reply.headers.contains_key(LINK) => None,
            None => may_go_on.then(|| (self.numbered(self.number() + 1), Origin::Guess)),
        }
    }

    /// The query with another number of the page.
    fn numbered(&self, page: u64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.url.query_pairs().filter(|(key, _)| key != "page"));
        query.append_pair("page", &page.to_string()).finish()
    }

    fn number(&self) -> u64 {
        let own = self.url.query_pairs().find(|(key, _)| key == "page");
        own.and_then(|(_, page)| page.parse().ok()).unwrap_or(1)
    }
}
