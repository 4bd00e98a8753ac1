//! What goes wrong: sign-ins, rights, proxies, limits, odd names.

use std::time::Duration;

use tagalong::domain::{FailureKind, NodeKind};

use super::fake::Fake;
use super::{filled, names, registry, signed_in};
use crate::images::{noise, put_image};
use crate::keyed::Fault;
use crate::support::{basic, connection, open, root};

const REPOSITORIES: &str = "/service/rest/v1/repositories";

#[tokio::test]
async fn a_wrong_or_expired_token_is_refused() {
    let fake = filled().await;
    let one = format!("{}/repository/docker-hosted", fake.url);
    for url in [&fake.url, &one] {
        let provider = open(connection("nexus", url, &[]), basic("ann", "an expired token"));
        let refused = provider.check().await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Unauthorized, "{refused}");
    }
}

#[tokio::test]
async fn an_api_that_is_not_there_or_not_for_this_account_is_done_without() {
    for fault in [Fault::status("/service", 404), Fault::html("/service"), Fault::status("/service", 403)] {
        let fake = filled().await;
        fake.keyed.break_with(fault);
        let provider = signed_in(&fake.url);
        assert_eq!(provider.check().await.unwrap().name.as_deref(), Some("ann"));
        let page = provider.children(&root(), None).await.unwrap();
        assert_eq!(
            (page.entries[0].kind, page.entries[0].name.as_str()),
            (NodeKind::Repository, "of-a-member")
        );
    }
}

#[tokio::test]
async fn a_refusal_of_everything_is_told() {
    let fake = filled().await;
    fake.keyed.break_with(Fault::status("/", 403));
    let refused = signed_in(&fake.url).children(&root(), None).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden, "{refused}");
    let fake = filled().await;
    fake.keyed.break_with(Fault::html("/"));
    let refused = signed_in(&fake.url).check().await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Invalid);
    assert!(refused.said.contains("web page"), "{refused}");
}

#[tokio::test]
async fn a_limit_is_kept_to() {
    let fake = filled().await;
    let headers = vec![("retry-after", "600")];
    fake.keyed.break_with(Fault { headers, ..Fault::status(REPOSITORIES, 429) });
    let refused = signed_in(&fake.url).children(&root(), None).await.unwrap_err();
    assert_eq!(
        (refused.kind, refused.retry_after),
        (FailureKind::RateLimited, Some(Duration::from_secs(600)))
    );
}

#[tokio::test]
async fn an_account_without_repositories_has_an_empty_tree() {
    let fake = Fake::start(&[]).await;
    let provider = signed_in(&fake.url);
    let account = provider.check().await.unwrap();
    assert_eq!(account.lines, [("repositories".to_owned(), "0".to_owned())]);
    assert!(names(&*provider, &root()).await.is_empty(), "Maven's are none of ours");
}

#[tokio::test]
async fn ten_thousand_repositories_are_listed() {
    let fake = filled().await;
    let all: Vec<String> =
        (0..10_000).map(|n| format!(r#"{{"name":"docker-{n}","format":"docker","type":"proxy"}}"#)).collect();
    let body: &'static str = format!("[{}]", all.join(",")).leak();
    fake.keyed.break_with(Fault { body, ..Fault::status(REPOSITORIES, 200) });
    let page = signed_in(&fake.url).children(&root(), None).await.unwrap();
    assert_eq!((page.entries.len(), page.total, page.next), (10_000, Some(10_000), None));
}

#[tokio::test]
async fn names_in_mixed_case_are_asked_for_as_they_are() {
    let fake = Fake::start(&["Docker-Hosted"]).await;
    put_image(fake.keyed.store("Docker-Hosted"), "app", "1", &[noise(1, 10)]);
    let provider = signed_in(&fake.url);
    let at = registry(&fake, "Docker-Hosted");
    assert_eq!(names(&*provider, &at).await, ["app"]);
    assert_eq!(names(&*provider, &at.child(NodeKind::Repository, "app")).await, ["1"]);
}

#[tokio::test]
async fn nothings_in_lists_are_passed_over() {
    let fake = filled().await;
    let catalogue = "/repository/docker-hosted/v2/_catalog";
    let body = r#"{"repositories":["web",null,"","acme/api"]}"#;
    fake.keyed.break_with(Fault { body, ..Fault::status(catalogue, 200) });
    let page = signed_in(&fake.url).children(&registry(&fake, "docker-hosted"), None).await.unwrap();
    let found: Vec<&str> = page.entries.iter().map(|e| e.name.as_str()).collect();
    assert_eq!((found, page.warnings.len()), (vec!["web", "acme/api"], 1));
}
