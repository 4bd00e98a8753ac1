//! Docker Hub's registry in a few lines: tokens, tags, digests by HEAD, the quota of pulls. Deletes are refused.
//!
//! Invariant: only a GET of a manifest takes from the quota.

use axum::Router;
use axum::extract::State as Shared;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use tagalong::domain::{Digest, media};

use super::{Known, State, TOKEN, USER, reply, serve};

const DIGEST: &str = "docker-content-digest";

pub(crate) async fn start(known: Known) -> String {
    serve(Router::new().fallback(answer).with_state(known)).await
}

async fn answer(Shared(known): Shared<Known>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let mut state = known.lock().unwrap();
    state.asked.push(format!("registry {method} {}", uri.path()));
    let authorization = headers.get(AUTHORIZATION).map(|v| v.to_str().unwrap().to_owned());
    if uri.path() == "/token" {
        return token(authorization.as_deref());
    }
    if authorization.as_deref() != Some("Bearer registry") {
        let host = headers.get("host").unwrap().to_str().unwrap();
        let challenge = format!(r#"Bearer realm="http://{host}/token",service="registry.docker.io""#);
        return (StatusCode::UNAUTHORIZED, [("www-authenticate", challenge)]).into_response();
    }
    let path = uri.path().trim_start_matches('/').to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("GET", ["v2", ""]) => reply(200, &json!({})),
        ("HEAD", ["v2", "ratelimitpreview", "test", "manifests", "latest"]) => {
            manifest(&state, &Digest::of(b""), media::OCI_MANIFEST)
        }
        ("GET", ["v2", namespace, name, "tags", "list"]) => {
            match state.repositories.get(&format!("{namespace}/{name}")) {
                Some(tags) => {
                    let names: Vec<&str> = tags.iter().map(|row| row.name.as_str()).collect();
                    reply(200, &json!({ "name": name, "tags": names }))
                }
                None => unknown(),
            }
        }
        ("GET" | "HEAD", ["v2", namespace, name, "manifests", target]) => {
            let rows = state.repositories.get(&format!("{namespace}/{name}"));
            let found = rows.and_then(|rows| rows.iter().find(|row| row.name == *target));
            found.map_or_else(unknown, |row| manifest(&state, &row.digest, row.media_type()))
        }
        ("GET", ["v2", _, _, "referrers", _]) => {
            let body =
                r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
            ([(CONTENT_TYPE, "application/vnd.oci.image.index.v1+json")], body).into_response()
        }
        ("DELETE", _) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        _ => unknown(),
    }
}

fn token(authorization: Option<&str>) -> Response {
    let right = format!("Basic {}", BASE64_STANDARD.encode(format!("{USER}:{TOKEN}")));
    match authorization {
        Some(given) if given != right => reply(401, &json!({ "details": "incorrect username or password" })),
        _ => reply(200, &json!({ "token": "registry", "expires_in": 300 })),
    }
}

fn manifest(state: &State, digest: &Digest, media_type: &str) -> Response {
    let pulled =
        state.asked.iter().filter(|a| a.starts_with("registry GET") && a.contains("/manifests/")).count();
    let headers = [
        (DIGEST, digest.to_string()),
        ("content-type", media_type.to_owned()),
        ("ratelimit-limit", "100;w=21600".to_owned()),
        ("ratelimit-remaining", format!("{};w=21600", 87 - pulled)),
        ("docker-ratelimit-source", "203.0.113.7".to_owned()),
    ];
    headers.into_response()
}

fn unknown() -> Response {
    reply(404, &json!({ "errors": [{ "code": "MANIFEST_UNKNOWN", "message": "manifest unknown" }] }))
}
