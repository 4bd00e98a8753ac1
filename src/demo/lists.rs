//! The lists of tags and repositories, in pages ("Listing Tags"; the catalogue follows the same rules).
//!
//! Invariant: a page that is not the last has a `Link` to the next.

use axum::http::StatusCode;
use axum::http::header::LINK;
use serde_json::json;

use super::query;
use super::refusal::{Code, refuse, refuse_as};
use super::reply::Reply;
use super::shared::Shared;
use super::store::Names;

/// One page of the tags of a repository.
pub(super) fn tags(shared: &Shared, repository: &str, query: &str) -> Result<Reply, Reply> {
    let (n, last) = asked(shared, query)?;
    let unknown = || refuse(Code::NameUnknown, "there is no such repository");
    let page = shared.store.tags_after(repository, last.as_deref(), n).ok_or_else(unknown)?;
    let body = json!({ "name": repository, "tags": page.names });
    Ok(linked(Reply::json(StatusCode::OK, &body), &format!("/v2/{repository}/tags/list"), n, &page))
}

/// One page of the repositories.
pub(super) fn catalog(shared: &Shared, query: &str) -> Result<Reply, Reply> {
    if !shared.settings.catalog {
        return Err(refuse_as(StatusCode::NOT_FOUND, Code::Unsupported, "this registry has no catalogue"));
    }
    let (n, last) = asked(shared, query)?;
    let page = shared.store.repositories_after(last.as_deref(), n);
    let body = json!({ "repositories": page.names });
    Ok(linked(Reply::json(StatusCode::OK, &body), "/v2/_catalog", n, &page))
}

/// How many names are wanted, and behind which one.
fn asked(shared: &Shared, query: &str) -> Result<(usize, Option<String>), Reply> {
    let most = shared.settings.page_size;
    let n = match query::value(query, "n") {
        None => most,
        Some(n) => n.parse::<usize>().map(|n| n.min(most)).map_err(|_| {
            refuse_as(StatusCode::BAD_REQUEST, Code::Unsupported, "n has to be a number of names")
        })?,
    };
    Ok((n, query::value(query, "last")))
}

fn linked(reply: Reply, path: &str, n: usize, page: &Names) -> Reply {
    match page.names.last() {
        Some(last) if page.more => reply.with(LINK, &format!("<{path}?last={last}&n={n}>; rel=\"next\"")),
        _ => reply,
    }
}
