//! The calls of Artifact Registry's API, its pages, and what its refusals mean.
//!
//! Invariant: a listing ends, whatever the server answers: a page token that comes again (Brent's way to find a circle)
//! is the end.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::key::SCOPE;
use super::places::Place;
use super::sign_in::SignIns;
use super::wire::{
    Image, Locations, Operation, Package, Packages, Paged, Projects, Repositories, Repository,
};
use crate::domain::text::visible;
use crate::domain::{Cursor, Failure, FailureKind};
use crate::http::{Limit, Method, Priority, Reply, Request};
use crate::registry::Api;

/// One of Google's APIs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Service {
    /// What it is the API of.
    pub(super) title: &'static str,
    /// As `gcloud services enable` calls it.
    pub(super) id: &'static str,
}

/// Repositories and images.
pub(super) const ARTIFACTS: Service =
    Service { title: "Artifact Registry", id: "artifactregistry.googleapis.com" };
/// Projects.
pub(super) const PROJECTS: Service =
    Service { title: "Cloud Resource Manager", id: "cloudresourcemanager.googleapis.com" };

/// The most that a page may have (discovery document, `pageSize`).
const PAGE_SIZE: &str = "1000";

/// How long a delete that goes on at Google is waited for, step by step.
const STEPS: [u64; 8] = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000];

/// What an account needs for a call: the permission, and the role that has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs(pub(super) &'static str, pub(super) &'static str);

/// The role that reads.
pub(super) const READER: &str = "roles/artifactregistry.reader";
/// The role that deletes.
pub(super) const ADMIN: &str = "roles/artifactregistry.repoAdmin";

/// One page of a list.
pub(super) struct Listed<T> {
    pub(super) items: T,
    pub(super) next: Option<Cursor>,
    pub(super) warnings: Vec<String>,
}

/// A client of one API.
pub(super) struct Client {
    api: Api,
    service: Service,
    sign_ins: Arc<SignIns>,
}

impl Client {
    pub(super) fn new(api: Api, service: Service, sign_ins: Arc<SignIns>) -> Self {
        Self { api, service, sign_ins }
    }

    /// The projects that the sign-in sees (Resource Manager v3, `projects.search`).
    pub(super) async fn projects(
        &self,
        cursor: Option<&Cursor>,
        doing: &str,
    ) -> Result<Listed<Projects>, Failure> {
        let needs = Needs("resourcemanager.projects.get", "roles/browser");
        let url = self.api.url(&["v3", "projects:search"], &[("query", "state:ACTIVE")]);
        self.page(url, cursor, needs, doing).await
    }

    /// The locations that Artifact Registry has for a project.
    pub(super) async fn locations(&self, project: &str, doing: &str) -> Result<Vec<String>, Failure> {
        let needs = Needs("artifactregistry.locations.list", READER);
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let url = self.url(&["projects", project, "locations"], &[]);
            let page: Listed<Locations> = self.page(url, cursor.as_ref(), needs, doing).await?;
            found.extend(page.items.locations.into_iter().map(|l| l.location_id).filter(|l| !l.is_empty()));
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(found),
            }
        }
    }

    pub(super) async fn repositories(
        &self,
        project: &str,
        location: &str,
        cursor: Option<&Cursor>,
        doing: &str,
    ) -> Result<Listed<Repositories>, Failure> {
        let needs = Needs("artifactregistry.repositories.list", READER);
        let path = ["projects", project, "locations", location, "repositories"];
        self.page(self.url(&path, &[("pageSize", PAGE_SIZE)]), cursor, needs, doing).await
    }

    pub(super) async fn packages(
        &self,
        of: &Place,
        cursor: Option<&Cursor>,
        doing: &str,
    ) -> Result<Listed<Packages>, Failure> {
        let needs = Needs("artifactregistry.packages.list", READER);
        let mut path = parts(of);
        path.push("packages");
        self.page(self.url(&path, &[("pageSize", PAGE_SIZE)]), cursor, needs, doing).await
    }

    pub(super) async fn repository(&self, of: &Place, doing: &str) -> Result<Repository, Failure> {
        let needs = Needs("artifactregistry.repositories.get", READER);
        self.send(Method::GET, self.url(&parts(of), &[]), needs, doing).await?.json(doing)
    }

    pub(super) async fn package(&self, of: &Place, image: &str, doing: &str) -> Result<Package, Failure> {
        let needs = Needs("artifactregistry.packages.get", READER);
        let mut path = parts(of);
        path.extend(["packages", image]);
        self.send(Method::GET, self.url(&path, &[]), needs, doing).await?.json(doing)
    }

    /// One image; `name` is `IMAGE@DIGEST`.
    pub(super) async fn image(&self, of: &Place, name: &str, doing: &str) -> Result<Image, Failure> {
        let needs = Needs("artifactregistry.dockerimages.get", READER);
        let mut path = parts(of);
        path.extend(["dockerImages", name]);
        self.send(Method::GET, self.url(&path, &[]), needs, doing).await?.json(doing)
    }

    /// Deletes an image with everything in it, and waits until Google is done.
    pub(super) async fn delete_package(&self, of: &Place, image: &str, doing: &str) -> Result<(), Failure> {
        let needs = Needs("artifactregistry.packages.delete", ADMIN);
        let mut path = parts(of);
        path.extend(["packages", image]);
        let reply = self.send(Method::DELETE, self.url(&path, &[]), needs, doing).await?;
        let mut operation: Operation = reply.json(doing)?;
        for step in STEPS {
            if let Some(outcome) = operation.outcome(doing) {
                return outcome;
            }
            tokio::time::sleep(Duration::from_millis(step)).await;
            let needs = Needs("artifactregistry.repositories.get", READER);
            let path: Vec<&str> = operation.name.split('/').collect();
            operation = self.send(Method::GET, self.url(&path, &[]), needs, doing).await?.json(doing)?;
        }
        operation.outcome(doing).unwrap_or_else(|| {
            let said = "Google goes on with it by itself; refresh in a while to see it done";
            Err(Failure::new(FailureKind::Timeout, doing, said))
        })
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let whole: Vec<&str> = std::iter::once("v1").chain(path.iter().copied()).collect();
        self.api.url(&whole, query)
    }

    async fn page<T: Paged>(
        &self,
        mut url: Url,
        cursor: Option<&Cursor>,
        needs: Needs,
        doing: &str,
    ) -> Result<Listed<T>, Failure> {
        let last = cursor.map(Way::read).transpose()?;
        if let Some(way) = &last {
            url.query_pairs_mut().append_pair("pageToken", &way.token);
        }
        let reply = self.send(Method::GET, url, needs, doing).await?;
        let mut items: T = reply.json(doing)?;
        let mut warnings = Vec::new();
        let next = match items.next_page_token().filter(|t| !t.is_empty()) {
            None => None,
            Some(token) => {
                let way = Way::after(last.as_ref(), token);
                if way.is_none() {
                    warnings
                        .push("the server names a page again that was listed; the list ends here".to_owned());
                }
                way.map(|w| w.to_cursor())
            }
        };
        Ok(Listed { items, next, warnings })
    }

    async fn send(&self, method: Method, url: Url, needs: Needs, doing: &str) -> Result<Reply, Failure> {
        let reads = method == Method::GET;
        let request = Request::new(method, url, doing).accept("application/json");
        let request = if reads { request.at(Priority::Listing).compressed() } else { request };
        let reply = self.api.http().fetch(&request, Limit::LIST).await?;
        if reply.status.is_success() { Ok(reply) } else { Err(self.refusal(&reply, needs, doing)) }
    }

    /// What a refusal means, with the next step.
    fn refusal(&self, reply: &Reply, needs: Needs, doing: &str) -> Failure {
        let Refusal { error } = serde_json::from_slice(&reply.body).unwrap_or_default();
        let mut failure = reply.failure(doing);
        let (status, host) = (reply.status.as_u16(), self.api.http().host());
        match (failure.kind, error) {
            (FailureKind::NotFound, None) => {
                failure.kind = FailureKind::Unsupported;
                failure.said = format!("{}'s API is not at {host} ({status})", self.service.title);
            }
            (_, None) => {}
            (kind, Some(error)) => {
                let (kind, meaning) = self.meaning(kind, &error, needs);
                failure.kind = kind;
                failure.said = match meaning {
                    Some(meaning) => format!("{meaning} ({status}: {})", error.shown()),
                    None => format!("{}: {}", failure.said, error.shown()),
                };
            }
        }
        failure
    }

    fn meaning(&self, kind: FailureKind, error: &Said, needs: Needs) -> (FailureKind, Option<String>) {
        let Needs(permission, role) = needs;
        match kind {
            FailureKind::Unauthorized => {
                let remedy = self.sign_ins.remedy();
                (kind, Some(format!("the token is wrong or has run out; {remedy}")))
            }
            FailureKind::Forbidden if error.says("SERVICE_DISABLED", "has not been used in project") => {
                let Service { title, id } = self.service;
                let said = format!(
                    "{title}'s API is switched off in this project; “gcloud services enable {id}” switches it on"
                );
                (FailureKind::Unsupported, Some(said))
            }
            FailureKind::Forbidden
                if error.says("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "authentication scopes") =>
            {
                (kind, Some(format!("the token lacks the scope {SCOPE}")))
            }
            FailureKind::Forbidden => {
                (kind, Some(format!("the account needs {permission}, which the role {role} gives")))
            }
            _ => (kind, None),
        }
    }
}

/// The parts of a repository's address.
fn parts(of: &Place) -> Vec<&str> {
    vec!["projects", &of.project, "locations", &of.location, "repositories", &of.repository]
}

/// The body of a refusal (Google APIs, "Errors": `google.rpc.Status` in JSON).
#[derive(Deserialize, Default)]
struct Refusal {
    error: Option<Said>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<Value>,
}

impl Said {
    /// Whether one of the details gives `reason`, or the message has `text` in it.
    fn says(&self, reason: &str, text: &str) -> bool {
        let given = |detail: &Value| detail.get("reason").and_then(Value::as_str) == Some(reason);
        self.details.iter().any(given) || self.message.contains(text)
    }

    fn shown(&self) -> String {
        let short: String = self.message.chars().take(200).collect();
        visible(&short).into_owned()
    }
}

/// How far a listing has come: the token of the next page, and one that was met before.
struct Way {
    pages: u64,
    remembered: String,
    token: String,
}

impl Way {
    /// The way on, unless it leads to where the listing has been.
    fn after(last: Option<&Self>, token: String) -> Option<Self> {
        if last.is_some_and(|l| l.token == token || l.remembered == token) {
            return None;
        }
        let pages = last.map_or(0, |l| l.pages) + 1;
        let kept = last.filter(|_| !pages.is_power_of_two()).map(|l| l.remembered.clone());
        Some(Self { pages, remembered: kept.unwrap_or_else(|| token.clone()), token })
    }

    fn to_cursor(&self) -> Cursor {
        Cursor(serde_json::json!([self.pages, self.remembered, self.token]).to_string())
    }

    fn read(Cursor(text): &Cursor) -> Result<Self, Failure> {
        let (pages, remembered, token) = serde_json::from_str(text).map_err(|_| {
            Failure::new(FailureKind::Bug, "reading the position in a list", "it is not one of ours")
        })?;
        Ok(Self { pages, remembered, token })
    }
}

/// Whether a failure means that the API is not to be had here, while the registry may be.
pub(super) fn is_away(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Unsupported | FailureKind::Invalid)
}
