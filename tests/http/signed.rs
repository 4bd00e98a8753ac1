//! Requests that are signed as a whole, and APIs that say "too many" and "only reads" in ways of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use tagalong::domain::{Credential, Failure, FailureKind};
use tagalong::http::header::{HeaderMap, HeaderValue};
use tagalong::http::{Http, Limit, Method, Request, SignIn, Signer, Unsigned};

use crate::{play, settings};

/// Signs with a number that grows, and the length of the body.
#[derive(Default)]
struct Counting(AtomicU32);

#[async_trait]
impl SignIn for Counting {
    async fn credential(&self) -> Result<Credential, Failure> {
        Ok(Credential::Anonymous)
    }

    fn signer(&self) -> Option<&dyn Signer> {
        Some(self)
    }
}

#[async_trait]
impl Signer for Counting {
    async fn sign(&self, request: &Unsigned<'_>) -> Result<HeaderMap, Failure> {
        let n = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let text = format!("{n} {} {} {}", request.method, request.url.path(), request.body.len());
        Ok([("x-signed".parse().unwrap(), HeaderValue::from_str(&text).unwrap())].into_iter().collect())
    }
}

fn signing(base: &str) -> Http {
    let mut settings = settings(base);
    settings.sign_in = Arc::new(Counting::default());
    Http::new(settings)
}

fn post(http: &Http) -> Request {
    let url = http.base().join("/api").unwrap();
    Request::new(Method::POST, url, "testing")
        .body(HeaderValue::from_static("text/plain"), Bytes::from_static(b"12345"))
        .throttled_by(|reply| reply.status.as_u16() == 400 && &reply.body[..] == b"slow down")
}

#[tokio::test]
async fn what_is_sent_again_is_signed_anew() {
    let server = play(
        r#"
        [[exchange]]
        request = "POST /api"
        with = { x-signed = "1 POST /api 5" }
        status = 400
        body = "slow down"

        [[exchange]]
        request = "POST /api"
        with = { x-signed = "2 POST /api 5" }
        body = "done"
        "#,
    )
    .await;
    let http = signing(&server.base);
    let reply = http.fetch(&post(&http), Limit::MANIFEST).await.unwrap();
    assert_eq!(&reply.body[..], b"done");
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_post_that_only_reads_is_sent_again() {
    let busy = r#"
        [[exchange]]
        request = "POST /api"
        status = 503
        "#;
    let server = play(&format!("{busy}\n[[exchange]]\nrequest = \"POST /api\"")).await;
    let http = signing(&server.base);
    assert!(http.fetch(&post(&http).reading(), Limit::MANIFEST).await.unwrap().status.is_success());
    assert_eq!(server.complaints(), Vec::<String>::new());
    let server = play(busy).await;
    let http = signing(&server.base);
    let failure = http.fetch(&post(&http), Limit::MANIFEST).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Server, "one that may have changed something is not");
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_signature_stays_at_home() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /api"
        with = { x-signed = "1 GET /api 0" }
        status = 302
        headers = ["Location: {{other}}/away"]

        [[exchange]]
        request = "GET /away"
        at = "other"
        without = ["x-signed"]
        "#,
    )
    .await;
    let http = signing(&server.base);
    let url = http.base().join("/api").unwrap();
    http.fetch(&Request::get(url, "testing"), Limit::MANIFEST).await.unwrap();
    assert_eq!(server.complaints(), Vec::<String>::new());
}
