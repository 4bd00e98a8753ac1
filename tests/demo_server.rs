//! The built-in registry, spoken to as any client would: the points of the distribution specification, one by one.

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tagalong::demo::{Server, Settings, fill};
use tagalong::domain::{Digest, Manifest, RawManifest, media};

/// 2026-01-01, so that the sample content is the same each time.
const NOW: i64 = 1_767_225_600;

/// A registry and a client for it.
struct Talk {
    server: Server,
    client: Client,
}

impl Talk {
    async fn with(settings: Settings) -> Self {
        let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { server: Server::start(settings).await.unwrap(), client }
    }

    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn filled() -> Self {
        let talk = Self::new().await;
        fill(talk.server.store(), NOW).unwrap();
        talk
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let base = if path.starts_with('/') { self.server.url() } else { String::new() };
        self.client.request(method, base + path)
    }

    async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.unwrap()
    }

    async fn head(&self, path: &str) -> Response {
        self.ask(Method::HEAD, path).send().await.unwrap()
    }
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// Checks the status and the code of a refusal.
async fn assert_refused(response: Response, status: u16, code: &str) {
    assert_eq!(response.status().as_u16(), status);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["code"], code);
}

async fn read_manifest(talk: &Talk, repository: &str, target: &str) -> RawManifest {
    let response = talk.get(&format!("/v2/{repository}/manifests/{target}")).await;
    assert_eq!(response.status(), 200, "{repository} {target}");
    let media_type = header(&response, "content-type").unwrap().to_owned();
    let claimed: Digest = header(&response, "docker-content-digest").unwrap().parse().unwrap();
    let bytes = response.bytes().await.unwrap();
    assert!(claimed.matches(&bytes));
    RawManifest { digest: Digest::of(&bytes), bytes, media_type, claimed: Some(claimed) }
}

#[tokio::test]
async fn ping_says_that_it_is_a_registry() {
    let talk = Talk::new().await;
    let response = talk.get("/v2/").await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "docker-distribution-api-version"), Some("registry/2.0"));
    assert_refused(talk.get("/").await, 404, "NAME_UNKNOWN").await;
}

#[tokio::test]
async fn an_image_can_be_pulled_by_tag_and_by_digest() {
    let talk = Talk::filled().await;
    let index = read_manifest(&talk, "acme/api", "latest").await;
    assert_eq!(index.media_type, media::OCI_INDEX);
    let Manifest::Index(members) = index.parse().unwrap() else { panic!("an index") };
    let image = read_manifest(&talk, "acme/api", &members.manifests[0].digest.to_string()).await;
    let Manifest::Image(image) = image.parse().unwrap() else { panic!("an image") };
    for blob in std::iter::once(&image.config).chain(&image.layers) {
        let path = format!("/v2/acme/api/blobs/{}", blob.digest);
        let head = talk.head(&path).await;
        assert_eq!(header(&head, "content-length"), Some(blob.size.to_string().as_str()));
        let bytes = talk.get(&path).await.bytes().await.unwrap();
        assert!(blob.digest.matches(&bytes));
        assert_eq!(bytes.len() as u64, blob.size);
    }
}

#[tokio::test]
async fn a_head_of_a_manifest_has_the_headers_and_no_body() {
    let talk = Talk::filled().await;
    let whole = read_manifest(&talk, "acme/api", "2.4.1").await;
    let response = talk.head("/v2/acme/api/manifests/2.4.1").await;
    let digest = whole.digest.to_string();
    assert_eq!(header(&response, "docker-content-digest"), Some(digest.as_str()));
    assert_eq!(header(&response, "etag"), Some(format!("\"{digest}\"").as_str()));
    assert_eq!(header(&response, "content-type"), Some(media::OCI_INDEX));
    assert_eq!(header(&response, "content-length"), Some(whole.bytes.len().to_string().as_str()));
    assert!(response.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_refused_by_its_name() {
    let talk = Talk::new().await;
    talk.server.store().create("acme/empty");
    let digest = Digest::of(b"nothing");
    assert_refused(talk.get("/v2/acme/none/manifests/x").await, 404, "NAME_UNKNOWN").await;
    assert_refused(talk.get("/v2/acme/none/tags/list").await, 404, "NAME_UNKNOWN").await;
    assert_refused(talk.get("/v2/acme/empty/manifests/x").await, 404, "MANIFEST_UNKNOWN").await;
    assert_refused(talk.get(&format!("/v2/acme/empty/manifests/{digest}")).await, 404, "MANIFEST_UNKNOWN")
        .await;
    assert_refused(talk.get(&format!("/v2/acme/empty/blobs/{digest}")).await, 404, "BLOB_UNKNOWN").await;
    assert_refused(talk.get("/v2/acme/empty/blobs/sha256:12").await, 400, "DIGEST_INVALID").await;
    assert_refused(talk.get("/v2/ACME/tags/list").await, 400, "NAME_INVALID").await;
    assert_eq!(talk.head("/v2/acme/empty/manifests/x").await.status(), 404);
}

#[tokio::test]
async fn a_range_of_a_blob_is_a_part_with_its_place() {
    let talk = Talk::new().await;
    let digest = talk.server.store().put_blob("a", "0123456789");
    let path = format!("/v2/a/blobs/{digest}");
    for (range, status, place, body) in [
        ("bytes=2-4", 206, Some("bytes 2-4/10"), "234"),
        ("bytes=7-", 206, Some("bytes 7-9/10"), "789"),
        ("bytes=-2", 206, Some("bytes 8-9/10"), "89"),
        ("bytes=0-0,2-2", 200, None, "0123456789"),
        ("lines=1-2", 200, None, "0123456789"),
    ] {
        let response = talk.ask(Method::GET, &path).header("range", range).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{range}");
        assert_eq!(header(&response, "content-range"), place, "{range}");
        assert_eq!(header(&response, "content-length"), Some(body.len().to_string().as_str()));
        assert_eq!(response.text().await.unwrap(), body, "{range}");
    }
    let response = talk.ask(Method::GET, &path).header("range", "bytes=10-").send().await.unwrap();
    assert_eq!(header(&response, "content-range"), Some("bytes */10"));
    assert_eq!(response.status(), 416);
    let stale = talk.ask(Method::GET, &path).header("range", "bytes=2-").header("if-range", "\"other\"");
    assert_eq!(stale.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_server_without_ranges_sends_the_whole() {
    let talk = Talk::with(Settings { ranges: false, ..Settings::default() }).await;
    let digest = talk.server.store().put_blob("a", "0123456789");
    let path = format!("/v2/a/blobs/{digest}");
    let response = talk.ask(Method::GET, &path).header("range", "bytes=5-").send().await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "accept-ranges")), (200, None));
    assert_eq!(response.bytes().await.unwrap().len(), 10);
}

#[tokio::test]
async fn a_large_layer_can_be_read_in_parts() {
    let talk = Talk::filled().await;
    let index = read_manifest(&talk, "acme/api", "latest").await;
    let first = index.parse().unwrap().children()[0].digest.to_string();
    let image = read_manifest(&talk, "acme/api", &first).await.parse().unwrap();
    let layer = image.children()[1].clone();
    assert!(layer.size > 4_000_000);
    let path = format!("/v2/acme/api/blobs/{}", layer.digest);
    let mut bytes = Vec::new();
    for range in ["bytes=0-99", "bytes=100-3000000", "bytes=3000001-"] {
        let part = talk.ask(Method::GET, &path).header("range", range).send().await.unwrap();
        assert_eq!(part.status(), 206);
        bytes.extend_from_slice(&part.bytes().await.unwrap());
    }
    assert!(layer.digest.matches(&bytes));
}
