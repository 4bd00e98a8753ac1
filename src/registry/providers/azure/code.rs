//! A sign-in by a code that a person types at Microsoft's page.
//!
//! Sources: RFC 8628; "Microsoft identity platform and the OAuth 2.0 device authorization grant flow", whose
//! `authorization_declined` stands for `access_denied`.
//!
//! Invariant: the code is on the screen for exactly as long as it is waited for, however the waiting ends.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::entra::Entra;
use super::refusal;
use super::token::{Answer, SIGNING_IN, Token, read};
use crate::domain::extra::SignInCode;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::Observer;

/// How much longer is waited after `slow_down` (RFC 8628, section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// The shortest pause between two questions.
const SHORTEST: Duration = Duration::from_millis(200);

/// What the authority gives for the asking.
#[derive(Deserialize)]
struct Given {
    device_code: String,
    user_code: String,
    verification_uri: String,
    #[serde(default)]
    message: String,
    expires_in: u64,
    interval: Option<u64>,
}

/// Asks a person for a sign-in, where a code is the way and none that works is kept.
///
/// # Errors
/// `Unauthorized` when it was declined or has expired; what the transport may say.
pub(super) async fn sign_in(entra: &Entra) -> Result<(), Failure> {
    if !entra.is_by_code() {
        return Ok(());
    }
    match entra.token(None, None).await {
        Err(failure) if failure.kind == FailureKind::Unauthorized => {}
        other => return other.map(|_| ()),
    }
    let token = ask(entra).await?;
    entra.keep(token).await;
    Ok(())
}

/// Asks for a code, shows it, and waits until it was typed.
async fn ask(entra: &Entra) -> Result<Token, Failure> {
    let form = [("client_id", entra.client()), ("scope", &entra.code_scope())];
    let reply = entra.post_for_code("devicecode", &form).await?;
    if !reply.status.is_success() {
        return match read(&reply)? {
            answer if answer.error.is_some() => Err(refusal::of_entra(&answer)),
            _ => Err(reply.failure(SIGNING_IN)),
        };
    }
    let given: Given = reply.json(SIGNING_IN)?;
    let _shown = Shown::new(&*entra.opening.observer, &given);
    wait(entra, &given).await
}

async fn wait(entra: &Entra, given: &Given) -> Result<Token, Failure> {
    let ends = Instant::now() + Duration::from_secs(given.expires_in);
    let mut pause = Duration::from_secs(given.interval.unwrap_or(5)).max(SHORTEST);
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", entra.client()),
        ("device_code", &given.device_code),
    ];
    while Instant::now() + pause < ends {
        tokio::time::sleep(pause).await;
        let answer = read(&entra.post_for_code("token", &form).await?)?;
        match said(&answer) {
            Said::Wait => {}
            Said::Slower => pause += SLOWER,
            Said::Over(why) => return Err(Failure::new(FailureKind::Unauthorized, SIGNING_IN, why)),
            Said::Settled => return entra.take(answer).await,
        }
    }
    Err(Failure::new(FailureKind::Unauthorized, SIGNING_IN, EXPIRED))
}

const EXPIRED: &str = "the code has expired before it was typed; begin again for another";
const DECLINED: &str = "the sign-in was declined at Microsoft's page";

/// What an answer means for the waiting.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Wait,
    Slower,
    Over(&'static str),
    /// A token, or a refusal of another kind.
    Settled,
}

fn said(answer: &Answer) -> Said {
    match answer.error.as_deref() {
        Some("authorization_pending") => Said::Wait,
        Some("slow_down") => Said::Slower,
        Some("expired_token" | "code_expired") => Said::Over(EXPIRED),
        Some("access_denied" | "authorization_declined") => Said::Over(DECLINED),
        _ => Said::Settled,
    }
}

/// A code on the screen; taken off when dropped.
struct Shown<'a>(&'a dyn Observer);

impl<'a> Shown<'a> {
    fn new(observer: &'a dyn Observer, given: &Given) -> Self {
        observer.sign_in_code(Some(&SignInCode {
            code: visible(&given.user_code).into_owned(),
            page: visible(&given.verification_uri).into_owned(),
            said: visible(&given.message).into_owned(),
        }));
        Self(observer)
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        self.0.sign_in_code(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_authority_is_known() {
        let says = |error: &str| said(&Answer { error: Some(error.to_owned()), ..Answer::default() });
        assert_eq!(says("authorization_pending"), Said::Wait);
        assert_eq!(says("slow_down"), Said::Slower);
        for word in ["expired_token", "code_expired"] {
            assert_eq!(says(word), Said::Over(EXPIRED), "{word}");
        }
        for word in ["access_denied", "authorization_declined"] {
            assert_eq!(says(word), Said::Over(DECLINED), "{word}");
        }
        assert_eq!(says("invalid_grant"), Said::Settled);
        assert_eq!(said(&Answer::default()), Said::Settled);
    }
}
