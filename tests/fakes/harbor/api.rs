//! The API of the fake: projects, repositories, artifacts, tags.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tagalong::domain::Digest;

use super::{Artifact, Role, Shared, asked_for, ok, paged, refuse};

pub(crate) fn answer(
    shared: &mut Shared,
    account: Result<Option<(String, Role)>, ()>,
    method: &Method,
    path: &str,
    query: &str,
) -> Response {
    let Ok(account) = account else { return refuse(401, "UNAUTHORIZED", "unauthorized") };
    let role = account.as_ref().map(|(_, role)| *role);
    let parts: Vec<&str> = path.split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("GET", ["systeminfo"]) => ok(&json!({ "auth_mode": "oidc_auth", "harbor_version": "v2.12.0" })),
        ("GET", ["users", "current"]) => match account {
            Some((_, Role::Robot)) => refuse(412, "PRECONDITION", "get current user not available: robot"),
            Some((name, _)) => ok(&json!({ "username": name, "user_id": 3 })),
            None => refuse(401, "UNAUTHORIZED", "unauthorized"),
        },
        ("GET", ["projects"]) => projects(shared, role, query),
        (_, ["projects", project, rest @ ..]) => {
            let Some((_, id, public)) = shared.projects.iter().find(|(name, ..)| name == project).cloned()
            else {
                return refuse(404, "NOT_FOUND", &format!("project {project} not found"));
            };
            if !public && role.is_none() {
                return refuse(401, "UNAUTHORIZED", "unauthorized");
            }
            if *method == Method::DELETE && role < Some(Role::Maintainer) {
                return refuse(403, "FORBIDDEN", "forbidden to delete");
            }
            match rest {
                [] => ok(&json!({ "name": project, "project_id": id,
                    "metadata": { "public": public.to_string(), "prevent_vul": "true", "severity": "high" } })),
                ["summary"] => ok(&json!({ "repo_count": 2, "maintainer_count": 1, "developer_count": 3,
                    "quota": { "hard": { "storage": 10_737_418_240_i64 }, "used": { "storage": 1_073_741_824 } } })),
                ["repositories"] => repositories(shared, project, query),
                ["repositories", name, rest @ ..] => {
                    in_repository(shared, method, project, name, rest, query)
                }
                _ => refuse(404, "NOT_FOUND", "no such path"),
            }
        }
        _ => refuse(404, "NOT_FOUND", "no such path"),
    }
}

fn projects(shared: &Shared, role: Option<Role>, query: &str) -> Response {
    let seen = shared.projects.iter().filter(|(_, _, public)| *public || role.is_some());
    let rows: Vec<Value> = seen
        .map(|(name, id, public)| {
            let within = format!("{name}/");
            let count = shared.repositories.keys().filter(|r| r.starts_with(&within)).count();
            json!({ "name": name, "project_id": id, "repo_count": count, "registry_id": 0,
                    "metadata": { "public": public.to_string() } })
        })
        .collect();
    paged(shared, &rows, query)
}

fn repositories(shared: &Shared, project: &str, query: &str) -> Response {
    let within = format!("{project}/");
    let rows: Vec<Value> = shared
        .repositories
        .iter()
        .filter(|(name, _)| name.starts_with(&within))
        .map(|(name, artifacts)| {
            json!({ "name": name, "artifact_count": artifacts.len(), "pull_count": 1234,
                    "description": "what it is", "update_time": "2026-01-06T00:00:00.000Z" })
        })
        .collect();
    paged(shared, &rows, query)
}

fn in_repository(
    shared: &mut Shared,
    method: &Method,
    project: &str,
    segment: &str,
    rest: &[&str],
    query: &str,
) -> Response {
    let name = format!("{project}/{}", segment.replace("%252F", "/"));
    let Some(artifacts) = shared.repositories.get(&name) else {
        return refuse(404, "NOT_FOUND", &format!("repository {name} not found"));
    };
    match (method.as_str(), rest) {
        ("GET", []) => ok(&json!({ "name": name, "artifact_count": artifacts.len(), "pull_count": 1234 })),
        ("DELETE", []) if artifacts.iter().any(|a| a.immutable) => immutable(),
        ("DELETE", []) => {
            shared.repositories.remove(&name);
            StatusCode::OK.into_response()
        }
        ("GET", ["artifacts"]) => listed(shared, artifacts, query),
        (_, ["artifacts", reference, rest @ ..]) => one(shared, method, &name, reference, rest),
        _ => refuse(404, "NOT_FOUND", "no such path"),
    }
}

/// Artifacts, the newest first; what lies in an index and has no tag is not listed.
fn listed(shared: &Shared, artifacts: &[Artifact], query: &str) -> Response {
    let is_member = |a: &&Artifact| artifacts.iter().any(|i| i.members.iter().any(|(d, _)| *d == a.digest));
    let wanted = |a: &&Artifact| match asked_for(query, "q").as_deref() {
        Some("tags=*") => !a.tags.is_empty(),
        Some("tags=nil") => a.tags.is_empty() && !is_member(a),
        _ => !a.tags.is_empty() || !is_member(a),
    };
    let mut found: Vec<&Artifact> = artifacts.iter().filter(wanted).collect();
    found.sort_by(|a, b| b.pushed.cmp(&a.pushed));
    let rows: Vec<Value> = found.into_iter().map(in_json).collect();
    paged(shared, &rows, query)
}

fn one(shared: &mut Shared, method: &Method, name: &str, reference: &str, rest: &[&str]) -> Response {
    let artifacts = shared.repositories.get_mut(name).unwrap();
    let found = artifacts.iter().position(|a| a.digest.to_string() == reference || has(a, reference));
    let Some(at) = found else {
        return refuse(404, "NOT_FOUND", &format!("artifact {name}:{reference} not found"));
    };
    let artifact = artifacts.get_mut(at).unwrap();
    match (method.as_str(), rest) {
        ("GET", []) => ok(&in_json(artifact)),
        ("GET", ["additions", "vulnerabilities"]) if artifact.scanned => ok(&report()),
        ("DELETE", _) if artifact.immutable => immutable(),
        ("DELETE", ["tags", tag]) if has(artifact, tag) => {
            artifact.tags.retain(|t| t != tag);
            StatusCode::OK.into_response()
        }
        ("DELETE", []) => {
            let digest = artifact.digest.clone();
            if artifacts.iter().any(|a| a.members.iter().any(|(d, _)| *d == digest)) {
                return refuse(412, "PRECONDITION", "the deleting artifact is referenced by others");
            }
            artifacts.remove(at);
            StatusCode::OK.into_response()
        }
        _ => refuse(404, "NOT_FOUND", "no such path"),
    }
}

fn has(artifact: &Artifact, tag: &str) -> bool {
    artifact.tags.iter().any(|t| t == tag)
}

fn immutable() -> Response {
    refuse(412, "PRECONDITION", "the tag 1.0 configured as immutable, cannot be deleted")
}

/// The type of a report, as a key.
const REPORT: &str = "application/vnd.security.vulnerability.report; version=1.1";

fn in_json(artifact: &Artifact) -> Value {
    let tags: Vec<Value> = artifact
        .tags
        .iter()
        .map(|t| json!({ "name": t, "push_time": artifact.pushed, "immutable": artifact.immutable }))
        .collect();
    let members: Vec<Value> = artifact
        .members
        .iter()
        .map(|(digest, architecture)| {
            json!({ "child_digest": digest, "platform": { "os": "linux", "architecture": architecture } })
        })
        .collect();
    let overview = json!({ REPORT: { "scan_status": "Success", "severity": "Critical",
        "scanner": { "name": "Trivy", "version": "0.50" },
        "summary": { "total": 3, "fixable": 1, "summary": { "Critical": 2, "Low": 1 } } } });
    let signature = json!([{ "digest": Digest::of(b"signature"), "size": 12, "type": "signature.cosign" }]);
    json!({ "digest": artifact.digest, "type": "IMAGE", "size": 4096, "push_time": artifact.pushed,
        "media_type": "application/vnd.oci.image.config.v1+json",
        "manifest_media_type": artifact.media_type(),
        "pull_time": "0001-01-01T00:00:00.000Z",
        "extra_attrs": { "os": "linux", "architecture": "arm64" },
        "references": members, "tags": if tags.is_empty() { Value::Null } else { tags.into() },
        "labels": if artifact.signed { json!([{ "name": "blessed" }]) } else { Value::Null },
        "accessories": if artifact.signed { signature } else { Value::Null },
        "scan_overview": if artifact.scanned { overview } else { Value::Null } })
}

fn report() -> Value {
    let found = |id: &str, severity: &str, fix: &str| json!({ "id": id, "package": "openssl", "version": "1.1.1", "fix_version": fix, "severity": severity });
    json!({ REPORT: { "severity": "Critical", "vulnerabilities": [
        found("CVE-1", "Low", ""), found("CVE-2", "Critical", "1.1.2"), found("CVE-3", "Critical", "") ] } })
}
