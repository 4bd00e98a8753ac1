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
use crate::http::{FixedSignIn, SignIn};
use crate::registry::opening::{Opening, Surroundings};

/// The choice of a token of one's own.
pub(super) const TOKEN: &str = "token";
/// The choice of what `gh auth login` keeps.
pub(super) const GH: &str = "gh";

/// The name that goes with a token to the registry where none is known: any will do.
const ANYBODY: &str = "token";

/// What the API is shown.
pub(super) fn at_api(opening: &Opening, addresses: &Addresses) -> Arc<dyn SignIn> {
    by_gh(opening, addresses)
        .unwrap_or_else(|| opening.sign_in_at(&addresses.api, addresses.home().as_deref()))
}

/// What the registry is shown: of `gh` only when it belongs to the host that `gh` is asked about.
pub(super) fn at_registry(opening: &Opening, addresses: &Addresses) -> Arc<dyn SignIn> {
    match by_gh(opening, addresses) {
        Some(by_gh) if addresses.has_own_registry() => by_gh,
        Some(_) => Arc::new(FixedSignIn(Credential::Anonymous)),
        None => Arc::clone(&opening.sign_in),
    }
}

fn by_gh(opening: &Opening, addresses: &Addresses) -> Option<Arc<dyn SignIn>> {
    let surroundings = Arc::clone(&opening.surroundings);
    let (host, username) = (addresses.host().to_owned(), opening.connection.username.clone());
    let by_gh = || Arc::new(Gh { surroundings, host, username }) as Arc<dyn SignIn>;
    (opening.setting("sign_in") == Some(GH)).then(by_gh)
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
