//! How a connection signs in: with the token that was typed or stored, or with the one that `gh` keeps.
//!
//! Invariant: `gh` is asked again when its token is refused, and nothing of it is written anywhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::INFO;
use super::address::Addresses;
use crate::domain::connection::FoundSignIn;
use crate::domain::{Credential, Failure, FailureKind};
use crate::http::SignIn;
use crate::registry::opening::{Opening, Surroundings};

/// The choice of a token of one's own.
pub(super) const TOKEN: &str = "token";
/// The choice of what `gh auth login` keeps.
pub(super) const GH: &str = "gh";

/// The name that goes with a token to the registry where none is known: any will do.
const ANYBODY: &str = "token";

/// The sign-in of a connection.
pub(super) fn of(opening: &Opening, addresses: &Addresses) -> Arc<dyn SignIn> {
    if opening.setting("sign_in") != Some(GH) {
        return Arc::clone(&opening.sign_in);
    }
    Arc::new(Gh {
        surroundings: Arc::clone(&opening.surroundings),
        host: addresses.host().to_owned(),
        username: opening.connection.username.clone(),
    })
}

/// The sign-in of `gh`, where it has one for github.com.
pub fn find(surroundings: &dyn Surroundings) -> BoxFuture<'_, Vec<FoundSignIn>> {
    async move {
        let asked = surroundings.ask("gh", &["auth", "token", "--hostname", "github.com"]).await;
        if !matches!(asked, Ok(Some(_))) {
            return Vec::new();
        }
        let settings = BTreeMap::from([("sign_in".to_owned(), GH.to_owned())]);
        let (host, source) = ("ghcr.io".to_owned(), "gh auth token".to_owned());
        vec![FoundSignIn { host, username: None, source, provider: Some(INFO.id), settings }]
    }
    .boxed()
}

struct Gh {
    surroundings: Arc<dyn Surroundings>,
    host: String,
    username: String,
}

#[async_trait]
impl SignIn for Gh {
    async fn credential(&self) -> Result<Credential, Failure> {
        let asked = self.surroundings.ask("gh", &["auth", "token", "--hostname", &self.host]).await?;
        let Some(password) = asked else {
            let said = "gh is not installed, or has no token; run “gh auth login --scopes read:packages”";
            return Err(Failure::new(FailureKind::Unauthorized, "asking gh for a sign-in", said));
        };
        let username = if self.username.is_empty() { ANYBODY.to_owned() } else { self.username.clone() };
        Ok(Credential::Basic { username, password })
    }
}
