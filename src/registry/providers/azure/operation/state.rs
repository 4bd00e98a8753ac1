//! How far an operation is, as its answers tell.
//!
//! Invariant: plain reading; nobody is asked here.

use serde_json::Value;
use url::Url;

use crate::domain::text::visible;
use crate::http::header::LOCATION;
use crate::http::{Method, Reply};

/// What an answer means.
#[derive(Debug, PartialEq)]
pub(super) enum Seen {
    /// It runs, in Azure's words.
    Going(String),
    /// Another address tells more; it is asked at once.
    Next,
    /// It has ended well.
    Done(Value),
    /// It has ended otherwise.
    Failed {
        /// The state that it ended in.
        state: String,
        /// What it says of that.
        body: Value,
    },
}

/// Where an operation tells how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    /// `Azure-AsyncOperation`: its own status.
    Status(Url),
    /// `Location`: 202 until there is a result.
    Result(Url),
    /// The resource, by its `provisioningState`.
    Resource,
}

/// An operation that was begun.
pub(super) struct Operation {
    method: Method,
    resource: Url,
    way: Way,
    /// Where the result of a `POST` lies.
    result: Option<Url>,
}

impl Operation {
    /// The operation that the first answer to a call tells of.
    pub(super) fn begun(method: Method, resource: Url, first: &Reply) -> Self {
        let address = |text: Option<&str>| text.and_then(|text| Url::parse(text).ok());
        let status = address(first.named("azure-asyncoperation"));
        // With 200 and 201 it is the address of the resource.
        let result = address(first.header(&LOCATION)).filter(|_| first.status.as_u16() == 202);
        let way = match (status, &result) {
            (Some(status), _) => Way::Status(status),
            (None, Some(result)) => Way::Result(result.clone()),
            (None, None) => Way::Resource,
        };
        Self { method, resource, way, result }
    }

    /// The address to ask. One that may not be shown the token gives way to the resource's own.
    ///
    /// # Errors
    /// A sentence, for an operation that tells of itself nowhere else.
    pub(super) fn address(&mut self, is_own: impl Fn(&Url) -> bool) -> Result<Url, &'static str> {
        match &self.way {
            Way::Status(url) | Way::Result(url) if is_own(url) => Ok(url.clone()),
            Way::Status(_) | Way::Result(_) if self.method == Method::POST => Err(
                "Azure has begun, and tells how far it is at another host than the resource manager's, which is not asked",
            ),
            _ => {
                self.way = Way::Resource;
                Ok(self.resource.clone())
            }
        }
    }

    /// What the answer to the call itself means.
    pub(super) fn read_first(&mut self, reply: &Reply) -> Seen {
        let body = body(reply);
        match (&self.way, reply.status.as_u16()) {
            (Way::Status(_) | Way::Result(_), _) => Seen::Going(words(&body, "accepted")),
            (Way::Resource, 202) if self.method != Method::POST => Seen::Going(words(&body, "accepted")),
            (Way::Resource, _) if self.makes() => by_provisioning(body),
            (Way::Resource, _) => Seen::Done(self.kept(body)),
        }
    }

    /// What an answer to a question means; nothing for a refusal that is about the question.
    pub(super) fn read(&mut self, reply: &Reply) -> Option<Seen> {
        let status = reply.status.as_u16();
        match &self.way {
            // Azure forgets operations after a while; the resource knows what came of them.
            Way::Status(_) | Way::Result(_) if matches!(status, 404 | 410) && self.method != Method::POST => {
                self.way = Way::Resource;
                Some(Seen::Next)
            }
            Way::Status(_) if reply.status.is_success() => Some(self.by_status(body(reply), status)),
            Way::Result(_) if reply.status.is_success() => Some(self.by_result(body(reply), status)),
            Way::Result(_) if is_an_end(status) => Some(failed("Failed", body(reply))),
            Way::Resource if self.method == Method::DELETE => match status {
                404 | 410 => Some(Seen::Done(Value::Null)),
                200..300 => Some(still_there(body(reply))),
                _ => None,
            },
            Way::Resource if reply.status.is_success() => Some(by_provisioning(body(reply))),
            Way::Status(_) | Way::Result(_) | Way::Resource => None,
        }
    }

    fn by_status(&mut self, body: Value, status: u16) -> Seen {
        let told = body.get("status").and_then(Value::as_str).or_else(|| provisioning(&body)).map(ending);
        match told {
            Some(Ending::Badly(state)) => failed(state, body),
            Some(Ending::Well) => self.ended_well(body),
            None if status != 202 => self.ended_well(body),
            None | Some(Ending::NotYet) => Seen::Going(words(&body, "running")),
        }
    }

    fn by_result(&mut self, body: Value, status: u16) -> Seen {
        let told = body.get("status").and_then(Value::as_str).map(ending);
        match told {
            Some(Ending::Badly(state)) => failed(state, body),
            _ if status == 202 => Seen::Going(words(&body, "running")),
            _ if self.makes() => self.turn_to(Way::Resource),
            _ => Seen::Done(self.kept(body)),
        }
    }

    /// Where the result is, after an operation said that it is there.
    fn ended_well(&mut self, mut body: Value) -> Seen {
        if self.makes() {
            return self.turn_to(Way::Resource);
        }
        match self.result.take().filter(|_| self.method == Method::POST) {
            Some(result) => self.turn_to(Way::Result(result)),
            None => {
                let result = body.get_mut("properties").map(Value::take);
                Seen::Done(self.kept(result.unwrap_or(body)))
            }
        }
    }

    fn turn_to(&mut self, way: Way) -> Seen {
        self.way = way;
        Seen::Next
    }

    /// Whether there is a resource at the end.
    fn makes(&self) -> bool {
        matches!(self.method, Method::PUT | Method::PATCH)
    }

    /// Nothing is left of what was deleted.
    fn kept(&self, body: Value) -> Value {
        if self.method == Method::DELETE { Value::Null } else { body }
    }
}

/// Whether a refusal at a `Location` is the operation's end; the others are about the question.
fn is_an_end(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 401 | 403 | 404 | 407 | 408 | 410 | 429)
}

enum Ending {
    Well,
    Badly(&'static str),
    NotYet,
}

/// The three states in which operations end.
fn ending(state: &str) -> Ending {
    match state.to_ascii_lowercase().as_str() {
        "succeeded" => Ending::Well,
        "failed" => Ending::Badly("Failed"),
        "canceled" | "cancelled" => Ending::Badly("Canceled"),
        _ => Ending::NotYet,
    }
}

fn by_provisioning(body: Value) -> Seen {
    match provisioning(&body).map(ending) {
        None | Some(Ending::Well) => Seen::Done(body),
        Some(Ending::Badly(state)) => failed(state, body),
        Some(Ending::NotYet) => Seen::Going(words(&body, "running")),
    }
}

/// A resource that is being deleted.
fn still_there(body: Value) -> Seen {
    match provisioning(&body).map(ending) {
        Some(Ending::Badly(state)) => failed(state, body),
        _ => Seen::Going(words(&body, "running")),
    }
}

fn failed(state: &str, body: Value) -> Seen {
    Seen::Failed { state: state.to_owned(), body }
}

fn provisioning(body: &Value) -> Option<&str> {
    body.get("properties")?.get("provisioningState")?.as_str()
}

/// `Creating, 40 %`.
fn words(body: &Value, otherwise: &str) -> String {
    let state = body.get("status").and_then(Value::as_str).or_else(|| provisioning(body));
    let state = visible(state.filter(|s| !s.is_empty()).unwrap_or(otherwise));
    match body.get("percentComplete").and_then(Value::as_f64) {
        Some(percent) => format!("{state}, {percent:.0} %"),
        None => state.into_owned(),
    }
}

/// The body, where it is JSON.
fn body(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}
