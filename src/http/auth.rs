//! The sign-in of one connection: what the server asked for, what answers it, and what to try next after a refusal.
//!
//! Invariant: each request tries at most one fresh token and one fresh credential, so a refusal always ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::broken::Broken;
use super::challenge::{self, Challenge};
use super::grant::Grant;
use super::options::Shown;
use super::sign_in::SignIn;
use super::token::Tokens;
use super::{Http, Request, locked};
use crate::domain::{Credential, Failure, FailureKind, Secret};

/// How a server wants to be signed in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthScheme {
    /// It has not asked.
    #[default]
    None,
    /// Username and password with every request.
    Basic,
    /// Tokens from a token server.
    Bearer,
}

/// What is known about the sign-in so far.
pub(super) struct Auth {
    pub(super) sign_in: Arc<dyn SignIn>,
    credential: tokio::sync::Mutex<Option<Credential>>,
    challenge: Mutex<Option<Challenge>>,
    /// Scopes that the server wanted instead of those that we had asked for.
    learned: Mutex<HashMap<String, Vec<String>>>,
    pub(super) tokens: Tokens,
}

/// How far one request has come with its sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// With what was known before.
    First,
    /// As the server has just asked for it.
    Asked,
    /// With a fresh token, for the scopes that the server named.
    FreshToken,
    /// With a credential that was read again.
    FreshCredential,
}

/// What one request is sent with, and how it came to that.
pub(super) struct Round {
    step: Step,
    pub(super) grant: Grant,
    credential: Credential,
    scopes: Vec<String>,
}

impl Round {
    /// Whether a credential stands behind what is sent.
    pub(super) fn is_signed_in(&self) -> bool {
        match self.grant {
            Grant::None => false,
            Grant::Signed => true,
            _ => self.credential != Credential::Anonymous,
        }
    }

    /// What to try when this round was refused with `asked`; nothing when everything was tried.
    fn next_step(&self, asked: &Challenge) -> Option<Step> {
        if matches!(self.credential, Credential::Bearer(_)) {
            // It is sent as it is, however it was asked for.
            return (self.step != Step::FreshCredential).then_some(Step::FreshCredential);
        }
        let as_asked = match asked {
            Challenge::Basic => matches!(self.grant, Grant::Basic { .. }),
            Challenge::Bearer(_) => matches!(self.grant, Grant::Bearer(_)),
        };
        match (self.step, asked) {
            (Step::First, _) if !as_asked => Some(Step::Asked),
            (Step::First, Challenge::Bearer(_)) => Some(Step::FreshToken),
            (Step::Asked, Challenge::Bearer(b)) if wants_others(&b.scopes, &self.scopes) => {
                Some(Step::FreshToken)
            }
            (Step::First | Step::Asked | Step::FreshToken, _) => Some(Step::FreshCredential),
            (Step::FreshCredential, _) => None,
        }
    }
}

/// Whether the server names a scope that the last token was not asked for.
fn wants_others(named: &[String], had: &[String]) -> bool {
    named.iter().any(|scope| !had.contains(scope))
}

impl Auth {
    pub(super) fn new(sign_in: Arc<dyn SignIn>) -> Self {
        Self {
            sign_in,
            credential: tokio::sync::Mutex::default(),
            challenge: Mutex::default(),
            learned: Mutex::default(),
            tokens: Tokens::default(),
        }
    }

    pub(super) fn scheme(&self) -> AuthScheme {
        match *locked(&self.challenge) {
            None => AuthScheme::None,
            Some(Challenge::Basic) => AuthScheme::Basic,
            Some(Challenge::Bearer(_)) => AuthScheme::Bearer,
        }
    }

    /// The credential, asked for if this is the first time or the last one is over.
    async fn credential(&self) -> Result<Credential, Broken> {
        let mut held = self.credential.lock().await;
        if let Some(credential) = held.as_ref().filter(|_| !self.sign_in.is_stale()) {
            return Ok(credential.clone());
        }
        let fresh = self.sign_in.credential().await?;
        *held = Some(fresh.clone());
        Ok(fresh)
    }

    /// The credential as it is now, which from here on is the one that is used.
    pub(super) async fn fresh_credential(&self) -> Result<Credential, Failure> {
        let mut held = self.credential.lock().await;
        let fresh = self.sign_in.credential().await?;
        *held = Some(fresh.clone());
        Ok(fresh)
    }

    /// Another credential than `refused`, if there is one by now.
    async fn other_credential(&self, refused: &Credential) -> Result<Option<Credential>, Broken> {
        let mut held = self.credential.lock().await;
        if let Some(credential) = held.as_ref().filter(|c| *c != refused) {
            return Ok(Some(credential.clone()));
        }
        let fresh = self.sign_in.credential().await?;
        if fresh == *refused {
            return Ok(None);
        }
        self.tokens.clear();
        *held = Some(fresh.clone());
        Ok(Some(fresh))
    }

    /// The scopes to ask for: after a refusal those that the server names; before, what it taught us for the
    /// request's own scope, else that scope.
    fn scopes(&self, request: &Request, step: Step, named: &[String]) -> Vec<String> {
        match &request.scope {
            Some(own) if step != Step::FreshToken || named.is_empty() => {
                locked(&self.learned).get(own).cloned().unwrap_or_else(|| parts(own))
            }
            _ => named.to_vec(),
        }
    }

    /// Remembers the scopes that worked where the request's own did not.
    pub(super) fn learn(&self, request: &Request, round: &Round) {
        if let (Step::FreshToken, Some(own)) = (round.step, &request.scope)
            && round.scopes != parts(own)
        {
            locked(&self.learned).insert(own.clone(), round.scopes.clone());
        }
    }
}

/// The scopes of a request, one by one.
fn parts(scope: &str) -> Vec<String> {
    scope.split(' ').map(str::to_owned).collect()
}

/// Whether an answer asks for another sign-in.
pub(super) fn is_asked(status: StatusCode, headers: &HeaderMap) -> bool {
    let lacks_scope =
        |c| matches!(c, Challenge::Bearer(b) if b.error.as_deref() == Some("insufficient_scope"));
    match status {
        StatusCode::UNAUTHORIZED => true,
        StatusCode::FORBIDDEN => challenge::best(headers).is_some_and(lacks_scope),
        _ => false,
    }
}

impl Http {
    /// The first round: what is known so far. No I/O before the server has asked once.
    pub(super) async fn first_round(&self, request: &Request) -> Result<Round, Broken> {
        let unasked =
            |grant| Round { step: Step::First, grant, credential: Credential::Anonymous, scopes: Vec::new() };
        if self.0.auth.sign_in.signer().is_some() {
            return Ok(unasked(Grant::Signed));
        }
        let known = locked(&self.0.auth.challenge).clone();
        match known.or_else(|| self.offered()) {
            Some(challenge) => self.prepare(request, Step::First, &challenge, None).await,
            None => Ok(unasked(Grant::None)),
        }
    }

    /// What is answered before anything was asked: a password or token, where it goes along always.
    fn offered(&self) -> Option<Challenge> {
        (self.0.settings.shown == Shown::Always).then_some(Challenge::Basic)
    }

    /// The round after one that was refused; nothing when everything was tried.
    pub(super) async fn next_round(
        &self,
        request: &Request,
        last: &Round,
        headers: &HeaderMap,
    ) -> Result<Option<Round>, Broken> {
        // A server that refuses without saying how to sign in is offered the password.
        let asked = challenge::best(headers).unwrap_or(Challenge::Basic);
        *locked(&self.0.auth.challenge) = Some(asked.clone());
        let round = match last.next_step(&asked) {
            None => return Ok(None),
            Some(Step::FreshCredential) => match self.0.auth.other_credential(&last.credential).await? {
                None => return Ok(None),
                Some(other) => self.round(request, Step::FreshCredential, &asked, other, None).await?,
            },
            Some(step) => {
                let refused = match &last.grant {
                    Grant::Bearer(token) => Some(token),
                    _ => None,
                };
                self.prepare(request, step, &asked, refused).await?
            }
        };
        Ok((round.grant != Grant::None).then_some(round))
    }

    /// A round with the kept credential, or with a fresh one when the token server refuses that.
    async fn prepare(
        &self,
        request: &Request,
        step: Step,
        asked: &Challenge,
        refused: Option<&Secret>,
    ) -> Result<Round, Broken> {
        let credential = self.0.auth.credential().await?;
        match self.round(request, step, asked, credential.clone(), refused).await {
            Err(broken) if broken.failure.kind == FailureKind::Unauthorized => {
                match self.0.auth.other_credential(&credential).await? {
                    Some(other) => self.round(request, Step::FreshCredential, asked, other, None).await,
                    None => Err(broken),
                }
            }
            done => done,
        }
    }

    async fn round(
        &self,
        request: &Request,
        step: Step,
        asked: &Challenge,
        credential: Credential,
        refused: Option<&Secret>,
    ) -> Result<Round, Broken> {
        let (grant, scopes) = match (asked, &credential) {
            (Challenge::Basic, _) | (_, Credential::Bearer(_)) => (Grant::password(&credential), Vec::new()),
            (Challenge::Bearer(bearer), _) => {
                let scopes = self.0.auth.scopes(request, step, &bearer.scopes);
                let token = self.token(bearer, &scopes, &credential, refused).await?;
                (Grant::Bearer(token), scopes)
            }
        };
        Ok(Round { step, grant, credential, scopes })
    }
}
