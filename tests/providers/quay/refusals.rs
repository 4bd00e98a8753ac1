//! Wrong tokens, an API that is away or in a hurry, accounts with nothing in them.

use std::time::{Duration, Instant};

use tagalong::domain::{Credential, FailureKind};

use super::fake::{Fake, Fault};
use super::{
    OAUTH, PERSON, ROBOT, all, basic, connection, names, namespace, open, repository, root, signed_in,
    with_oauth,
};

const PAGE: &str = "<!DOCTYPE html><html><body>Please sign in to the network</body></html>";

#[tokio::test]
async fn wrong_and_expired_tokens_are_refused() {
    let fake = Fake::start().await;
    for credential in
        [basic("$oauthtoken", "wrong-token"), basic(ROBOT, "wrong-token"), basic(PERSON, "wrong-token")]
    {
        let failure = signed_in(&fake, credential).check().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorized, "{failure}");
    }
    fake.state().scopes.clear();
    let failure = with_oauth(&fake).check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized, "{failure}");
}

#[tokio::test]
async fn a_token_that_may_not_read_the_account_says_so_and_works() {
    let fake = Fake::start().await;
    fake.add("acme/api", "1", "one");
    fake.state().scopes = vec!["repo:read"];
    let account = with_oauth(&fake).check().await.unwrap();
    assert!(account.lines[0].1.ends_with("the scope user:read"), "{account:?}");
    let failure = with_oauth(&fake).children(&root(), None).await.unwrap_err();
    assert!(failure.said.ends_with("the scope user:read"), "{failure}");
    let settings = [("namespaces", "acme")];
    let provider = open(connection("quay", &fake.url, &settings), basic("$oauthtoken", OAUTH));
    let page = provider.children(&root(), None).await.unwrap();
    assert_eq!((names(&page), page.warnings.len()), (vec!["acme"], 1));
    assert_eq!(names(&provider.children(&namespace("acme"), None).await.unwrap()), ["acme/api"]);
}

#[tokio::test]
async fn an_api_that_moved_leaves_the_registry() {
    let fake = Fake::start().await;
    fake.add("acme/api", "1", "one");
    for (status, body) in [(404, ""), (200, PAGE)] {
        fake.state().faults.clear();
        fake.fault("/api/v1/", u32::MAX, status, body);
        let provider = with_oauth(&fake);
        assert_eq!(names(&provider.children(&root(), None).await.unwrap()), ["acme/api"]);
        let page = provider.children(&repository("acme/api"), None).await.unwrap();
        assert_eq!((names(&page), page.warnings.len()), (vec!["1"], 1));
        provider.check().await.unwrap();
    }
}

#[tokio::test]
async fn an_empty_account_is_no_failure() {
    let fake = Fake::start().await;
    fake.state().organisations.clear();
    let provider = with_oauth(&fake);
    assert_eq!(names(&provider.children(&root(), None).await.unwrap()), ["ann"]);
    assert!(all(&provider, &namespace("ann")).await.is_empty());
}

#[tokio::test]
async fn the_pause_that_is_asked_for_is_kept_to() {
    let fake = Fake::start().await;
    fake.add("acme/api", "1", "one");
    let headers = vec![("retry-after", "1")];
    fake.state().faults.push(Fault { path: "/tag/", times: 1, status: 429, headers, body: "" });
    let began = Instant::now();
    let page = signed_in(&fake, Credential::Anonymous).children(&repository("acme/api"), None).await.unwrap();
    assert_eq!(names(&page), ["1"]);
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(fake.state().count("GET /v2/"), 0, "a limit is not worked around");
}
