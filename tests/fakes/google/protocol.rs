//! The registries of the fake: tokens, the list of tags with what Google adds, manifests, deletes that are refused.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use serde_json::{Value, json};
use tagalong::domain::Digest;

use super::{Image, Kept, Shared, in_json};

/// What the token server gives to who is known.
const KNOWN: &str = "known";

pub(crate) fn token(shared: &Shared, headers: &HeaderMap) -> Response {
    let given = |token: &str| in_json(200, &json!({ "token": token, "expires_in": 3600 }));
    let Some(value) = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()) else {
        return given("nobody");
    };
    let decoded = value.strip_prefix("Basic ").map(|v| base64::engine::general_purpose::STANDARD.decode(v));
    let text = decoded.and_then(Result::ok).and_then(|b| String::from_utf8(b).ok()).unwrap_or_default();
    match text.split_once(':') {
        Some(("oauth2accesstoken", token)) if shared.tokens.iter().any(|t| t == token) => given(KNOWN),
        Some(("_json_key", key)) if key.contains("private_key") => given(KNOWN),
        _ => refuse(401, "UNAUTHORIZED", "Not Authorized."),
    }
}

fn refuse(status: u16, code: &str, message: &str) -> Response {
    in_json(status, &json!({ "errors": [{ "code": code, "message": message }] }))
}

pub(crate) fn answer(
    shared: &mut Shared,
    headers: &HeaderMap,
    method: &Method,
    host: &str,
    rest: &str,
    body: Bytes,
) -> Response {
    let Some(token) = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "))
    else {
        let mut reply = refuse(401, "UNAUTHORIZED", "You don't have the needed permissions.");
        let value = format!("Bearer realm=\"{}/token\"", shared.url);
        reply.headers_mut().insert(WWW_AUTHENTICATE, value.parse().unwrap());
        return reply;
    };
    if token != KNOWN && !rest.is_empty() && !rest.starts_with("public/") {
        return refuse(
            403,
            "DENIED",
            "Permission \"artifactregistry.repositories.downloadArtifacts\" denied",
        );
    }
    if rest.is_empty() {
        return in_json(200, &json!({}));
    }
    if rest == "_catalog" {
        let names: Vec<&String> = shared.images.keys().filter(|(h, _)| h == host).map(|(_, n)| n).collect();
        return in_json(200, &json!({ "repositories": names }));
    }
    if let Some(name) = rest.strip_suffix("/tags/list") {
        return list(shared, host, name);
    }
    let Some((name, reference)) = rest.split_once("/manifests/") else {
        return refuse(404, "NAME_UNKNOWN", "no such path");
    };
    let immutable = shared.immutable;
    let Some(image) = shared.images.get_mut(&(host.to_owned(), name.to_owned())) else {
        return refuse(404, "NAME_UNKNOWN", "Repository not found");
    };
    match *method {
        Method::PUT => put(image, headers, reference, body),
        Method::DELETE => delete(image, reference, immutable),
        _ => read(image, reference),
    }
}

/// Tags and manifests of an image, and the names one level below it.
fn list(shared: &Shared, host: &str, name: &str) -> Response {
    let within = format!("{name}/");
    let here = shared.images.keys().filter(|(h, _)| h == host);
    let below: BTreeSet<&str> =
        here.filter_map(|(_, n)| n.strip_prefix(&within)?.split('/').next()).collect();
    let image = shared.images.get(&(host.to_owned(), name.to_owned()));
    if image.is_none() && below.is_empty() {
        return refuse(404, "NAME_UNKNOWN", "Repository not found");
    }
    let row = |(digest, kept): (&String, &Kept)| {
        // gcr.io writes the times as texts, Artifact Registry as numbers.
        let time = if host == "gcr.io" { json!(kept.uploaded.to_string()) } else { json!(kept.uploaded) };
        let told = json!({ "imageSizeBytes": "4096", "mediaType": kept.media_type, "tag": kept.tags,
            "timeUploadedMs": time, "timeCreatedMs": "0", "layerId": "" });
        (digest.clone(), told)
    };
    let manifests: serde_json::Map<String, Value> = image.into_iter().flatten().map(row).collect();
    let tags: Vec<&String> = image.into_iter().flatten().flat_map(|(_, k)| &k.tags).collect();
    in_json(200, &json!({ "child": below, "manifest": manifests, "name": name, "tags": tags }))
}

fn read(image: &Image, reference: &str) -> Response {
    let mut found =
        image.iter().filter(|(d, kept)| *d == reference || kept.tags.iter().any(|t| t == reference));
    match found.next() {
        Some((digest, kept)) => {
            let headers = [
                (CONTENT_TYPE, kept.media_type.clone()),
                (HeaderName::from_static("docker-content-digest"), digest.clone()),
            ];
            (headers, kept.bytes.clone()).into_response()
        }
        None => refuse(404, "MANIFEST_UNKNOWN", "Failed to fetch"),
    }
}

fn put(image: &mut Image, headers: &HeaderMap, reference: &str, body: Bytes) -> Response {
    let digest = Digest::of(&body).to_string();
    let media_type = headers[CONTENT_TYPE].to_str().unwrap().to_owned();
    let fresh = Kept { bytes: body, media_type, tags: Vec::new(), uploaded: 0 };
    image.values_mut().for_each(|kept| kept.tags.retain(|t| t != reference));
    image.entry(digest.clone()).or_insert(fresh).tags.push(reference.to_owned());
    (StatusCode::CREATED, [(HeaderName::from_static("docker-content-digest"), digest)]).into_response()
}

fn delete(image: &mut Image, reference: &str, immutable: bool) -> Response {
    let Some(kept) = image.get(reference).cloned() else {
        let held = image.values_mut().find(|kept| kept.tags.iter().any(|t| t == reference));
        let Some(held) = held else { return refuse(404, "MANIFEST_UNKNOWN", "Failed to fetch") };
        if immutable {
            return refuse(400, "INVALID", "Tags of this repository are immutable");
        }
        held.tags.retain(|t| t != reference);
        return StatusCode::ACCEPTED.into_response();
    };
    if let Some(tag) = kept.tags.first() {
        return refuse(
            400,
            "GOOGLE_MANIFEST_DANGLING_TAG",
            &format!("Manifest is still referenced by tag: {tag}"),
        );
    }
    let names_it = |other: &&Kept| String::from_utf8_lossy(&other.bytes).contains(reference);
    if image.values().find(names_it).is_some() {
        let said = "Manifest is still referenced by one or more parent images";
        return refuse(400, "GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE", said);
    }
    image.remove(reference);
    StatusCode::ACCEPTED.into_response()
}
