//! Asking the credential helpers that an auth file names.
//!
//! Invariant: a helper that the file says nothing of for this host cannot turn an anonymous visit into a failure.

use super::Found;
use super::auth_file::{AuthFile, signed_in};
use super::keys;
use crate::domain::connection::FoundSignIn;
use crate::domain::{Credential, Failure};
use crate::store::Env;
use crate::store::credential_helper::CredentialHelper;

/// What the file's helper has for `wanted` (normalised).
pub(super) async fn ask(
    env: &Env,
    file: &AuthFile,
    wanted: &str,
) -> Result<Option<(Credential, String)>, Failure> {
    let Some(name) = file.helper(wanted) else { return Ok(None) };
    match ask_by_keys(env, file, name, wanted).await {
        Err(failure) if !file.promises(wanted) => {
            tracing::warn!(%failure, "a credential helper is left out");
            Ok(None)
        }
        answer => answer.map(|found| Some((found?, file.helper_source(name)))),
    }
}

async fn ask_by_keys(
    env: &Env,
    file: &AuthFile,
    name: &str,
    wanted: &str,
) -> Result<Option<Credential>, Failure> {
    let helper =
        CredentialHelper::find(env, name).ok_or_else(|| CredentialHelper::missing(name, file.shown()))?;
    let mut servers = file.keys(wanted);
    servers.extend(keys::helper_keys(wanted));
    for (at, server) in servers.iter().enumerate() {
        let is_new = !servers.iter().take(at).any(|earlier| earlier == server);
        if is_new && let Some((username, secret)) = helper.get(server).await? {
            return Ok(Some(signed_in(username, secret)));
        }
    }
    Ok(None)
}

/// Every host in the file's helper for all hosts.
pub(super) async fn list(env: &Env, file: &AuthFile) -> Found {
    let Some(name) = file.store() else { return Found::default() };
    let Some(helper) = CredentialHelper::find(env, name) else {
        return Found { sign_ins: Vec::new(), warnings: vec![CredentialHelper::missing(name, file.shown())] };
    };
    match helper.list().await {
        Ok(servers) => {
            let source = file.helper_source(name);
            let sign_ins = servers.into_iter().filter_map(|(server, username)| {
                let username = Some(username).filter(|u| !u.is_empty() && !u.starts_with('<'));
                Some(FoundSignIn::stored(keys::normalised(&server)?, username, source.clone()))
            });
            Found { sign_ins: sign_ins.collect(), warnings: Vec::new() }
        }
        Err(failure) => Found { sign_ins: Vec::new(), warnings: vec![failure] },
    }
}
