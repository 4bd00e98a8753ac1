//! Connecting: what a check tells, where the registry is, and every way in which a token does not work.

use tagalong::domain::{FailureKind, NodeKind};

use super::fake::{GitLab, TOKEN, USER};
use crate::desk::{Laid, always};
use crate::images::{noise, put_image};
use crate::support::{basic, connect_with_stored, connection, open, root};

#[tokio::test]
async fn a_check_tells_the_account_and_its_scopes() {
    let gitlab = GitLab::start().await;
    let account = gitlab.open().check().await.unwrap();
    assert_eq!(account.name.as_deref(), Some(USER));
    let line = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    assert_eq!(account.lines, [line("token scopes", "api"), line("expires", "2027-01-31")]);
}

#[tokio::test]
async fn the_registry_is_found_by_a_project_or_a_repository() {
    let gitlab = GitLab::start().await;
    put_image(gitlab.store(), "acme/web", "1", &[noise(1, 10)]);
    // Only the address of GitLab is known; the registry's is the one of the form that was left empty.
    let elsewhere = || {
        let settings = [("api", gitlab.web.trim_start_matches("http://"))];
        open(connection("gitlab", "https://registry.gitlab.com", &settings), basic(USER, TOKEN))
    };
    let account = elsewhere().check().await.unwrap();
    assert_eq!(account.url, Some(gitlab.registry().url()));
    *gitlab.state.prefix.lock().unwrap() = None;
    let account = elsewhere().check().await.unwrap();
    assert_eq!(account.url, Some(gitlab.registry().url()));
    assert_eq!(account.name.as_deref(), Some("laptop"), "the token's name, where no account is known");
}

#[tokio::test]
async fn a_wrong_or_expired_token_says_where_to_make_another() {
    let gitlab = GitLab::start().await;
    let provider = gitlab.open_as(basic(USER, "glpat-expired-long-ago"));
    let check = provider.check().await.unwrap_err();
    let list = provider.children(&root(), None).await.unwrap_err();
    for failure in [check, list] {
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        for part in ["wrong, expired or revoked", "/-/user_settings/personal_access_tokens"] {
            assert!(failure.said.contains(part), "{part}: {failure}");
        }
    }
}

#[tokio::test]
async fn a_password_with_a_second_factor_repeats_what_gitlab_says() {
    let gitlab = GitLab::start().await;
    let said = r#"{"errors":[{"code":"UNAUTHORIZED","message":"HTTP Basic: Access denied. If you have two-factor authentication enabled, use a token instead of a password."}]}"#;
    gitlab.registry().inject(tagalong::demo::Fault::always(
        tagalong::demo::Match::path("/token"),
        tagalong::demo::What::Answer {
            status: 401,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: said.into(),
        },
    ));
    let failure = gitlab.open_as(basic(USER, "a password")).check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("two-factor authentication enabled, use a token"), "{failure}");
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let gitlab = GitLab::start().await;
    *gitlab.state.scopes.lock().unwrap() = vec!["read_registry"];
    let provider = gitlab.open();
    let account = provider.check().await.unwrap();
    assert!(account.lines[1].1.contains("lacks the scope read_api"), "{account:?}");
    let failure = provider.children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("lacks the scope api or read_api"), "{failure}");
}

#[tokio::test]
async fn a_deploy_token_opens_repositories_by_name() {
    let deploy = "gldt-a-long-deploy-token";
    let gitlab = GitLab::start_with(tagalong::demo::Auth::token("gitlab+deploy-token-1", deploy)).await;
    for tag in ["1", "2"] {
        put_image(gitlab.store(), "acme/web", tag, &[noise(1, 10)]);
    }
    let provider = gitlab.open_as(basic("gitlab+deploy-token-1", deploy));
    let account = provider.check().await.unwrap();
    assert!(account.lines[0].1.contains("deploy token"), "{account:?}");
    let failure = provider.children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported, "bookmarks are shown: {failure}");
    let at = root().child(NodeKind::Repository, "acme/web");
    assert_eq!(provider.children(&at, None).await.unwrap().entries.len(), 2);
    provider.untag().unwrap().untag(&at.child(NodeKind::Tag, "1")).await.unwrap();
    assert_eq!(gitlab.store().tags("acme/web"), ["2"]);
}

#[tokio::test]
async fn a_token_that_was_revoked_is_no_deploy_token() {
    let gitlab = GitLab::start().await;
    put_image(gitlab.store(), "acme/web", "1", &[noise(1, 10)]);
    let provider = gitlab.open();
    provider.children(&root(), None).await.unwrap();
    gitlab.desk().lay(always("/api/v4", 401, r#"{"message":"401 Unauthorized"}"#));
    let failure = provider.children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("wrong, expired or revoked"), "{failure}");
}

#[tokio::test]
async fn an_older_server_without_the_tokens_own_word_is_asked_for_its_version() {
    let gitlab = GitLab::start().await;
    gitlab.desk().lay(always("/personal_access_tokens/self", 404, r#"{"error":"404 Not Found"}"#));
    let account = gitlab.open().check().await.unwrap();
    assert_eq!(account.name.as_deref(), Some(USER));
    assert_eq!(gitlab.desk().count("/version"), 1);
}

#[tokio::test]
async fn too_many_requests_are_told_with_their_pause() {
    let gitlab = GitLab::start().await;
    let headers = &[("retry-after", "3600")];
    gitlab.desk().lay(Laid { headers, ..always("/groups", 429, "Retry later") });
    let failure = gitlab.open().children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::RateLimited);
    assert_eq!(failure.retry_after.map(|p| p.as_secs()), Some(3600));
}

#[tokio::test]
async fn what_docker_stored_for_gitlab_com_is_shown_to_no_other_gitlab() {
    let gitlab = GitLab::start().await;
    let stored = ("registry.gitlab.com", "ann:glpat-a-long-token");
    connect_with_stored(stored, "gitlab", &[("api", &gitlab.web)]).await.unwrap_err();
    assert!(
        gitlab.desk().asked().is_empty(),
        "only a token is shown to the API: {:?}",
        gitlab.desk().asked()
    );
    // The registry that it was stored for, with an API on the same machine.
    let registry = gitlab.registry().address().to_string();
    let (url, stored) = (gitlab.registry().url(), (registry.as_str(), "ann:glpat-a-long-token"));
    connect_with_stored(stored, "gitlab", &[("api", &gitlab.web), ("url", &url)]).await.unwrap();
    assert!(gitlab.desk().count("/personal_access_tokens/self") > 0);
}
