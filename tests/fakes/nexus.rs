//! A fake Nexus: its repositories and their settings, the search, deletes of components, and the protocol below
//! `/repository/NAME`.
//!
//! Invariant: a component is a tag, and its id says of what.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::keyed::{Keyed, absent};
use crate::forward::listen;

/// Components on a page of the search.
const PAGE: usize = 3;

/// A running fake.
pub(crate) struct Fake {
    pub(crate) keyed: Arc<Keyed>,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

impl Fake {
    pub(crate) async fn start(keys: &[&'static str]) -> Self {
        let keyed = Arc::new(Keyed::start(keys).await);
        let url = listen(Router::new().fallback(answer).with_state(Arc::clone(&keyed))).await;
        Self { keyed, url }
    }

    pub(crate) fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }
}

async fn answer(State(keyed): State<Arc<Keyed>>, request: Request) -> Response {
    if let Some(refusal) = keyed.gate(&request) {
        return refusal;
    }
    let uri = request.uri().clone();
    let parts: Vec<&str> = uri.path().split('/').skip(1).collect();
    match (request.method().as_str(), parts.as_slice()) {
        ("GET", ["service", "rest", "v1", "repositories"]) => Json(repositories(&keyed)).into_response(),
        // Only administrators may read it.
        ("GET", ["service", "rest", "v1", "repositorySettings"]) => StatusCode::FORBIDDEN.into_response(),
        ("GET", ["service", "rest", "v1", "search"]) => search(&keyed, &request),
        ("DELETE", ["service", "rest", "v1", "components", id]) => delete(&keyed, id),
        (_, ["repository", key, path @ ..]) => {
            let query = uri.query().map(|q| format!("?{q}")).unwrap_or_default();
            keyed.protocol(key, &format!("/{}{query}", path.join("/")), request).await
        }
        (_, ["v2", ..]) => keyed.protocol(keyed.keys()[0], &uri.to_string(), request).await,
        _ => absent(),
    }
}

fn repositories(keyed: &Keyed) -> Value {
    let docker = keyed.keys().into_iter();
    let docker = docker.map(|key| json!({"name": key, "format": "docker", "type": "hosted", "url": "x"}));
    docker
        .chain([json!({"name": "maven-central", "format": "maven2", "type": "proxy", "url": "x"})])
        .collect()
}

/// Components by repository, name and version. A group's own are not found, as they belong to its members.
fn search(keyed: &Keyed, request: &Request) -> Response {
    let asked: Query<Vec<(String, String)>> = Query::try_from_uri(request.uri()).unwrap();
    let value = |name: &str| asked.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let (key, image) = (value("repository").unwrap(), value("name").unwrap());
    let is_there = key != "docker-group" && keyed.images(key).iter().any(|i| i == image);
    let tags = if is_there { keyed.store(key).tags(image) } else { Vec::new() };
    let start: usize = value("continuationToken").map_or(0, |token| token.parse().unwrap());
    let is_meant = |tag: &&String| value("version").is_none_or(|v| v == tag.as_str());
    let items: Vec<Value> = tags
        .iter()
        .filter(is_meant)
        .skip(start)
        .take(PAGE)
        .map(|tag| component(keyed, key, image, tag))
        .collect();
    let next = (start + PAGE < tags.len()).then(|| (start + PAGE).to_string());
    Json(json!({"items": items, "continuationToken": next})).into_response()
}

fn component(keyed: &Keyed, key: &str, image: &str, tag: &str) -> Value {
    let manifest = keyed.store(key).resolve(image, tag).unwrap();
    json!({
        "id": hex::encode(format!("{key}:{image}:{tag}")), "repository": key, "format": "docker", "group": null,
        "name": image, "version": tag,
        "assets": [{
            "path": format!("v2/{image}/manifests/{tag}"), "repository": key, "format": "docker",
            "checksum": {"sha1": "x", "sha256": manifest.hex()},
            "contentType": "application/vnd.oci.image.manifest.v1+json",
            "lastModified": "2026-01-01T00:00:00.000+00:00",
        }],
    })
}

fn delete(keyed: &Keyed, id: &str) -> Response {
    let id = String::from_utf8(hex::decode(id).unwrap()).unwrap();
    let [key, image, tag] = id.splitn(3, ':').collect::<Vec<_>>()[..] else { return absent() };
    match keyed.store(key).remove_tag(image, tag) {
        true => StatusCode::NO_CONTENT.into_response(),
        false => absent(),
    }
}
