//! Pulling: manifests and blobs, whole and in part.

use reqwest::Method;
use tagalong::demo::Settings;
use tagalong::domain::{Digest, Manifest, media};

use crate::talk::{Talk, assert_refused, header};

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
    let index = talk.manifest("acme/api", "latest").await;
    assert_eq!(index.media_type, media::OCI_INDEX);
    let Manifest::Index(members) = index.parse().unwrap() else { panic!("an index") };
    let image = talk.manifest("acme/api", &members.manifests[0].digest.to_string()).await;
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
    let whole = talk.manifest("acme/api", "2.4.1").await;
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
    let index = talk.manifest("acme/api", "latest").await;
    let first = index.parse().unwrap().children()[0].digest.to_string();
    let image = talk.manifest("acme/api", &first).await.parse().unwrap();
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
