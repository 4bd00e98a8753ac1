//! One request as plain data, so that it can be sent again.
//!
//! Invariant: a request holds no secret; the sign-in is added when it is sent.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::reply::Reply;
use super::schedule::Priority;
use super::streamed::Streamed;

/// What a client is for. Each kind has its own connections: on one HTTP/2 connection, blobs that are not read fast
/// enough would hold up everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Small answers, byte for byte: manifests, configurations, writes.
    Exact,
    /// Lists, compressed on the way where the server can.
    Compressed,
    /// The content of blobs, byte for byte.
    Bulk,
}

/// Where a request may be redirected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Redirects {
    /// Anywhere; the sign-in stays behind when the host changes.
    Anywhere,
    /// Within its host: what it carries is for that one alone.
    SameHost,
}

/// Whether an answer says "too many requests".
type Throttled = fn(&Reply) -> bool;

/// What is sent along.
#[derive(Debug, Clone)]
pub(super) enum Body {
    /// Bytes in memory.
    Whole(Bytes),
    /// Bytes that are made while they are sent.
    Streamed(Streamed),
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) doing: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Body>,
    pub(super) scope: Option<String>,
    pub(super) priority: Priority,
    pub(super) redirects: Redirects,
    pub(super) throttled: Throttled,
    compressed: bool,
    reads: bool,
    repeats: bool,
}

impl Request {
    /// A request; `doing` is the phrase that a failure opens with.
    pub fn new(method: Method, url: Url, doing: impl Into<String>) -> Self {
        Self {
            method,
            url,
            doing: doing.into(),
            headers: HeaderMap::new(),
            body: None,
            scope: None,
            priority: Priority::Interactive,
            redirects: Redirects::Anywhere,
            throttled: |_| false,
            compressed: false,
            reads: false,
            repeats: false,
        }
    }

    /// The phrase that a failure opens with.
    #[must_use]
    pub fn doing(&self) -> &str {
        &self.doing
    }

    /// A `GET`.
    pub fn get(url: Url, doing: impl Into<String>) -> Self {
        Self::new(Method::GET, url, doing)
    }

    /// With an `Accept` header.
    #[must_use]
    pub fn accept(self, types: &'static str) -> Self {
        self.header(ACCEPT, HeaderValue::from_static(types))
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, media_type: HeaderValue, bytes: Bytes) -> Self {
        self.body = Some(Body::Whole(bytes));
        self.header(CONTENT_TYPE, media_type)
    }

    /// With a body that is made while it is sent.
    #[must_use]
    pub fn streamed(mut self, media_type: HeaderValue, body: Streamed) -> Self {
        self.body = Some(Body::Streamed(body));
        self.header(CONTENT_TYPE, media_type)
    }

    /// With the token scope that it needs, such as `repository:acme/api:pull`; several with spaces between them.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// In another queue than that of small interactive requests.
    #[must_use]
    pub fn at(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// The answer may come compressed; not for anything whose bytes have a digest.
    #[must_use]
    pub fn compressed(mut self) -> Self {
        self.compressed = true;
        self
    }

    /// It changes nothing, whatever its method: some APIs read by `POST`.
    #[must_use]
    pub fn reading(mut self) -> Self {
        self.reads = true;
        self
    }

    /// It writes something whole, under a name of its own: sent twice, it is the same as sent once.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeats = true;
        self
    }

    /// How its API says "too many requests", where that is not by the status 429. Such an answer is waited out.
    #[must_use]
    pub fn throttled_by(mut self, throttled: Throttled) -> Self {
        self.throttled = throttled;
        self
    }

    /// Never redirected to another host.
    #[must_use]
    pub fn within_host(mut self) -> Self {
        self.redirects = Redirects::SameHost;
        self
    }

    /// The client that it is sent with.
    pub(super) fn kind(&self) -> Kind {
        match self.priority {
            _ if self.compressed => Kind::Compressed,
            Priority::Blob | Priority::Upload => Kind::Bulk,
            Priority::Interactive | Priority::Listing => Kind::Exact,
        }
    }

    /// Whether sending it twice is the same as sending it once.
    pub(super) fn may_repeat(&self) -> bool {
        self.repeats || self.reads || matches!(self.method, Method::GET | Method::HEAD)
    }
}
