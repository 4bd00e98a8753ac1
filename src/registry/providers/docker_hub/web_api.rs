//! The calls of the web API, one method each.
//!
//! Lists of repositories and tags, and one of each, are in Docker's contract. Not in it, but what Docker's hub-tool and
//! the VS Code extension call: `user/orgs`, `repositories/namespaces`, both deletes; `ordering` of tags is what
//! hub.docker.com itself sends. None of these could be tried against a description.
//!
//! Invariant: further pages are asked for by number at our own address, wherever `next` leads.

use serde_json::Value;

use super::sign_in::SIGNING_IN;
use super::wire::{List, Namespaces, Organisation, Repository, Tag};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, human};
use crate::http::Method;
use crate::registry::Api;

/// Rows of a page; the API gives no more.
const PAGE_SIZE: &str = "100";
/// More pages of organisations than this are a loop.
const MOST_PAGES: u64 = 50;

/// One page of rows.
pub(super) struct Rows<T> {
    pub(super) rows: Vec<T>,
    /// The number of the next page.
    pub(super) next: Option<u64>,
    pub(super) total: Option<u64>,
    pub(super) warnings: Vec<String>,
}

/// A client of the web API.
pub(super) struct WebApi(pub(super) Api);

impl WebApi {
    /// The organisations that the account belongs to.
    pub(super) async fn organisations(&self) -> Result<Vec<String>, Failure> {
        let mut found: Vec<String> = Vec::new();
        for page in 1..=MOST_PAGES {
            let doing = "listing the organisations of the account";
            let rows: Rows<Organisation> = self.page(&["v2", "user", "orgs", ""], &[], page, doing).await?;
            let before = found.len();
            for organisation in rows.rows {
                if !found.contains(&organisation.orgname) {
                    found.push(organisation.orgname);
                }
            }
            if rows.next.is_none() || found.len() == before {
                break;
            }
        }
        Ok(found)
    }

    /// The namespaces that the account may push to, its own among them.
    pub(super) async fn namespaces(&self) -> Result<Vec<String>, Failure> {
        let doing = "listing the namespaces of the account";
        let url = self.0.url(&["v2", "repositories", "namespaces"], &[]);
        let (body, _): (Namespaces, _) = self.0.get(url, doing).await?;
        Ok(body.namespaces.unwrap_or_default())
    }

    /// One page of the repositories of `namespace`, by name.
    pub(super) async fn repositories(&self, namespace: &str, page: u64) -> Result<Rows<Repository>, Failure> {
        let doing = format!("listing the repositories of {}", visible(namespace));
        let path = ["v2", "namespaces", namespace, "repositories"];
        let rows = self.page(&path, &[("ordering", "name")], page, &doing).await;
        rows.map_err(|f| lacks(f, "Read-only", "repo:read"))
    }

    /// One page of the tags of a repository, newest first.
    pub(super) async fn tags(&self, repository: &str, page: u64) -> Result<Rows<Tag>, Failure> {
        let doing = format!("listing the tags of {}", visible(repository));
        let (namespace, name) = parts(repository);
        let path = ["v2", "namespaces", namespace, "repositories", name, "tags"];
        let rows = self.page(&path, &[("ordering", "last_updated")], page, &doing).await;
        rows.map_err(|f| lacks(f, "Read-only", "repo:read"))
    }

    /// A repository.
    pub(super) async fn repository(&self, repository: &str) -> Result<Repository, Failure> {
        let doing = format!("reading about {}", visible(repository));
        let (namespace, name) = parts(repository);
        let url = self.0.url(&["v2", "namespaces", namespace, "repositories", name], &[]);
        Ok(self.0.get(url, &doing).await?.0)
    }

    /// A tag.
    pub(super) async fn tag(&self, repository: &str, tag: &str) -> Result<Tag, Failure> {
        let doing = format!("reading about {}:{}", visible(repository), visible(tag));
        let (namespace, name) = parts(repository);
        let url = self.0.url(&["v2", "namespaces", namespace, "repositories", name, "tags", tag], &[]);
        Ok(self.0.get(url, &doing).await?.0)
    }

    /// Removes a tag.
    pub(super) async fn delete_tag(&self, repository: &str, tag: &str) -> Result<(), Failure> {
        let doing = format!("untagging {}:{}", visible(repository), visible(tag));
        let (namespace, name) = parts(repository);
        self.delete(&["v2", "repositories", namespace, name, "tags", tag, ""], &doing).await
    }

    /// Deletes a repository.
    pub(super) async fn delete_repository(&self, repository: &str) -> Result<(), Failure> {
        let doing = format!("deleting the repository {}", visible(repository));
        let (namespace, name) = parts(repository);
        self.delete(&["v2", "repositories", namespace, name, ""], &doing).await
    }

    async fn delete(&self, path: &[&str], doing: &str) -> Result<(), Failure> {
        let url = self.0.url(path, &[]);
        let reply = self.0.call(Method::DELETE, url, None::<&Value>, doing).await;
        reply.map(|_| ()).map_err(|f| lacks(f, "Read, Write, Delete", "repo:admin"))
    }

    async fn page<T: serde::de::DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        page: u64,
        doing: &str,
    ) -> Result<Rows<T>, Failure> {
        let number = page.to_string();
        let query = [query, &[("page", &number), ("page_size", PAGE_SIZE)]].concat();
        let (mut list, reply): (List, _) = self.0.get(self.0.url(path, &query), doing).await?;
        let (rows, dropped) = list.rows();
        let mut warnings = reply.warnings();
        if dropped > 0 {
            let rows = human::count(dropped as u64, "row", "rows");
            warnings.push(format!("{doing}: {rows} of the answer could not be read"));
        }
        let next = list.has_more().then(|| page.saturating_add(1));
        Ok(Rows { rows, next, total: list.total(), warnings })
    }
}

/// Namespace and name of a repository; official images lie in `library`.
pub(super) fn parts(repository: &str) -> (&str, &str) {
    repository.split_once('/').unwrap_or((OFFICIAL, repository))
}

/// The namespace of the official images.
pub(super) const OFFICIAL: &str = "library";

/// Says which access of a token is missing when a call is refused although the sign-in was taken.
fn lacks(failure: Failure, access: &str, scope: &str) -> Failure {
    let is_refused = matches!(failure.kind, FailureKind::Forbidden | FailureKind::Unauthorized);
    if !is_refused || failure.doing == SIGNING_IN {
        return failure;
    }
    let said =
        format!("{}; this needs a sign-in whose token has the access “{access}” ({scope})", failure.said);
    Failure { kind: FailureKind::Forbidden, said, ..failure }
}
