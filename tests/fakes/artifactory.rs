//! A fake Artifactory: its repositories, AQL, folders, deletes by path, and the protocol in all of its places.
//!
//! Invariant: tags are folders, so deleting a path deletes whatever lies below it.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::keyed::{Keyed, absent};
use crate::forward::listen;

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
    let query = uri.query().map(|q| format!("?{q}")).unwrap_or_default();
    match (request.method().as_str(), parts.as_slice()) {
        ("GET", ["artifactory", "api", "repositories"]) => {
            let asked = uri.query().and_then(|query| query.strip_prefix("packageType=")).unwrap();
            let all = keyed.keys().into_iter().filter(|key| package_of(key).eq_ignore_ascii_case(asked));
            let all = all
                .map(|key| json!({"key": key, "type": "LOCAL", "packageType": package_of(key), "url": "x"}));
            ([("x-jfrog-version", "Artifactory/7.98.1")], Json(all.collect::<Value>())).into_response()
        }
        ("POST", ["artifactory", "api", "search", "aql"]) => {
            let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
            find(&keyed, std::str::from_utf8(&body).unwrap())
        }
        ("GET", ["artifactory", "api", "storage", key, path @ ..]) => folder(&keyed, key, &path.join("/")),
        (_, ["artifactory", "api", "docker", key, path @ ..]) => {
            let path = format!("/{}{query}", path.join("/"));
            keyed.protocol(key, &path, request).await
        }
        (_, ["v2", ""]) => keyed.protocol(keyed.keys()[0], "/v2/", request).await,
        ("GET", ["v2", "_catalog"]) => keyed.protocol(keyed.keys()[0], &uri.to_string(), request).await,
        (_, ["v2", key, path @ ..]) => {
            let path = format!("/v2/{}{query}", path.join("/"));
            keyed.protocol(key, &path, request).await
        }
        ("DELETE", ["artifactory", key, path @ ..]) => delete(&keyed, key, &path.join("/")),
        _ => absent(),
    }
}

/// The package type of a repository, as its name tells it.
fn package_of(key: &str) -> &'static str {
    if key.starts_with("oci-") { "OCI" } else { "Docker" }
}

/// The manifests of the tags of one image, newest first.
fn find(keyed: &Keyed, query: &str) -> Response {
    let between =
        |from: &str, to: &str| query.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
    let criteria: Value = serde_json::from_str(&between("items.find(", ").include(")).unwrap();
    let (offset, limit) = (between(".offset(", ")"), between(".limit(", ")"));
    let key = criteria["repo"].as_str().unwrap();
    let image = criteria["$and"][0]["path"]["$match"].as_str().unwrap().strip_suffix("/*").unwrap();
    let store = keyed.store(key);
    let is_there = keyed.images(key).iter().any(|i| i == image);
    let tags = if is_there { store.tags(image) } else { Vec::new() };
    let found = tags.iter().skip(offset.parse().unwrap()).take(limit.parse().unwrap()).map(|tag| {
        json!({ "repo": key, "path": format!("{image}/{tag}"), "name": "manifest.json",
                "sha256": store.resolve(image, tag).unwrap().hex(), "modified": "2026-01-01T02:00:00.000+02:00" })
    });
    let results: Vec<Value> = found.collect();
    let range = json!({"start_pos": 0, "end_pos": results.len(), "total": results.len()});
    Json(json!({"results": results, "range": range})).into_response()
}

/// What lies in a folder: the manifest of a tag, and folders of tags and images.
fn folder(keyed: &Keyed, key: &str, path: &str) -> Response {
    let mut children = Vec::new();
    if let Some((image, tag)) = path.rsplit_once('/')
        && keyed.images(key).iter().any(|i| i == image)
        && keyed.store(key).resolve(image, tag).is_some()
    {
        children.push(json!({"uri": "/manifest.json", "folder": false}));
    }
    if keyed.images(key).iter().any(|i| i == path) {
        let tags = keyed.store(key).tags(path).into_iter();
        children.extend(tags.map(|tag| json!({"uri": format!("/{tag}"), "folder": true})));
    }
    match children.is_empty() {
        true => absent(),
        false => Json(json!({"repo": key, "path": format!("/{path}"), "children": children})).into_response(),
    }
}

fn delete(keyed: &Keyed, key: &str, path: &str) -> Response {
    let tag = path.rsplit_once('/').is_some_and(|(image, tag)| {
        keyed.images(key).iter().any(|i| i == image) && keyed.store(key).remove_tag(image, tag)
    });
    match keyed.delete_image(key, path) || tag {
        true => StatusCode::NO_CONTENT.into_response(),
        false => absent(),
    }
}
