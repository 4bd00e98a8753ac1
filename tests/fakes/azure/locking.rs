//! Locks of a registry: on repositories, tags and manifests, against deleting and against overwriting.

use axum::extract::Request;
use axum::response::Response;
use serde_json::{Value, json as value};

use super::fake::{Inner, State};
use super::operations::with_body;
use crate::fakes::desk::json;

/// What is locked against overwriting is noted under this name.
fn writing(key: &str) -> String {
    format!("write {key}")
}

/// The attributes of a repository, `repository:tag` or digest.
pub(crate) fn attributes(state: &State, key: &str) -> Value {
    let is_on = |key: &str| !state.locked.contains(key);
    value!({ "deleteEnabled": is_on(key), "writeEnabled": is_on(&writing(key)) })
}

/// Changes attributes; what the body does not name stays.
pub(crate) async fn set(fake: &Inner, request: Request) -> Response {
    let (request, body) = with_body(request).await;
    let path = request.uri().path().replace("%3A", ":");
    let rest = path.strip_prefix("/acr/v1/").unwrap();
    let (name, what) = rest.split_once("/_").unwrap_or((rest, ""));
    let key = match what.split_once('/') {
        Some(("tags", tag)) => format!("{name}:{tag}"),
        Some((_, digest)) => digest.to_owned(),
        None => name.to_owned(),
    };
    let mut state = fake.state.lock().unwrap();
    for (attribute, key) in [("deleteEnabled", key.clone()), ("writeEnabled", writing(&key))] {
        match body[attribute].as_bool() {
            Some(true) => drop(state.locked.remove(&key)),
            Some(false) => drop(state.locked.insert(key)),
            None => {}
        }
    }
    json(200, &value!({ "changeableAttributes": attributes(&state, &key) }))
}
