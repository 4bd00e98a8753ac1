//! Signing in: asked for late, once, and again when refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures_util::future::join_all;
use tagalong::domain::{Credential, Failure, FailureKind, Secret};
use tagalong::http::{AuthScheme, Http, SignIn};

use crate::scripted::Scripted;
use crate::{get, play, settings};

/// Gives the passwords one after another, and the last for ever.
struct Passwords {
    list: Vec<&'static str>,
    asked: AtomicUsize,
}

impl Passwords {
    fn new(list: &[&'static str]) -> Arc<Self> {
        Arc::new(Self { list: list.to_vec(), asked: AtomicUsize::new(0) })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl SignIn for Passwords {
    async fn credential(&self) -> Result<Credential, Failure> {
        let n = self.asked.fetch_add(1, Ordering::SeqCst);
        let password = self.list.get(n).or_else(|| self.list.last()).unwrap();
        Ok(Credential::Basic { username: "ann".to_owned(), password: Secret::new(*password) })
    }
}

fn http(server: &Scripted, sign_in: &Arc<Passwords>) -> Http {
    let mut settings = settings(&server.base);
    settings.sign_in = sign_in.clone();
    Http::new(settings)
}

#[tokio::test]
async fn the_credential_is_asked_for_at_the_first_401_and_kept() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /open"
        without = ["authorization"]

        [[exchange]]
        request = "GET /closed"
        without = ["authorization"]
        status = 401
        headers = ['WWW-Authenticate: Basic realm="x"']

        [[exchange]]
        request = "GET /closed"
        with = { authorization = "Basic YW5uOnB3" }
        times = 2
        "#,
    )
    .await;
    let sign_in = Passwords::new(&["pw"]);
    let http = http(&server, &sign_in);
    get(&http, "/open").await.unwrap();
    assert_eq!((sign_in.asked(), http.scheme()), (0, AuthScheme::None));
    get(&http, "/closed").await.unwrap();
    get(&http, "/closed").await.unwrap();
    assert_eq!((sign_in.asked(), http.scheme()), (1, AuthScheme::Basic));
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_refused_credential_is_asked_for_again_once() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /"
        without = ["authorization"]
        status = 401
        headers = ['WWW-Authenticate: Basic realm="x"']

        [[exchange]]
        request = "GET /"
        with = { authorization = "Basic YW5uOm9sZA==" }
        status = 401
        headers = ['WWW-Authenticate: Basic realm="x"']

        [[exchange]]
        request = "GET /"
        with = { authorization = "Basic YW5uOm5ldw==" }
        body = "in"
        "#,
    )
    .await;
    let sign_in = Passwords::new(&["old", "new"]);
    assert_eq!(get(&http(&server, &sign_in), "/").await.unwrap(), "in");
    assert_eq!(sign_in.asked(), 2);
}

#[tokio::test]
async fn a_token_server_that_refuses_gets_the_fresh_credential() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /"
        without = ["authorization"]
        status = 401
        headers = ['WWW-Authenticate: Bearer realm="{{other}}/token"']

        [[exchange]]
        request = "GET /token?account=ann"
        at = "other"
        with = { authorization = "Basic YW5uOm9sZA==" }
        status = 401

        [[exchange]]
        request = "GET /token?account=ann"
        at = "other"
        with = { authorization = "Basic YW5uOm5ldw==" }
        body = '{"token":"t"}'

        [[exchange]]
        request = "GET /"
        with = { authorization = "Bearer t" }
        body = "in"
        "#,
    )
    .await;
    let sign_in = Passwords::new(&["old", "new"]);
    assert_eq!(get(&http(&server, &sign_in), "/").await.unwrap(), "in");
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_refusal_ends_and_holds_no_secret() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /"
        without = ["authorization"]
        status = 401
        headers = ['WWW-Authenticate: Basic realm="x"']

        [[exchange]]
        request = "GET /"
        with = { authorization = "~Basic " }
        status = 401
        headers = ['WWW-Authenticate: Basic realm="x"']
        "#,
    )
    .await;
    let sign_in = Passwords::new(&["hunter2"]);
    let failure = get(&http(&server, &sign_in), "/").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(!format!("{failure:?}").contains("hunter2"));
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn many_requests_wait_for_one_token() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /"
        without = ["authorization"]
        times = 8
        status = 401
        headers = ['WWW-Authenticate: Bearer realm="{{base}}/token",scope="s"']

        [[exchange]]
        request = "GET /token?scope=s&account=ann"
        body = '{"token":"t"}'

        [[exchange]]
        request = "GET /"
        with = { authorization = "Bearer t" }
        body = "in"
        times = 20
        "#,
    )
    .await;
    let sign_in = Passwords::new(&["pw"]);
    let http = http(&server, &sign_in);
    let all = join_all((0..20).map(|_| get(&http, "/"))).await;
    assert!(all.iter().all(|body| body.as_ref().is_ok_and(|b| b == "in")));
    assert_eq!(sign_in.asked(), 1);
    let tokens: Vec<String> = server.complaints().into_iter().filter(|c| c.contains("token")).collect();
    assert_eq!(tokens, Vec::<String>::new());
}

#[tokio::test]
async fn an_expired_token_is_renewed_before_it_is_refused() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /"
        without = ["authorization"]
        status = 401
        headers = ['WWW-Authenticate: Bearer realm="{{base}}/token"']

        [[exchange]]
        request = "GET /token?account=ann"
        body = '{"token":"first","expires_in":0.000001}'

        [[exchange]]
        request = "GET /"
        with = { authorization = "Bearer first" }

        [[exchange]]
        request = "GET /token?account=ann"
        body = '{"token":"second"}'

        [[exchange]]
        request = "GET /"
        with = { authorization = "Bearer second" }
        "#,
    )
    .await;
    let http = http(&server, &Passwords::new(&["pw"]));
    get(&http, "/").await.unwrap();
    get(&http, "/").await.unwrap();
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_revoked_token_is_fetched_again() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /"
        without = ["authorization"]
        status = 401
        headers = ['WWW-Authenticate: Bearer realm="{{base}}/token"']

        [[exchange]]
        request = "GET /token?account=ann"
        body = '{"token":"first"}'

        [[exchange]]
        request = "GET /"
        with = { authorization = "Bearer first" }

        [[exchange]]
        request = "GET /"
        with = { authorization = "Bearer first" }
        status = 401
        headers = ['WWW-Authenticate: Bearer realm="{{base}}/token",error="invalid_token"']

        [[exchange]]
        request = "GET /token?account=ann"
        body = '{"token":"second"}'

        [[exchange]]
        request = "GET /"
        with = { authorization = "Bearer second" }
        body = "in"
        "#,
    )
    .await;
    let http = http(&server, &Passwords::new(&["pw"]));
    get(&http, "/").await.unwrap();
    assert_eq!(get(&http, "/").await.unwrap(), "in");
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_keyring_that_fails_says_so() {
    struct Locked;
    #[async_trait]
    impl SignIn for Locked {
        async fn credential(&self) -> Result<Credential, Failure> {
            Err(Failure::new(FailureKind::Io, "asking the keyring", "it is locked"))
        }
    }
    let server =
        play("request = \"GET /\"\nstatus = 401\nheaders = ['WWW-Authenticate: Basic realm=\"x\"']").await;
    let mut settings = settings(&server.base);
    settings.sign_in = Arc::new(Locked);
    let failure = get(&Http::new(settings), "/").await.unwrap_err();
    assert_eq!(failure.to_string(), "asking the keyring: it is locked");
}
