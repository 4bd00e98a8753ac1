//! A Google in the process: Artifact Registry's API, and the registries, each below a path of its host's name.
//!
//! Invariant: the API takes bearer tokens alone, and the registries' token server passwords alone, as Google's do.

mod api;
mod protocol;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tagalong::domain::{Digest, media};
use tokio::net::TcpListener;

/// A token that is good until a test says otherwise.
pub(crate) const TOKEN: &str = "ya29.the-token-of-ann";

/// How the API answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Here,
    SwitchedOff,
    Moved,
    WebPage,
    /// The token lacks the scope.
    NoScope,
    /// The account lacks the role.
    NoRole,
}

#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) bytes: Bytes,
    pub(crate) media_type: String,
    pub(crate) tags: Vec<String>,
    pub(crate) uploaded: i64,
}

/// The manifests of an image by digest.
pub(crate) type Image = BTreeMap<String, Kept>;

pub(crate) struct Shared {
    pub(crate) url: String,
    pub(crate) api: Api,
    /// Tokens that are taken.
    pub(crate) tokens: Vec<String>,
    /// Images by host and name: `us-docker.pkg.dev`, `acme/images/app`.
    pub(crate) images: BTreeMap<(String, String), Image>,
    /// Projects that the sign-in sees, with their names; nothing where the API of projects is not for its token.
    pub(crate) projects: Option<Vec<(&'static str, &'static str)>>,
    pub(crate) immutable: bool,
    pub(crate) page_size: usize,
    /// Whether every page names itself as the next one.
    pub(crate) repeats: bool,
    /// How many requests are still answered 429.
    pub(crate) busy: usize,
    /// How often an operation is looked at before it is done.
    pub(crate) slow: usize,
    pub(crate) asked: Vec<String>,
}

/// A running Google; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Fake(Arc<Mutex<Shared>>);

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Shared {
            url: format!("http://{}", listener.local_addr().unwrap()),
            api: Api::Here,
            tokens: vec![TOKEN.to_owned()],
            images: content(),
            projects: None,
            immutable: false,
            page_size: 1000,
            repeats: false,
            busy: 0,
            slow: 1,
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

    pub(crate) fn asked(&self, what: &str) -> usize {
        self.edit().asked.iter().filter(|a| a.contains(what)).count()
    }

    pub(crate) fn put(&self, host: &str, name: &str, image: Image) {
        self.edit().images.insert((host.to_owned(), name.to_owned()), image);
    }

    /// The digest that a tag of the image `acme/images/app` points at.
    pub(crate) fn digest_of(&self, tag: &str) -> Digest {
        let shared = self.edit();
        let app = shared.images.get(&("us-docker.pkg.dev".to_owned(), "acme/images/app".to_owned())).unwrap();
        let found = app.iter().find(|(_, kept)| kept.tags.iter().any(|t| t == tag)).unwrap();
        found.0.parse().unwrap()
    }
}

fn kept(manifest: &Value, day: i64, tags: &[&str]) -> (String, Kept) {
    let bytes = Bytes::from(manifest.to_string());
    let media_type = manifest["mediaType"].as_str().unwrap().to_owned();
    let tags = tags.iter().map(|t| (*t).to_owned()).collect();
    let uploaded = (1_767_225_600 + day * 86_400) * 1000;
    (Digest::of(&bytes).to_string(), Kept { bytes, media_type, tags, uploaded })
}

/// An image that is told from others by `n`.
pub(crate) fn manifest(n: i64, tags: &[&str]) -> (String, Kept) {
    let manifest = json!({ "schemaVersion": 2, "mediaType": media::OCI_MANIFEST, "annotations": { "n": n.to_string() },
        "config": { "mediaType": media::OCI_CONFIG, "digest": Digest::of(b"{}"), "size": 2 }, "layers": [] });
    kept(&manifest, n, tags)
}

fn content() -> BTreeMap<(String, String), Image> {
    let member = manifest(3, &[]);
    let listed = json!({ "mediaType": media::OCI_MANIFEST, "digest": member.0, "size": member.1.bytes.len(),
        "platform": { "os": "linux", "architecture": "amd64" } });
    let index = json!({ "schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": [listed] });
    let app = Image::from([manifest(1, &["1.0", "1", "latest"]), member, kept(&index, 4, &["2.0"])]);
    let small = |n, tag| Image::from([manifest(n, &[tag])]);
    [
        ("us-docker.pkg.dev", "acme/images/app", app),
        ("us-docker.pkg.dev", "acme/images/team/web", small(5, "main")),
        ("europe-west1-docker.pkg.dev", "acme/mirror/nginx", small(6, "1.27")),
        ("gcr.io", "acme/old", small(7, "v1")),
        ("us-docker.pkg.dev", "public/images/hello", small(8, "v1")),
    ]
    .into_iter()
    .map(|(host, name, image)| ((host.to_owned(), name.to_owned()), image))
    .collect()
}

async fn answer(
    State(fake): State<Fake>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut shared = fake.edit();
    shared.asked.push(format!("{method} {uri}"));
    if shared.busy > 0 {
        shared.busy -= 1;
        return (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "0")]).into_response();
    }
    let query = uri.query().unwrap_or_default();
    if let Some(path) = uri.path().strip_prefix("/v1/") {
        return api::answer(&mut shared, &headers, &method, path, query);
    }
    if uri.path() == "/v3/projects:search" {
        return api::projects(&shared, &headers, query);
    }
    if uri.path() == "/token" {
        return protocol::token(&shared, &headers);
    }
    match uri.path().trim_start_matches('/').split_once("/v2/") {
        Some((host, rest)) => protocol::answer(&mut shared, &headers, &method, host, rest, body),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(crate) fn in_json(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
