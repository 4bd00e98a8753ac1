//! JFrog Artifactory.

mod contract;
mod odd;

use std::sync::Arc;

use crate::fakes::artifactory as fake;
use fake::Fake;
use tagalong::domain::{FailureKind, Locator, NodeKind};
use tagalong::registry::Provider;

use crate::conformance::{self, Holds, repositories};
use crate::images::{noise, put_image};
use crate::keyed::{PASSWORD, USER};
use crate::support::{basic, connection, open, root};

/// The provider at `url`, signed in.
fn signed_in(url: &str, settings: &[(&str, &str)]) -> Arc<dyn Provider> {
    let mut connection = connection("artifactory", url, settings);
    connection.username = USER.to_owned();
    open(connection, basic(USER, PASSWORD))
}

async fn filled() -> Fake {
    let fake = Fake::start(&["docker-local", "docker-remote"]).await;
    let local = fake.keyed.store("docker-local");
    for tag in ["1.0", "1", "latest"] {
        put_image(local, "acme/api", tag, &[noise(1, 100)]);
    }
    put_image(local, "acme/api", "0.9", &[noise(2, 100)]);
    put_image(local, "acme/spare", "1", &[noise(3, 100)]);
    put_image(local, "worker", "1", &[noise(4, 100)]);
    put_image(fake.keyed.store("docker-remote"), "library/nginx", "1.27", &[noise(5, 100)]);
    fake
}

fn holds(fake: &Fake) -> Holds {
    Holds {
        account: Some(USER),
        engine: Some(USER),
        host: fake.host().to_owned(),
        repositories: repositories(&[
            ("acme/api", &["1.0", "1", "latest", "0.9"]),
            ("acme/spare", &["1"]),
            ("worker", &["1"]),
            ("library/nginx", &["1.27"]),
        ]),
        siblings: Some(("acme/api", &["1.0", "1", "latest"])),
        spare: Some("acme/spare"),
        ..Holds::default()
    }
}

fn registry(fake: &Fake, key: &str) -> Locator {
    root().child(NodeKind::Registry, &format!("{}/{key}", fake.host()))
}

fn image(fake: &Fake, name: &str) -> Locator {
    registry(fake, "docker-local").child(NodeKind::Repository, name)
}

async fn names(provider: &dyn Provider, at: &Locator) -> Vec<String> {
    let page = provider.children(at, None).await.unwrap();
    page.entries.into_iter().map(|e| e.name).collect()
}

#[tokio::test]
async fn it_holds_to_the_seam() {
    let fake = filled().await;
    conformance::check(&*signed_in(&fake.url, &[]), &holds(&fake)).await;
    let asked = fake.keyed.asked();
    assert!(asked.iter().any(|a| a == "DELETE /artifactory/docker-local/acme/api/1.0"), "{asked:?}");
    assert!(asked.iter().any(|a| a == "DELETE /artifactory/docker-local/acme/spare"), "{asked:?}");
}

#[tokio::test]
async fn it_holds_to_the_seam_where_only_the_protocol_answers_for_tags() {
    let fake = filled().await;
    fake.keyed.break_with(crate::keyed::Fault::status("/artifactory/api/search", 403));
    conformance::check(&*signed_in(&fake.url, &[]), &holds(&fake)).await;
}

#[tokio::test]
async fn it_keeps_the_sign_in_at_home() {
    let fake = filled().await;
    let open = async |urls: &[String]| signed_in(&urls[0], &[]);
    conformance::keeps_its_sign_in(std::slice::from_ref(&fake.url), PASSWORD, open).await;
}

#[tokio::test]
async fn tags_come_with_dates_and_digests_in_pages() {
    let fake = filled().await;
    let store = fake.keyed.store("docker-local");
    let digest = put_image(store, "acme/many", "0", &[noise(6, 10)]).digest;
    for n in 1..2500 {
        assert!(store.tag("acme/many", &n.to_string(), &digest));
    }
    let provider = signed_in(&fake.url, &[]);
    let at = image(&fake, "acme/many");
    let first = provider.children(&at, None).await.unwrap();
    let facts = first.entries[0].facts.as_deref().unwrap();
    assert_eq!((facts.digest.as_ref(), facts.time), (Some(&digest), Some(1_767_225_600)));
    let (mut count, mut cursor, mut pages) = (first.entries.len(), first.next, 1);
    while let Some(at_page) = cursor {
        let page = provider.children(&at, Some(&at_page)).await.unwrap();
        (count, cursor, pages) = (count + page.entries.len(), page.next, pages + 1);
    }
    assert_eq!((count, pages), (2500, 3));
}

#[tokio::test]
async fn repositories_of_the_type_oci_are_listed_with_the_others() {
    let fake = Fake::start(&["docker-local", "oci-local"]).await;
    put_image(fake.keyed.store("oci-local"), "charts/api", "1", &[noise(1, 10)]);
    let provider = signed_in(&fake.url, &[]);
    let page = provider.children(&root(), None).await.unwrap();
    let notes: Vec<(&str, Option<&str>)> = page
        .entries
        .iter()
        .map(|e| (e.label.as_deref().unwrap(), e.facts.as_deref().and_then(|f| f.note.as_deref())))
        .collect();
    assert_eq!(notes, [("docker-local", Some("local")), ("oci-local", Some("local, OCI"))]);
    assert_eq!(names(&*provider, &registry(&fake, "oci-local")).await, ["charts/api"]);
    // An older server knows no such type.
    let older = "/artifactory/api/repositories?packageType=oci";
    fake.keyed.break_with(crate::keyed::Fault::status(older, 400));
    assert_eq!(names(&*provider, &root()).await, [format!("{}/docker-local", fake.host())]);
}

#[tokio::test]
async fn one_key_in_the_address_is_one_registry() {
    let fake = filled().await;
    for path in ["/artifactory/api/docker/docker-local", "/artifactory/docker-local", "/docker-local"] {
        let provider = signed_in(&format!("{}{path}", fake.url), &[]);
        assert_eq!(provider.check().await.unwrap().name.as_deref(), Some(USER));
        assert_eq!(names(&*provider, &root()).await, [format!("{}/docker-local", fake.host())]);
        let at = registry(&fake, "docker-local");
        assert_eq!(names(&*provider, &at).await, ["acme/api", "acme/spare"], "{path}: the first page");
        let bookmark = root().child(NodeKind::Repository, "worker");
        assert_eq!(names(&*provider, &bookmark).await, ["1"], "{path}: opened by name");
    }
}

#[tokio::test]
async fn a_name_below_the_host_is_what_docker_would_pull() {
    let fake = filled().await;
    let provider = signed_in(&fake.url, &[]);
    let at = root().child(NodeKind::Repository, "docker-local/acme/api");
    assert_eq!(names(&*provider, &at).await.len(), 4);
    let client = provider.distribution(&at).unwrap();
    client.manifest("docker-local/acme/api", "latest").await.unwrap();
    assert!(fake.keyed.asked().contains(&"GET /v2/docker-local/acme/api/manifests/latest".to_owned()));
    provider.untag().unwrap().untag(&at.child(NodeKind::Tag, "1")).await.unwrap();
    assert_eq!(names(&*provider, &at).await.len(), 3);
}

#[tokio::test]
async fn a_subdomain_stands_before_the_host() {
    let fake = filled().await;
    let provider = signed_in(&fake.url, &[("method", "subdomain")]);
    let keys = names(&*provider, &root()).await;
    assert_eq!(keys[0], format!("docker-local.{}", fake.host()));
    let at = root().child(NodeKind::Registry, &keys[0]).child(NodeKind::Repository, "worker");
    assert_eq!(names(&*provider, &at).await, ["1"]);
    let reference = at.child(NodeKind::Tag, "1").reference(fake.host()).unwrap();
    assert_eq!(reference.to_string(), format!("docker-local.{}/worker:1", fake.host()));
    let page = provider.web(&at.child(NodeKind::Tag, "1")).unwrap();
    assert_eq!(page, format!("{}/ui/repos/tree/General/docker-local/worker/1", fake.url));
}

#[tokio::test]
async fn a_folder_with_more_in_it_is_not_deleted() {
    let fake = filled().await;
    let store = fake.keyed.store("docker-local");
    put_image(store, "team", "app", &[noise(7, 10)]);
    put_image(store, "team/app", "1", &[noise(8, 10)]);
    let provider = signed_in(&fake.url, &[]);
    let untag = provider.untag().unwrap();
    let refused = untag.untag(&image(&fake, "team").child(NodeKind::Tag, "app")).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict, "{refused}");
    let whole = provider.delete_repository().unwrap();
    let refused = whole.delete_repository(&image(&fake, "team")).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict, "{refused}");
    assert!(refused.said.contains("team/app"), "{refused}");
    for odd in ["", "..", "team//app", "team/../worker"] {
        let refused = whole.delete_repository(&image(&fake, odd)).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Invalid, "{odd}: {refused}");
    }
    assert!(!fake.keyed.asked().iter().any(|asked| asked.starts_with("DELETE")), "nothing was deleted");
}

#[tokio::test]
async fn the_only_tag_of_an_image_is_not_untied() {
    let fake = filled().await;
    let provider = signed_in(&fake.url, &[]);
    let at = image(&fake, "acme/api").child(NodeKind::Tag, "0.9");
    let refused = provider.untag().unwrap().untag(&at).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
    assert!(refused.said.ends_with("delete the image instead"), "{refused}");
    assert!(!fake.keyed.asked().iter().any(|asked| asked.starts_with("DELETE")), "nothing was deleted");
}
