//! A GitHub of our own: the packages API over the content of the built-in registry, which plays ghcr.io.
//!
//! Invariant: the two tell of the same content. A manifest is a package version; its id never changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, LINK};
use axum::response::Response;
use serde_json::{Value, json};
use tagalong::demo::{Auth, Server, Settings, Store};
use tagalong::domain::Digest;

use super::desk::{self, Desk};
use crate::forward::listen;

pub(crate) const USER: &str = "Ann";
pub(crate) const TOKEN: &str = "ghp_a-long-classic-token";
pub(crate) const ALL: &str = "delete:packages, read:org, write:packages";
/// The first version's time: 2026-01-01.
pub(crate) const BEGAN: i64 = 1_767_225_600;

/// A running GitHub.
pub(crate) struct GitHub {
    pub(crate) api: String,
    pub(crate) state: Arc<Api>,
}

/// The API's own state.
pub(crate) struct Api {
    pub(crate) desk: Desk,
    /// `X-OAuth-Scopes`; nothing for a fine-grained token.
    pub(crate) scopes: Mutex<Option<&'static str>>,
    pub(crate) organisations: Mutex<Vec<String>>,
    /// What was pushed is told this many requests later.
    pub(crate) lag: Mutex<usize>,
    registry: Server,
    ids: Mutex<BTreeMap<(String, Digest), i64>>,
    deleted: Mutex<BTreeSet<String>>,
}

impl GitHub {
    pub(crate) async fn start() -> Self {
        Self::start_with(Auth::token(USER, TOKEN)).await
    }

    pub(crate) async fn start_with(auth: Auth) -> Self {
        // ghcr.io deletes nothing by the protocol, and has no referrers API.
        let settings =
            Settings { delete: false, delete_tags: false, referrers: false, auth, ..Settings::default() };
        let registry = Server::start(settings).await.unwrap();
        let state = Arc::new(Api {
            desk: Desk::default(),
            scopes: Mutex::new(Some(ALL)),
            organisations: Mutex::new(vec!["Acme".to_owned()]),
            lag: Mutex::new(0),
            registry,
            ids: Mutex::default(),
            deleted: Mutex::default(),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
        let api = format!("{}/api/v3", listen(router).await);
        Self { api, state }
    }

    pub(crate) fn registry(&self) -> &Server {
        &self.state.registry
    }

    pub(crate) fn store(&self) -> &Store {
        self.registry().store()
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.state.desk
    }
}

async fn answer(State(api): State<Arc<Api>>, request: Request) -> Response {
    if let Some(laid) = api.desk.receive(&request) {
        return laid;
    }
    let mut response = api.answer(&request);
    if let Some(scopes) = *api.scopes.lock().unwrap() {
        response.headers_mut().insert("x-oauth-scopes", HeaderValue::from_static(scopes));
    }
    response
}

fn says(status: u16, message: &str) -> Response {
    desk::json(status, &json!({"message": message, "status": status.to_string()}))
}

impl Api {
    fn answer(&self, request: &Request) -> Response {
        let shown = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok());
        if shown != Some(&format!("Bearer {TOKEN}")) {
            let message = if shown.is_some() { "Bad credentials" } else { "Requires authentication" };
            return says(401, message);
        }
        let path = desk::path(request);
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let ["api", "v3", path @ ..] = path.as_slice() else { return says(404, "Not Found") };
        match path {
            ["user"] => desk::json(200, &json!({"login": USER, "id": 1})),
            ["user", "orgs"] => {
                let all = self.organisations.lock().unwrap().iter().map(|o| json!({"login": o})).collect();
                paged(request, all)
            }
            ["user", "packages", rest @ ..] => self.packages(request, USER, rest),
            ["orgs", owner, "packages", rest @ ..] if self.is_organisation(owner) => {
                self.packages(request, owner, rest)
            }
            ["users", owner, "packages", rest @ ..] if !self.is_organisation(owner) => {
                self.packages(request, owner, rest)
            }
            _ => says(404, "Not Found"),
        }
    }

    fn is_organisation(&self, owner: &str) -> bool {
        self.organisations.lock().unwrap().iter().any(|o| o.eq_ignore_ascii_case(owner))
    }

    fn may(&self, scope: &str) -> bool {
        let scopes = self.scopes.lock().unwrap().unwrap_or_default();
        scopes.split(", ").any(|held| held == scope || (scope == "read:packages" && held == "write:packages"))
    }

    fn packages(&self, request: &Request, owner: &str, rest: &[&str]) -> Response {
        if !self.may("read:packages") {
            return says(403, "You need at least read:packages scope to list packages.");
        }
        let owner = owner.to_lowercase();
        if request.method() == "DELETE" {
            return self.delete(&owner, rest);
        }
        match rest {
            [] if desk::query(request, "package_type").as_deref() != Some("container") => {
                says(400, "Invalid argument.")
            }
            [] => paged(request, self.all(&owner)),
            ["container", name] => self.found(&owner, name, |n| desk::json(200, &package(n))),
            ["container", name, "versions"] => {
                self.found(&owner, name, |name| paged(request, self.versions(&format!("{owner}/{name}"))))
            }
            ["container", name, "versions", id] => self.found(&owner, name, |name| {
                let versions = self.versions(&format!("{owner}/{name}"));
                let found = versions.into_iter().find(|v| v["id"].as_i64() == id.parse().ok());
                found.map_or_else(|| says(404, "Package not found."), |v| desk::json(200, &v))
            }),
            _ => says(404, "Not Found"),
        }
    }

    fn all(&self, owner: &str) -> Vec<Value> {
        let prefix = format!("{owner}/");
        let deleted = self.deleted.lock().unwrap();
        let names = self.registry.store().repositories().into_iter().filter(|r| !deleted.contains(r));
        names.filter_map(|r| r.strip_prefix(&prefix).map(package)).collect()
    }

    fn found(&self, owner: &str, name: &str, then: impl FnOnce(&str) -> Response) -> Response {
        let repository = format!("{owner}/{name}");
        let known = self.registry.store().has_repository(&repository);
        if !known || self.deleted.lock().unwrap().contains(&repository) {
            return says(404, "Package not found.");
        }
        then(name)
    }

    /// Newest first. One that was pushed a moment ago may not be told yet.
    fn versions(&self, repository: &str) -> Vec<Value> {
        let mut ids = self.ids.lock().unwrap();
        let mut lag = self.lag.lock().unwrap();
        let mut all = Vec::new();
        for raw in self.registry.store().manifests(repository) {
            let key = (repository.to_owned(), raw.digest.clone());
            let next = ids.len() as i64 + 1;
            if !ids.contains_key(&key) && *lag > 0 {
                *lag -= 1;
                continue;
            }
            let id = *ids.entry(key).or_insert(next);
            let tags = self.registry.store().tags(repository).into_iter();
            let tags: Vec<String> = tags
                .filter(|t| self.registry.store().resolve(repository, t).as_ref() == Some(&raw.digest))
                .collect();
            let created = jiff::Timestamp::from_second(BEGAN + id * 60).unwrap().to_string();
            all.push(json!({
                "id": id, "name": raw.digest.to_string(), "url": "", "package_html_url": "",
                "created_at": created, "updated_at": created,
                "metadata": {"package_type": "container", "container": {"tags": tags}},
            }));
        }
        all.sort_by_key(|v| std::cmp::Reverse(v["id"].as_i64()));
        all
    }

    fn delete(&self, owner: &str, rest: &[&str]) -> Response {
        if !self.may("delete:packages") {
            return says(403, "Must have admin rights to Package.");
        }
        let ["container", name, version @ ..] = rest else { return says(404, "Not Found") };
        let repository = format!("{owner}/{name}");
        self.found(owner, name, |_| match version {
            [] => {
                self.deleted.lock().unwrap().insert(repository.clone());
                desk::json(204, &Value::Null)
            }
            ["versions", id] => self.delete_version(&repository, id),
            _ => says(404, "Not Found"),
        })
    }

    fn delete_version(&self, repository: &str, id: &str) -> Response {
        let versions = self.versions(repository);
        let has_tags =
            |v: &Value| v["metadata"]["container"]["tags"].as_array().is_some_and(|t| !t.is_empty());
        let Some(version) = versions.iter().find(|v| v["id"].as_i64() == id.parse().ok()) else {
            return says(404, "Package not found.");
        };
        if has_tags(version) && versions.iter().filter(|v| has_tags(v)).count() == 1 {
            let message = "You cannot delete the last tagged version of a package. You must delete the package instead.";
            return says(400, message);
        }
        let digest: Digest = version["name"].as_str().unwrap().parse().unwrap();
        self.registry.store().remove_manifest(repository, &digest);
        desk::json(204, &Value::Null)
    }
}

fn package(name: &str) -> Value {
    json!({
        "id": 1, "name": name, "package_type": "container", "visibility": "private",
        "version_count": 4, "url": "", "html_url": "",
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-02-01T00:00:00Z",
    })
}

/// A page, with the `Link` as GitHub writes it: to another path of the same API.
fn paged(request: &Request, items: Vec<Value>) -> Response {
    let (body, next) = desk::page(request, items);
    let mut response = desk::json(200, &body);
    if let Some(next) = next {
        let link = format!("<https://api.github.com/organizations/7/packages?{next}>; rel=\"next\"");
        response.headers_mut().insert(LINK, HeaderValue::from_str(&link).unwrap());
    }
    response
}
