//! The calls of the API, one method each: `quay/quay-v1.json`, quay.io's own discovery document.
//!
//! Invariant: pages are asked for at our own address; a refusal names the scope that the call needs.

use serde_json::Value;

use super::wire::{Repositories, Repository, Security, Tags, User};
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, FailureKind};
use crate::http::Method;
use crate::registry::Api;

/// Tags of a page; the API gives no more.
const PAGE_SIZE: &str = "100";

/// A client of the API.
pub(super) struct WebApi(pub(super) Api);

impl WebApi {
    /// The account behind the token.
    pub(super) async fn user(&self) -> Result<User, Failure> {
        let url = self.0.url(&["api", "v1", "user", ""], &[]);
        let read = self.0.get(url, "reading about the account").await;
        read.map(|(user, _)| user).map_err(|f| lacks(f, "user:read"))
    }

    /// One page of the repositories of `namespace`; `page` is the token that the page before gave.
    pub(super) async fn repositories(
        &self,
        namespace: &str,
        page: Option<&str>,
    ) -> Result<Repositories, Failure> {
        let doing = format!("listing the repositories of {}", visible(namespace));
        let mut query = vec![("namespace", namespace), ("public", "true"), ("last_modified", "true")];
        query.extend(page.map(|token| ("next_page", token)));
        let read = self.0.get(self.0.url(&["api", "v1", "repository"], &query), &doing).await;
        read.map(|(list, _)| list).map_err(|f| lacks(f, "repo:read"))
    }

    /// A repository.
    pub(super) async fn repository(&self, repository: &str) -> Result<Repository, Failure> {
        let doing = format!("reading about {}", visible(repository));
        let query = [("includeTags", "false"), ("includeStats", "false")];
        let read = self.0.get(self.0.url(&path(repository, &[]), &query), &doing).await;
        read.map(|(found, _)| found).map_err(|f| lacks(f, "repo:read"))
    }

    /// One page of the tags of a repository, newest first.
    pub(super) async fn tags(&self, repository: &str, page: u64) -> Result<Tags, Failure> {
        let doing = format!("listing the tags of {}", visible(repository));
        let page = page.to_string();
        let query = [("limit", PAGE_SIZE), ("page", page.as_str()), ("onlyActiveTags", "true")];
        let read = self.0.get(self.0.url(&path(repository, &["tag", ""]), &query), &doing).await;
        read.map(|(list, _)| list).map_err(|f| lacks(f, "repo:read"))
    }

    /// The list with one tag in it.
    pub(super) async fn tag(&self, repository: &str, tag: &str) -> Result<Tags, Failure> {
        let doing = format!("reading about {}:{}", visible(repository), visible(tag));
        let query = [("specificTag", tag), ("onlyActiveTags", "true")];
        let read = self.0.get(self.0.url(&path(repository, &["tag", ""]), &query), &doing).await;
        read.map(|(list, _)| list).map_err(|f| lacks(f, "repo:read"))
    }

    /// What the scanner found in a manifest.
    pub(super) async fn security(&self, repository: &str, digest: &Digest) -> Result<Security, Failure> {
        let doing = format!("reading the vulnerabilities of {}", visible(repository));
        let digest = digest.to_string();
        let path = path(repository, &["manifest", &digest, "security"]);
        let read = self.0.get(self.0.url(&path, &[("vulnerabilities", "true")]), &doing).await;
        read.map(|(report, _)| report).map_err(|f| lacks(f, "repo:read"))
    }

    /// Removes a tag.
    pub(super) async fn delete_tag(&self, repository: &str, tag: &str) -> Result<(), Failure> {
        let doing = format!("untagging {}:{}", visible(repository), visible(tag));
        self.delete(&path(repository, &["tag", tag]), &doing, "repo:write").await
    }

    /// Deletes a repository.
    pub(super) async fn delete_repository(&self, repository: &str) -> Result<(), Failure> {
        let doing = format!("deleting the repository {}", visible(repository));
        self.delete(&path(repository, &[]), &doing, "repo:admin").await
    }

    async fn delete(&self, path: &[&str], doing: &str, scope: &str) -> Result<(), Failure> {
        let reply = self.0.call(Method::DELETE, self.0.url(path, &[]), None::<&Value>, doing).await;
        reply.map(|_| ()).map_err(|f| lacks(f, scope))
    }
}

/// `api/v1/repository/NAMESPACE/NAME/REST…`; a name may have more parts than one.
fn path<'a>(repository: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    let mut path = vec!["api", "v1", "repository"];
    path.extend(repository.split('/'));
    path.extend(rest);
    path
}

/// Says which scope is missing when a call is refused. Quay answers 401 to whom it does not know and, by its sources,
/// for `user:read` to whom it knows as well.
fn lacks(failure: Failure, scope: &str) -> Failure {
    if !matches!(failure.kind, FailureKind::Forbidden | FailureKind::Unauthorized) {
        return failure;
    }
    let said = format!("{}; this needs an OAuth token with the scope {scope}", failure.said);
    Failure { said, ..failure }
}
