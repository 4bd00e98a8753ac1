//! One registry: tokens by scope, lists in bulk with relative links, locks; content is the built-in registry's.
//!
//! Invariant: a page has two rows, and every call needs a token with its own scope.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::http::header::{AUTHORIZATION, HOST, LINK, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json as value};
use tagalong::demo::Store;
use tagalong::domain::{Digest, Manifest, RawManifest};

use super::fake::{ADMIN, Inner, State, base, form, jwt, now};
use super::locking;
use crate::fakes::desk::{json, query};
use crate::forward::Answer;

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
const PAGE: usize = 2;

fn refuse(status: u16, code: &str, message: &str) -> Response {
    json(status, &value!({ "errors": [{ "code": code, "message": message }] }))
}

pub(crate) async fn answer(Shared(fake): Shared<Arc<Inner>>, request: Request) -> Response {
    if let Some(laid) = fake.desk.receive(&request) {
        return laid;
    }
    match request.uri().path() {
        "/oauth2/exchange" => return exchange(&fake, request).await,
        "/oauth2/token" => return token(&mut fake.state.lock().unwrap(), &request),
        _ => {}
    }
    let refusal = lacking(&fake.state.lock().unwrap(), &request);
    match refusal {
        Some(refusal) => refusal,
        None if request.method() == Method::PATCH => locking::set(&fake, request).await,
        None if request.uri().path().starts_with("/acr/v1/") => lists(&fake, &request),
        None => pass_on(&fake, request).await,
    }
}

async fn pass_on(fake: &Inner, mut request: Request) -> Response {
    request.headers_mut().remove(AUTHORIZATION);
    let digest = request.uri().path().rsplit('/').next().unwrap_or_default();
    if request.method() == Method::DELETE && fake.state.lock().unwrap().locked.contains(digest) {
        return disallowed();
    }
    let target = &fake.content(&request).target;
    let Answer { status, headers, body } = target.pass_on(request).await.unwrap();
    (status, headers, body).into_response()
}

fn disallowed() -> Response {
    refuse(405, "UNSUPPORTED", "The operation is disallowed on this registry, repository or image.")
}

async fn exchange(fake: &Inner, request: Request) -> Response {
    let form = form(request).await;
    let mut state = fake.state.lock().unwrap();
    let is_known = |token: &&String| {
        let is_of = |tenant: &String| form.get("tenant") == Some(tenant) && tenant == state.trusts;
        state.live.iter().any(|(t, tenant)| t == *token && is_of(tenant))
    };
    if form.get("access_token").as_ref().is_none_or(|t| !is_known(t)) || form["grant_type"] != "access_token"
    {
        return refuse(401, "UNAUTHORIZED", "authentication required");
    }
    state.made += 1;
    let password = jwt(&value!({ "exp": now() + 10_800, "n": state.made }));
    state.passwords.insert(password.clone());
    json(200, &value!({ "refresh_token": password }))
}

fn token(state: &mut State, request: &Request) -> Response {
    let shown = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Basic "));
    let text = shown.map(|s| String::from_utf8(BASE64_STANDARD.decode(s).unwrap()).unwrap());
    let good = match text.as_deref().and_then(|t| t.split_once(':')) {
        Some((NOBODY, password)) => state.passwords.contains(password),
        Some((user, password)) => (user, password) == ("admin", ADMIN),
        None => false,
    };
    if !good {
        return refuse(401, "UNAUTHORIZED", "authentication required");
    }
    let asked = request.uri().query().unwrap_or_default();
    let asked = url::form_urlencoded::parse(asked.as_bytes()).filter(|(name, _)| name == "scope");
    let scopes: Vec<String> = asked.map(|(_, scope)| granted(state, &scope)).collect();
    state.made += 1;
    let token = format!("access token {}", state.made);
    state.granted.insert(token.clone(), scopes.join(" "));
    json(200, &value!({ "access_token": token }))
}

/// What of a scope the account gets: nothing by a wildcard.
fn granted(state: &State, scope: &str) -> String {
    let (what, rights) = scope.rsplit_once(':').unwrap();
    let (kind, name) = what.split_once(':').unwrap();
    let may = |right: &&str| match *right {
        _ if kind == "registry" => state.may_list,
        _ if name == "*" || state.denied.contains(name) => false,
        "delete" => state.may_delete,
        "push" => state.may_push,
        "metadata_write" => state.may_lock,
        _ => true,
    };
    let rights: Vec<&str> = rights.split(',').filter(may).collect();
    format!("{what}:{}", rights.join(","))
}

/// What a request needs: the name, and what is done with it.
fn needed(request: &Request) -> Option<(String, &'static str)> {
    let path = request.uri().path();
    if path == "/acr/v1/_catalog" || path == "/v2/_catalog" {
        return Some(("registry:catalog".to_owned(), "*"));
    }
    if let Some(rest) = path.strip_prefix("/acr/v1/") {
        let right = match *request.method() {
            Method::DELETE => "delete",
            Method::PATCH => "metadata_write",
            _ => "metadata_read",
        };
        return Some((format!("repository:{}", rest.split("/_").next()?), right));
    }
    let rest = path.strip_prefix("/v2/")?;
    let name = ["/manifests/", "/blobs/", "/tags/", "/referrers/"].iter().find_map(|w| rest.split_once(w))?.0;
    let right = match *request.method() {
        Method::GET | Method::HEAD => "pull",
        Method::DELETE => "delete",
        _ => "push",
    };
    Some((format!("repository:{name}"), right))
}

fn lacking(state: &State, request: &Request) -> Option<Response> {
    let shown = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    let granted = shown.and_then(|token| state.granted.get(token));
    let needed = needed(request);
    let is_enough = granted.is_some_and(|scopes| match &needed {
        None => true,
        Some((what, right)) => scopes.split(' ').any(|s| {
            s.rsplit_once(':')
                .is_some_and(|(of, rights)| of == what && rights.split(',').any(|r| r == *right))
        }),
    });
    if is_enough {
        return None;
    }
    let host = request.headers()[HOST].to_str().unwrap();
    let base = base(request);
    let scope = needed.map(|(what, right)| format!(",scope=\"{what}:{right}\"")).unwrap_or_default();
    let asks = format!("Bearer realm=\"{base}/oauth2/token\",service=\"{host}\"{scope}");
    let mut response =
        refuse(401, "UNAUTHORIZED", "authentication required, visit https://aka.ms/acr/authorization");
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_str(&asks).unwrap());
    Some(response)
}

fn lists(fake: &Inner, request: &Request) -> Response {
    let rest = request.uri().path().strip_prefix("/acr/v1/").unwrap().replace("%3A", ":");
    let store = fake.content(request).store();
    let mut state = fake.state.lock().unwrap();
    if rest == "_catalog" {
        return catalogue(store, &state, request);
    }
    let (name, what) = rest.split_once("/_").unwrap_or((&rest, ""));
    if !store.has_repository(name) || state.gone.contains(name) {
        return refuse(404, "NAME_UNKNOWN", "repository name is not known to registry");
    }
    let deletes = request.method() == Method::DELETE;
    let all: BTreeMap<String, Value> = [name.to_owned()]
        .into_iter()
        .chain(store.tags(name).iter().map(|t| format!("{name}:{t}")))
        .map(|key| (key.clone(), locking::attributes(&state, &key)))
        .collect();
    let locks = |key: &str| all[key].clone();
    let tag = |t: &String| {
        let digest = store.resolve(name, t).unwrap();
        value!({
            "name": t, "digest": digest, "lastUpdateTime": "2025-01-22T10:30:00Z",
            "changeableAttributes": locks(&format!("{name}:{t}")),
        })
    };
    match what.split_once('/').unwrap_or((what, "")) {
        ("", _) if deletes => delete_repository(&mut state, name),
        ("", _) => json(200, &repository(store, name, &locks(name))),
        ("tags", "") => {
            let wanted = query(request, "digest");
            let rows: Vec<Value> = store.tags(name).iter().map(tag).collect();
            let rows: Vec<Value> =
                rows.into_iter().filter(|r| wanted.as_ref().is_none_or(|w| r["digest"] == **w)).collect();
            page(request, "tags", &rows, |r| r["name"].as_str().unwrap().to_owned())
        }
        ("tags", one) if store.resolve(name, one).is_none() => {
            refuse(404, "TAG_UNKNOWN", "the tag is not known")
        }
        ("tags", one) if deletes => {
            if state.locked.contains(&format!("{name}:{one}")) {
                return disallowed();
            }
            store.remove_tag(name, one);
            json(202, &value!({}))
        }
        ("tags", one) => json(200, &value!({ "imageName": name, "tag": tag(&one.to_owned()) })),
        (_, one) => manifests(store, &state, request, (name, one)),
    }
}

fn delete_repository(state: &mut State, name: &str) -> Response {
    if state.locked.iter().any(|l| l.starts_with(name)) {
        return disallowed();
    }
    state.gone.insert(name.to_owned());
    json(202, &value!({ "tagsDeleted": [] }))
}

fn repository(store: &Store, name: &str, locks: &Value) -> Value {
    value!({
        "imageName": name, "tagCount": store.tags(name).len(), "manifestCount": store.manifests(name).len(),
        "createdTime": "2025-01-20T10:30:00Z", "changeableAttributes": locks,
    })
}

fn manifests(store: &Store, state: &State, request: &Request, (name, one): (&str, &str)) -> Response {
    if one.is_empty() {
        let rows: Vec<Value> =
            store.manifests(name).iter().map(|m| manifest(store, state, name, m)).collect();
        return page(request, "manifests", &rows, |r| r["digest"].as_str().unwrap().to_owned());
    }
    match one.parse::<Digest>().ok().and_then(|d| store.manifest(name, &d)) {
        Some(raw) => json(200, &value!({ "manifest": manifest(store, state, name, &raw) })),
        None => refuse(404, "MANIFEST_UNKNOWN", "the manifest is not known"),
    }
}

fn catalogue(store: &Store, state: &State, request: &Request) -> Response {
    let kept = store.repositories().into_iter().filter(|name| !state.gone.contains(name));
    let names: Vec<Value> = kept.map(Value::from).collect();
    page(request, "repositories", &names, |v| v.as_str().unwrap().to_owned())
}

fn manifest(store: &Store, state: &State, name: &str, raw: &RawManifest) -> Value {
    let tags: Vec<String> = store
        .tags(name)
        .into_iter()
        .filter(|t| store.resolve(name, t).as_ref() == Some(&raw.digest))
        .collect();
    let digest = raw.digest.to_string();
    let locks = locking::attributes(state, &digest);
    let mut row = value!({
        "digest": digest, "mediaType": raw.media_type, "createdTime": "2025-01-21T10:30:00Z",
        "changeableAttributes": locks, "tags": tags,
    });
    match raw.parse().unwrap() {
        Manifest::Index(index) => {
            let member = |m: &tagalong::domain::Descriptor| {
                let platform = m.platform.clone().unwrap_or_default();
                value!({ "digest": m.digest, "architecture": platform.architecture, "os": platform.os })
            };
            row["references"] = index.manifests.iter().map(member).collect();
        }
        _ => {
            row["imageSize"] = value!(4096);
            row["os"] = value!("linux");
            row["architecture"] = value!("amd64");
        }
    }
    row
}

/// Two rows, and a relative link to the next.
fn page(request: &Request, field: &str, rows: &[Value], name: impl Fn(&Value) -> String) -> Response {
    let after = query(request, "last").and_then(|last| rows.iter().position(|r| name(r) == last));
    let start = after.map_or(0, |at| at + 1);
    let shown: Vec<Value> = rows.iter().skip(start).take(PAGE).cloned().collect();
    let link = (start + PAGE < rows.len()).then(|| {
        let mut next = url::form_urlencoded::Serializer::new(String::new());
        next.append_pair("last", &name(shown.last().unwrap())).append_pair("n", "2");
        format!("<{}?{}&orderby=>; rel=\"next\"", request.uri().path(), next.finish())
    });
    let mut response = json(200, &value!({ field: shown }));
    if let Some(link) = link {
        response.headers_mut().insert(LINK, HeaderValue::from_str(&link).unwrap());
    }
    response
}
