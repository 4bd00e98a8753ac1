//! The login: renewed before it ends and after a refusal, and what is said when it is refused.

use tagalong::domain::FailureKind;

use super::fake::Hub;
use super::{names, namespace, root, signed_in, with_secret};
use crate::support::connect_with_stored;

#[tokio::test]
async fn a_token_that_is_about_to_end_is_renewed_before_it_is_used() {
    let hub = Hub::start().await;
    hub.add("acme/api", "1", "one");
    hub.state().lifetime = 20;
    let provider = signed_in(&hub);
    for _ in 0..3 {
        provider.children(&namespace("acme"), None).await.unwrap();
    }
    assert_eq!(hub.state().logins, 3);
    assert_eq!(hub.state().count("GET "), 3, "no request was refused on the way");
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let hub = Hub::start().await;
    hub.add("acme/api", "1", "one");
    let provider = signed_in(&hub);
    provider.children(&namespace("acme"), None).await.unwrap();
    hub.state().expire();
    let page = provider.children(&namespace("acme"), None).await.unwrap();
    assert_eq!(names(&page), ["acme/api"]);
    assert_eq!(hub.state().logins, 2);
    assert_eq!(hub.state().count("GET "), 3, "one request, refused, and sent again");
}

#[tokio::test]
async fn the_older_login_serves_where_the_newer_is_not_known() {
    let hub = Hub::start().await;
    hub.state().has_token_login = false;
    let page = signed_in(&hub).children(&root(), None).await.unwrap();
    assert_eq!(names(&page), ["acme", "acme-labs"]);
}

#[tokio::test]
async fn a_wrong_token_says_so_and_is_not_tried_on_and_on() {
    let hub = Hub::start().await;
    let provider = with_secret(&hub, "dckr_pat_revoked");
    let failure = provider.check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert_eq!(
        failure.to_string(),
        "signing in to Docker Hub: the server refused the sign-in (401): Incorrect authentication credentials"
    );
    assert!(hub.state().logins <= 4, "{} logins", hub.state().logins);
    let failure = provider.children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
}

#[tokio::test]
async fn a_second_factor_asks_for_a_token() {
    let hub = Hub::start().await;
    hub.state().second_factor = true;
    let failure = with_secret(&hub, "password").check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("two-factor"), "{failure}");
    assert!(failure.said.contains("personal access token"), "{failure}");
}

#[tokio::test]
async fn what_docker_stored_for_a_registry_is_shown_to_no_other_api() {
    let hub = Hub::start().await;
    let host = hub.registry.trim_start_matches("http://").to_owned();
    let stored = (host.as_str(), "Acme:dckr_pat_right");
    let elsewhere = hub.api.replace("127.0.0.1", "localhost");
    let typed = |api| [("url", hub.registry.as_str()), ("api", api)];
    connect_with_stored(stored, "docker_hub", &typed(&elsewhere)).await.unwrap();
    assert_eq!(hub.state().count("POST"), 0, "{:?}", hub.state().asked);
    connect_with_stored(stored, "docker_hub", &typed(&hub.api)).await.unwrap();
    assert_eq!(hub.state().logins, 1, "the same machine is shown it");
}
