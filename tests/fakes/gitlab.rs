//! A GitLab of our own: its API over the content of the built-in registry, which plays GitLab's.
//!
//! Invariant: a repository belongs to the project whose path its name begins with.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, LINK};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use serde_json::{Value, json};
use tagalong::demo::{Auth, Server, Settings, Store};

use super::desk::{self, Desk};
use crate::forward::listen;

pub(crate) const USER: &str = "ann";
pub(crate) const TOKEN: &str = "glpat-a-long-token";

/// A running GitLab.
pub(crate) struct GitLab {
    pub(crate) web: String,
    pub(crate) state: Arc<Api>,
}

/// The API's own state.
pub(crate) struct Api {
    pub(crate) desk: Desk,
    pub(crate) scopes: Mutex<Vec<&'static str>>,
    /// Every group, subgroups too, by its full path.
    pub(crate) groups: Mutex<Vec<String>>,
    /// Every project by its path; its number is its place, from 1.
    pub(crate) projects: Mutex<Vec<String>>,
    /// Projects that everybody sees.
    pub(crate) public: Mutex<Vec<&'static str>>,
    /// Where projects say that their images are; nothing to leave that to the repositories.
    pub(crate) prefix: Mutex<Option<String>>,
    registry: Server,
    deleted: Mutex<BTreeSet<String>>,
}

impl GitLab {
    pub(crate) async fn start() -> Self {
        Self::start_with(Auth::token(USER, TOKEN)).await
    }

    pub(crate) async fn start_with(auth: Auth) -> Self {
        let registry = Server::start(Settings { auth, ..Settings::default() }).await.unwrap();
        let owned = |list: &[&str]| Mutex::new(list.iter().map(|&s| s.to_owned()).collect());
        let state = Arc::new(Api {
            desk: Desk::default(),
            scopes: Mutex::new(vec!["api"]),
            groups: owned(&["Acme", "Acme/tools"]),
            projects: owned(&["Acme/Web", "Acme/tools/lint", "ann/site", "other/shared"]),
            public: Mutex::default(),
            prefix: Mutex::new(Some(format!("{}/some/project", registry.address()))),
            registry,
            deleted: Mutex::default(),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
        Self { web: listen(router).await, state }
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
    api.desk.receive(&request).unwrap_or_else(|| api.answer(&request))
}

fn says(status: u16, message: &str) -> Response {
    desk::json(status, &json!({"message": format!("{status} {message}")}))
}

impl Api {
    fn answer(&self, request: &Request) -> Response {
        let shown = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok());
        let path = desk::path(request);
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let ["api", "v4", path @ ..] = path.as_slice() else { return says(404, "Not Found") };
        if shown.is_none() && request.method() == "GET" {
            return self.show_strangers(request, path);
        }
        if shown != Some(&format!("Bearer {TOKEN}")) {
            return says(401, "Unauthorized");
        }
        let scopes = self.scopes.lock().unwrap().clone();
        let is_self = path == ["personal_access_tokens", "self"];
        if !is_self && !scopes.iter().any(|s| *s == "api" || (*s == "read_api" && request.method() == "GET"))
        {
            return desk::json(
                403,
                &json!({
                    "error": "insufficient_scope", "scope": "api read_api",
                    "error_description": "The request requires higher privileges than provided by the access token.",
                }),
            );
        }
        match path {
            ["personal_access_tokens", "self"] => desk::json(
                200,
                &json!({"id": 1, "name": "laptop", "scopes": scopes, "expires_at": "2027-01-31"}),
            ),
            ["version"] => desk::json(200, &json!({"version": "18.0"})),
            ["groups"] => {
                let groups = self.groups.lock().unwrap().clone();
                let top = groups.into_iter().filter(|g| !g.contains('/'));
                numbered(request, top.map(|g| json!({"id": 1, "full_path": g})).collect())
            }
            ["projects"] => linked(request, self.projects()),
            ["groups", id, "projects"] if self.is_group(id) => {
                numbered(request, self.projects_below(id, |_| true))
            }
            ["groups", id, "registry", "repositories"] if self.is_group(id) => {
                numbered(request, self.images(&id.to_lowercase()))
            }
            ["projects", id, "registry", rest @ ..] => match self.project(id) {
                Some(project) => self.registry_of(request, &project, rest),
                None => says(404, "Project Not Found"),
            },
            ["registry", "repositories", id] => {
                let all = self.images("");
                let found = all.into_iter().find(|i| i["id"].as_i64() == id.parse().ok());
                found.map_or_else(|| says(404, "Not Found"), |image| desk::json(200, &image))
            }
            _ => says(404, "Not Found"),
        }
    }

    /// What is answered without a token: public groups and projects, and the repositories of the latter.
    fn show_strangers(&self, request: &Request, path: &[&str]) -> Response {
        let public = self.public.lock().unwrap().clone();
        let is_public = |path: &str| public.contains(&path);
        if ["min_access_level", "membership"].iter().any(|key| desk::query(request, key).is_some()) {
            return says(401, "Unauthorized");
        }
        match path {
            ["groups"] => {
                let holds_one = |g: &String| public.iter().any(|p| p.starts_with(&format!("{g}/")));
                let groups = self.groups.lock().unwrap().clone().into_iter().filter(holds_one);
                let top = groups.filter(|g| !g.contains('/'));
                numbered(request, top.map(|g| json!({"id": 1, "full_path": g})).collect())
            }
            ["groups", id, ..] if !self.is_group(id) => says(404, "Group Not Found"),
            ["groups", id, "projects"] => numbered(request, self.projects_below(id, is_public)),
            ["projects"] => linked(request, self.projects_below("", is_public)),
            ["projects", id, "registry", rest @ ..] => match self.project(id).filter(|p| is_public(p)) {
                Some(project) => self.registry_of(request, &project, rest),
                None => says(404, "Project Not Found"),
            },
            _ => says(401, "Unauthorized"),
        }
    }

    /// The projects of a group and its subgroups, or all, as far as they are seen.
    fn projects_below(&self, group: &str, is_seen: impl Fn(&str) -> bool) -> Vec<Value> {
        let path = |p: &Value| p["path_with_namespace"].as_str().unwrap().to_owned();
        let is_below = |p: &Value| group.is_empty() || path(p).starts_with(&format!("{group}/"));
        self.projects().into_iter().filter(|p| is_below(p) && is_seen(&path(p))).collect()
    }

    fn is_group(&self, path: &str) -> bool {
        self.groups.lock().unwrap().iter().any(|g| g.eq_ignore_ascii_case(path))
    }

    /// A project's path, by its path or number.
    fn project(&self, id: &str) -> Option<String> {
        let projects = self.projects.lock().unwrap();
        let by_number = id.parse::<usize>().ok().and_then(|n| projects.get(n.checked_sub(1)?));
        by_number.or_else(|| projects.iter().find(|p| p.eq_ignore_ascii_case(id))).cloned()
    }

    fn projects(&self) -> Vec<Value> {
        let prefix = self.prefix.lock().unwrap().clone();
        let projects = self.projects.lock().unwrap();
        let told = |(at, path): (usize, &String)| {
            let above = path.rsplit_once('/').map(|(above, _)| above);
            json!({
                "id": at + 1, "path_with_namespace": path, "namespace": {"full_path": above},
                "container_registry_image_prefix": prefix,
            })
        };
        projects.iter().enumerate().map(told).collect()
    }

    /// The repositories below a group or project.
    fn images(&self, below: &str) -> Vec<Value> {
        let deleted = self.deleted.lock().unwrap();
        let projects = self.projects.lock().unwrap();
        let inside = |path: &str| below.is_empty() || path == below || path.starts_with(&format!("{below}/"));
        let mut all = Vec::new();
        for (at, path) in self.registry.store().repositories().into_iter().enumerate() {
            let of =
                |p: &&String| path == p.to_lowercase() || path.starts_with(&format!("{}/", p.to_lowercase()));
            let Some((project, owner)) = projects.iter().enumerate().find(|(_, p)| of(p)) else { continue };
            if !inside(&path) || deleted.contains(&path) {
                continue;
            }
            all.push(json!({
                "id": at + 1, "name": path[owner.len()..].trim_start_matches('/'), "path": path,
                "project_id": project + 1, "location": format!("{}/{path}", self.registry.address()),
                "created_at": "2026-01-10T13:39:08.229Z", "tags_count": self.registry.store().tags(&path).len(),
                "size": 1234, "status": null,
            }));
        }
        all
    }

    fn registry_of(&self, request: &Request, project: &str, rest: &[&str]) -> Response {
        let images = self.images(&project.to_lowercase());
        match rest {
            ["repositories"] => numbered(request, images),
            ["protection", "repository", "rules"] => desk::json(
                200,
                &json!([
                    {"id": 1, "repository_path_pattern": "acme/web/prod*", "minimum_access_level_for_delete": "owner"},
                ]),
            ),
            ["repositories", id, rest @ ..] => {
                let found = images.iter().find(|i| i["id"].as_i64() == id.parse().ok());
                let Some(path) = found.and_then(|i| i["path"].as_str()) else {
                    return says(404, "Not Found");
                };
                self.image(request, path, rest)
            }
            _ => says(404, "Not Found"),
        }
    }

    fn image(&self, request: &Request, path: &str, rest: &[&str]) -> Response {
        let store = self.registry.store();
        match (request.method().as_str(), rest) {
            ("DELETE", []) => {
                self.deleted.lock().unwrap().insert(path.to_owned());
                desk::json(202, &json!("202 Accepted"))
            }
            ("GET", ["tags"]) => {
                let tags = store.tags(path).into_iter();
                numbered(request, tags.map(|t| json!({"name": t, "path": format!("{path}:{t}")})).collect())
            }
            ("GET", ["tags", tag]) if store.resolve(path, tag).is_some() => desk::json(
                200,
                &json!({
                    "name": tag, "created_at": "2026-01-10T13:39:08.229+01:00", "total_size": 2048,
                }),
            ),
            ("DELETE", ["tags", tag]) if store.remove_tag(path, tag) => desk::json(200, &Value::Null),
            _ => says(404, "Tag Not Found"),
        }
    }
}

/// A page that names the next one by its number.
fn numbered(request: &Request, items: Vec<Value>) -> Response {
    let (body, next) = desk::page(request, items);
    let number = next.as_deref().and_then(|q| q.rsplit_once("page=")).map_or("", |(_, n)| n);
    let mut response = desk::json(200, &body);
    let name = HeaderName::from_static("x-next-page");
    response.headers_mut().insert(name, HeaderValue::from_str(number).unwrap());
    response
}

/// A page that links to the next one at the address under which this GitLab knows itself.
fn linked(request: &Request, items: Vec<Value>) -> Response {
    let (body, next) = desk::page(request, items);
    let mut response = desk::json(200, &body);
    if let Some(next) = next {
        let link = format!("<https://gitlab.internal/api/v4/projects?{next}>; rel=\"next\"");
        response.headers_mut().insert(LINK, HeaderValue::from_str(&link).unwrap());
    }
    response
}
