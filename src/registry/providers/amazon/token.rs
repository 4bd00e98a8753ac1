//! The password for a registry's host, from `GetAuthorizationToken`.
//!
//! Source: Amazon ECR user guide, "Private registry authentication": the account `AWS`, valid for 12 hours.
//!
//! Invariant: the password is held by the protocol client alone; here is known only when it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::json;

use super::calls::Calls;
use super::place::Place;
use super::wire::{Authorization, Token};
use crate::domain::{Credential, Failure, FailureKind, Secret};
use crate::http::SignIn;

/// How long a password is good for when the answer names no time that is still to come.
const LIFETIME: i64 = 12 * 3600;
/// How long before its end it is renewed.
const MARGIN: i64 = 300;

/// Asks for a password.
///
/// # Errors
/// What AWS says.
pub(super) async fn ask(calls: &Calls, place: &Place) -> Result<Token, Failure> {
    let doing = format!("getting a password for the registry of {place}");
    let body = place.account().map_or_else(|| json!({}), |account| json!({ "registryIds": [account] }));
    let answer: Authorization = calls.read("GetAuthorizationToken", &body, &doing).await?;
    answer.first().ok_or_else(|| Failure::new(FailureKind::Invalid, doing, "AWS gave none"))
}

/// The sign-in to one registry's host.
pub(super) struct Password {
    calls: Arc<Calls>,
    place: Place,
    /// Seconds since 1970. By the clock of the day, which goes on while a machine sleeps.
    until: AtomicI64,
}

impl Password {
    pub(super) fn new(calls: Arc<Calls>, place: Place) -> Self {
        Self { calls, place, until: AtomicI64::new(i64::MAX) }
    }
}

#[async_trait]
impl SignIn for Password {
    async fn credential(&self) -> Result<Credential, Failure> {
        let token = ask(&self.calls, &self.place).await?;
        self.until.store(end(&token, now()), Ordering::Relaxed);
        read(token)
    }

    fn is_stale(&self) -> bool {
        now() >= self.until.load(Ordering::Relaxed)
    }
}

fn now() -> i64 {
    Timestamp::now().as_second()
}

/// When the password is to be renewed.
fn end(token: &Token, now: i64) -> i64 {
    let named = token.expires_at.map(|t| t.0).filter(|end| *end > now);
    named.unwrap_or(now + LIFETIME) - MARGIN
}

fn read(token: Token) -> Result<Credential, Failure> {
    let bad = |said: &str| Failure::new(FailureKind::Invalid, "reading the registry's password", said);
    let encoded = token.authorization_token.ok_or_else(|| bad("AWS gave none"))?;
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| bad("it is not base64"))?;
    let text = String::from_utf8(bytes).map_err(|_| bad("it is no text"))?;
    let (username, password) = text.split_once(':').ok_or_else(|| bad("there is no colon in it"))?;
    Ok(Credential::Basic { username: username.to_owned(), password: Secret::new(password) })
}

/// What Docker stored for a host, else the password that AWS gives.
pub(super) struct StoredElse {
    stored: Arc<dyn SignIn>,
    other: Arc<dyn SignIn>,
}

impl StoredElse {
    pub(super) fn new(stored: Arc<dyn SignIn>, other: Arc<dyn SignIn>) -> Self {
        Self { stored, other }
    }
}

#[async_trait]
impl SignIn for StoredElse {
    async fn credential(&self) -> Result<Credential, Failure> {
        match self.stored.credential().await? {
            Credential::Anonymous => self.other.credential().await,
            stored => Ok(stored),
        }
    }

    fn is_stale(&self) -> bool {
        self.other.is_stale()
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::Time;
    use super::*;

    fn token(text: &str, expires_at: Option<i64>) -> Token {
        let authorization_token = Some(STANDARD.encode(text));
        Token { authorization_token, expires_at: expires_at.map(Time), proxy_endpoint: None }
    }

    #[test]
    fn a_password_is_an_account_and_a_secret() {
        let Credential::Basic { username, password } = read(token("AWS:pass:word", None)).unwrap() else {
            panic!("it is a password");
        };
        assert_eq!((username.as_str(), password.expose()), ("AWS", "pass:word"));
        assert!(read(token("AWS", None)).unwrap_err().said.contains("colon"));
    }

    #[test]
    fn a_password_is_renewed_before_its_end() {
        assert_eq!(end(&token("AWS:x", Some(10_000)), 1000), 9700);
        assert_eq!(
            end(&token("AWS:x", Some(500)), 1000),
            1000 + 12 * 3600 - 300,
            "a time that is past says nothing"
        );
        assert_eq!(end(&token("AWS:x", None), 0), 12 * 3600 - 300);
    }
}
