//! The sign-in of the web API: a login that gives a token for a few minutes.
//!
//! `POST /v2/auth/token` by the contract, `POST /v2/users/login` where that is not known. Which of the two tells that a
//! second factor is wanted is said of the older one alone, so a refusal by the newer is looked at with the older too.
//!
//! Invariant: the password goes to these two addresses at the API's own host and nowhere else; every call logs in
//! anew, so a token that was refused is never handed out again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::domain::{Credential, Failure, FailureKind, Secret};
use crate::http::header::HeaderValue;
use crate::http::{Limit, Method, Reply, Request, SignIn};
use crate::registry::Api;

/// What a failure of the login opens with.
pub(super) const SIGNING_IN: &str = "signing in to Docker Hub";

/// How long a token lives that does not say so (contract: "expires in 10 minutes").
const UNSAID: Duration = Duration::from_secs(600);
/// How long before its end a token is renewed.
const EARLY: Duration = Duration::from_secs(30);

/// Signs in to the API with the connection's credential.
pub(super) struct HubSignIn {
    /// The API without a sign-in.
    api: Api,
    own: Arc<dyn SignIn>,
    renew_at: Mutex<Option<Instant>>,
}

impl HubSignIn {
    pub(super) fn new(api: Api, own: Arc<dyn SignIn>) -> Self {
        Self { api, own, renew_at: Mutex::default() }
    }

    fn renew_at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.renew_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn log_in(&self, username: &str, secret: &Secret) -> Result<Secret, Failure> {
        let body = json!({ "identifier": username, "secret": secret.expose() });
        let first = self.post(&["v2", "auth", "token"], &body).await?;
        if first.status.is_success() {
            return token(&first);
        }
        let may_be_told_more = matches!(first.status.as_u16(), 401 | 403 | 404 | 405);
        if !may_be_told_more || wants_second_factor(&first) {
            return Err(refusal(first));
        }
        let body = json!({ "username": username, "password": secret.expose() });
        let second = self.post(&["v2", "users", "login"], &body).await?;
        if second.status.is_success() {
            return token(&second);
        }
        let knows_it = !matches!(second.status.as_u16(), 404 | 405);
        Err(refusal(if knows_it { second } else { first }))
    }

    async fn post(&self, path: &[&str], body: &Value) -> Result<Reply, Failure> {
        let request = Request::new(Method::POST, self.api.url(path, &[]), SIGNING_IN)
            .accept("application/json")
            .body(HeaderValue::from_static("application/json"), Bytes::from(body.to_string()))
            .within_host();
        self.api.http().fetch(&request, Limit::TOKEN).await
    }
}

#[async_trait]
impl SignIn for HubSignIn {
    async fn credential(&self) -> Result<Credential, Failure> {
        let (username, secret) = match self.own.credential().await? {
            Credential::Anonymous => return Ok(Credential::Anonymous),
            Credential::Basic { username, password } => (username, password),
            Credential::IdentityToken(_) | Credential::Bearer(_) => return Err(for_the_registry_alone()),
        };
        let token = self.log_in(&username, &secret).await?;
        *self.renew_at() = Some(Instant::now() + lifetime(&token).saturating_sub(EARLY));
        Ok(Credential::Bearer(token))
    }

    fn is_stale(&self) -> bool {
        self.renew_at().is_some_and(|at| at <= Instant::now())
    }
}

fn for_the_registry_alone() -> Failure {
    let said =
        "the sign-in that Docker stored is for the registry alone; type a username and a token for the rest";
    Failure::new(FailureKind::Unsupported, SIGNING_IN, said)
}

/// `access_token` of the newer login, `token` of the older one.
fn token(reply: &Reply) -> Result<Secret, Failure> {
    #[derive(Deserialize)]
    struct Body {
        access_token: Option<String>,
        token: Option<String>,
    }
    let body: Body = reply.json(SIGNING_IN)?;
    let token = body.access_token.or(body.token).filter(|t| !t.is_empty());
    token
        .map(Secret::new)
        .ok_or_else(|| Failure::new(FailureKind::Invalid, SIGNING_IN, "the answer holds no token"))
}

fn wants_second_factor(reply: &Reply) -> bool {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let detail = text("detail").to_ascii_lowercase();
    !text("login_2fa_token").is_empty() || detail.contains("secondary authentication")
}

fn refusal(reply: Reply) -> Failure {
    if wants_second_factor(&reply) {
        let said = "this account has two-factor authentication, so its password is not enough; type a personal \
                    access token instead (hub.docker.com, Account settings, Personal access tokens)";
        return Failure::new(FailureKind::Unauthorized, SIGNING_IN, said);
    }
    Reply { signed_in: true, ..reply }.failure(SIGNING_IN)
}

/// How long a token lives from now: by its own clock, where it tells when it was made.
fn lifetime(token: &Secret) -> Duration {
    #[derive(Deserialize)]
    struct Claims {
        exp: Option<u64>,
        iat: Option<u64>,
    }
    let read = || {
        let payload = token.expose().split('.').nth(1)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        let claims: Claims = serde_json::from_slice(&bytes).ok()?;
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        Some(Duration::from_secs(claims.exp?.saturating_sub(claims.iat.unwrap_or_else(now))))
    };
    read().unwrap_or(UNSAID)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &Value) -> Secret {
        Secret::new(format!("e30.{}.s", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string())))
    }

    #[test]
    fn a_tokens_life_is_told_by_its_own_clock() {
        assert_eq!(lifetime(&jwt(&json!({ "iat": 1000, "exp": 1300 }))).as_secs(), 300);
        assert_eq!(lifetime(&jwt(&json!({ "exp": 5 }))).as_secs(), 0);
        for odd in ["", "opaque", "a.b.c", "a.!.c"] {
            assert_eq!(lifetime(&Secret::new(odd)), UNSAID, "{odd}");
        }
        assert_eq!(lifetime(&jwt(&json!({ "iat": 1000 }))), UNSAID);
    }
}
