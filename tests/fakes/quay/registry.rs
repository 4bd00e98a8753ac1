//! Quay's registry in a few lines: tokens for robots, persons and OAuth, manifests that can be deleted.
//!
//! Invariant: a token is refused when the scope `delete` is asked for, as Quay's are.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use tagalong::domain::{Digest, media};

use super::{OAUTH, PASSWORD, PERSON, ROBOT, ROBOT_TOKEN, State, reply};

/// Configuration and manifest of an image that is told from others by `content`.
pub(crate) fn image(content: &str) -> [String; 2] {
    let config = json!({ "os": "linux", "architecture": "amd64", "author": content }).to_string();
    let digest = Digest::of(config.as_bytes());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": media::OCI_MANIFEST, "layers": [],
        "config": { "mediaType": media::OCI_CONFIG, "digest": digest, "size": config.len() },
    });
    [config, manifest.to_string()]
}

pub(crate) fn answer(state: &mut State, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let authorization = headers.get(AUTHORIZATION).map(|v| v.to_str().unwrap().to_owned());
    if uri.path() == "/v2/auth" {
        return token(state, uri, authorization.as_deref());
    }
    if authorization.as_deref() != Some("Bearer registry") {
        let host = headers.get("host").unwrap().to_str().unwrap();
        let challenge = format!(r#"Bearer realm="http://{host}/v2/auth",service="{host}""#);
        return (StatusCode::UNAUTHORIZED, [("www-authenticate", challenge)]).into_response();
    }
    let path = uri.path().trim_start_matches("/v2/").to_owned();
    if path.is_empty() {
        return reply(200, &json!(true));
    }
    if path == "_catalog" {
        let names: Vec<&String> = state.repositories.keys().collect();
        return reply(200, &json!({ "repositories": names }));
    }
    if let Some((_, digest)) = path.split_once("/blobs/") {
        let found = digest.parse().ok().and_then(|digest| state.contents.get(&digest));
        return found.map_or_else(unknown, |content| content.clone().into_response());
    }
    if let Some((name, target)) = path.split_once("/manifests/") {
        return manifests(state, method, name, target);
    }
    match path.strip_suffix("/tags/list").and_then(|name| state.repositories.get(name)) {
        Some(tags) => {
            let names: Vec<&str> = tags.iter().map(|(tag, _)| tag.as_str()).collect();
            reply(200, &json!({ "tags": names }))
        }
        None => unknown(),
    }
}

fn token(state: &State, uri: &Uri, authorization: Option<&str>) -> Response {
    let query = uri.query().unwrap_or_default();
    if url::form_urlencoded::parse(query.as_bytes()).any(|(k, v)| k == "scope" && v.contains("delete")) {
        return reply(400, &json!({ "message": "Unable to decode repository and actions" }));
    }
    let basic = |user: &str, password: &str| {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
    };
    let mut good = vec![basic(ROBOT, ROBOT_TOKEN), basic(PERSON, PASSWORD)];
    if !state.scopes.is_empty() {
        good.push(basic("$oauthtoken", OAUTH));
    }
    match authorization {
        Some(given) if !good.iter().any(|g| g == given) => {
            reply(401, &json!({ "message": "Could not find robot with username and supplied password." }))
        }
        _ => reply(200, &json!({ "token": "registry", "expires_in": 300 })),
    }
}

fn manifests(state: &mut State, method: &Method, name: &str, target: &str) -> Response {
    let Some(tags) = state.repositories.get_mut(name) else { return unknown() };
    let Some(digest) = tags
        .iter()
        .find(|(tag, digest)| tag == target || digest.to_string() == target)
        .map(|(_, d)| d.clone())
    else {
        return unknown();
    };
    if *method == Method::DELETE {
        tags.retain(|(tag, d)| if target.contains(':') { *d != digest } else { tag != target });
        return StatusCode::ACCEPTED.into_response();
    }
    let headers = [
        (CONTENT_TYPE.as_str(), media::OCI_MANIFEST.to_owned()),
        ("docker-content-digest", digest.to_string()),
    ];
    (headers, state.contents.get(&digest).cloned().unwrap_or_default()).into_response()
}

fn unknown() -> Response {
    reply(404, &json!({ "errors": [{ "code": "MANIFEST_UNKNOWN", "message": "manifest unknown" }] }))
}
