//! A proxy in front of Prism that remembers what was asked and what the contract said to it.
//!
//! Invariant: it changes nothing but the `Prefer` header. Its task ends with the test's runtime.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::Value;
use tokio::net::TcpListener;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const VIOLATIONS: &str = "sl-violations";
/// Headers that belong to one connection or are made anew.
const OF_A_CONNECTION: [HeaderName; 4] = [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];

/// One request and the contract's opinion of it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The method.
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// The status of the answer.
    pub(crate) status: u16,
    /// The content type of the answer.
    pub(crate) content_type: String,
    /// The answer that was wished for.
    preferred: String,
    /// What is wrong with the request, as Prism tells it.
    violations: Vec<String>,
    /// The answer, where it is a problem of Prism's own.
    problem: String,
}

impl Asked {
    /// What is wrong with the request; nothing when the contract accepts it. A 401 that was not wished for is a
    /// sign-in that is missing where the contract wants one.
    pub(crate) fn refusal(&self) -> Option<String> {
        let unwished_401 = self.status == 401 && self.preferred != "code=401";
        let is_problem = self.content_type.starts_with("application/problem+json");
        if self.violations.is_empty() && !is_problem && !unwished_401 {
            return None;
        }
        let Self { method, path, status, violations, problem, .. } = self;
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
    client: Client,
    target: String,
    preferred: Mutex<String>,
    asked: Mutex<Vec<Asked>>,
}

impl Recorder {
    /// Starts one that passes everything on to `target`.
    pub(super) async fn start(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let client = Client::builder().no_proxy().tls_certs_only([]).no_gzip().redirect(Policy::none());
        let shared = Arc::new(Shared {
            client: client.build().unwrap(),
            target: target.to_owned(),
            preferred: Mutex::default(),
            asked: Mutex::default(),
        });
        let router = Router::new().fallback(record).with_state(Arc::clone(&shared));
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { shared, url }
    }

    pub(super) fn prefer(&self, what: &str) {
        what.clone_into(&mut self.shared.preferred.lock().unwrap());
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }
}

async fn record(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let preferred = shared.preferred.lock().unwrap().clone();
    let (status, headers, body) = match pass_on(&shared, &preferred, request).await {
        Ok(answer) => answer,
        Err(broken) => {
            let said = format!("Prism gave no answer: {broken}");
            let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))];
            (StatusCode::BAD_GATEWAY, headers.into_iter().collect(), said.into())
        }
    };
    let content_type = text(&headers, CONTENT_TYPE.as_str());
    let problem = match content_type.contains("problem+json") {
        true => String::from_utf8_lossy(&body).into_owned(),
        false => String::new(),
    };
    let violations = violations(&text(&headers, VIOLATIONS));
    let status_code = status.as_u16();
    let asked = Asked { method, path, status: status_code, content_type, preferred, violations, problem };
    shared.asked.lock().unwrap().push(asked);
    (status, headers, Body::from(body)).into_response()
}

async fn pass_on(
    shared: &Shared,
    preferred: &str,
    request: Request,
) -> Result<(StatusCode, HeaderMap, bytes::Bytes), Box<dyn std::error::Error>> {
    let (parts, body) = request.into_parts();
    let url = format!("{}{}", shared.target, parts.uri);
    let mut headers = parts.headers;
    OF_A_CONNECTION.iter().for_each(|name| drop(headers.remove(name)));
    if !preferred.is_empty() {
        headers.insert(PREFER, preferred.parse()?);
    }
    let body = to_bytes(body, usize::MAX).await?;
    let mut answer = shared.client.request(parts.method, url).headers(headers).body(body).send().await?;
    let (status, mut headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    OF_A_CONNECTION.iter().for_each(|name| drop(headers.remove(name)));
    Ok((status, headers, answer.bytes().await?))
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
