//! A registry, a client for it, and what the tests ask again and again.

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tagalong::demo::{Fault, Server, Settings, fill};
use tagalong::domain::{Digest, RawManifest};

/// 2026-01-01, so that the sample content is the same each time.
pub(crate) const NOW: i64 = 1_767_225_600;

/// A registry and a client for it.
pub(crate) struct Talk {
    pub(crate) server: Server,
    pub(crate) client: Client,
}

impl Talk {
    pub(crate) async fn with(settings: Settings) -> Self {
        let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { server: Server::start(settings).await.unwrap(), client }
    }

    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn filled() -> Self {
        let talk = Self::new().await;
        fill(talk.server.store(), NOW).unwrap();
        talk
    }

    /// A registry in which `fault` happens.
    pub(crate) async fn spoiled(fault: Fault) -> Self {
        Self::with(Settings { faults: vec![fault], ..Settings::default() }).await
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.server.url()))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn head(&self, path: &str) -> Response {
        self.ask(Method::HEAD, path).send().await.unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> Response {
        self.ask(Method::DELETE, path).send().await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// Pulls a manifest and checks its digest.
    pub(crate) async fn manifest(&self, repository: &str, target: &str) -> RawManifest {
        let response = self.get(&format!("/v2/{repository}/manifests/{target}")).await;
        assert_eq!(response.status(), 200, "{repository} {target}");
        let media_type = header(&response, "content-type").unwrap().to_owned();
        let claimed: Digest = header(&response, "docker-content-digest").unwrap().parse().unwrap();
        let bytes = response.bytes().await.unwrap();
        assert!(claimed.matches(&bytes));
        RawManifest { digest: Digest::of(&bytes), bytes, media_type, claimed: Some(claimed) }
    }
}

/// A header as text.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// Checks the status and the code of a refusal.
pub(crate) async fn assert_refused(response: Response, status: u16, code: &str) {
    assert_eq!(response.status().as_u16(), status);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["code"], code);
}
