//! Lists: tags, repositories and referrers, their order, their pages and their filter.

use tagalong::demo::Settings;
use tagalong::domain::{Digest, media};

use crate::talk::{Talk, assert_refused, header};

const TAGS: [&str; 6] = ["1.10.0", "1.9.0", "Beta", "beta", "latest", "x"];

async fn tagged(settings: Settings) -> Talk {
    let talk = Talk::with(settings).await;
    let digest = talk.server.store().put_manifest("a/b", media::OCI_MANIFEST, "{}");
    for tag in TAGS.iter().rev() {
        assert!(talk.server.store().tag("a/b", tag, &digest));
    }
    talk
}

/// Follows the links from `path` and collects what is listed under `field`; answers also the number of pages.
async fn follow(talk: &Talk, path: &str, field: &str) -> (Vec<String>, usize) {
    let (mut names, mut pages, mut next) = (Vec::new(), 0, Some(path.to_owned()));
    while let Some(path) = next {
        let response = talk.get(&path).await;
        let link = header(&response, "link").map(str::to_owned);
        next = link.map(|link| {
            let (target, parameters) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
            assert_eq!(parameters, "; rel=\"next\"");
            target.to_owned()
        });
        let body: serde_json::Value = response.json().await.unwrap();
        names.extend(body[field].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()));
        pages += 1;
    }
    (names, pages)
}

#[tokio::test]
async fn tags_come_in_lexical_order_whatever_the_case() {
    let talk = tagged(Settings::default()).await;
    let body = talk.json("/v2/a/b/tags/list").await;
    assert_eq!(body["name"], "a/b");
    assert_eq!(body["tags"], serde_json::json!(TAGS));
}

#[tokio::test]
async fn tags_come_in_pages() {
    let talk = tagged(Settings { page_size: 4, ..Settings::default() }).await;
    for (path, pages) in [
        ("/v2/a/b/tags/list", 2),
        ("/v2/a/b/tags/list?n=100", 2),
        ("/v2/a/b/tags/list?n=2", 3),
        ("/v2/a/b/tags/list?n=1", 6),
    ] {
        let (names, seen) = follow(&talk, path, "tags").await;
        assert_eq!((names, seen), (TAGS.map(str::to_owned).to_vec(), pages), "{path}");
    }
}

#[tokio::test]
async fn a_page_can_be_asked_for() {
    let talk = tagged(Settings::default()).await;
    let tags = async |query: &str| {
        let response = talk.get(&format!("/v2/a/b/tags/list?{query}")).await;
        let linked = header(&response, "link").is_some();
        (response.json::<serde_json::Value>().await.unwrap()["tags"].clone(), linked)
    };
    assert_eq!(tags("n=0").await, (serde_json::json!([]), false));
    assert_eq!(tags("last=latest").await, (serde_json::json!(["x"]), false));
    assert_eq!(tags("last=between&n=1").await, (serde_json::json!(["latest"]), true));
    assert_eq!(tags("last=x").await, (serde_json::json!([]), false));
    assert_eq!(tags("n=6").await, (serde_json::json!(TAGS), false));
    assert_refused(talk.get("/v2/a/b/tags/list?n=many").await, 400, "UNSUPPORTED").await;
}

#[tokio::test]
async fn an_empty_repository_has_an_empty_list() {
    let talk = Talk::new().await;
    talk.server.store().create("a");
    assert_eq!(talk.json("/v2/a/tags/list").await, serde_json::json!({ "name": "a", "tags": [] }));
}

#[tokio::test]
async fn repositories_come_in_pages() {
    let talk = Talk::filled().await;
    let (names, pages) = follow(&talk, "/v2/_catalog?n=5", "repositories").await;
    assert_eq!(names, talk.server.store().repositories());
    assert_eq!(pages, names.len().div_ceil(5));
    assert!(names.is_sorted());
}

#[tokio::test]
async fn a_registry_may_have_no_catalogue() {
    let talk = Talk::with(Settings { catalog: false, ..Settings::default() }).await;
    assert_refused(talk.get("/v2/_catalog").await, 404, "UNSUPPORTED").await;
}

#[tokio::test]
async fn referrers_are_listed_and_filtered() {
    let talk = Talk::filled().await;
    let subject = talk.manifest("acme/api", "latest").await.digest;
    let path = format!("/v2/acme/api/referrers/{subject}");
    let response = talk.get(&path).await;
    assert_eq!(header(&response, "content-type"), Some(media::OCI_INDEX));
    assert_eq!(header(&response, "oci-filters-applied"), None);
    let all: serde_json::Value = response.json().await.unwrap();
    assert_eq!(all["mediaType"], media::OCI_INDEX);
    assert_eq!(all["manifests"].as_array().map(Vec::len), Some(2));
    let filtered = talk.get(&format!("{path}?artifactType=application/spdx%2Bjson")).await;
    assert_eq!(header(&filtered, "oci-filters-applied"), Some("artifactType"));
    let filtered: serde_json::Value = filtered.json().await.unwrap();
    let found = filtered["manifests"].as_array().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["artifactType"], "application/spdx+json");
    assert_eq!(found[0]["annotations"]["org.opencontainers.image.title"], "sbom.spdx.json");
    talk.manifest("acme/api", found[0]["digest"].as_str().unwrap()).await;
}

#[tokio::test]
async fn nothing_refers_to_what_is_not_there() {
    let talk = Talk::filled().await;
    let unknown = Digest::of(b"unknown");
    let body = talk.json(&format!("/v2/acme/api/referrers/{unknown}")).await;
    assert_eq!(body["manifests"], serde_json::json!([]));
    assert_refused(talk.get("/v2/acme/api/referrers/latest").await, 400, "DIGEST_INVALID").await;
}

#[tokio::test]
async fn a_registry_may_have_no_referrers() {
    let talk = Talk::with(Settings { referrers: false, ..Settings::default() }).await;
    let digest = Digest::of(b"x");
    assert_eq!(talk.get(&format!("/v2/a/referrers/{digest}")).await.status(), 404);
}
