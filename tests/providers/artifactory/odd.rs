//! What goes wrong: sign-ins, rights, proxies, limits, odd names.

use std::time::Duration;

use tagalong::domain::{FailureKind, NodeKind};

use super::fake::Fake;
use super::{filled, image, names, registry, signed_in};
use crate::images::{noise, put_image};
use crate::keyed::Fault;
use crate::support::{basic, connection, open, root};

const KEYS: &str = "/artifactory/api/repositories";

#[tokio::test]
async fn a_wrong_or_expired_token_is_refused() {
    let fake = filled().await;
    let one = format!("{}/artifactory/api/docker/docker-local", fake.url);
    for url in [&fake.url, &one] {
        let provider = open(connection("artifactory", url, &[]), basic("ann", "an expired token"));
        let refused = provider.check().await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Unauthorized, "{refused}");
        assert!(refused.said.contains("Bad credentials"), "{refused}");
    }
}

#[tokio::test]
async fn an_account_without_rights_to_the_api_sees_what_the_registry_shows() {
    let fake = filled().await;
    fake.keyed.break_with(Fault::status("/artifactory/api/", 403));
    let provider = signed_in(&fake.url, &[]);
    assert_eq!(names(&*provider, &root()).await, ["acme/api", "acme/spare"]);
    fake.keyed.break_with(Fault::status("/v2/", 403));
    for refused in [provider.check().await.unwrap_err(), provider.children(&root(), None).await.unwrap_err()]
    {
        assert_eq!(refused.kind, FailureKind::Forbidden, "{refused}");
        assert!(refused.doing.contains("Docker repositories"), "{refused}");
    }
}

#[tokio::test]
async fn an_api_that_is_not_there_is_done_without() {
    for fault in [Fault::status("/artifactory", 404), Fault::html("/artifactory")] {
        let fake = filled().await;
        fake.keyed.break_with(fault);
        let provider = signed_in(&fake.url, &[]);
        assert_eq!(provider.check().await.unwrap().name.as_deref(), Some("ann"));
        let page = provider.children(&root(), None).await.unwrap();
        assert_eq!(page.entries[0].kind, NodeKind::Repository);
        let more = provider.children(&root(), page.next.as_ref()).await.unwrap();
        assert_eq!(more.entries[0].name, "worker");
    }
}

#[tokio::test]
async fn a_proxy_in_place_of_everything_is_told() {
    let fake = filled().await;
    fake.keyed.break_with(Fault::html("/"));
    let refused = signed_in(&fake.url, &[]).check().await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Invalid);
    assert!(refused.said.contains("web page"), "{refused}");
}

#[tokio::test]
async fn a_limit_is_kept_to() {
    let fake = filled().await;
    let headers = vec![("retry-after", "600")];
    fake.keyed.break_with(Fault { headers, ..Fault::status(KEYS, 429) });
    let refused = signed_in(&fake.url, &[]).children(&root(), None).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::RateLimited, "{refused}");
    assert_eq!(refused.retry_after, Some(Duration::from_secs(600)));
    let asked = fake.keyed.asked();
    assert_eq!(asked.len(), 1, "nothing else is tried: {asked:?}");
}

#[tokio::test]
async fn an_account_without_repositories_has_an_empty_tree() {
    let fake = Fake::start(&[]).await;
    let provider = signed_in(&fake.url, &[]);
    let account = provider.check().await.unwrap();
    assert_eq!(account.lines, [("repositories".to_owned(), "0".to_owned())]);
    assert!(account.server.unwrap().contains("Artifactory/7.98.1"));
    assert!(names(&*provider, &root()).await.is_empty());
}

#[tokio::test]
async fn ten_thousand_repositories_are_listed() {
    let fake = filled().await;
    let all: Vec<String> = (0..10_000)
        .map(|n| format!(r#"{{"key":"docker-{n}","type":"VIRTUAL","packageType":"Docker"}}"#))
        .collect();
    let body: &'static str = format!("[{}]", all.join(",")).leak();
    fake.keyed.break_with(Fault { body, ..Fault::status(KEYS, 200) });
    let page = signed_in(&fake.url, &[]).children(&root(), None).await.unwrap();
    assert_eq!((page.entries.len(), page.total, page.next), (10_000, Some(10_000), None));
    let last = &page.entries[9999];
    assert_eq!(last.label.as_deref(), Some("docker-9999"));
    assert_eq!(last.facts.as_ref().unwrap().note.as_deref(), Some("virtual"));
}

#[tokio::test]
async fn keys_in_mixed_case_are_asked_for_as_they_are() {
    let fake = Fake::start(&["Docker-Local"]).await;
    put_image(fake.keyed.store("Docker-Local"), "app", "1", &[noise(1, 10)]);
    let provider = signed_in(&fake.url, &[]);
    let at = registry(&fake, "Docker-Local");
    assert_eq!(names(&*provider, &at).await, ["app"]);
    assert_eq!(names(&*provider, &at.child(NodeKind::Repository, "app")).await, ["1"]);
}

#[tokio::test]
async fn digests_among_the_tags_are_manifests() {
    let fake = filled().await;
    let digest = format!("sha256:{}", "a".repeat(64));
    let body: &'static str = format!(r#"{{"name":"worker","tags":["1","{digest}",null,""]}}"#).leak();
    let tags = "/artifactory/api/docker/docker-local/v2/worker/tags/list";
    fake.keyed.break_with(Fault { body, ..Fault::status(tags, 200) });
    fake.keyed.break_with(Fault::status("/artifactory/api/search", 400));
    let page = signed_in(&fake.url, &[]).children(&image(&fake, "worker"), None).await.unwrap();
    let found: Vec<(NodeKind, &str)> = page.entries.iter().map(|e| (e.kind, e.name.as_str())).collect();
    assert_eq!(found, [(NodeKind::Tag, "1"), (NodeKind::Manifest, digest.as_str())]);
}

#[tokio::test]
async fn an_official_image_is_looked_for_where_it_is() {
    let fake = filled().await;
    let at = registry(&fake, "docker-remote").child(NodeKind::Repository, "nginx");
    let refused = signed_in(&fake.url, &[]).children(&at, None).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::NotFound);
    assert!(refused.said.contains("library/nginx"), "{refused}");
}
