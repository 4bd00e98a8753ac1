//! The protocol beside the API: tokens, the catalogue, tags, manifests.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tagalong::domain::Digest;

use super::{Role, Shared, asked_for, challenge, ok, refuse, signed_in};

pub(crate) fn answer(
    shared: &Shared,
    headers: &HeaderMap,
    method: &Method,
    path: &str,
    query: &str,
) -> Response {
    if path == "/service/token" {
        return match signed_in(shared, headers) {
            Ok(Some((_, role))) => ok(&json!({ "token": format!("{role:?}"), "expires_in": 1800 })),
            Ok(None) => ok(&json!({ "token": "nobody", "expires_in": 1800 })),
            Err(()) => refuse(401, "UNAUTHORIZED", "unauthorized"),
        };
    }
    let Some(rest) = path.strip_prefix("/v2/") else { return StatusCode::NOT_FOUND.into_response() };
    let Some(token) = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "))
    else {
        return challenge(shared);
    };
    match rest {
        "" => ok(&json!({})),
        "_catalog" if token == format!("{:?}", Role::Administrator) => catalog(shared, query),
        "_catalog" => challenge(shared),
        _ => in_repository(shared, method, rest),
    }
}

/// For administrators alone; `last` must be one of the names.
fn catalog(shared: &Shared, query: &str) -> Response {
    let names: Vec<&String> = shared.repositories.keys().collect();
    let from = match asked_for(query, "last") {
        None => 0,
        Some(last) => match names.iter().position(|n| **n == last) {
            Some(at) => at + 1,
            None => return refuse(400, "BAD_REQUEST", &format!("the last parameter {last} is not found")),
        },
    };
    ok(&json!({ "repositories": names.into_iter().skip(from).collect::<Vec<_>>() }))
}

fn in_repository(shared: &Shared, method: &Method, path: &str) -> Response {
    let unknown = || refuse(404, "NAME_UNKNOWN", "repository name not known to registry");
    if let Some(name) = path.strip_suffix("/tags/list") {
        let Some(artifacts) = shared.repositories.get(name) else { return unknown() };
        let tags: Vec<&String> = artifacts.iter().flat_map(|a| &a.tags).collect();
        return ok(&json!({ "name": name, "tags": tags }));
    }
    if path.ends_with(&format!("/blobs/{}", Digest::of(b"{}"))) {
        return "{}".into_response();
    }
    let Some((name, reference)) = path.split_once("/manifests/") else { return unknown() };
    if *method == Method::DELETE {
        return refuse(405, "UNSUPPORTED", "deleting by tag is not supported");
    }
    let artifacts = shared.repositories.get(name).into_iter().flatten();
    let mut found =
        artifacts.filter(|a| a.digest.to_string() == reference || a.tags.iter().any(|t| t == reference));
    match found.next() {
        Some(artifact) => {
            let digest = HeaderName::from_static("docker-content-digest");
            let headers =
                [(CONTENT_TYPE, artifact.media_type().to_owned()), (digest, artifact.digest.to_string())];
            (headers, artifact.bytes.clone()).into_response()
        }
        None => refuse(404, "MANIFEST_UNKNOWN", "manifest unknown"),
    }
}
