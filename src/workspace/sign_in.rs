//! How a connection signs in: with its own secret, else with what Docker or Podman stored for its host.
//!
//! Invariant: asked only when a server wants a sign-in, never before the first request.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::connection::KeepSecret;
use crate::domain::{Connection, Credential, Failure, Secret};
use crate::http::SignIn;
use crate::store::{Env, Secrets, signins};

pub(super) struct StoredSignIn {
    connection: Connection,
    secrets: Arc<Secrets>,
    env: Env,
}

impl StoredSignIn {
    pub(super) fn new(connection: &Connection, secrets: Arc<Secrets>, env: Env) -> Self {
        Self { connection: connection.clone(), secrets, env }
    }
}

#[async_trait]
impl SignIn for StoredSignIn {
    async fn credential(&self) -> Result<Credential, Failure> {
        if !self.connection.username.is_empty()
            && let Some(password) = self.secrets.get(&self.connection).await?
        {
            return Ok(Credential::Basic { username: self.connection.username.clone(), password });
        }
        let found = signins::credential(&self.env, self.connection.host()).await?;
        let wanted = self.connection.username.as_str();
        Ok(found
            .map(|(credential, _source)| credential)
            .filter(|c| wanted.is_empty() || c.username().is_none_or(|name| name == wanted))
            .unwrap_or_default())
    }

    async fn replace(&self, secret: Secret) {
        if let Err(failure) = self.secrets.put(&self.connection, secret, KeepSecret::Memory).await {
            tracing::warn!(%failure, "a renewed sign-in was not kept");
        }
    }
}
