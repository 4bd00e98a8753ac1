//! Whether a sign-in stays where it belongs: a proxy before the fake, whose answers lead to another host wherever an
//! answer can, and that host, which must never be shown a sign-in.
//!
//! Invariant: the other host is another port of this machine, so a client that compares names alone is caught.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, LINK, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tagalong::domain::Locator;
use tagalong::registry::Provider;
use url::Url;

use crate::prism::forward::{Answer, Target, listen};
use crate::support::root;

/// More nodes than a fake has, for a tree that leads in circles.
const ENOUGH: usize = 2000;

/// Walks the tree of the provider that `open` makes of the `urls` of its fake while every way on leads elsewhere.
/// `secret` is what it signs in with.
pub(crate) async fn keeps_its_sign_in(
    urls: &[String],
    secret: &str,
    open: impl AsyncFn(&[String]) -> Arc<dyn Provider>,
) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let trap = listen(Router::new().fallback(note).with_state(Arc::clone(&seen))).await;
    let mut fronts = Vec::new();
    for url in urls {
        let front = Front { fake: Target::new(url), trap: trap.clone() };
        fronts.push(listen(Router::new().fallback(lead_away).with_state(Arc::new(front))).await);
    }
    let provider = open(&fronts).await;
    // A provider that refuses to be led away fails, and is right.
    drop(provider.check().await);
    let asked = stroll(&*provider, root()).await;
    assert!(asked > 0, "nothing was asked");
    for request in seen.lock().unwrap().iter() {
        let Seen { line, headers, text } = request;
        let shown = headers.contains_key(AUTHORIZATION) || carries(text, secret);
        assert!(!shown, "another host was shown the sign-in: {line}");
    }
}

/// Everything that is listed, failures passed over.
async fn stroll(provider: &dyn Provider, from: Locator) -> usize {
    let (mut asked, mut branches) = (0, vec![from]);
    while let Some(at) = branches.pop() {
        let mut cursor = None;
        while asked < ENOUGH {
            asked += 1;
            let Ok(page) = provider.children(&at, cursor.as_ref()).await else { break };
            branches.extend(page.entries.iter().map(|e| at.child(e.kind, &e.name)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    asked
}

struct Seen {
    line: String,
    headers: HeaderMap,
    /// Target, headers and body, to be searched.
    text: String,
}

/// The other host: it notes what it is asked, and knows nothing.
async fn note(State(seen): State<Arc<Mutex<Vec<Seen>>>>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let line = format!("{} {}", parts.method, parts.uri);
    let text = format!("{line} {:?} {}", parts.headers, String::from_utf8_lossy(&body));
    seen.lock().unwrap().push(Seen { line, headers: parts.headers, text });
    StatusCode::NOT_FOUND
}

/// Whether a text has the secret in it, as it is or, but for its ends, as Basic sign-in writes it.
fn carries(text: &str, secret: &str) -> bool {
    assert!(secret.len() >= 8, "a longer secret is needed to be found again");
    let written = |before: usize| {
        let whole = STANDARD.encode(format!("{}{secret}", &"..."[..before]));
        text.contains(&whole[4..whole.len() - 4])
    };
    text.contains(secret) || (0..3).any(written)
}

struct Front {
    fake: Target,
    trap: String,
}

/// Answers as the fake does, except that every way on leads to the trap.
async fn lead_away(State(front): State<Arc<Front>>, request: Request) -> Response {
    let uri = request.uri().clone();
    let Answer { status, mut headers, body } = front.fake.pass_on(request).await.unwrap();
    let link = format!("<{}{uri}>; rel=\"next\"", front.trap);
    headers.insert(LINK, HeaderValue::from_str(&link).unwrap());
    if let Some(there) = headers.get(LOCATION).and_then(|v| v.to_str().ok()) {
        let away = elsewhere(&front.trap, there);
        headers.insert(LOCATION, HeaderValue::from_str(&away).unwrap());
    }
    match serde_json::from_slice::<Value>(&body) {
        Ok(mut json) => {
            lead_fields_away(&mut json, &front.trap);
            (status, headers, json.to_string()).into_response()
        }
        Err(_) => (status, headers, body).into_response(),
    }
}

/// The same path and query at the trap.
fn elsewhere(trap: &str, address: &str) -> String {
    let base: Url = trap.parse().unwrap();
    match base.join(address) {
        Ok(url) => format!("{trap}{}?{}", url.path(), url.query().unwrap_or_default()),
        Err(_) => trap.to_owned(),
    }
}

/// Fields that name the next page by its address name it at the trap.
fn lead_fields_away(value: &mut Value, trap: &str) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let names_a_page = name.to_ascii_lowercase().starts_with("next");
                match value {
                    Value::String(text)
                        if names_a_page && (text.starts_with("http") || text.starts_with('/')) =>
                    {
                        *text = elsewhere(trap, text);
                    }
                    other => lead_fields_away(other, trap),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|v| lead_fields_away(v, trap)),
        _ => {}
    }
}

#[test]
fn a_secret_is_found_in_basic_sign_in() {
    let secret = "a rather long secret";
    for user in ["a", "ab", "abc", "abcd"] {
        assert!(carries(&STANDARD.encode(format!("{user}:{secret}")), secret), "{user}");
    }
    assert!(!carries("nothing of it", secret));
}
