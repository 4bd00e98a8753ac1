//! The calls of Harbor's API: addresses, pages, and what its refusals mean.
//!
//! Invariant: a listing ends, whatever the server answers (see [`Paging`]).

use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::Named;
use super::wire::{Artifact, Project, Report, Repository, Summary, System, User};
use crate::domain::{Cursor, Failure, FailureKind, human};
use crate::http::header::{HeaderName, HeaderValue};
use crate::http::{Method, Priority, Reply, Request, link};
use crate::registry::Api;
use crate::registry::paging::Paging;

/// The most that a page may have (swagger, `page_size`).
const PAGE_SIZE: usize = 100;

/// Says that a project is named and not numbered: `2048` is a fine name for one.
const IS_NAME: HeaderName = HeaderName::from_static("x-is-resource-name");

/// What is asked for beside an artifact itself.
const WITH: [(&str, &str); 5] = [
    ("with_tag", "true"),
    ("with_label", "true"),
    ("with_scan_overview", "true"),
    ("with_immutable_status", "true"),
    ("with_accessory", "true"),
];

/// One page of a list.
pub(super) struct Listed<T> {
    pub(super) items: Vec<T>,
    /// How many there are in all.
    pub(super) total: Option<u64>,
    pub(super) next: Option<Cursor>,
    pub(super) warnings: Vec<String>,
}

/// Which artifacts are listed (swagger, `listArtifacts`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Tagged,
    Untagged,
}

impl Which {
    fn query(self) -> &'static str {
        match self {
            Self::Tagged => "tags=*",
            Self::Untagged => "tags=nil",
        }
    }
}

/// A client of the API.
pub(super) struct Client {
    api: Api,
}

impl Client {
    pub(super) fn new(api: Api) -> Self {
        Self { api }
    }

    /// Who is signed in; nothing for a robot, which has no page.
    pub(super) async fn user(&self) -> Option<String> {
        let url = self.url(&["users", "current"], &[]);
        let user: User = self.get(url, "asking who is signed in").await.ok()?;
        Some(user.username).filter(|name| !name.is_empty())
    }

    pub(super) async fn system(&self) -> Result<System, Failure> {
        self.get(self.url(&["systeminfo"], &[]), "asking Harbor for its version").await
    }

    pub(super) async fn projects(&self, cursor: Option<&Cursor>) -> Result<Listed<Project>, Failure> {
        self.list(&["projects"], &[("sort", "name")], cursor, "listing the projects").await
    }

    pub(super) async fn project(&self, name: &str, doing: &str) -> Result<Project, Failure> {
        self.get(self.url(&["projects", name], &[]), doing).await
    }

    pub(super) async fn summary(&self, name: &str, doing: &str) -> Result<Summary, Failure> {
        self.get(self.url(&["projects", name, "summary"], &[]), doing).await
    }

    pub(super) async fn repositories(
        &self,
        project: &str,
        cursor: Option<&Cursor>,
        doing: &str,
    ) -> Result<Listed<Repository>, Failure> {
        self.list(&["projects", project, "repositories"], &[("sort", "name")], cursor, doing).await
    }

    pub(super) async fn repository(&self, of: Named<'_>, doing: &str) -> Result<Repository, Failure> {
        self.get(self.repository_url(of, &[], &[]), doing).await
    }

    /// Artifacts, the newest first, with their tags, labels, findings and accessories.
    pub(super) async fn artifacts(
        &self,
        of: Named<'_>,
        which: Option<Which>,
        cursor: Option<&Cursor>,
        doing: &str,
    ) -> Result<Listed<Artifact>, Failure> {
        let mut query = WITH.to_vec();
        query.push(("sort", "-push_time"));
        query.extend(which.map(|w| ("q", w.query())));
        let path = ["projects", of.project, "repositories", &of.segment(), "artifacts"];
        self.list(&path, &query, cursor, doing).await
    }

    /// How many artifacts there are of one sort.
    pub(super) async fn count(&self, of: Named<'_>, which: Which, doing: &str) -> Result<u64, Failure> {
        let query = [("q", which.query()), ("page", "1"), ("page_size", "1"), ("with_tag", "false")];
        let url = self.repository_url(of, &["artifacts"], &query);
        let reply = self.send(Method::GET, url, doing).await?;
        let rows: Option<Vec<Value>> = reply.json(doing)?;
        Ok(total(&reply).unwrap_or_else(|| rows.unwrap_or_default().len() as u64))
    }

    /// One artifact, by tag or digest.
    pub(super) async fn artifact(
        &self,
        of: Named<'_>,
        reference: &str,
        doing: &str,
    ) -> Result<Artifact, Failure> {
        self.get(self.repository_url(of, &["artifacts", reference], &WITH), doing).await
    }

    /// The reports of the scanners, by the type of the report: the body is an object, although the contract calls it
    /// a text (scanner specification 1.2).
    pub(super) async fn vulnerabilities(
        &self,
        of: Named<'_>,
        reference: &str,
        doing: &str,
    ) -> Result<Vec<Report>, Failure> {
        let url = self.repository_url(of, &["artifacts", reference, "additions", "vulnerabilities"], &[]);
        let reports: Option<serde_json::Map<String, Value>> = self.get(url, doing).await?;
        let read = |report| serde_json::from_value::<Report>(report).ok();
        Ok(reports.unwrap_or_default().into_iter().filter_map(|(_, report)| read(report)).collect())
    }

    /// Deletes the repository, or what lies at `path` in it.
    pub(super) async fn delete(&self, of: Named<'_>, path: &[&str], doing: &str) -> Result<(), Failure> {
        let needs = "deleting needs the role Maintainer or Project Admin in the project, a robot the permission for it";
        let url = self.repository_url(of, path, &[]);
        self.send(Method::DELETE, url, doing).await.map(|_| ()).map_err(|f| explained(f, needs))
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let whole: Vec<&str> = ["api", "v2.0"].iter().chain(path).copied().collect();
        self.api.url(&whole, query)
    }

    fn repository_url(&self, of: Named<'_>, path: &[&str], query: &[(&str, &str)]) -> Url {
        let segment = of.segment();
        let whole: Vec<&str> =
            ["projects", of.project, "repositories", &segment].iter().chain(path).copied().collect();
        self.url(&whole, query)
    }

    async fn get<T: DeserializeOwned>(&self, url: Url, doing: &str) -> Result<T, Failure> {
        self.send(Method::GET, url, doing)
            .await
            .and_then(|r| r.json(doing))
            .map_err(|f| explained(f, READING))
    }

    async fn send(&self, method: Method, url: Url, doing: &str) -> Result<Reply, Failure> {
        let reads = method == Method::GET;
        let request = Request::new(method, url, doing)
            .accept("application/json")
            .header(IS_NAME, HeaderValue::from_static("true"));
        let request = if reads { request.at(Priority::Listing).compressed() } else { request };
        self.api.send(&request).await
    }

    async fn list<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        cursor: Option<&Cursor>,
        doing: &str,
    ) -> Result<Listed<T>, Failure> {
        let paging = Paging::at(cursor)?;
        let (page, size) = (paging.number().to_string(), PAGE_SIZE.to_string());
        let query: Vec<_> = query.iter().copied().chain([("page", &*page), ("page_size", &*size)]).collect();
        let failed = |f| explained(f, READING);
        let reply = self.send(Method::GET, self.url(path, &query), doing).await.map_err(failed)?;
        let rows: Option<Vec<Value>> = reply.json(doing)?;
        let rows = rows.unwrap_or_default();
        let total = total(&reply);
        let next = is_there_more(&reply, total, paging.number(), rows.len())
            .then(|| (paging.number() + 1).to_string());
        let names: Vec<String> = rows.iter().map(Value::to_string).collect();
        let next = match paging.after(&names, next) {
            Ok(next) => next,
            Err(repeated) => {
                return Ok(Listed {
                    items: Vec::new(),
                    total: None,
                    next: None,
                    warnings: vec![repeated.warning()],
                });
            }
        };
        let count = rows.len();
        let items: Vec<T> = rows.into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect();
        let odd = (count - items.len()) as u64;
        let odd = (odd > 0).then(|| human::count(odd, "entry", "entries"));
        let warning = odd.map(|entries| format!("the server's list holds {entries} that cannot be read"));
        Ok(Listed { items, total, next, warnings: warning.into_iter().collect() })
    }
}

/// What reading needs.
const READING: &str =
    "a private project shows itself to its members alone; a robot needs the permissions to list and to read";

/// The total that the server gives for a list.
fn total(reply: &Reply) -> Option<u64> {
    reply.named("x-total-count")?.trim().parse().ok()
}

/// Whether another page is worth asking for: by the total, else by the link to it, else because this one was full.
fn is_there_more(reply: &Reply, total: Option<u64>, page: u64, rows: usize) -> bool {
    let linked = || {
        let lines = reply.headers.get_all(crate::http::header::LINK).iter().filter_map(|v| v.to_str().ok());
        link::next(lines).is_some()
    };
    match total {
        _ if rows == 0 => false,
        Some(total) => page.saturating_mul(PAGE_SIZE as u64) < total,
        None => linked() || rows == PAGE_SIZE,
    }
}

/// A refusal with what it means at Harbor; `needs` says which right was missing.
pub(super) fn explained(failure: Failure, needs: &str) -> Failure {
    let said = failure.said.to_ascii_lowercase();
    let more = match failure.kind {
        FailureKind::Unauthorized => {
            "who signs in by OIDC has the CLI secret of the user profile for a password, and a robot is named whole, with its robot$ in front"
        }
        FailureKind::Forbidden => needs,
        FailureKind::Conflict if said.contains("immutable") => {
            "an immutable tag rule of the project protects it; a project administrator can change the rule"
        }
        FailureKind::Conflict if said.contains("referenced by others") => {
            "an index contains it: delete that index first, and this goes with it"
        }
        _ => "",
    };
    if more.is_empty() {
        return failure;
    }
    Failure { said: format!("{}; {more}", failure.said), ..failure }
}

/// Whether a failure may mean that this server's API is somewhere else, or behind something that answers for it.
pub(super) fn is_elsewhere(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::NotFound | FailureKind::Unsupported | FailureKind::Invalid)
}
