//! Pushing: blobs at once, in chunks and by mounting, and manifests with what they need.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::json;
use tagalong::domain::digest::{Algorithm, Hasher};
use tagalong::domain::{Digest, media};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::talk::{Talk, assert_refused, header};

const UPLOADS: &str = "/v2/a/b/blobs/uploads/";

impl Talk {
    async fn open_upload(&self) -> String {
        let response = self.ask(Method::POST, UPLOADS).send().await.unwrap();
        assert_eq!(response.status(), 202);
        assert_eq!(header(&response, "range"), Some("0-0"));
        header(&response, "location").unwrap().to_owned()
    }

    async fn chunk(&self, location: &str, range: &str, body: &'static str) -> Response {
        self.ask(Method::PATCH, location).header("content-range", range).body(body).send().await.unwrap()
    }

    async fn close_upload(&self, location: &str, digest: &Digest, body: &'static str) -> Response {
        self.ask(Method::PUT, &format!("{location}?digest={digest}")).body(body).send().await.unwrap()
    }

    async fn push_manifest(&self, target: &str, media_type: &str, body: &str) -> Response {
        let request = self.ask(Method::PUT, &format!("/v2/a/b/manifests/{target}"));
        request.header("content-type", media_type).body(body.to_owned()).send().await.unwrap()
    }

    async fn assert_blob(&self, repository: &str, digest: &Digest, expected: &str) {
        let response = self.get(&format!("/v2/{repository}/blobs/{digest}")).await;
        assert_eq!(response.text().await.unwrap(), expected);
    }
}

fn assert_created(response: &Response, location: &str, digest: &Digest) {
    assert_eq!(response.status(), 201);
    assert_eq!(header(response, "location"), Some(format!("{location}{digest}").as_str()));
    assert_eq!(header(response, "docker-content-digest"), Some(digest.to_string().as_str()));
}

#[tokio::test]
async fn a_blob_goes_up_at_once_in_two_requests() {
    let talk = Talk::new().await;
    let digest = Digest::of(b"hello");
    let location = talk.open_upload().await;
    let response = talk.close_upload(&location, &digest, "hello").await;
    assert_created(&response, "/v2/a/b/blobs/", &digest);
    talk.assert_blob("a/b", &digest, "hello").await;
    assert_refused(talk.get(&location).await, 404, "BLOB_UPLOAD_UNKNOWN").await;
}

#[tokio::test]
async fn a_blob_goes_up_in_one_request() {
    let talk = Talk::new().await;
    let digest = Digest::of(b"hello");
    let path = format!("{UPLOADS}?digest={digest}");
    let response = talk.ask(Method::POST, &path).body("hello").send().await.unwrap();
    assert_created(&response, "/v2/a/b/blobs/", &digest);
    talk.assert_blob("a/b", &digest, "hello").await;
}

#[tokio::test]
async fn a_blob_goes_up_in_chunks() {
    let talk = Talk::new().await;
    let digest = Digest::of(b"0123456789");
    let location = talk.open_upload().await;
    let first = talk.chunk(&location, "0-3", "0123").await;
    assert_eq!((first.status().as_u16(), header(&first, "range")), (202, Some("0-3")));
    let location = header(&first, "location").unwrap().to_owned();
    let status = talk.get(&location).await;
    assert_eq!((status.status().as_u16(), header(&status, "range")), (204, Some("0-3")));
    let second = talk.ask(Method::PATCH, &location).body("45").send().await.unwrap();
    assert_eq!((second.status().as_u16(), header(&second, "range")), (202, Some("0-5")));
    let response = talk.close_upload(&location, &digest, "6789").await;
    assert_created(&response, "/v2/a/b/blobs/", &digest);
    talk.assert_blob("a/b", &digest, "0123456789").await;
}

#[tokio::test]
async fn chunks_out_of_order_are_refused_and_say_where_to_go_on() {
    let talk = Talk::new().await;
    let location = talk.open_upload().await;
    assert_eq!(talk.chunk(&location, "0-1", "01").await.status(), 202);
    let response = talk.chunk(&location, "4-5", "45").await;
    assert_eq!(header(&response, "range"), Some("0-1"));
    assert_eq!(header(&response, "location"), Some(location.as_str()));
    assert_refused(response, 416, "BLOB_UPLOAD_INVALID").await;
    assert_refused(talk.chunk(&location, "2-9", "2").await, 400, "SIZE_INVALID").await;
    assert_refused(talk.chunk(&location, "two", "2").await, 400, "BLOB_UPLOAD_INVALID").await;
    assert_eq!(header(&talk.get(&location).await, "range"), Some("0-1"));
    assert_eq!(talk.chunk(&location, "2-3", "23").await.status(), 202);
    let digest = Digest::of(b"0123");
    assert_eq!(talk.close_upload(&location, &digest, "").await.status(), 201);
}

#[tokio::test]
async fn what_has_arrived_stays_when_the_connection_breaks() {
    let talk = Talk::new().await;
    let location = talk.open_upload().await;
    let mut connection = TcpStream::connect(talk.server.address()).await.unwrap();
    let request = format!("PATCH {location} HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n0123");
    connection.write_all(request.as_bytes()).await.unwrap();
    drop(connection);
    let arrived = async {
        while header(&talk.get(&location).await, "range") != Some("0-3") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), arrived).await.unwrap();
    let digest = Digest::of(b"012345");
    assert_eq!(talk.close_upload(&location, &digest, "45").await.status(), 201);
}

#[tokio::test]
async fn a_digest_may_be_sha512() {
    let talk = Talk::new().await;
    let sha512 = |bytes: &[u8]| {
        let mut hasher = Hasher::new(Algorithm::Sha512);
        hasher.update(bytes);
        hasher.finish()
    };
    let config = sha512(b"{}");
    let location = talk.open_upload().await;
    assert_eq!(talk.close_upload(&location, &config, "{}").await.status(), 201);
    let config = json!({ "mediaType": media::OCI_EMPTY, "digest": config, "size": 2 });
    let manifest = json!({ "schemaVersion": 2, "config": config, "layers": [] }).to_string();
    let digest = sha512(manifest.as_bytes());
    let response = talk.push_manifest(&digest.to_string(), media::OCI_MANIFEST, &manifest).await;
    assert_created(&response, "/v2/a/b/manifests/", &digest);
    assert_eq!(talk.manifest("a/b", &digest.to_string()).await.bytes, manifest);
}

#[tokio::test]
async fn a_wrong_digest_keeps_nothing() {
    let talk = Talk::new().await;
    let digest = Digest::of(b"other");
    let location = talk.open_upload().await;
    assert_refused(talk.close_upload(&location, &digest, "hello").await, 400, "DIGEST_INVALID").await;
    assert!(talk.server.store().blob("a/b", &digest).is_none());
    let location = talk.open_upload().await;
    let without = talk.ask(Method::PUT, &location).body("hello").send().await.unwrap();
    assert_refused(without, 400, "DIGEST_INVALID").await;
}

#[tokio::test]
async fn an_upload_can_be_given_up() {
    let talk = Talk::new().await;
    let location = talk.open_upload().await;
    assert_eq!(talk.delete(&location).await.status(), 204);
    assert_refused(talk.get(&location).await, 404, "BLOB_UPLOAD_UNKNOWN").await;
    assert_refused(talk.delete(&location).await, 404, "BLOB_UPLOAD_UNKNOWN").await;
}

#[tokio::test]
async fn an_upload_belongs_to_its_repository() {
    let talk = Talk::new().await;
    let location = talk.open_upload().await;
    let elsewhere = location.replace("/a/b/", "/other/");
    assert_refused(talk.get(&elsewhere).await, 404, "BLOB_UPLOAD_UNKNOWN").await;
}

#[tokio::test]
async fn a_blob_is_mounted_from_another_repository() {
    let talk = Talk::new().await;
    let digest = talk.server.store().put_blob("source", "shared");
    let mount = |query: String| talk.ask(Method::POST, &format!("{UPLOADS}?{query}")).send();
    let response = mount(format!("mount={digest}&from=source")).await.unwrap();
    assert_created(&response, "/v2/a/b/blobs/", &digest);
    talk.assert_blob("a/b", &digest, "shared").await;
    let unknown = Digest::of(b"unknown");
    let response = mount(format!("mount={unknown}&from=source")).await.unwrap();
    assert_eq!(response.status(), 202);
    let location = header(&response, "location").unwrap().to_owned();
    assert_eq!(talk.close_upload(&location, &unknown, "unknown").await.status(), 201);
}

#[tokio::test]
async fn a_manifest_is_kept_byte_by_byte() {
    let talk = Talk::new().await;
    let config = talk.server.store().put_blob("a/b", "{}");
    let manifest = format!(
        "{{ \"schemaVersion\":2,\n\n\"mediaType\": \"{}\", \"unknown field\": 1, \"config\": {{\"mediaType\":\"{}\",\"digest\":\"{config}\",\"size\":2}}, \"layers\":[]}}",
        media::OCI_MANIFEST,
        media::OCI_EMPTY
    );
    let digest = Digest::of(manifest.as_bytes());
    let response = talk.push_manifest("v1", media::OCI_MANIFEST, &manifest).await;
    assert_created(&response, "/v2/a/b/manifests/", &digest);
    assert_eq!(talk.manifest("a/b", "v1").await.bytes, manifest);
    let again = talk.push_manifest(&digest.to_string(), media::OCI_MANIFEST, &manifest).await;
    assert_created(&again, "/v2/a/b/manifests/", &digest);
    assert_eq!(talk.server.store().tags("a/b"), ["v1"]);
    let moved = talk.push_manifest("v2", media::OCI_MANIFEST, &manifest).await;
    assert_eq!(moved.status(), 201);
    assert_eq!(talk.server.store().resolve("a/b", "v2"), Some(digest));
}

#[tokio::test]
async fn a_manifest_is_checked() {
    let talk = Talk::new().await;
    let config = talk.server.store().put_blob("a/b", "{}");
    let missing = Digest::of(b"missing");
    let good = json!({ "mediaType": media::OCI_EMPTY, "digest": config, "size": 2 });
    let bad = json!({ "mediaType": media::OCI_EMPTY, "digest": missing, "size": 7 });
    let image = json!({ "schemaVersion": 2, "config": good, "layers": [] }).to_string();
    let lacks_layer = json!({ "schemaVersion": 2, "config": good, "layers": [bad] }).to_string();
    let lacks_member = json!({ "schemaVersion": 2, "manifests": [bad] }).to_string();
    let typed =
        json!({ "schemaVersion": 2, "mediaType": media::DOCKER_MANIFEST, "config": good }).to_string();
    let other = missing.to_string();
    for (target, media_type, body, code) in [
        ("x", media::OCI_MANIFEST, lacks_layer.as_str(), "MANIFEST_BLOB_UNKNOWN"),
        ("x", media::OCI_INDEX, &lacks_member, "MANIFEST_BLOB_UNKNOWN"),
        ("x", media::OCI_MANIFEST, "not JSON", "MANIFEST_INVALID"),
        ("x", media::OCI_MANIFEST, &typed, "MANIFEST_INVALID"),
        ("x", "text/plain", &image, "MANIFEST_INVALID"),
        (&other, media::OCI_MANIFEST, &image, "DIGEST_INVALID"),
        ("-x", media::OCI_MANIFEST, &image, "MANIFEST_INVALID"),
    ] {
        assert_refused(talk.push_manifest(target, media_type, body).await, 400, code).await;
    }
    assert!(talk.server.store().manifests("a/b").is_empty());
    let parameters = format!("{}; charset=utf-8", media::OCI_MANIFEST);
    assert_eq!(talk.push_manifest("x", &parameters, &image).await.status(), 201);
    assert_eq!(talk.manifest("a/b", "x").await.media_type, media::OCI_MANIFEST);
}

#[tokio::test]
async fn a_manifest_that_is_too_large_is_refused() {
    let talk = Talk::new().await;
    let large = " ".repeat(8 * 1024 * 1024 + 1);
    assert_refused(talk.push_manifest("x", media::OCI_MANIFEST, &large).await, 413, "SIZE_INVALID").await;
}

#[tokio::test]
async fn a_subject_may_come_later_and_is_acknowledged() {
    let talk = Talk::new().await;
    let config = talk.server.store().put_blob("a/b", "{}");
    let subject = Digest::of(b"not there yet");
    let body = json!({
        "schemaVersion": 2,
        "artifactType": "application/vnd.example.sbom",
        "config": { "mediaType": media::OCI_EMPTY, "digest": config, "size": 2 },
        "layers": [],
        "subject": { "mediaType": media::OCI_MANIFEST, "digest": subject, "size": 13 },
    });
    let response = talk.push_manifest("sbom", media::OCI_MANIFEST, &body.to_string()).await;
    assert_eq!(header(&response, "oci-subject"), Some(subject.to_string().as_str()));
    let referrers = talk.json(&format!("/v2/a/b/referrers/{subject}")).await;
    assert_eq!(referrers["manifests"][0]["artifactType"], "application/vnd.example.sbom");
}
