//! Secrets in the credential helper that Docker is configured with.
//!
//! Invariant: our entries cannot be taken for those of a registry, nor the other way round: their host lies below
//! `.invalid`, which no registry can have (RFC 2606).

use crate::domain::{Connection, ConnectionId, Failure, Secret};
use crate::store::Env;
use crate::store::credential_helper::{CredentialHelper, OWN_DOMAIN};
use crate::store::signins;

/// `https://<id>.tagalong.invalid`; an id that is no host name is written in hex.
fn server(id: &ConnectionId) -> String {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if id.0.bytes().all(is_plain) {
        format!("https://{id}{OWN_DOMAIN}")
    } else {
        format!("https://x--{}{OWN_DOMAIN}", hex::encode(id.0.as_bytes()))
    }
}

fn find(env: &Env) -> Option<CredentialHelper> {
    let name = signins::docker_store(env)?;
    let helper = CredentialHelper::find(env, &name);
    if helper.is_none() {
        tracing::info!(name, "Docker's credential helper is not on the PATH; it is not used");
    }
    helper
}

/// The secret of a connection.
pub(super) async fn get(env: &Env, id: &ConnectionId) -> Result<Option<Secret>, Failure> {
    let Some(helper) = find(env) else { return Ok(None) };
    Ok(helper.get(&server(id)).await?.map(|(_, secret)| secret))
}

/// Keeps it; the helper's name, or nothing when there is none that works.
pub(super) async fn put(env: &Env, connection: &Connection, secret: &Secret) -> Option<String> {
    let helper = find(env)?;
    // Helpers refuse an empty username.
    let username = Some(connection.username.as_str()).filter(|u| !u.is_empty()).unwrap_or("tagalong");
    match helper.store(&server(&connection.id), username, secret).await {
        Ok(()) => Some(helper.name().to_owned()),
        Err(failure) => {
            tracing::warn!(%failure, "Docker's credential helper does not keep secrets");
            None
        }
    }
}

/// Forgets it. A helper that cannot even say what it has is not taken for one that has it.
pub(super) async fn remove(env: &Env, id: &ConnectionId) -> Result<(), Failure> {
    let Some(helper) = find(env) else { return Ok(()) };
    match helper.get(&server(id)).await {
        Ok(Some(_)) => helper.erase(&server(id)).await,
        Ok(None) => Ok(()),
        Err(failure) => {
            tracing::warn!(%failure, "Docker's credential helper could not be asked");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_a_host_of_its_own() {
        assert_eq!(server(&ConnectionId::new("hub-1a2b3c")), "https://hub-1a2b3c.tagalong.invalid");
        assert_eq!(server(&ConnectionId::new("A/b")), "https://x--412f62.tagalong.invalid");
    }
}
