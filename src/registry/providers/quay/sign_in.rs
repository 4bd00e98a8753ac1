//! Who signs in: with an OAuth token, which the API and, under the name `$oauthtoken`, the registry take; with a
//! robot's, a person's or an application's password, which the registry alone takes; or nobody.
//!
//! Source: quay/quay `auth/credentials.py`. A person's name may go with a password or with an OAuth token: the registry
//! is asked once which it is.
//!
//! Invariant: the API is shown OAuth tokens alone.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OnceCell;

use crate::domain::{Credential, Failure, FailureKind, Secret};
use crate::http::{FixedSignIn, SignIn};
use crate::registry::Opening;

/// The name under which the registry takes an OAuth token.
pub(super) const OAUTH_USER: &str = "$oauthtoken";

/// What the connection's sign-in is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Nobody signs in; what is public can be seen by both ways.
    Anonymous,
    /// API and registry.
    OAuth,
    /// The registry alone.
    Registry,
}

/// The connection's sign-in.
pub(super) struct Account {
    opening: Opening,
    access: OnceCell<Access>,
}

impl Account {
    pub(super) fn new(opening: &Opening) -> Arc<Self> {
        Arc::new(Self { opening: opening.clone(), access: OnceCell::new() })
    }

    /// What the sign-in is good for; found out once.
    pub(super) async fn access(&self) -> Result<Access, Failure> {
        self.access.get_or_try_init(|| self.find_out()).await.copied()
    }

    /// The sign-in as it was typed or stored.
    pub(super) async fn own(&self) -> Result<Credential, Failure> {
        self.opening.sign_in.credential().await
    }

    async fn find_out(&self) -> Result<Access, Failure> {
        let (username, token) = match self.own().await? {
            Credential::Anonymous => return Ok(Access::Anonymous),
            Credential::IdentityToken(_) | Credential::Bearer(_) => return Ok(Access::Registry),
            Credential::Basic { username, password } => (username, password),
        };
        if username == OAUTH_USER {
            return Ok(Access::OAuth);
        }
        let is_robot_or_application = username.contains('+') || username.starts_with('$');
        if is_robot_or_application {
            return Ok(Access::Registry);
        }
        let as_oauth = Arc::new(FixedSignIn(oauth(token)));
        let registry = self.opening.distribution_at(&self.opening.connection.url, as_oauth)?;
        match registry.ping().await {
            Ok(server) if server.signed_in => Ok(Access::OAuth),
            Ok(_) => Ok(Access::Registry),
            Err(failure) if failure.kind == FailureKind::Unauthorized => Ok(Access::Registry),
            Err(failure) => Err(failure),
        }
    }
}

fn oauth(token: Secret) -> Credential {
    Credential::Basic { username: OAUTH_USER.to_owned(), password: token }
}

/// The sign-in at the registry.
pub(super) struct AtRegistry(pub(super) Arc<Account>);

#[async_trait]
impl SignIn for AtRegistry {
    async fn credential(&self) -> Result<Credential, Failure> {
        let access = self.0.access().await?;
        Ok(match self.0.own().await? {
            Credential::Basic { password, .. } if access == Access::OAuth => oauth(password),
            other => other,
        })
    }
}

/// The sign-in at the API.
pub(super) struct AtApi {
    pub(super) account: Arc<Account>,
    /// What of the sign-in may be shown there.
    pub(super) kept: Arc<dyn SignIn>,
}

#[async_trait]
impl SignIn for AtApi {
    async fn credential(&self) -> Result<Credential, Failure> {
        let access = self.account.access().await?;
        Ok(match self.kept.credential().await? {
            Credential::Basic { password, .. } if access == Access::OAuth => Credential::Bearer(password),
            _ => Credential::Anonymous,
        })
    }
}
