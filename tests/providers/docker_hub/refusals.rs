//! An API that is away, slow, or not there at all.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tagalong::domain::FailureKind;

use super::fake::{Fault, Hub};
use super::{all, anonymous, names, namespace, repository, root, signed_in};

const PAGE: &str = "<!DOCTYPE html><html><body>Please sign in to the network</body></html>";

#[tokio::test]
async fn an_api_that_moved_leaves_the_registry() {
    let hub = Hub::start().await;
    hub.add("acme/api", "1", "one");
    hub.fault("/v2/", u32::MAX, 404, "");
    let provider = signed_in(&hub);
    let page = provider.children(&repository("acme/api"), None).await.unwrap();
    assert_eq!(names(&page), ["1"]);
    assert!(page.warnings[0].contains("the registry itself was asked instead"), "{:?}", page.warnings);
    let account = provider.check().await.unwrap();
    assert_eq!(account.lines[0].0, "API");
    assert_eq!(account.lines[1].0, "pulls left");
    let failure = provider.children(&namespace("acme"), None).await.unwrap_err();
    assert!(failure.said.ends_with("a repository can still be opened by its name"), "{failure}");
    assert_eq!(provider.children(&root(), None).await.unwrap_err().kind, FailureKind::NotFound);
}

#[tokio::test]
async fn a_page_of_a_proxy_is_no_answer() {
    let hub = Hub::start().await;
    hub.add("acme/api", "1", "one");
    hub.fault("/v2/", u32::MAX, 200, PAGE);
    let provider = anonymous(&hub);
    assert_eq!(names(&provider.children(&repository("acme/api"), None).await.unwrap()), ["1"]);
    let failure = provider.children(&namespace("acme"), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert!(failure.said.contains("web page"), "{failure}");
}

#[tokio::test]
async fn a_repository_that_neither_knows_is_missing() {
    let hub = Hub::start().await;
    let failure = signed_in(&hub).children(&repository("acme/none"), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.said.contains("object not found"), "{failure}");
}

#[tokio::test]
async fn an_empty_account_is_no_failure() {
    let hub = Hub::start().await;
    hub.state().organisations.clear();
    let provider = signed_in(&hub);
    assert_eq!(names(&provider.children(&root(), None).await.unwrap()), ["acme"]);
    assert!(all(&provider, &namespace("acme")).await.is_empty());
}

#[tokio::test]
async fn rows_that_cannot_be_read_do_not_spoil_the_page() {
    let hub = Hub::start().await;
    let body = r#"{"count":3,"next":null,"results":[{"name":"ok"},{"name":7},{"name":"sound","images":{"os":"linux","architecture":"arm64"},"digest":"none"}]}"#;
    hub.fault("/tags", 1, 200, body);
    let page = anonymous(&hub).children(&repository("acme/api"), None).await.unwrap();
    assert_eq!(names(&page), ["ok", "sound"]);
    assert_eq!(page.warnings, ["listing the tags of acme/api: 1 row of the answer could not be read"]);
}

#[tokio::test]
async fn the_pause_that_the_api_asks_for_is_kept_to() {
    let in_a_second = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 2;
    for (name, value) in [("retry-after", "1".to_owned()), ("x-retry-after", in_a_second.to_string())] {
        let hub = Hub::start().await;
        hub.add("acme/api", "1", "one");
        let fault = Fault { path: "/tags", times: 1, status: 429, headers: vec![(name, value)], body: "" };
        hub.state().faults.push(fault);
        let began = Instant::now();
        let page = anonymous(&hub).children(&repository("acme/api"), None).await.unwrap();
        assert_eq!(names(&page), ["1"]);
        assert!(began.elapsed() >= Duration::from_millis(500), "{name}: {:?}", began.elapsed());
        assert_eq!(hub.state().count("registry"), 0, "a limit is not worked around");
    }
}

#[tokio::test]
async fn a_pause_that_is_too_long_is_told() {
    let hub = Hub::start().await;
    let headers = vec![("retry-after", "3600".to_owned())];
    let body = r#"{"message":"Rate limit exceeded"}"#;
    hub.state().faults.push(Fault { path: "/tags", times: u32::MAX, status: 429, headers, body });
    let failure = anonymous(&hub).children(&repository("acme/api"), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::RateLimited);
    assert_eq!(failure.retry_after, Some(Duration::from_secs(3600)));
}
