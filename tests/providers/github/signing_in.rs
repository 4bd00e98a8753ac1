//! Connecting: what a check tells, and every way in which a token does not work.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use tagalong::domain::{Failure, FailureKind, NodeKind, Secret};
use tagalong::registry::{Opening, Surroundings, catalog};

use super::fake::{GitHub, TOKEN, USER};
use crate::desk::{Laid, always};
use crate::images::{noise, put_image};
use crate::support::{Nothing, basic, connect_with_stored, connection, opening, root};

#[tokio::test]
async fn a_check_tells_the_account_and_its_scopes() {
    let github = GitHub::start().await;
    let account = github.open().check().await.unwrap();
    assert_eq!(account.name.as_deref(), Some(USER));
    assert_eq!(account.lines, [("token scopes".to_owned(), super::fake::ALL.to_owned())]);
    *github.state.scopes.lock().unwrap() = Some("read:packages");
    let account = github.open().check().await.unwrap();
    let missing = ("not in the token".to_owned(), "write:packages, delete:packages".to_owned());
    assert_eq!(account.lines[1], missing);
}

async fn refused(github: &GitHub) -> Failure {
    github.open().check().await.unwrap_err()
}

#[tokio::test]
async fn a_wrong_or_expired_token_says_where_to_make_another() {
    let github = GitHub::start().await;
    let failure = github.open_as(basic(USER, "ghp_expired-long-ago")).check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    for part in [
        "Bad credentials",
        "wrong, expired or revoked",
        "/settings/tokens/new?scopes=write:packages,delete:packages",
    ] {
        assert!(failure.said.contains(part), "{part}: {failure}");
    }
}

#[tokio::test]
async fn a_password_with_a_second_factor_asks_for_a_token() {
    let github = GitHub::start().await;
    let headers = &[("x-github-otp", "required; :2fa-type")];
    let body = r#"{"message":"Must specify two-factor authentication OTP code."}"#;
    github.desk().lay(Laid { headers, ..always("/user", 401, body) });
    let failure = refused(&github).await;
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("two-factor sign-in, which takes a token"), "{failure}");
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let github = GitHub::start().await;
    *github.state.scopes.lock().unwrap() = Some("repo, gist");
    let failure = refused(&github).await;
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("lacks the scope read:packages (it has: repo, gist)"), "{failure}");
    let at = root().child(NodeKind::Namespace, "nobody");
    let failure = github.open().children(&at, None).await;
    assert!(failure.is_ok_and(|page| page.warnings[0].contains("lacks the scope read:packages")));
}

#[tokio::test]
async fn a_fine_grained_token_is_told() {
    let github = GitHub::start().await;
    *github.state.scopes.lock().unwrap() = None;
    let failure = refused(&github).await;
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("fine-grained tokens and those of apps do not work"), "{failure}");
}

#[tokio::test]
async fn single_sign_on_names_the_page_and_opens_it() {
    let github = GitHub::start().await;
    let headers =
        &[("x-github-sso", "required; url=https://github.com/orgs/acme/sso?authorization_request=AB")];
    let body = r#"{"message":"Resource protected by organization SAML enforcement."}"#;
    github.desk().lay(Laid { headers, ..always("/orgs/acme/packages", 403, body) });
    github.registry().inject(tagalong::demo::Fault::always(
        tagalong::demo::Match::path("/v2/_catalog"),
        tagalong::demo::What::status(403),
    ));
    let provider = github.open();
    let at = root().child(NodeKind::Namespace, "acme");
    let failure = provider.children(&at, None).await.unwrap_err();
    let page = "https://github.com/orgs/acme/sso?authorization_request=AB";
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains(page), "{failure}");
    assert_eq!(provider.web(&at).as_deref(), Some(page), "“open in browser” leads there");
    github.desk().clear();
    provider.children(&at, None).await.unwrap();
    assert!(provider.web(&at).is_some_and(|web| web.ends_with("/orgs/acme/packages")));
}

#[tokio::test]
async fn organisations_left_out_by_single_sign_on_are_told() {
    let github = GitHub::start().await;
    let headers = &[("x-github-sso", "partial-results; organizations=21955855,20582480")];
    github.desk().lay(Laid { headers, ..always("/user/orgs", 200, "[]") });
    let page = github.open().children(&root(), None).await.unwrap();
    assert!(page.warnings[0].contains("behind single sign-on"), "{:?}", page.warnings);
}

#[tokio::test]
async fn a_quota_that_is_used_up_says_for_how_long() {
    let github = GitHub::start().await;
    let headers = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "4000000000")];
    let body = r#"{"message":"API rate limit exceeded for user ID 1."}"#;
    for status in [403, 429] {
        github.desk().clear();
        github.desk().lay(Laid { headers, ..always("/user", status, body) });
        let failure = refused(&github).await;
        assert_eq!(failure.kind, FailureKind::RateLimited, "{status}");
        assert!(failure.retry_after.is_some_and(|pause| pause.as_secs() > 3600), "{status}: {failure:?}");
        assert!(failure.said.contains("API rate limit exceeded"), "{failure}");
    }
}

#[tokio::test]
async fn a_short_pause_is_sat_out() {
    let github = GitHub::start().await;
    let laid = Laid { headers: &[("retry-after", "0")], times: 1, ..always("/user", 429, "{}") };
    github.desk().lay(laid);
    github.open().check().await.unwrap();
    assert_eq!(github.desk().count("GET /api/v3/user"), 2);
}

/// A machine with `gh` on it.
struct WithGh(Result<&'static str, &'static str>);

#[async_trait]
impl Surroundings for WithGh {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn home(&self) -> PathBuf {
        PathBuf::from("/nonexistent")
    }

    async fn ask(&self, program: &str, arguments: &[&str]) -> Result<Option<Secret>, Failure> {
        if program != "gh" {
            return Ok(None);
        }
        assert_eq!(arguments.get(..3), Some(["auth", "token", "--hostname"].as_slice()));
        match self.0 {
            Ok(token) => Ok(Some(Secret::new(token))),
            Err(said) => Err(Failure::new(FailureKind::Unauthorized, "asking gh for a sign-in", said)),
        }
    }
}

#[tokio::test]
async fn the_sign_in_of_gh_is_found_and_used() {
    let found = catalog::find_sign_ins(&WithGh(Ok(TOKEN))).await;
    let found = found.iter().find(|f| f.provider == Some("github")).unwrap();
    assert_eq!((found.host.as_str(), found.source.as_str()), ("ghcr.io", "gh auth token"));
    let github = GitHub::start().await;
    put_image(github.store(), "acme/api", "1", &[noise(1, 10)]);
    let mut settings: Vec<(&str, &str)> = vec![("api", &github.api)];
    settings.extend(found.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let mut connection = connection("github", &github.registry().url(), &settings);
    connection.username = USER.to_owned();
    let as_gh = |gh| {
        let plain = opening(connection.clone(), tagalong::domain::Credential::Anonymous);
        catalog::open(&Opening { surroundings: Arc::new(gh), ..plain }).unwrap()
    };
    assert_eq!(as_gh(WithGh(Ok(TOKEN))).check().await.unwrap().name.as_deref(), Some(USER));
    *github.state.scopes.lock().unwrap() = Some("gist, repo");
    let failure = as_gh(WithGh(Ok(TOKEN))).check().await.unwrap_err();
    assert!(
        failure.said.contains("gh auth refresh --hostname 127.0.0.1")
            && failure.said.contains("--scopes read:packages"),
        "{failure}"
    );
    let failure = as_gh(WithGh(Err("no oauth token found for 127.0.0.1"))).check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("no oauth token found"), "{failure}");
}

#[tokio::test]
async fn without_gh_nothing_is_offered() {
    assert!(catalog::find_sign_ins(&Nothing).await.iter().all(|f| f.provider != Some("github")));
    assert!(
        catalog::find_sign_ins(&WithGh(Err("not logged in")))
            .await
            .iter()
            .all(|f| f.provider != Some("github"))
    );
}

#[tokio::test]
async fn what_docker_stored_for_a_registry_is_shown_to_no_other_api() {
    let github = GitHub::start().await;
    let (url, host) = (github.registry().url(), github.registry().address().to_string());
    let credential = format!("{USER}:{TOKEN}");
    let stored = (host.as_str(), credential.as_str());
    let elsewhere = github.api.replace("127.0.0.1", "localhost");
    connect_with_stored(stored, "github", &[("url", &url), ("api", &elsewhere)]).await.unwrap();
    assert!(github.desk().asked().is_empty(), "{:?}", github.desk().asked());
    connect_with_stored(stored, "github", &[("url", &url), ("api", &github.api)]).await.unwrap();
    assert!(github.desk().count("/user") > 0, "the same machine is shown it");
}

#[tokio::test]
async fn what_gh_keeps_for_one_host_is_not_shown_to_the_registry_of_another() {
    let github = GitHub::start().await;
    let elsewhere = github.registry().url().replace("127.0.0.1", "localhost");
    let settings = [("sign_in", "gh"), ("api", github.api.as_str())];
    let plain = opening(connection("github", &elsewhere, &settings), tagalong::domain::Credential::Anonymous);
    let provider = catalog::open(&Opening { surroundings: Arc::new(WithGh(Ok(TOKEN))), ..plain }).unwrap();
    let failure = provider.check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized, "the registry is shown nothing: {failure}");
    assert!(github.desk().count("/user") > 0, "the API of that host is shown it");
}
