//! The pages of a vendor's list: which one to ask for, and what follows from the answer.
//!
//! Invariant: of a `Link` only the query is used, on the list's own path, so no page is asked for elsewhere; and whatever
//! the server answers, the listing ends (see the protocol's cursor, whose memory of pages this shares).

use url::Url;

use super::distribution::cursor::{Origin, Position};
use crate::domain::{Cursor, Failure};
use crate::http::header::LINK;
use crate::http::{Reply, link};

/// The header in which GitLab and others name the number of the next page; empty on the last one.
const NEXT_PAGE: &str = "x-next-page";

/// One page of a list that is about to be asked for.
pub struct Turn {
    url: Url,
    last: Option<Position>,
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
        let last = cursor.map(Position::read).transpose()?;
        if let Some(last) = &last {
            first.set_query(Some(&last.query));
        }
        Ok(Self { url: first, last })
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
        if self.last.as_ref().is_some_and(|last| last.repeats(&names)) {
            let warning = "the server sent a page of the list again; the list ends here".to_owned();
            return Turned { items: Vec::new(), next: None, warnings: vec![warning] };
        }
        // A server that has named a next page once leaves it out on the last page only.
        let names_pages = self.last.as_ref().is_some_and(|last| last.origin == Origin::Link);
        let may_go_on = items.len() >= size && !names_pages;
        let way = if items.is_empty() { None } else { self.way_on(reply, may_go_on) };
        let next = way.and_then(|way| Position::after(self.last.as_ref(), &names, way));
        Turned { items, next: next.map(|p| p.to_cursor()), warnings: Vec::new() }
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
