//! Signing in: Basic, and bearer tokens with their scopes and their end.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;
use tagalong::demo::{Auth, Settings};
use tagalong::domain::{Secret, media};

use crate::talk::{Talk, assert_refused, header};

async fn guarded(auth: Auth) -> Talk {
    let talk = Talk::with(Settings { auth, ..Settings::default() }).await;
    let digest = talk.server.store().put_manifest("a/b", media::OCI_MANIFEST, "{}");
    assert!(talk.server.store().tag("a/b", "x", &digest));
    talk
}

fn tokens(lifetime: u64, anonymous_pull: bool) -> Auth {
    Auth::Token {
        user: "ada".into(),
        password: Secret::new("engine"),
        lifetime: Duration::from_secs(lifetime),
        anonymous_pull,
    }
}

impl Talk {
    async fn with_token(&self, method: Method, path: &str, token: &str) -> Response {
        self.ask(method, path).bearer_auth(token).send().await.unwrap()
    }

    /// Asks the token endpoint as `ada`.
    async fn token(&self, query: &str) -> Value {
        let request = self.ask(Method::GET, &format!("/token?service=tagalong-demo&{query}"));
        let response = request.basic_auth("ada", Some("engine")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }
}

#[tokio::test]
async fn basic_wants_the_right_password() {
    let talk = guarded(Auth::basic("ada", "engine:1")).await;
    for path in ["/v2/", "/v2/_catalog", "/v2/a/b/manifests/x"] {
        let response = talk.get(path).await;
        assert_eq!(header(&response, "www-authenticate"), Some("Basic realm=\"tagalong-demo\""));
        assert_refused(response, 401, "UNAUTHORIZED").await;
        let sign_in = |password| talk.ask(Method::GET, path).basic_auth("ada", Some(password)).send();
        assert_eq!(sign_in("wrong").await.unwrap().status(), 401);
        assert_eq!(sign_in("engine:1").await.unwrap().status(), 200);
    }
    assert_eq!(talk.get("/token").await.status(), 401);
}

#[tokio::test]
async fn a_challenge_says_where_to_get_what_token() {
    let talk = guarded(Auth::token("ada", "engine")).await;
    let realm = format!("Bearer realm=\"{}/token\",service=\"tagalong-demo\"", talk.server.url());
    for (method, path, scope) in [
        (Method::GET, "/v2/", ""),
        (Method::GET, "/v2/_catalog", ",scope=\"registry:catalog:*\""),
        (Method::GET, "/v2/a/b/tags/list", ",scope=\"repository:a/b:pull\""),
        (Method::POST, "/v2/a/b/blobs/uploads/", ",scope=\"repository:a/b:pull,push\""),
        (Method::DELETE, "/v2/a/b/manifests/x", ",scope=\"repository:a/b:delete\""),
    ] {
        let response = talk.ask(method, path).send().await.unwrap();
        assert_eq!(header(&response, "www-authenticate"), Some(format!("{realm}{scope}").as_str()));
        assert_refused(response, 401, "UNAUTHORIZED").await;
    }
}

#[tokio::test]
async fn a_token_opens_what_its_scope_names() {
    let talk = guarded(Auth::token("ada", "engine")).await;
    let told = talk.token("scope=repository:a/b:pull&scope=registry:catalog:*").await;
    assert_eq!((&told["token"], &told["expires_in"]), (&told["access_token"], &Value::from(300)));
    assert_eq!(told["scope"], "repository:a/b:pull registry:catalog:*");
    let token = told["token"].as_str().unwrap();
    for path in ["/v2/", "/v2/_catalog", "/v2/a/b/manifests/x"] {
        assert_eq!(talk.with_token(Method::GET, path, token).await.status(), 200, "{path}");
    }
    for (method, path) in [(Method::GET, "/v2/other/tags/list"), (Method::DELETE, "/v2/a/b/manifests/x")] {
        let response = talk.with_token(method, path, token).await;
        assert!(header(&response, "www-authenticate").unwrap().ends_with(",error=\"insufficient_scope\""));
        assert_eq!(response.status(), 401);
    }
}

#[tokio::test]
async fn a_token_ends() {
    let talk = guarded(tokens(0, false)).await;
    let told = talk.token("scope=repository:a/b:pull").await;
    let response = talk.with_token(Method::GET, "/v2/a/b/tags/list", told["token"].as_str().unwrap()).await;
    assert!(header(&response, "www-authenticate").unwrap().ends_with(",error=\"invalid_token\""));
    assert_eq!(response.status(), 401);
}

#[tokio::test]
async fn a_wrong_password_gets_no_token() {
    let talk = guarded(tokens(60, true)).await;
    let wrong = talk.ask(Method::GET, "/token?scope=repository:a/b:pull").basic_auth("ada", Some("wrong"));
    assert_refused(wrong.send().await.unwrap(), 401, "UNAUTHORIZED").await;
    let closed = guarded(tokens(60, false)).await;
    assert_refused(closed.get("/token?scope=repository:a/b:pull").await, 401, "UNAUTHORIZED").await;
}

#[tokio::test]
async fn anybody_may_pull_where_that_is_allowed() {
    let talk = guarded(tokens(60, true)).await;
    let told = talk.json("/token?scope=repository:a/b:pull,push&scope=registry:catalog:*").await;
    assert_eq!(told["scope"], "repository:a/b:pull");
    let token = told["token"].as_str().unwrap();
    assert_eq!(talk.with_token(Method::GET, "/v2/a/b/tags/list", token).await.status(), 200);
    assert_eq!(talk.with_token(Method::POST, "/v2/a/b/blobs/uploads/", token).await.status(), 401);
}

#[tokio::test]
async fn a_refresh_token_is_as_good_as_the_password() {
    let talk = guarded(tokens(60, true)).await;
    let post =
        async |form: &[(&str, &str)]| talk.ask(Method::POST, "/token").form(form).send().await.unwrap();
    let password = [
        ("grant_type", "password"),
        ("service", "tagalong-demo"),
        ("username", "ada"),
        ("password", "engine"),
        ("access_type", "offline"),
        ("scope", "repository:a/b:pull repository:c:pull"),
    ];
    let told: Value = post(&password).await.json().await.unwrap();
    assert_eq!(told["scope"], "repository:a/b:pull repository:c:pull");
    let refresh = told["refresh_token"].as_str().unwrap();
    let again =
        [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", "repository:a/b:delete")];
    let told: Value = post(&again).await.json().await.unwrap();
    assert_eq!(told["refresh_token"], Value::Null);
    let token = told["access_token"].as_str().unwrap();
    assert_eq!(talk.with_token(Method::DELETE, "/v2/a/b/manifests/x", token).await.status(), 202);
    let forged =
        [("grant_type", "refresh_token"), ("refresh_token", "forged"), ("scope", "repository:a/b:pull")];
    assert_eq!(post(&forged).await.status(), 401);
}

#[tokio::test]
async fn a_mount_needs_the_right_to_read_the_source() {
    let talk = guarded(Auth::token("ada", "engine")).await;
    let digest = talk.server.store().put_blob("secret", "x");
    let path = format!("/v2/a/b/blobs/uploads/?mount={digest}&from=secret");
    let push = talk.token("scope=repository:a/b:pull,push").await;
    let response = talk.with_token(Method::POST, &path, push["token"].as_str().unwrap()).await;
    assert_eq!(response.status(), 202);
    let both = talk.token("scope=repository:a/b:pull,push&scope=repository:secret:pull").await;
    let response = talk.with_token(Method::POST, &path, both["token"].as_str().unwrap()).await;
    assert_eq!(response.status(), 201);
}
