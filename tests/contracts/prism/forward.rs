//! Passing a request on, as a proxy in front of a server does.
//!
//! Invariant: nothing is changed but the headers that belong to one connection.

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, TRANSFER_ENCODING};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::net::TcpListener;

/// Headers that belong to one connection or are made anew.
const OF_A_CONNECTION: [HeaderName; 4] = [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];

/// The server that requests are passed on to.
pub(crate) struct Target {
    client: Client,
    url: String,
}

/// What it answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Target {
    /// The server at `url`, which has no slash at its end.
    pub(crate) fn new(url: &str) -> Self {
        let client = Client::builder().no_proxy().tls_certs_only([]).no_gzip().redirect(Policy::none());
        Self { client: client.build().unwrap(), url: url.to_owned() }
    }

    /// Passes `request` on. Nothing comes back where the server ends the connection.
    pub(crate) async fn pass_on(&self, request: Request) -> Result<Answer, reqwest::Error> {
        let (parts, body) = request.into_parts();
        let url = format!("{}{}", self.url, parts.uri);
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let request = self.client.request(parts.method, url).headers(without_connection(parts.headers));
        let mut answer = request.body(body).send().await?;
        let headers = without_connection(std::mem::take(answer.headers_mut()));
        Ok(Answer { status: answer.status(), headers, body: answer.bytes().await? })
    }
}

fn without_connection(mut headers: HeaderMap) -> HeaderMap {
    OF_A_CONNECTION.iter().for_each(|name| drop(headers.remove(name)));
    headers
}

/// Serves `router` on a free port until the test's runtime ends, and returns its address, `http://127.0.0.1:PORT`.
pub(crate) async fn listen(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}
