//! How a connection signs in: with its own secret, else with what Docker or Podman stored for its host.
//!
//! Invariant: what was stored is for that host alone ([`SignIn::typed`] is without it). Asked only when a server wants a sign-in, never before the first request.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::connection::KeepSecret;
use crate::domain::{Connection, Credential, Failure, Secret};
use crate::http::SignIn;
use crate::store::{Env, Secrets, signins};

pub(super) struct StoredSignIn {
    own: OwnSignIn,
    env: Env,
}

impl StoredSignIn {
    pub(super) fn new(connection: &Connection, secrets: Arc<Secrets>, env: Env) -> Self {
        Self { own: OwnSignIn { connection: connection.clone(), secrets }, env }
    }
}

#[async_trait]
impl SignIn for StoredSignIn {
    async fn credential(&self) -> Result<Credential, Failure> {
        let own = self.own.credential().await?;
        if own != Credential::Anonymous {
            return Ok(own);
        }
        let connection = &self.own.connection;
        let found = signins::credential(&self.env, connection.host()).await?;
        let wanted = connection.username.as_str();
        Ok(found
            .map(|(credential, _source)| credential)
            .filter(|c| wanted.is_empty() || c.username().is_none_or(|name| name == wanted))
            .unwrap_or_default())
    }

    async fn replace(&self, secret: Secret) {
        self.own.replace(secret).await;
    }

    fn typed(&self) -> Option<Arc<dyn SignIn>> {
        Some(Arc::new(self.own.clone()))
    }
}

/// The connection's own secret, and nothing else.
#[derive(Clone)]
struct OwnSignIn {
    connection: Connection,
    secrets: Arc<Secrets>,
}

#[async_trait]
impl SignIn for OwnSignIn {
    async fn credential(&self) -> Result<Credential, Failure> {
        if self.connection.username.is_empty() {
            return Ok(Credential::Anonymous);
        }
        let username = self.connection.username.clone();
        let password = self.secrets.get(&self.connection).await?;
        Ok(password.map_or(Credential::Anonymous, |password| Credential::Basic { username, password }))
    }

    async fn replace(&self, secret: Secret) {
        if let Err(failure) = self.secrets.put(&self.connection, secret, KeepSecret::Memory).await {
            tracing::warn!(%failure, "a renewed sign-in was not kept");
        }
    }
}
