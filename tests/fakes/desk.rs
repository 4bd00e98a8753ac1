//! What the fakes of vendors' APIs share: answers that a test lays out, a note of every request, and lists in pages.
//!
//! Invariant: an answer that was laid out comes before what the fake would say itself.

use std::sync::Mutex;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

/// An answer that was laid out.
#[derive(Clone)]
pub(crate) struct Laid {
    /// What the target of a request has to contain.
    pub(crate) on: &'static str,
    /// How often it is given.
    pub(crate) times: usize,
    pub(crate) status: u16,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: &'static str,
}

/// An answer for every request whose target contains `on`.
pub(crate) fn always(on: &'static str, status: u16, body: &'static str) -> Laid {
    Laid { on, times: usize::MAX, status, headers: &[], body }
}

/// Where requests arrive.
#[derive(Default)]
pub(crate) struct Desk {
    laid: Mutex<Vec<Laid>>,
    asked: Mutex<Vec<String>>,
}

impl Desk {
    /// Lays an answer out.
    pub(crate) fn lay(&self, answer: Laid) {
        self.laid.lock().unwrap().push(answer);
    }

    /// Takes every answer away that was laid out.
    pub(crate) fn clear(&self) {
        self.laid.lock().unwrap().clear();
    }

    /// Method and target of every request so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// How many requests had this in their method and target.
    pub(crate) fn count(&self, part: &str) -> usize {
        self.asked().iter().filter(|line| line.contains(part)).count()
    }

    /// Notes a request, and answers it if an answer was laid out.
    pub(crate) fn receive(&self, request: &Request) -> Option<Response> {
        let line = format!("{} {}", request.method(), request.uri());
        self.asked.lock().unwrap().push(line.clone());
        let mut laid = self.laid.lock().unwrap();
        let answer = laid.iter_mut().find(|l| l.times > 0 && line.contains(l.on))?;
        answer.times -= 1;
        let status = StatusCode::from_u16(answer.status).unwrap();
        let mut response = (status, answer.body).into_response();
        for (name, value) in answer.headers {
            let name = HeaderName::from_static(name);
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        Some(response)
    }
}

/// JSON with a status.
pub(crate) fn json(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}

/// A value of a request's query.
pub(crate) fn query(request: &Request, key: &str) -> Option<String> {
    let query = request.uri().query()?;
    url::form_urlencoded::parse(query.as_bytes()).find(|(k, _)| k == key).map(|(_, v)| v.into_owned())
}

/// The parts of a request's path, decoded.
pub(crate) fn path(request: &Request) -> Vec<String> {
    let decode = |part: &str| {
        let pair = format!("x={}", part.replace('+', "%2B"));
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, v)| v.into_owned()).unwrap()
    };
    request.uri().path().trim_matches('/').split('/').map(decode).collect()
}

/// The page of `items` that a request asks for by `page` and `per_page`, and the query of the next one.
pub(crate) fn page(request: &Request, items: Vec<Value>) -> (Value, Option<String>) {
    let number = |key| query(request, key).and_then(|n| n.parse::<usize>().ok());
    let (page, size) = (number("page").unwrap_or(1), number("per_page").unwrap_or(30).min(100));
    let next = (items.len() > page * size).then(|| {
        let kept = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
            .filter(|(key, _)| key != "page");
        let mut next = url::form_urlencoded::Serializer::new(String::new());
        next.extend_pairs(kept).append_pair("page", &(page + 1).to_string()).finish()
    });
    (items.into_iter().skip((page - 1) * size).take(size).collect(), next)
}
