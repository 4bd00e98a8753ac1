//! Listing repositories and tags, page by page.
//!
//! Invariant: of a `Link` only the query is used, on our own path: servers behind a prefix send wrong paths and
//! hosts. Whatever the server answers, the listing ends (see [`super::cursor`]).

use std::sync::atomic::Ordering;

use url::Url;

use super::cursor::{Origin, Position};
use super::names::{ListBody, Names};
use super::{Distribution, to_read};
use crate::domain::text::visible;
use crate::domain::{Cursor, Failure, FailureKind, human};
use crate::http::header::LINK;
use crate::http::{Limit, Priority, Reply, Request, link};

/// Page sizes to ask for, one after another while the server refuses.
pub(super) const PAGE_SIZES: [usize; 2] = [1000, 100];

/// One page of names, in the server's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamePage {
    /// The names, as the server wrote them: show them only made visible.
    pub names: Vec<String>,
    /// Where the next page starts; nothing after the last one.
    pub next: Option<Cursor>,
    /// What was odd about this page, and what the server warns of.
    pub warnings: Vec<String>,
}

/// What is listed.
struct List {
    url: Url,
    doing: String,
    repository: Option<String>,
}

impl List {
    fn request(&self, query: Option<&str>) -> Request {
        let mut url = self.url.clone();
        url.set_query(query);
        let request =
            Request::get(url, &self.doing).accept("application/json").at(Priority::Listing).compressed();
        match &self.repository {
            Some(repository) => to_read(request, repository),
            None => request.scope("registry:catalog:*"),
        }
    }

    fn names(&self, body: ListBody) -> Names {
        if self.repository.is_some() { body.tags } else { body.repositories }
    }
}

impl Distribution {
    /// One page of the repositories.
    ///
    /// # Errors
    /// `Unsupported` when the server has no catalogue; `Unauthorized`, `Forbidden`, and what the transport may say.
    pub async fn catalog(&self, cursor: Option<&Cursor>) -> Result<NamePage, Failure> {
        let list = List {
            url: self.url(["_catalog"]),
            doing: "listing the repositories".to_owned(),
            repository: None,
        };
        self.page(&list, cursor).await.map_err(|failure| match failure.kind {
            FailureKind::NotFound => Failure::new(
                FailureKind::Unsupported,
                failure.doing,
                "this registry has no list of them (404)",
            ),
            _ => failure,
        })
    }

    /// One page of the tags of `repository`.
    ///
    /// # Errors
    /// `NotFound` for a repository that is missing (or, at some servers, empty), and what the transport may say.
    pub async fn tags(&self, repository: &str, cursor: Option<&Cursor>) -> Result<NamePage, Failure> {
        let doing = format!("listing the tags of {}", visible(repository));
        let url = self.repository_url(repository, &["tags", "list"], &doing)?;
        self.page(&List { url, doing, repository: Some(repository.to_owned()) }, cursor).await
    }

    async fn page(&self, list: &List, cursor: Option<&Cursor>) -> Result<NamePage, Failure> {
        let last = cursor.map(Position::read).transpose()?;
        let (reply, asked) = match &last {
            None => self.first_page(list).await?,
            Some(at) => {
                let reply = self.http().fetch(&list.request(Some(&at.query)), Limit::LIST).await?;
                // A server that has sent one Link leaves it out on the last page only.
                (reply, asked_size(&at.query).filter(|_| at.origin == Origin::Guess))
            }
        };
        let guessed = last.as_ref().is_some_and(|l| l.origin == Origin::Guess);
        if guessed && reply.status.is_client_error() && !matches!(reply.status.as_u16(), 401 | 403) {
            return Ok(NamePage::default());
        }
        let reply = reply.success(&list.doing)?;
        let body: Option<ListBody> = reply.json(&list.doing)?;
        Ok(finish(last.as_ref(), &reply, list.names(body.unwrap_or_default()), asked))
    }

    /// The first page, in the largest size that the server takes; beyond [`PAGE_SIZES`] none is asked for.
    async fn first_page(&self, list: &List) -> Result<(Reply, Option<usize>), Failure> {
        let mut index = self.0.page_size.load(Ordering::Relaxed);
        let mut refusal = None;
        loop {
            let size = PAGE_SIZES.get(index).copied();
            let query = size.map(|n| format!("n={n}"));
            let reply = self.http().fetch(&list.request(query.as_deref()), Limit::LIST).await?;
            if reply.status.is_success() {
                self.0.page_size.store(index, Ordering::Relaxed);
                return Ok((reply, size));
            }
            if size.is_none() || !may_be_about_size(&reply) {
                return Ok((refusal.unwrap_or(reply), size));
            }
            refusal.get_or_insert(reply);
            index += 1;
        }
    }
}

/// Whether a refusal may mean that the page was asked too large: Distribution says so with a code, ECR with 405.
fn may_be_about_size(reply: &Reply) -> bool {
    reply.has_code("PAGINATION_NUMBER_INVALID")
        || matches!(reply.status.as_u16(), 400 | 405 | 406 | 413 | 416 | 422)
}

/// What follows from a page: its names, the way on, the warnings.
fn finish(last: Option<&Position>, reply: &Reply, names: Names, asked: Option<usize>) -> NamePage {
    let mut warnings = reply.warnings();
    if let Some(last) = last.filter(|l| l.repeats(&names.found)) {
        if last.origin == Origin::Link {
            warnings.push("the server sent a page of the list again; the list ends here".to_owned());
        }
        return NamePage { names: Vec::new(), next: None, warnings };
    }
    if names.dropped > 0 {
        warnings.push(format!(
            "the server's list holds {} without a name",
            human::count(names.dropped as u64, "entry", "entries")
        ));
    }
    let next = way_on(reply, &names, asked).and_then(|way| Position::after(last, &names.found, way));
    NamePage { next: next.map(|p| p.to_cursor()), names: names.found, warnings }
}

/// The query of the next page: the server's, or after a full page without one, the last name.
fn way_on(reply: &Reply, names: &Names, asked: Option<usize>) -> Option<(String, Origin)> {
    let lines = reply.headers.get_all(LINK).iter().filter_map(|v| v.to_str().ok());
    if let Some(target) = link::next(lines) {
        let query = target.split_once('?')?.1.split('#').next()?;
        return (!names.found.is_empty() && !query.is_empty()).then(|| (query.to_owned(), Origin::Link));
    }
    let full = asked.is_some_and(|n| names.found.len() + names.dropped == n);
    let last = names.found.last().filter(|_| full)?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("n", &asked?.to_string()).append_pair("last", last);
    Some((query.finish(), Origin::Guess))
}

/// The `n` of a query.
fn asked_size(query: &str) -> Option<usize> {
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "n")?.1.parse().ok()
}
