//! Artifact Registry's API of the fake.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{Api, Shared, in_json};

pub(crate) fn answer(
    shared: &mut Shared,
    headers: &HeaderMap,
    method: &Method,
    path: &str,
    query: &str,
) -> Response {
    match shared.api {
        Api::Moved => return (StatusCode::NOT_FOUND, "Not Found").into_response(),
        Api::WebPage => {
            return ([(CONTENT_TYPE, "text/html")], "<!doctype html><title>Proxy</title>").into_response();
        }
        _ => {}
    }
    if !is_let_in(shared, headers) {
        return refuse(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", "");
    }
    match shared.api {
        Api::SwitchedOff => {
            let said = "Artifact Registry API has not been used in project 12345 before or it is disabled.";
            return refuse(403, "PERMISSION_DENIED", said, "SERVICE_DISABLED");
        }
        Api::NoScope => {
            let said = "Request had insufficient authentication scopes.";
            return refuse(403, "PERMISSION_DENIED", said, "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
        }
        Api::NoRole => {
            let said = "Permission 'artifactregistry.locations.list' denied on resource";
            return refuse(403, "PERMISSION_DENIED", said, "IAM_PERMISSION_DENIED");
        }
        _ => {}
    }
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["projects", "acme" | "public" | "example.com:acme", "locations", rest @ ..] => {
            in_project(shared, method, parts[1], rest, query)
        }
        _ => refuse(404, "NOT_FOUND", "Requested entity was not found.", ""),
    }
}

fn is_let_in(shared: &Shared, headers: &HeaderMap) -> bool {
    let shown = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    // A token that was signed with a key has three parts.
    let is_signed = shown.is_some_and(|t| t.matches('.').count() == 2 && t.starts_with("ey"));
    is_signed || shared.tokens.iter().any(|t| Some(t.as_str()) == shown)
}

/// Resource Manager's search for projects.
pub(crate) fn projects(shared: &Shared, headers: &HeaderMap, query: &str) -> Response {
    if !is_let_in(shared, headers) {
        return refuse(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", "");
    }
    assert!(query.starts_with("query=state%3AACTIVE"), "{query}");
    let Some(projects) = &shared.projects else {
        let said = "Cloud Resource Manager API has not been used in project 12345 before or it is disabled.";
        return refuse(403, "PERMISSION_DENIED", said, "SERVICE_DISABLED");
    };
    let row = |(id, name): &(&str, &str)| json!({ "name": "projects/12345", "projectId": id, "displayName": name, "state": "ACTIVE" });
    let rows: Vec<Value> = projects.iter().map(row).collect();
    paged(shared, "projects", &rows, query)
}

fn refuse(status: u16, code: &str, message: &str, reason: &str) -> Response {
    let details = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason }]);
    let error = json!({ "code": status, "message": message, "status": code, "details": details });
    in_json(status, &json!({ "error": error }))
}

fn in_project(shared: &mut Shared, method: &Method, project: &str, rest: &[&str], query: &str) -> Response {
    let gone = || refuse(404, "NOT_FOUND", "Requested entity was not found.", "");
    match (method.as_str(), rest) {
        ("GET", []) => {
            let rows = ["asia-east1", "europe-west1", "us"].map(|l| json!({ "locationId": l }));
            paged(shared, "locations", &rows, query)
        }
        ("GET", [location, "repositories"]) => {
            let rows = repositories(shared, project, location);
            paged(shared, "repositories", &rows, query)
        }
        ("GET", [location, "repositories", id]) => {
            let rows = repositories(shared, project, location);
            let end = format!("/{id}");
            rows.iter()
                .find(|r| r["name"].as_str().unwrap().ends_with(&end))
                .map_or_else(gone, |r| in_json(200, r))
        }
        (_, [location, "repositories", id, "packages", rest @ ..]) => {
            packages(shared, method, [project, location, id], rest, query)
        }
        ("GET", [_, "operations", id]) => {
            shared.slow = shared.slow.saturating_sub(1);
            let name = format!("projects/{project}/locations/us/operations/{id}");
            in_json(200, &json!({ "name": name, "done": shared.slow == 0 }))
        }
        ("GET", [location, "repositories", id, "dockerImages", name]) => {
            let (image, digest) = name.split_once('@').unwrap();
            let key = images(shared, project, location, id).remove(&image.replace("%2F", "/"));
            match key.and_then(|k| shared.images.get(&k)?.get(digest)) {
                Some(kept) => in_json(
                    200,
                    &json!({ "tags": kept.tags, "imageSizeBytes": "4096",
                    "uploadTime": "2026-01-02T00:00:00Z", "mediaType": kept.media_type }),
                ),
                None => gone(),
            }
        }
        _ => gone(),
    }
}

fn packages(
    shared: &mut Shared,
    method: &Method,
    [project, location, id]: [&str; 3],
    rest: &[&str],
    query: &str,
) -> Response {
    let gone = || refuse(404, "NOT_FOUND", "Requested entity was not found.", "");
    let mut held = images(shared, project, location, id);
    let Some(image) = rest.first().map(|i| i.replace("%2F", "/")) else {
        let rows: Vec<Value> = held.keys().map(|image| package(project, location, id, image)).collect();
        return paged(shared, "packages", &rows, query);
    };
    match (method.as_str(), held.remove(&image)) {
        ("GET", Some(_)) => in_json(200, &package(project, location, id, &image)),
        ("DELETE", Some(key)) => {
            shared.images.remove(&key);
            let name = format!("projects/{project}/locations/{location}/operations/o1");
            in_json(200, &json!({ "name": name, "done": shared.slow == 0 }))
        }
        _ => gone(),
    }
}

/// The images of a repository, by their short names.
fn images(shared: &Shared, project: &str, location: &str, id: &str) -> BTreeMap<String, (String, String)> {
    let path = project.replace(':', "/");
    let (host, within) = match id {
        "gcr.io" => (id.to_owned(), format!("{path}/")),
        _ => (format!("{location}-docker.pkg.dev"), format!("{path}/{id}/")),
    };
    let here = shared.images.keys().filter(|(h, _)| *h == host);
    here.filter_map(|key| Some((key.1.strip_prefix(&within)?.to_owned(), key.clone()))).collect()
}

fn repositories(shared: &Shared, project: &str, location: &str) -> Vec<Value> {
    let path = format!("{}/", project.replace(':', "/"));
    let host = format!("{location}-docker.pkg.dev");
    let own =
        shared.images.keys().filter(|(h, _)| *h == host).filter_map(|(_, name)| name.strip_prefix(&path));
    let mut ids: BTreeSet<&str> = own.filter_map(|rest| rest.split('/').next()).collect();
    if location == "us" && shared.images.keys().any(|(h, name)| h == "gcr.io" && name.starts_with(&path)) {
        ids.insert("gcr.io");
    }
    let row = |id: &str, format: &str| {
        json!({ "name": format!("projects/{project}/locations/{location}/repositories/{id}"), "format": format,
            "mode": if id == "mirror" { "REMOTE_REPOSITORY" } else { "STANDARD_REPOSITORY" },
            "sizeBytes": "1073741824", "updateTime": "2026-01-05T00:00:00Z",
            "registryUri": format!("{location}-docker.pkg.dev/{path}{id}"),
            "dockerConfig": { "immutableTags": shared.immutable } })
    };
    let mut rows: Vec<Value> = ids.into_iter().map(|id| row(id, "DOCKER")).collect();
    rows.push(row("jars", "MAVEN"));
    rows
}

fn package(project: &str, location: &str, id: &str, image: &str) -> Value {
    let escaped = image.replace('/', "%2F");
    json!({ "name": format!("projects/{project}/locations/{location}/repositories/{id}/packages/{escaped}"),
        "createTime": "2026-01-01T00:00:00Z", "updateTime": "2026-01-05T00:00:00Z" })
}

fn paged(shared: &Shared, field: &str, rows: &[Value], query: &str) -> Response {
    let asked = |name: &str| {
        url::form_urlencoded::parse(query.as_bytes()).find(|(k, _)| k == name).map(|(_, v)| v.into_owned())
    };
    let from: usize = asked("pageToken").map_or(0, |t| t.trim_start_matches("from ").parse().unwrap());
    let size =
        asked("pageSize").map_or(shared.page_size, |n| n.parse::<usize>().unwrap().min(shared.page_size));
    let mut body = json!({ field: rows.iter().skip(from).take(size).collect::<Vec<_>>() });
    if shared.repeats {
        body["nextPageToken"] = "from 0".into();
    } else if from + size < rows.len() {
        body["nextPageToken"] = format!("from {}", from + size).into();
    }
    in_json(200, &body)
}
