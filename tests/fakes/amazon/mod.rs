//! A registry of Amazon's: the JSON API over the built-in registry's content, and the protocol behind a password.
//!
//! Every request has to be signed with known keys, and to keep to the service description where that is at hand.
//!
//! Invariant: pages end where `nextToken` says, and a fault that was set is used up before anything else is answered.

pub(crate) mod api;
pub(crate) mod contract;
mod signature;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tagalong::demo::{Server, Settings};

use crate::forward::{Target, listen};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A running fake. It ends with the test's runtime.
pub(crate) struct Fake {
    pub(crate) url: String,
    pub(crate) state: Arc<Held>,
}

/// What it holds, and how it behaves.
pub(crate) struct Held {
    pub(crate) server: Server,
    target: Target,
    pub(crate) url: Mutex<String>,
    /// The most entries of an answer.
    pub(crate) page: usize,
    /// The password for the protocol.
    pub(crate) password: Mutex<String>,
    /// Seconds from now until a password ends, as the answer tells it.
    pub(crate) lifetime: Mutex<i64>,
    /// The answer of `DescribeImageScanFindings`; nothing for an image that was never scanned.
    pub(crate) findings: Mutex<Option<Value>>,
    /// Secrets by access key.
    pub(crate) keys: Mutex<BTreeMap<String, String>>,
    /// Repositories that were deleted; the built-in registry keeps them.
    gone: Mutex<BTreeSet<String>>,
    faults: Mutex<Vec<Fault>>,
    asked: Mutex<Vec<String>>,
}

struct Fault {
    operation: &'static str,
    region: Option<&'static str>,
    times: usize,
    status: u16,
    kind: &'static str,
    body: String,
}

impl Fake {
    /// An empty registry that answers with at most `page` entries.
    pub(crate) async fn start(page: usize) -> Self {
        let server = Server::start(Settings::default()).await.unwrap();
        let target = Target::new(&server.url());
        let state = Arc::new(Held {
            server,
            target,
            url: Mutex::default(),
            page,
            password: Mutex::new("a password for twelve hours".to_owned()),
            lifetime: Mutex::new(12 * 3600),
            findings: Mutex::default(),
            keys: Mutex::new(BTreeMap::from([(KEY.to_owned(), SECRET.to_owned())])),
            gone: Mutex::default(),
            faults: Mutex::default(),
            asked: Mutex::default(),
        });
        let url = listen(Router::new().fallback(answer).with_state(Arc::clone(&state))).await;
        state.url.lock().unwrap().clone_from(&url);
        Self { url, state }
    }

    /// Answers the next `times` calls of `operation` with an error of AWS's.
    pub(crate) fn refuse(&self, operation: &'static str, times: usize, code: &str, message: &str) {
        self.refuse_in(None, operation, times, code, message);
    }

    /// The same in one region alone.
    pub(crate) fn refuse_in(
        &self,
        region: Option<&'static str>,
        operation: &'static str,
        times: usize,
        code: &str,
        message: &str,
    ) {
        let body = json!({ "__type": format!("com.amazonaws.ecr#{code}"), "message": message }).to_string();
        let kind = "application/x-amz-json-1.1";
        let fault = Fault { operation, region, times, status: 400, kind, body };
        self.state.faults.lock().unwrap().push(fault);
    }

    /// Answers every call with a page for people.
    pub(crate) fn stand_behind_a_proxy(&self) {
        self.answer_instead(200, "<!DOCTYPE html><title>Sign in to the network</title>");
    }

    /// Answers every call with this page.
    pub(crate) fn answer_instead(&self, status: u16, page: &str) {
        let (times, body) = (usize::MAX, page.to_owned());
        let fault = Fault { operation: "", region: None, times, status, kind: "text/html", body };
        self.state.faults.lock().unwrap().push(fault);
    }

    /// The operations that were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap().clone()
    }

    /// How often `operation` was asked for.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.asked().iter().filter(|asked| *asked == operation).count()
    }
}

async fn answer(State(held): State<Arc<Held>>, request: Request) -> Response {
    if request.uri().path().starts_with("/v2") {
        return protocol(&held, request).await;
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let signed = match signature::check(&parts, &body, &held.keys.lock().unwrap()) {
        Ok(signed) => signed,
        Err((code, why)) => return error(code, &why),
    };
    let target = parts.headers["x-amz-target"].to_str().unwrap();
    let (service, operation) = target.split_once('.').unwrap();
    held.asked.lock().unwrap().push(operation.to_owned());
    if let Some(fault) = held.fault(operation, &signed.region) {
        return fault;
    }
    let is_public = service == "SpencerFrontendService";
    assert_eq!(service == "AmazonEC2ContainerRegistry_V20150921", !is_public, "{service}");
    assert_eq!(signed.service, if is_public { "ecr-public" } else { "ecr" });
    let body: Value = serde_json::from_slice(&body).unwrap();
    if let Some(violation) = contract::violation(is_public, operation, &body) {
        return error("ContractViolation", &violation);
    }
    match api::answer(&held, is_public, operation, &body) {
        Ok(answer) => ([("content-type", "application/x-amz-json-1.1")], answer.to_string()).into_response(),
        Err((code, why)) => error(code, &why),
    }
}

impl Held {
    /// Every repository that is there.
    pub(crate) fn repositories(&self) -> Vec<String> {
        let gone = self.gone.lock().unwrap();
        self.server.store().repositories().into_iter().filter(|name| !gone.contains(name)).collect()
    }

    pub(crate) fn has_repository(&self, name: &str) -> bool {
        self.server.store().has_repository(name) && !self.gone.lock().unwrap().contains(name)
    }

    pub(crate) fn remove_repository(&self, name: &str) {
        self.gone.lock().unwrap().insert(name.to_owned());
    }

    pub(crate) fn create_repository(&self, name: &str) {
        self.server.store().create(name);
        self.gone.lock().unwrap().remove(name);
    }

    fn fault(&self, operation: &str, region: &str) -> Option<Response> {
        let mut faults = self.faults.lock().unwrap();
        let fits = |f: &&mut Fault| {
            f.times > 0
                && (f.operation.is_empty() || f.operation == operation)
                && f.region.is_none_or(|r| r == region)
        };
        let fault = faults.iter_mut().find(fits)?;
        fault.times -= 1;
        let status = StatusCode::from_u16(fault.status).unwrap();
        Some((status, [("content-type", fault.kind)], fault.body.clone()).into_response())
    }
}

/// As AWS writes it: 400, and the name in the body.
fn error(code: &str, message: &str) -> Response {
    let body = json!({ "__type": code, "message": message }).to_string();
    (StatusCode::BAD_REQUEST, [("content-type", "application/x-amz-json-1.1")], body).into_response()
}

/// The registry's host: Basic sign-in, immutable tags, and repositories that have to be there.
async fn protocol(held: &Held, request: Request) -> Response {
    let challenge = || {
        let ask = "Basic realm=\"https://registry.example/\",service=\"ecr.amazonaws.com\"";
        (StatusCode::UNAUTHORIZED, [("www-authenticate", ask)], "Not Authorized").into_response()
    };
    if !is_let_in(held, request.headers()) {
        return challenge();
    }
    if request.method() != "GET"
        && request.method() != "HEAD"
        && let Some(refusal) = refused_push(held, request.uri().path())
    {
        return refusal;
    }
    let answer = held.target.pass_on(request).await.unwrap();
    (answer.status, answer.headers, answer.body).into_response()
}

fn is_let_in(held: &Held, headers: &HeaderMap) -> bool {
    use base64::Engine as _;
    let written = format!("AWS:{}", held.password.lock().unwrap());
    let wanted = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(written));
    headers.get("authorization").is_some_and(|v| v.to_str().unwrap() == wanted)
}

fn refused_push(held: &Held, path: &str) -> Option<Response> {
    let rest = path.strip_prefix("/v2/")?;
    let end = ["/blobs/", "/manifests/"].into_iter().find_map(|part| rest.find(part))?;
    let (repository, behind) = rest.split_at(end);
    let refuse = |status: StatusCode, code: &str, message: String| {
        let body = json!({ "errors": [{ "code": code, "message": message }] }).to_string();
        Some((status, [("content-type", "application/json")], body).into_response())
    };
    let store = held.server.store();
    if !held.has_repository(repository) {
        let said = format!(
            "The repository with name '{repository}' does not exist in the registry with id '{ACCOUNT}'"
        );
        return refuse(StatusCode::NOT_FOUND, "NAME_UNKNOWN", said);
    }
    let tag = behind.strip_prefix("/manifests/")?;
    if api::is_immutable(repository) && store.resolve(repository, tag).is_some() {
        let said = format!(
            "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the \
             repository is immutable."
        );
        return refuse(StatusCode::BAD_REQUEST, "TAG_INVALID", said);
    }
    None
}
