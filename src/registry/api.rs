//! A vendor's own API: JSON over the connection's HTTP layer, with its sign-in, retries, pauses and limits.
//!
//! Invariant: a page is only ever asked for at the API's own origin, whatever the answer before it says, so a sign-in
//! never follows a link to another host.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::domain::{Failure, FailureKind};
use crate::http::header::{HeaderValue, LINK};
use crate::http::{Http, Limit, Method, Priority, Reply, Request, link};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Seconds since 1970 of a date as APIs write it (RFC 3339, with any offset); nothing when it is no date.
#[must_use]
pub fn seconds(date: &str) -> Option<i64> {
    date.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

/// A client of one vendor's API. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    http: Http,
}

impl Api {
    /// Over `http`, whose base URL is that of the API, path prefix included.
    #[must_use]
    pub fn new(http: Http) -> Self {
        Self { http }
    }

    /// The HTTP client underneath.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// `BASE/PATH…?QUERY`, each part of the path one segment, encoded whole: a part with slashes in it becomes one
    /// segment with `%2F`. A last part that is empty gives the address a slash at its end.
    #[must_use]
    pub fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.http.base().clone();
        url.set_query(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The address of a further page as an answer gave it, absolute or relative to `page`.
    ///
    /// # Errors
    /// `Invalid` when it leads to another host, or is no address.
    pub fn next(&self, page: &Url, address: &str, doing: &str) -> Result<Url, Failure> {
        let bad = |said: String| Failure::new(FailureKind::Invalid, doing, said);
        let next = page.join(address).map_err(|e| bad(format!("its next page has no address: {e}")))?;
        if next.origin() != self.http.base().origin() {
            return Err(bad("its next page is on another host".to_owned()));
        }
        Ok(next)
    }

    /// The address of the next page from a `Link` header; nothing when there is none, or it is the same page again.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn next_by_link(&self, page: &Url, reply: &Reply, doing: &str) -> Result<Option<Url>, Failure> {
        let lines = reply.headers.get_all(LINK).iter().filter_map(|v| v.to_str().ok());
        let Some(target) = link::next(lines) else { return Ok(None) };
        let next = self.next(page, target, doing)?;
        Ok(Some(next).filter(|n| n != page))
    }

    /// Reads a list or an object.
    ///
    /// # Errors
    /// What the network says, the failure that a refusal is, `Invalid` for another shape.
    pub async fn get<T: DeserializeOwned>(&self, url: Url, doing: &str) -> Result<(T, Reply), Failure> {
        let request = Request::get(url, doing).accept("application/json").at(Priority::Listing).compressed();
        let reply = self.send(&request).await?;
        Ok((reply.json(doing)?, reply))
    }

    /// Sends a request with or without a JSON body. A status that is no success is a failure.
    ///
    /// # Errors
    /// What the network says, and the failure that a refusal is.
    pub async fn call(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        doing: &str,
    ) -> Result<Reply, Failure> {
        let mut request = Request::new(method, url, doing).accept("application/json");
        if let Some(body) = body {
            request = request.body(JSON, Bytes::from(body.to_string()));
        }
        self.send(&request).await
    }

    /// Sends a request of one's own making, for headers that only one vendor wants.
    ///
    /// # Errors
    /// What the network says, and the failure that a refusal is.
    pub async fn send(&self, request: &Request) -> Result<Reply, Failure> {
        self.http.fetch(request, Limit::LIST).await?.success(request.doing())
    }
}
