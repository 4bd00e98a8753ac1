//! What the fakes of vendors with many registries at one address share: a built-in registry for each key, one account,
//! and faults on purpose.
//!
//! Invariant: the content is that of the built-in registries alone; what a delete has removed is gone for every call.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tagalong::demo::{Server, Settings, Store};

use crate::forward::{Answer, Target};

/// The account of every fake.
pub(crate) const USER: &str = "ann";
/// Its password.
pub(crate) const PASSWORD: &str = "a long password";
/// What Basic sign-in makes of both.
const SIGN_IN: &str = "Basic YW5uOmEgbG9uZyBwYXNzd29yZA==";

/// What is answered instead, as long as it is in place.
pub(crate) struct Fault {
    /// What path and query begin with.
    pub(crate) path: &'static str,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: &'static str,
}

impl Fault {
    pub(crate) fn status(path: &'static str, status: u16) -> Self {
        Self { path, status, headers: Vec::new(), body: "{}" }
    }

    /// What a proxy says in place of the server.
    pub(crate) fn html(path: &'static str) -> Self {
        let headers = vec![("content-type", "text/html")];
        Self { path, status: 200, headers, body: "<!doctype html><title>Sign in</title>" }
    }
}

struct Shelf {
    server: Server,
    target: Target,
    deleted: Mutex<HashSet<String>>,
}

/// The registries, by key.
pub(crate) struct Keyed {
    shelves: BTreeMap<&'static str, Shelf>,
    faults: Mutex<Vec<Fault>>,
    asked: Mutex<Vec<String>>,
}

impl Keyed {
    /// Empty registries with two names on a page.
    pub(crate) async fn start(keys: &[&'static str]) -> Self {
        let mut shelves = BTreeMap::new();
        for key in keys {
            let server = Server::start(Settings { page_size: 2, ..Settings::default() }).await.unwrap();
            let target = Target::new(&server.url());
            shelves.insert(*key, Shelf { server, target, deleted: Mutex::default() });
        }
        Self { shelves, faults: Mutex::default(), asked: Mutex::default() }
    }

    pub(crate) fn keys(&self) -> Vec<&'static str> {
        self.shelves.keys().copied().collect()
    }

    /// The content of one registry.
    pub(crate) fn store(&self, key: &str) -> &Store {
        self.shelves[key].server.store()
    }

    /// From now on this goes wrong.
    pub(crate) fn break_with(&self, fault: Fault) {
        self.faults.lock().unwrap().push(fault);
    }

    /// From now on nothing goes wrong.
    pub(crate) fn mend(&self) {
        self.faults.lock().unwrap().clear();
    }

    /// Method, path and query of every request.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The answer to a request that gets no further: a fault, or a sign-in that is refused.
    pub(crate) fn gate(&self, request: &Request) -> Option<Response> {
        let path = request.uri().to_string();
        self.asked.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
        if let Some(fault) = self.faults.lock().unwrap().iter().find(|f| path.starts_with(f.path)) {
            let header = |(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            let headers: HeaderMap = fault.headers.iter().map(header).collect();
            return Some((StatusCode::from_u16(fault.status).unwrap(), headers, fault.body).into_response());
        }
        let shown = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok());
        let refuse = |code: &str| {
            let said = json!({"errors": [{"code": code, "status": 401, "message": "Bad credentials"}]});
            (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "BASIC realm=\"the fake\"")], said.to_string())
        };
        (shown != Some(SIGN_IN)).then(|| refuse("UNAUTHORIZED").into_response())
    }

    /// The protocol of `key`; `path` is what follows its address, with the query.
    pub(crate) async fn protocol(&self, key: &str, path: &str, mut request: Request) -> Response {
        let Some(shelf) = self.shelves.get(key) else { return absent() };
        let deleted = shelf.deleted.lock().unwrap().clone();
        if deleted.iter().any(|image| path.starts_with(&format!("/v2/{image}/"))) {
            return absent();
        }
        *request.uri_mut() = path.parse::<Uri>().unwrap();
        request.headers_mut().remove(AUTHORIZATION);
        let Answer { status, headers, body } = shelf.target.pass_on(request).await.unwrap();
        let mut json: Option<Value> = serde_json::from_slice(&body).ok();
        if let Some(Value::Array(names)) = json.as_mut().and_then(|j| j.get_mut("repositories")) {
            names.retain(|name| !deleted.contains(name.as_str().unwrap()));
            return (status, headers, json.unwrap().to_string()).into_response();
        }
        (status, headers, body).into_response()
    }

    /// The images of a registry.
    pub(crate) fn images(&self, key: &str) -> Vec<String> {
        let Some(shelf) = self.shelves.get(key) else { return Vec::new() };
        let deleted = shelf.deleted.lock().unwrap();
        shelf.server.store().repositories().into_iter().filter(|name| !deleted.contains(name)).collect()
    }

    /// Deletes an image and every image whose path begins with its own; answers whether any was there.
    pub(crate) fn delete_image(&self, key: &str, image: &str) -> bool {
        let below = format!("{image}/");
        let gone: Vec<String> =
            self.images(key).into_iter().filter(|i| i == image || i.starts_with(&below)).collect();
        let found = !gone.is_empty();
        self.shelves[key].deleted.lock().unwrap().extend(gone);
        found
    }
}

pub(crate) fn absent() -> Response {
    let said = json!({"errors": [{"status": 404, "code": "NAME_UNKNOWN", "message": "Not Found"}]});
    (StatusCode::NOT_FOUND, axum::Json(said)).into_response()
}
