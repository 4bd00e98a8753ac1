//! Deleting: manifests, tags and blobs, and registries that do not allow it.

use tagalong::demo::Settings;
use tagalong::domain::{Digest, media};

use crate::talk::{Talk, assert_refused};

/// A registry with a manifest under two tags, and a blob.
async fn prepared(settings: Settings) -> (Talk, Digest, Digest) {
    let talk = Talk::with(settings).await;
    let store = talk.server.store();
    let blob = store.put_blob("a", "x");
    let manifest = store.put_manifest("a", media::OCI_MANIFEST, "{}");
    assert!(store.tag("a", "one", &manifest) && store.tag("a", "two", &manifest));
    (talk, manifest, blob)
}

#[tokio::test]
async fn a_tag_goes_and_its_manifest_stays() {
    let (talk, manifest, _) = prepared(Settings::default()).await;
    assert_eq!(talk.delete("/v2/a/manifests/one").await.status(), 202);
    assert_refused(talk.get("/v2/a/manifests/one").await, 404, "MANIFEST_UNKNOWN").await;
    assert_eq!(talk.manifest("a", "two").await.digest, manifest);
    assert_refused(talk.delete("/v2/a/manifests/one").await, 404, "MANIFEST_UNKNOWN").await;
}

#[tokio::test]
async fn a_manifest_goes_with_its_tags() {
    let (talk, manifest, _) = prepared(Settings::default()).await;
    assert_eq!(talk.delete(&format!("/v2/a/manifests/{manifest}")).await.status(), 202);
    for target in ["one", "two", &manifest.to_string()] {
        assert_refused(talk.get(&format!("/v2/a/manifests/{target}")).await, 404, "MANIFEST_UNKNOWN").await;
    }
    assert_eq!(talk.json("/v2/a/tags/list").await["tags"], serde_json::json!([]));
    assert_refused(talk.delete(&format!("/v2/none/manifests/{manifest}")).await, 404, "NAME_UNKNOWN").await;
}

#[tokio::test]
async fn a_blob_goes_from_its_repository_alone() {
    let (talk, _, blob) = prepared(Settings::default()).await;
    talk.server.store().put_blob("b", "x");
    assert_eq!(talk.delete(&format!("/v2/a/blobs/{blob}")).await.status(), 202);
    assert_refused(talk.get(&format!("/v2/a/blobs/{blob}")).await, 404, "BLOB_UNKNOWN").await;
    assert_eq!(talk.get(&format!("/v2/b/blobs/{blob}")).await.status(), 200);
    assert_refused(talk.delete(&format!("/v2/a/blobs/{blob}")).await, 404, "BLOB_UNKNOWN").await;
}

#[tokio::test]
async fn deleting_may_be_switched_off() {
    let (talk, manifest, blob) = prepared(Settings { delete: false, ..Settings::default() }).await;
    for path in
        [format!("/v2/a/manifests/{manifest}"), format!("/v2/a/blobs/{blob}"), "/v2/a/manifests/one".into()]
    {
        assert_refused(talk.delete(&path).await, 405, "UNSUPPORTED").await;
    }
    assert_eq!(talk.server.store().tags("a"), ["one", "two"]);
}

#[tokio::test]
async fn deleting_tags_alone_may_be_switched_off() {
    let (talk, manifest, _) = prepared(Settings { delete_tags: false, ..Settings::default() }).await;
    assert_refused(talk.delete("/v2/a/manifests/one").await, 405, "UNSUPPORTED").await;
    assert_eq!(talk.delete(&format!("/v2/a/manifests/{manifest}")).await.status(), 202);
}
