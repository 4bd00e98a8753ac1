//! A proxy in front of Prism that remembers what was asked and what the contract said to it.
//!
//! Invariant: it changes nothing but the `Prefer` header. Its task ends with the test's runtime.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::forward::{self, Answer, Target};

const PREFER: HeaderName = HeaderName::from_static("prefer");
const VIOLATIONS: &str = "sl-violations";
const PROBLEM: &str = "application/problem+json";
/// One request and the contract's opinion of it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The method.
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// The status of the answer.
    pub(crate) status: u16,
    /// The answer that was wished for.
    preferred: String,
    /// What is wrong with the request, as Prism tells it.
    violations: Vec<String>,
    /// The answer, where it is a problem that Prism itself tells.
    problem: Option<String>,
}

impl Asked {
    /// What is wrong with the request; nothing when the contract accepts it. A 401 that was not wished for is a
    /// sign-in that is missing where the contract wants one.
    pub(crate) fn refusal(&self) -> Option<String> {
        let unwished_401 = self.status == 401 && self.preferred != "code=401";
        if self.violations.is_empty() && self.problem.is_none() && !unwished_401 {
            return None;
        }
        let Self { method, path, status, violations, problem, .. } = self;
        let problem = problem.as_deref().unwrap_or_default();
        Some(format!("{method} {path}: {status} {}{problem}", violations.join("; ")))
    }
}

/// The running proxy.
pub(super) struct Recorder {
    shared: Arc<Shared>,
    /// Where it listens.
    pub(super) url: String,
}

struct Shared {
    prism: Target,
    preferred: Mutex<String>,
    asked: Mutex<Vec<Asked>>,
}

impl Recorder {
    /// Starts one that passes everything on to `target`.
    pub(super) async fn start(target: &str) -> Self {
        let prism = Target::new(target);
        let shared = Arc::new(Shared { prism, preferred: Mutex::default(), asked: Mutex::default() });
        let url = forward::listen(Router::new().fallback(record).with_state(Arc::clone(&shared))).await;
        Self { shared, url }
    }

    pub(super) fn prefer(&self, what: &str) {
        what.clone_into(&mut self.shared.preferred.lock().unwrap());
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }
}

async fn record(State(shared): State<Arc<Shared>>, mut request: Request) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let preferred = shared.preferred.lock().unwrap().clone();
    if !preferred.is_empty() {
        request.headers_mut().insert(PREFER, preferred.parse().unwrap());
    }
    let answer = shared.prism.pass_on(request).await.unwrap_or_else(|broken| no_answer(&broken.to_string()));
    let Answer { status, headers, body } = answer;
    let is_problem = text(&headers, CONTENT_TYPE.as_str()).starts_with(PROBLEM);
    shared.asked.lock().unwrap().push(Asked {
        method,
        path,
        status: status.as_u16(),
        preferred,
        violations: violations(&text(&headers, VIOLATIONS)),
        problem: is_problem.then(|| String::from_utf8_lossy(&body).into_owned()),
    });
    (status, headers, Body::from(body)).into_response()
}

fn no_answer(why: &str) -> Answer {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(PROBLEM))]);
    let body = format!("Prism gave no answer: {why}").into();
    Answer { status: StatusCode::BAD_GATEWAY, headers, body }
}

/// What is wrong with the request. Entries about the answer are left out: there the vendor's own example breaks the
/// vendor's own schema.
fn violations(header: &str) -> Vec<String> {
    if header.is_empty() {
        return Vec::new();
    }
    let Ok(Value::Array(entries)) = serde_json::from_str(header) else {
        return vec![format!("unreadable {VIOLATIONS}: {header}")];
    };
    let about_the_request =
        |entry: &&Value| entry.pointer("/location/0").and_then(Value::as_str) != Some("response");
    entries.iter().filter(about_the_request).map(in_words).collect()
}

fn in_words(entry: &Value) -> String {
    let place: Vec<&str> =
        entry["location"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    format!("{}: {}", place.join("."), entry["message"].as_str().unwrap_or_default())
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map_or_else(String::new, |v| String::from_utf8_lossy(v.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_of_the_request_counts() {
        let header = r#"[{"location":["response","body"],"message":"x"},
                         {"location":["request","query","n"],"message":"must be <= 100"}]"#;
        assert_eq!(violations(header), ["request.query.n: must be <= 100"]);
        assert_eq!(violations("").len(), 0);
        assert_eq!(violations("?").len(), 1, "what cannot be read is no acceptance");
    }
}
