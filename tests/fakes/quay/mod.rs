//! Quay in a few lines: its API with OAuth tokens of several scopes, its registry beside it.
//!
//! Invariant: what one request changes, the next one sees; every request is written down.

mod registry;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::State as Shared;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tagalong::domain::Digest;
use tokio::net::TcpListener;

pub(crate) const OAUTH: &str = "an-oauth-token-of-quay";
pub(crate) const ROBOT: &str = "acme+builder";
pub(crate) const ROBOT_TOKEN: &str = "the-token-of-a-robot";
pub(crate) const PERSON: &str = "ann";
pub(crate) const PASSWORD: &str = "the-password-of-ann";

/// A failure that is answered instead of what was asked for, so many times.
pub(crate) struct Fault {
    pub(crate) path: &'static str,
    pub(crate) times: u32,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: &'static str,
}

/// Everything that the fake knows.
pub(crate) struct State {
    /// Manifests and configurations.
    pub(crate) contents: BTreeMap<Digest, String>,
    /// Repositories with their tags.
    pub(crate) repositories: BTreeMap<String, Vec<(String, Digest)>>,
    pub(crate) organisations: Vec<String>,
    /// What the OAuth token may do; nothing for one that expired.
    pub(crate) scopes: Vec<&'static str>,
    pub(crate) security: Value,
    /// Whether page two is page one again, for ever.
    pub(crate) repeats: bool,
    pub(crate) faults: Vec<Fault>,
    pub(crate) asked: Vec<String>,
}

impl State {
    /// How many requests began with `start`.
    pub(crate) fn count(&self, start: &str) -> usize {
        self.asked.iter().filter(|a| a.starts_with(start)).count()
    }

    fn may(&self, scope: &str) -> bool {
        self.scopes.contains(&scope)
    }
}

pub(crate) type Known = Arc<Mutex<State>>;

/// The server.
pub(crate) struct Fake {
    pub(crate) url: String,
    known: Known,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let state = State {
            contents: BTreeMap::new(),
            repositories: BTreeMap::new(),
            organisations: vec!["acme".to_owned()],
            scopes: vec!["user:read", "repo:read", "repo:write", "repo:admin"],
            security: json!({ "status": "queued", "data": null }),
            repeats: false,
            faults: Vec::new(),
            asked: Vec::new(),
        };
        let known: Known = Arc::new(Mutex::new(state));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&known));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, known }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.known.lock().unwrap()
    }

    pub(crate) fn add(&self, repository: &str, tag: &str, content: &str) -> Digest {
        let [config, manifest] = registry::image(content);
        let digest = Digest::of(manifest.as_bytes());
        let mut state = self.state();
        state.contents.insert(Digest::of(config.as_bytes()), config);
        state.contents.insert(digest.clone(), manifest);
        let tags = state.repositories.entry(repository.to_owned()).or_default();
        tags.push((tag.to_owned(), digest.clone()));
        digest
    }

    pub(crate) fn fault(&self, path: &'static str, times: u32, status: u16, body: &'static str) {
        self.state().faults.push(Fault { path, times, status, headers: Vec::new(), body });
    }
}

pub(crate) fn reply(status: u16, body: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(body.clone())).into_response()
}

/// A refusal as Quay words it.
fn refuse(status: u16, title: &str, detail: &str) -> Response {
    reply(
        status,
        &json!({ "status": status, "title": title, "error_type": title, "detail": detail, "error_message": detail }),
    )
}

async fn answer(Shared(known): Shared<Known>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let mut state = known.lock().unwrap();
    let asked = uri.to_string();
    state.asked.push(format!("{method} {asked}"));
    if let Some(fault) = state.faults.iter_mut().find(|f| f.times > 0 && asked.contains(f.path)) {
        fault.times -= 1;
        let mut answer = (StatusCode::from_u16(fault.status).unwrap(), fault.body).into_response();
        for (name, value) in &fault.headers {
            answer.headers_mut().insert(*name, value.parse().unwrap());
        }
        return answer;
    }
    let path = uri.path().to_owned();
    let authorization = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok());
    match path.strip_prefix("/api/v1/") {
        None => registry::answer(&mut state, &method, &uri, &headers),
        Some(rest) => {
            // A token that is not known is nobody's: Quay goes on without it.
            let known = authorization == Some(&format!("Bearer {OAUTH}")) && !state.scopes.is_empty();
            api(&mut state, &method, rest, &uri, known)
        }
    }
}

fn api(state: &mut State, method: &Method, path: &str, uri: &Uri, known: bool) -> Response {
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    if path == "user/" {
        if !known || !state.may("user:read") {
            return refuse(401, "invalid_token", "Requires authentication");
        }
        let organisations: Vec<Value> = state.organisations.iter().map(|o| json!({ "name": o })).collect();
        return reply(
            200,
            &json!({ "anonymous": false, "username": PERSON, "organizations": organisations }),
        );
    }
    if path == "repository" {
        let Some(namespace) = query.get("namespace") else {
            return refuse(400, "invalid_request", "namespace, starred, or public are required");
        };
        return repositories(state, namespace, query.get("next_page"));
    }
    let Some((name, rest)) = repository_in(state, path) else {
        return refuse(404, "not_found", "Not Found");
    };
    let is_private = name.ends_with("secret");
    let (needed, write) = match (method.as_str(), rest.as_str()) {
        ("DELETE", "") => ("repo:admin", true),
        ("DELETE", _) => ("repo:write", true),
        _ => ("repo:read", false),
    };
    if (write || is_private) && !(known && state.may(needed)) {
        return if known {
            refuse(403, "insufficient_scope", "Unauthorized")
        } else {
            refuse(401, "invalid_token", "Requires authentication")
        };
    }
    inside(state, method, &name, &rest, &query)
}

/// The repository that a path begins with, and the rest of it.
fn repository_in(state: &State, path: &str) -> Option<(String, String)> {
    let path = path.strip_prefix("repository/")?;
    state.repositories.keys().find_map(|name| {
        let rest = path.strip_prefix(name.as_str())?;
        (rest.is_empty() || rest.starts_with('/')).then(|| (name.clone(), rest.to_owned()))
    })
}

fn inside(
    state: &mut State,
    method: &Method,
    name: &str,
    rest: &str,
    query: &BTreeMap<String, String>,
) -> Response {
    match (method.as_str(), rest) {
        ("GET", "") => reply(200, &row(name)),
        ("DELETE", "") => {
            state.repositories.remove(name);
            StatusCode::NO_CONTENT.into_response()
        }
        ("GET", "/tag/") => tags(state, name, query),
        ("DELETE", tag) if tag.starts_with("/tag/") => {
            let tag = tag.trim_start_matches("/tag/").to_owned();
            let tags = state.repositories.get_mut(name).unwrap();
            let before = tags.len();
            tags.retain(|(known, _)| *known != tag);
            if tags.len() < before {
                StatusCode::NO_CONTENT.into_response()
            } else {
                refuse(404, "not_found", "Not Found")
            }
        }
        ("GET", path) if path.starts_with("/manifest/") && path.ends_with("/security") => {
            reply(200, &state.security)
        }
        _ => refuse(404, "not_found", "Not Found"),
    }
}

fn row(name: &str) -> Value {
    let (namespace, name) = name.split_once('/').unwrap();
    json!({
        "namespace": namespace, "name": name, "description": "Our service\n\nwith more", "is_public": name != "secret",
        "kind": "image", "state": if name == "frozen" { "READ_ONLY" } else { "NORMAL" }, "last_modified": 1_656_432_090,
        "tag_expiration_s": 1_209_600, "can_write": true, "can_admin": false,
    })
}

/// One page of a hundred, the next one by a token.
fn repositories(state: &State, namespace: &str, page: Option<&String>) -> Response {
    let inside = format!("{namespace}/");
    let skip: usize = page.map_or(0, |token| token.trim_start_matches("token ").parse().unwrap());
    let all: Vec<Value> =
        state.repositories.keys().filter(|n| n.starts_with(&inside)).map(|n| row(n)).collect();
    let from = if state.repeats { 0 } else { skip };
    let more = state.repeats || skip + 100 < all.len();
    let rows: Vec<&Value> = all.iter().skip(from).take(100).collect();
    let mut body = json!({ "repositories": rows });
    if let (true, Some(fields)) = (more, body.as_object_mut()) {
        fields.insert("next_page".to_owned(), json!(format!("token {}", skip + 100)));
    }
    reply(200, &body)
}

fn tags(state: &State, name: &str, query: &BTreeMap<String, String>) -> Response {
    let number = |key: &str, otherwise: usize| query.get(key).map_or(otherwise, |v| v.parse().unwrap());
    let (page, limit) = (number("page", 1), number("limit", 50));
    assert!(limit <= 100, "the API gives no more than 100 tags");
    assert_eq!(query.get("onlyActiveTags").map(String::as_str), Some("true"), "dead tags are not asked for");
    let wanted = query.get("specificTag");
    let all = state.repositories.get(name).unwrap().iter().filter(|(tag, _)| wanted.is_none_or(|w| w == tag));
    let all: Vec<Value> = all.map(|(tag, digest)| tag_row(tag, digest)).collect();
    let skip = if state.repeats { 0 } else { (page - 1) * limit };
    let more = state.repeats || skip + limit < all.len();
    let rows: Vec<&Value> = all.iter().skip(skip).take(limit).collect();
    reply(200, &json!({ "page": page, "has_additional": more, "tags": rows }))
}

fn tag_row(tag: &str, digest: &Digest) -> Value {
    let manifests = json!([
        { "platform": { "os": "linux", "architecture": "amd64" } },
        { "platform": { "os": "linux", "architecture": "arm64" } },
        { "platform": { "os": "unknown", "architecture": "unknown" } },
    ]);
    let mut row = json!({
        "name": tag, "manifest_digest": digest, "is_manifest_list": false, "size": 4321, "reversion": false,
        "start_ts": 1_654_197_152, "last_modified": "Thu, 02 Jun 2022 19:12:32 -0000",
    });
    let fields = row.as_object_mut().unwrap();
    if tag == "multi" {
        fields.insert("is_manifest_list".to_owned(), json!(true));
        fields.insert("size".to_owned(), Value::Null);
        fields.insert("manifest_list".to_owned(), json!({ "schemaVersion": 2, "manifests": manifests }));
    }
    if tag == "brief" {
        fields.insert("end_ts".to_owned(), json!(1_700_000_000));
    }
    row
}
