//! The sign-in to one registry: a token of Entra, exchanged for the registry's refresh token.
//!
//! Source: Azure/acr, "Azure Container Registry integration with Microsoft Entra ID" (`docs/AAD-OAuth.md`): the refresh
//! token is the password of the account of all zeros, for Docker and for `/oauth2/token` alike.
//!
//! Invariant: a token of Entra is shown only to a registry that the resource manager has told of, or whose host is of
//! the same cloud.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use serde::Deserialize;

use super::arm::Arm;
use super::claims::Claims;
use super::entra::form_request;
use super::refusal;
use super::token::now;
use crate::domain::{Credential, Failure, FailureKind, Secret};
use crate::http::{FixedSignIn, Limit, SignIn};
use crate::registry::Api;

/// The account that a registry's refresh token goes with.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
/// How long a refresh token lives that does not say it, and how long before its end it is renewed, in seconds.
const LIFETIME: i64 = 3 * 3600;
const EARLY: i64 = 300;

/// Signs in to one registry with the account's tokens.
pub(super) struct ForRegistry {
    arm: Arc<Arm>,
    /// The registry, without a sign-in.
    api: Api,
    /// Host and port, as Azure calls it.
    server: String,
    /// The subscription that it lies in; nothing where it is the connection's only registry.
    subscription: Option<String>,
    /// Seconds since 1970.
    until: AtomicI64,
}

impl ForRegistry {
    /// Makes it. No I/O.
    ///
    /// # Errors
    /// `Invalid` when the address cannot be read.
    pub(super) fn new(arm: Arc<Arm>, server: &str, subscription: Option<&str>) -> Result<Self, Failure> {
        let url = arm.entra.cloud.registry(server);
        let api = arm.entra.opening.api(&url, Arc::new(FixedSignIn(Credential::Anonymous)))?;
        Ok(Self {
            arm,
            api,
            server: server.to_owned(),
            subscription: subscription.map(str::to_owned),
            until: AtomicI64::new(i64::MAX),
        })
    }

    /// The tenant that the registry trusts, where it is known.
    async fn tenant(&self) -> Result<Option<String>, Failure> {
        if let Some(subscription) = &self.subscription {
            return Ok(self.arm.registry(subscription, &self.server).await?.tenant);
        }
        if !self.arm.entra.cloud.serves(&self.server) {
            let said = "its host is none of this cloud's registries, so it is not shown the account's token; sign in with “registry login”";
            return Err(Failure::new(FailureKind::Invalid, self.doing(), said));
        }
        Ok(None)
    }

    async fn exchange(&self, tenant: Option<&str>, token: &Secret) -> Result<Secret, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            refresh_token: String,
        }
        let doing = self.doing();
        let own = tenant.map(str::to_owned).or_else(|| Claims::of(token.expose()).tid);
        let mut form = vec![("grant_type", "access_token"), ("service", &self.server)];
        form.extend(own.as_deref().map(|tenant| ("tenant", tenant)));
        form.push(("access_token", token.expose()));
        let request = form_request(self.api.url(&["oauth2", "exchange"], &[]), &doing, &form);
        let reply = self.api.http().fetch(&request, Limit::TOKEN).await?;
        if reply.status.is_success() {
            let answer: Answer = reply.json(&doing)?;
            return Ok(Secret::new(answer.refresh_token));
        }
        let failure = refusal::explained(reply.failure(&doing));
        Err(match failure.kind {
            FailureKind::Unauthorized => {
                let said = format!(
                    "{}; the registry takes no sign-in of this account: it needs the role AcrPull there, the registry's own tenant, and tokens of the resource manager must be allowed",
                    failure.said
                );
                Failure { said, ..failure }
            }
            _ => failure,
        })
    }

    fn doing(&self) -> String {
        format!("signing in to {}", self.server)
    }
}

#[async_trait]
impl SignIn for ForRegistry {
    async fn credential(&self) -> Result<Credential, Failure> {
        let tenant = self.tenant().await?;
        let entra = &self.arm.entra;
        let token = entra.token(tenant.as_deref(), None).await?;
        let password = match self.exchange(tenant.as_deref(), &token).await {
            // It may have been revoked; another is tried once.
            Err(failure) if failure.kind == FailureKind::Unauthorized => {
                let other = entra.token(tenant.as_deref(), Some(&token)).await?;
                if other == token {
                    return Err(failure);
                }
                self.exchange(tenant.as_deref(), &other).await?
            }
            exchanged => exchanged?,
        };
        let until = Claims::of(password.expose()).exp.unwrap_or_else(|| now() + LIFETIME) - EARLY;
        self.until.store(until, Ordering::Relaxed);
        Ok(Credential::Basic { username: NOBODY.to_owned(), password })
    }

    fn is_stale(&self) -> bool {
        now() >= self.until.load(Ordering::Relaxed)
    }
}
