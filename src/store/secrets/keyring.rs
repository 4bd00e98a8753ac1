//! Secrets in the system keyring: the Secret Service of freedesktop.org (GNOME Keyring, KWallet, KeePassXC).
//!
//! Invariant: never asks to unlock anything and never waits longer than a moment; a keyring that is locked, missing or
//! silent counts as none.

use std::collections::HashMap;
use std::time::Duration;

use secret_service::{Collection, EncryptionType, Error, SecretService};

use crate::domain::{Connection, ConnectionId, Failure, FailureKind, Secret};
use crate::store::Env;

const PATIENCE: Duration = Duration::from_secs(3);

/// What our items are found by.
fn attributes(id: &ConnectionId) -> HashMap<&str, &str> {
    HashMap::from([("application", "tagalong"), ("connection", &*id.0)])
}

/// The secret of a connection.
pub(super) async fn get(env: &Env, id: &ConnectionId) -> Option<Secret> {
    let found = in_time(env, async {
        let service = SecretService::connect(EncryptionType::Dh).await?;
        let items = service.search_items(attributes(id)).await?;
        let Some(item) = items.unlocked.first() else { return Ok(None) };
        Ok(String::from_utf8(item.get_secret().await?).ok().map(Secret::new))
    });
    found.await.flatten()
}

/// Keeps it; whether there is a keyring that did.
pub(super) async fn put(env: &Env, connection: &Connection, secret: &Secret) -> bool {
    let label = format!("Tagalong: {} ({})", connection.name, connection.host());
    let put = in_time(env, async {
        let service = SecretService::connect(EncryptionType::Dh).await?;
        let collection = unlocked_collection(&service).await?;
        let (attributes, content) = (attributes(&connection.id), secret.expose().as_bytes());
        collection.create_item(&label, attributes, content, true, "text/plain").await?;
        Ok(())
    });
    put.await.is_some()
}

/// Forgets it.
pub(super) async fn remove(env: &Env, id: &ConnectionId) -> Result<(), Failure> {
    let removed = in_time(env, async {
        let service = SecretService::connect(EncryptionType::Dh).await?;
        let items = service.search_items(attributes(id)).await?;
        for item in &items.unlocked {
            item.delete().await?;
        }
        Ok(items.locked.is_empty())
    });
    match removed.await {
        Some(false) => {
            let said = "the keyring is locked, so the secret stays there";
            Err(Failure::new(FailureKind::Conflict, "removing a secret from the system keyring", said))
        }
        _ => Ok(()),
    }
}

/// The default collection. Items are only made where that asks for nothing.
async fn unlocked_collection<'a>(service: &'a SecretService<'_>) -> Result<Collection<'a>, Error> {
    let collection = service.get_default_collection().await?;
    collection.ensure_unlocked().await?;
    Ok(collection)
}

/// What the keyring answers in time; nothing when it fails, which is for the log alone.
async fn in_time<T>(env: &Env, asked: impl Future<Output = Result<T, Error>>) -> Option<T> {
    if env.get("DBUS_SESSION_BUS_ADDRESS").is_none() && env.get("XDG_RUNTIME_DIR").is_none() {
        return None;
    }
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            tracing::info!(%error, "the system keyring is not used");
            None
        }
        Err(_) => {
            tracing::warn!("the system keyring does not answer and is not used");
            None
        }
    }
}
