//! Where a connection's sign-in comes from: the `az` tool, a code that is typed elsewhere, a service principal, or one
//! registry's own password.
//!
//! Invariant: nothing is asked before a token is needed.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use super::INFO;
use super::claims::Claims;
use super::principal::Principal;
use super::token::Token;
use crate::domain::connection::FoundSignIn;
use crate::domain::{Failure, FailureKind, Secret};
use crate::registry::{Opening, Surroundings};

/// The choices of the form.
pub(super) const CHOICES: &[&str] = &[AZ, CODE, PRINCIPAL, REGISTRY];
const AZ: &str = "az";
const CODE: &str = "device code";
const PRINCIPAL: &str = "service principal";
const REGISTRY: &str = "registry login";

const ASKING_AZ: &str = "asking az for a sign-in";

/// Where a sign-in comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// What `az login` keeps.
    Az,
    /// A code that a person types at Microsoft's page; the refresh token that it brought is kept.
    Code,
    /// An application with its secret or certificate, typed or from the environment.
    Principal,
    /// The registry's own: its admin user, a token of a scope map, what Docker stored.
    Registry,
}

impl Source {
    /// The one that was chosen; else the one that what was typed is for.
    pub(super) fn of(opening: &Opening, is_one_registry: bool) -> Self {
        match opening.setting("sign_in") {
            Some(AZ) => Self::Az,
            Some(CODE) => Self::Code,
            Some(PRINCIPAL) => Self::Principal,
            Some(REGISTRY) => Self::Registry,
            _ if is_one_registry => Self::Registry,
            _ if !opening.connection.username.is_empty() => Self::Principal,
            _ if Principal::of_environment(&*opening.surroundings).is_some() => Self::Principal,
            _ => Self::Az,
        }
    }
}

/// The sign-ins that are on this machine: that of `az`, and the environment's service principal.
pub fn find(surroundings: &dyn Surroundings) -> BoxFuture<'_, Vec<FoundSignIn>> {
    async move {
        let found = |username: Option<String>, source: &str, sign_in: &str| FoundSignIn {
            host: super::cloud::EVERYWHERE.trim_start_matches("https://").to_owned(),
            username,
            source: source.to_owned(),
            provider: Some(INFO.id),
            settings: BTreeMap::from([("sign_in".to_owned(), sign_in.to_owned())]),
        };
        let of_az = az_account(surroundings).await.map(|_| found(None, "az login", AZ));
        let of_variables = Principal::of_environment(surroundings)
            .map(|named| found(Some(named.client), "AZURE_CLIENT_ID", PRINCIPAL));
        of_az.into_iter().chain(of_variables).collect()
    }
    .boxed()
}

async fn az_account(surroundings: &dyn Surroundings) -> Option<Secret> {
    surroundings.ask("az", &["account", "show", "--output", "json"]).await.ok()?
}

/// The token of `az` for `resource`, of a tenant or of the one that `az` is set to.
///
/// # Errors
/// `Unauthorized` with what `az` says, or when it is not there; `Invalid` when it prints something else.
pub(super) async fn az_token(
    surroundings: &dyn Surroundings,
    resource: &str,
    tenant: Option<&str>,
) -> Result<Token, Failure> {
    #[derive(Deserialize)]
    struct Printed {
        #[serde(rename = "accessToken")]
        token: String,
        expires_on: Option<i64>,
    }
    let mut arguments = vec!["account", "get-access-token", "--resource", resource, "--output", "json"];
    if let Some(tenant) = tenant {
        arguments.extend(["--tenant", tenant]);
    }
    let said = "the az tool is not installed; install it and run “az login”, or choose another sign-in";
    let absent = || Failure::new(FailureKind::Unauthorized, ASKING_AZ, said);
    let printed = surroundings.ask("az", &arguments).await?.ok_or_else(absent)?;
    let odd = |_| Failure::new(FailureKind::Invalid, ASKING_AZ, "it printed something else than a token");
    let Printed { token, expires_on } = serde_json::from_str(printed.expose()).map_err(odd)?;
    let until = expires_on.or_else(|| Claims::of(&token).exp).unwrap_or(i64::MAX);
    Ok(Token { secret: Secret::new(token), until })
}
