//! Docker Hub's web API in a few lines: logins that expire, namespaces, repositories and tags that can be deleted.
//!
//! Invariant: what one request changes, the next one sees; every request is written down.

mod registry;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tagalong::domain::{Digest, media};
use tokio::net::TcpListener;

pub(crate) const USER: &str = "Acme";
pub(crate) const TOKEN: &str = "dckr_pat_right";

/// A failure that the API answers instead of what was asked for, so many times.
pub(crate) struct Fault {
    pub(crate) path: &'static str,
    pub(crate) times: u32,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: &'static str,
}

/// A tag of the fake.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) digest: Digest,
    /// Platforms with the digest of each.
    pub(crate) images: Vec<(&'static str, &'static str, Digest)>,
    /// Whether the list names the digest.
    pub(crate) told: bool,
}

/// Everything that the fake knows.
pub(crate) struct State {
    pub(crate) repositories: BTreeMap<String, Vec<Row>>,
    pub(crate) organisations: Vec<String>,
    /// Whether the account wants a second factor, which a password does not give.
    pub(crate) second_factor: bool,
    /// Whether the newer login exists.
    pub(crate) has_token_login: bool,
    /// Seconds.
    pub(crate) lifetime: u64,
    pub(crate) may_delete: bool,
    /// Whether page two is page one again, for ever.
    pub(crate) repeats: bool,
    pub(crate) faults: Vec<Fault>,
    pub(crate) asked: Vec<String>,
    pub(crate) logins: u64,
    live: Vec<String>,
}

impl Row {
    pub(crate) fn media_type(&self) -> &'static str {
        if self.images.len() > 1 { media::OCI_INDEX } else { media::OCI_MANIFEST }
    }
}

impl State {
    /// Ends every token that was given out.
    pub(crate) fn expire(&mut self) {
        self.live.clear();
    }

    /// How many requests began with `start`.
    pub(crate) fn count(&self, start: &str) -> usize {
        self.asked.iter().filter(|a| a.starts_with(start)).count()
    }
}

pub(crate) type Known = Arc<Mutex<State>>;

/// The two servers.
pub(crate) struct Hub {
    pub(crate) api: String,
    pub(crate) registry: String,
    known: Known,
}

impl Hub {
    pub(crate) async fn start() -> Self {
        let state = State {
            repositories: BTreeMap::new(),
            organisations: vec!["acme-labs".to_owned()],
            second_factor: false,
            has_token_login: true,
            lifetime: 600,
            may_delete: true,
            repeats: false,
            faults: Vec::new(),
            asked: Vec::new(),
            logins: 0,
            live: Vec::new(),
        };
        let known: Known = Arc::new(Mutex::new(state));
        let api = serve(Router::new().fallback(answer).with_state(Arc::clone(&known))).await;
        let registry = registry::start(Arc::clone(&known)).await;
        Self { api, registry, known }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.known.lock().unwrap()
    }

    /// Adds a tag of one platform to `repository`.
    pub(crate) fn add(&self, repository: &str, tag: &str, content: &str) -> Digest {
        let digest = Digest::of(content.as_bytes());
        let images = vec![("linux", "amd64", digest.clone())];
        self.put(repository, Row { name: tag.to_owned(), digest: digest.clone(), images, told: true });
        digest
    }

    pub(crate) fn put(&self, repository: &str, row: Row) {
        self.state().repositories.entry(repository.to_owned()).or_default().push(row);
    }

    pub(crate) fn fault(&self, path: &'static str, times: u32, status: u16, body: &'static str) {
        self.state().faults.push(Fault { path, times, status, headers: Vec::new(), body });
    }
}

/// Serves `router` on this machine until the test ends.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

pub(crate) fn reply(status: u16, body: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(body.clone())).into_response()
}

async fn answer(
    Shared(known): Shared<Known>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut state = known.lock().unwrap();
    let asked = uri.to_string();
    state.asked.push(format!("{method} {asked}"));
    if let Some(answer) = fault(&mut state, &asked) {
        return answer;
    }
    let path = uri.path().trim_matches('/').to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    let bearer = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    let signed_in = bearer.is_some_and(|token| state.live.iter().any(|live| live == token));
    if bearer.is_some() && !signed_in {
        return reply(401, &json!({ "detail": "token has expired" }));
    }
    match (method.as_str(), parts.as_slice()) {
        ("POST", ["v2", "auth", "token"]) if state.has_token_login => {
            log_in(&mut state, &body, "access_token")
        }
        ("POST", ["v2", "users", "login"]) => log_in(&mut state, &body, "token"),
        ("GET", ["v2", "user", "orgs"]) if signed_in => {
            let all = state.organisations.iter().map(|o| json!({ "orgname": o })).collect();
            list(&state, all, &uri)
        }
        ("GET", ["v2", "repositories", "namespaces"]) if signed_in => {
            reply(200, &json!({ "namespaces": ["acme"] }))
        }
        ("GET", ["v2", "namespaces", namespace, "repositories"]) => {
            let own = state.repositories.keys().filter_map(|r| r.split_once('/'));
            let own = own.filter(|(n, _)| n == namespace).map(|(n, r)| repository_row(n, r)).collect();
            list(&state, own, &uri)
        }
        ("GET", ["v2", "namespaces", namespace, "repositories", name]) => {
            reply(200, &repository_row(namespace, name))
        }
        ("GET", ["v2", "namespaces", namespace, "repositories", name, "tags"]) => {
            match state.repositories.get(&format!("{namespace}/{name}")) {
                Some(tags) => list(&state, tags.iter().map(tag_row).collect(), &uri),
                None => reply(404, &json!({ "message": "object not found" })),
            }
        }
        ("GET", ["v2", "namespaces", namespace, "repositories", name, "tags", tag]) => {
            let tags = state.repositories.get(&format!("{namespace}/{name}"));
            match tags.and_then(|t| t.iter().find(|row| row.name == *tag)) {
                Some(row) => reply(200, &tag_row(row)),
                None => reply(404, &json!({ "message": "tag not found" })),
            }
        }
        ("DELETE", ["v2", "repositories", rest @ ..]) if asked.ends_with('/') => {
            delete(&mut state, rest, signed_in)
        }
        _ => reply(404, &json!({ "message": "page not found" })),
    }
}

fn fault(state: &mut State, asked: &str) -> Option<Response> {
    let fault = state.faults.iter_mut().find(|f| f.times > 0 && asked.contains(f.path))?;
    fault.times -= 1;
    let mut answer = (StatusCode::from_u16(fault.status).unwrap(), fault.body).into_response();
    for (name, value) in &fault.headers {
        answer.headers_mut().insert(*name, value.parse().unwrap());
    }
    Some(answer)
}

fn delete(state: &mut State, path: &[&str], signed_in: bool) -> Response {
    if !signed_in || !state.may_delete {
        return reply(403, &json!({ "message": "access denied" }));
    }
    let gone = match path {
        [namespace, name, "tags", tag] => {
            let tags = state.repositories.get_mut(&format!("{namespace}/{name}"));
            tags.is_some_and(|tags| {
                let before = tags.len();
                tags.retain(|row| row.name != *tag);
                tags.len() < before
            })
        }
        [namespace, name] => state.repositories.remove(&format!("{namespace}/{name}")).is_some(),
        _ => false,
    };
    if gone { StatusCode::NO_CONTENT.into_response() } else { reply(404, &json!({ "message": "not found" })) }
}

fn log_in(state: &mut State, body: &[u8], field: &str) -> Response {
    state.logins += 1;
    let body: Value = serde_json::from_slice(body).unwrap();
    let secret = body.get("secret").or_else(|| body.get("password")).and_then(Value::as_str);
    if secret != Some(TOKEN) {
        let half = json!({
            "detail": "Require secondary authentication on MFA enabled account",
            "login_2fa_token": "half",
        });
        let wrong = json!({ "detail": "Incorrect authentication credentials" });
        return reply(401, if state.second_factor && field == "token" { &half } else { &wrong });
    }
    let claims = json!({ "iat": state.logins, "exp": state.logins + state.lifetime });
    let token = format!("e30.{}.s", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()));
    state.live.push(token.clone());
    reply(200, &json!({ field: token }))
}

fn repository_row(namespace: &str, name: &str) -> Value {
    json!({
        "name": name, "namespace": namespace, "description": "Our\nservice", "is_private": name == "secret",
        "pull_count": 1234, "star_count": 5, "last_updated": "2025-01-20T10:30:00Z", "status_description": "active",
    })
}

fn tag_row(row: &Row) -> Value {
    let images: Vec<Value> = row
        .images
        .iter()
        .map(|(os, arch, digest)| json!({ "os": os, "architecture": arch, "digest": digest, "size": 100, "variant": null }))
        .collect();
    json!({
        "name": row.name, "digest": row.told.then(|| row.digest.to_string()), "images": images, "full_size": 250,
        "last_updated": "2025-01-21T10:30:00Z", "tag_last_pushed": "2025-01-22T10:30:00Z", "tag_status": "active",
        "last_updater_username": "ann", "v2": true, "media_type": row.media_type(),
    })
}

/// One page, with a `next` that leads to the vendor's real host, as it does there.
fn list(state: &State, rows: Vec<Value>, uri: &Uri) -> Response {
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let number = |key: &str, otherwise: usize| query.get(key).map_or(otherwise, |v| v.parse().unwrap());
    let (page, size) = (number("page", 1), number("page_size", 10));
    assert!(size <= 100, "the API gives no more than 100 rows: {uri}");
    let count = rows.len();
    let skip = if state.repeats { 0 } else { (page - 1) * size };
    let results: Vec<Value> = rows.into_iter().skip(skip).take(size).collect();
    let more = state.repeats || skip + size < count;
    let next =
        more.then(|| format!("https://hub.docker.com{}?page={}&page_size={size}", uri.path(), page + 1));
    reply(200, &json!({ "count": count, "next": next, "previous": null, "results": results }))
}
