//! A Harbor in the process: accounts, projects, artifacts with tags, and the protocol beside the API.
//!
//! Invariant: addresses are compared as they were sent, so a slash that is not encoded twice is another place.

mod api;
mod protocol;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LINK, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use serde_json::{Value, json};
use tagalong::domain::{Digest, media};
use tokio::net::TcpListener;

/// What answers below `/api/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Here,
    /// 404 for everything.
    Moved,
    /// A proxy's page for people.
    WebPage,
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) enum Role {
    Robot,
    Guest,
    Maintainer,
    Administrator,
}

#[derive(Clone)]
pub(crate) struct Artifact {
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: Digest,
    pub(crate) tags: Vec<String>,
    pub(crate) immutable: bool,
    pub(crate) members: Vec<(Digest, &'static str)>,
    pub(crate) signed: bool,
    pub(crate) scanned: bool,
    pub(crate) pushed: String,
}

impl Artifact {
    pub(crate) fn media_type(&self) -> &'static str {
        if self.members.is_empty() { media::OCI_MANIFEST } else { media::OCI_INDEX }
    }
}

pub(crate) struct Shared {
    pub(crate) url: String,
    /// Name, number and whether everybody sees it.
    pub(crate) projects: Vec<(String, i64, bool)>,
    pub(crate) repositories: BTreeMap<String, Vec<Artifact>>,
    pub(crate) accounts: BTreeMap<String, (String, Role)>,
    pub(crate) api: Api,
    /// How many requests are still answered 429.
    pub(crate) busy: usize,
    /// Whether lists tell their total; else they have a link to the next page.
    pub(crate) tells_totals: bool,
    /// Whether every page of a list is the first one.
    pub(crate) repeats: bool,
    pub(crate) asked: Vec<String>,
}

/// A running Harbor; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Fake(Arc<Mutex<Shared>>);

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Shared {
            url: format!("http://{}", listener.local_addr().unwrap()),
            projects: vec![("library".to_owned(), 1, true), ("acme".to_owned(), 2048, false)],
            repositories: content(),
            accounts: accounts(),
            api: Api::Here,
            busy: 0,
            tells_totals: true,
            repeats: false,
            asked: Vec::new(),
        };
        let fake = Self(Arc::new(Mutex::new(shared)));
        let router = Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        fake
    }

    pub(crate) fn url(&self) -> String {
        self.edit().url.clone()
    }

    pub(crate) fn edit(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap()
    }

    /// How many requests went to addresses that start with `what`.
    pub(crate) fn asked(&self, what: &str) -> usize {
        self.edit().asked.iter().filter(|a| a.starts_with(what)).count()
    }

    pub(crate) fn digest_of(&self, repository: &str, tag: &str) -> Digest {
        let shared = self.edit();
        let mut artifacts = shared.repositories.get(repository).unwrap().iter();
        artifacts.find(|a| a.tags.iter().any(|t| t == tag)).unwrap().digest.clone()
    }
}

fn accounts() -> BTreeMap<String, (String, Role)> {
    [
        ("ann", "pw", Role::Maintainer),
        ("guest", "pw", Role::Guest),
        ("robot$acme+ci", "pw", Role::Robot),
        ("admin", "pw", Role::Administrator),
    ]
    .into_iter()
    .map(|(name, password, role)| (name.to_owned(), (password.to_owned(), role)))
    .collect()
}

/// An image that is told from others by `n`.
pub(crate) fn image(n: usize, tags: &[&str]) -> Artifact {
    let manifest = json!({ "schemaVersion": 2, "mediaType": media::OCI_MANIFEST,
        "config": { "mediaType": media::OCI_CONFIG, "digest": Digest::of(b"{}"), "size": 2 },
        "layers": [], "annotations": { "n": n.to_string() } });
    artifact(&manifest, n, tags)
}

fn artifact(manifest: &Value, n: usize, tags: &[&str]) -> Artifact {
    let bytes = manifest.to_string().into_bytes();
    Artifact {
        digest: Digest::of(&bytes),
        bytes,
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
        immutable: false,
        members: Vec::new(),
        signed: false,
        scanned: false,
        pushed: format!("2026-01-{:02}T00:00:00.000Z", n % 28 + 1),
    }
}

fn content() -> BTreeMap<String, Vec<Artifact>> {
    let member = image(3, &[]);
    let members = vec![(member.digest.clone(), "amd64")];
    let listed = json!({ "mediaType": media::OCI_MANIFEST, "digest": member.digest,
        "size": member.bytes.len(), "platform": { "os": "linux", "architecture": "amd64" } });
    let index = json!({ "schemaVersion": 2, "mediaType": media::OCI_INDEX,
        "manifests": [listed] });
    let index = Artifact { members, signed: true, scanned: true, ..artifact(&index, 4, &["2.0"]) };
    let api = vec![image(1, &["1.0", "1", "latest"]), image(2, &[]), member, index];
    BTreeMap::from([
        ("acme/api".to_owned(), api),
        ("acme/team/web".to_owned(), vec![image(5, &["main"])]),
        ("library/hello".to_owned(), vec![image(6, &["v1"])]),
    ])
}

async fn answer(State(fake): State<Fake>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let mut shared = fake.edit();
    shared.asked.push(format!("{method} {uri}"));
    if shared.busy > 0 {
        shared.busy -= 1;
        return (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "0")]).into_response();
    }
    let path = uri.path().to_owned();
    if let Some(rest) = path.strip_prefix("/api/v2.0/") {
        return match shared.api {
            Api::Here => {
                let account = signed_in(&shared, &headers);
                api::answer(&mut shared, account, &method, rest, uri.query().unwrap_or_default())
            }
            Api::Moved => (StatusCode::NOT_FOUND, "404 page not found").into_response(),
            Api::WebPage => {
                ([(CONTENT_TYPE, "text/html")], "<!DOCTYPE html><title>Sign in</title>").into_response()
            }
        };
    }
    protocol::answer(&shared, &headers, &method, &path, uri.query().unwrap_or_default())
}

/// Who is signed in by Basic; an error for a password that is wrong.
pub(crate) fn signed_in(shared: &Shared, headers: &HeaderMap) -> Result<Option<(String, Role)>, ()> {
    let Some(value) = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()) else { return Ok(None) };
    let encoded = value.strip_prefix("Basic ").ok_or(())?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|_| ())?;
    let text = String::from_utf8(decoded).map_err(|_| ())?;
    let (name, password) = text.split_once(':').ok_or(())?;
    let (kept, role) = shared.accounts.get(name).ok_or(())?;
    if kept == password { Ok(Some((name.to_owned(), *role))) } else { Err(()) }
}

/// A refusal as Harbor writes it.
pub(crate) fn refuse(status: u16, code: &str, message: &str) -> Response {
    let body = json!({ "errors": [{ "code": code, "message": message }] }).to_string();
    (StatusCode::from_u16(status).unwrap(), [(CONTENT_TYPE, "application/json")], body).into_response()
}

pub(crate) fn ok(body: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// One page of `rows`.
pub(crate) fn paged(shared: &Shared, rows: &[Value], query: &str) -> Response {
    let number = |name| asked_for(query, name).and_then(|n| n.parse::<usize>().ok());
    let (page, size) = (number("page").unwrap_or(1), number("page_size").unwrap_or(10));
    if size > 100 {
        return refuse(422, "UNPROCESSABLE_ENTITY", "page_size must be less than or equal to 100");
    }
    let from = if shared.repeats { 0 } else { (page - 1) * size };
    let shown: Vec<Value> = rows.iter().skip(from).take(size).cloned().collect();
    let mut reply = ok(&Value::Array(shown));
    let total = HeaderValue::from_str(&rows.len().to_string()).unwrap();
    if shared.tells_totals {
        reply.headers_mut().insert(HeaderName::from_static("x-total-count"), total);
    } else if shared.repeats || from + size < rows.len() {
        let next = format!("</api/v2.0/elsewhere?page={}>; rel=\"next\"", page + 1);
        reply.headers_mut().insert(LINK, next.parse().unwrap());
    }
    reply
}

/// A parameter of the query.
pub(crate) fn asked_for(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes()).find(|(k, _)| k == name).map(|(_, v)| v.into_owned())
}

/// The answer to a request of the protocol that has no token yet.
pub(crate) fn challenge(shared: &Shared) -> Response {
    let value = format!("Bearer realm=\"{}/service/token\",service=\"harbor-registry\"", shared.url);
    let mut reply = refuse(401, "UNAUTHORIZED", "unauthorized to access");
    reply.headers_mut().insert(WWW_AUTHENTICATE, value.parse().unwrap());
    reply
}
