//! The passwords and tokens of connections.
//!
//! Invariant: a secret is never printed, logged or given as an argument. A new secret goes to the first of: the system
//! keyring, Docker's credential helper, what the person chose (this run only, or a file). It leaves the places that
//! were only used because a better one was missing, so those are asked first.

mod file;
mod helper;
#[cfg(all(feature = "keyring", target_os = "linux"))]
mod keyring;
#[cfg(not(all(feature = "keyring", target_os = "linux")))]
#[path = "no_keyring.rs"]
mod keyring;
mod memory;

use std::path::PathBuf;

use super::env::Env;
use super::paths::Paths;
use crate::domain::connection::KeepSecret;
use crate::domain::{Connection, Failure, Secret};

/// Where a secret went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The system keyring.
    Keyring,
    /// The credential helper that Docker is configured with, by its program's name.
    Helper(String),
    /// This process; it is gone when the program ends.
    Memory,
    /// `secrets.toml`, readable by its owner alone.
    File,
    /// Nowhere: there is neither keyring nor helper. Ask the person, then put it again with the answer.
    NeedsChoice,
}

/// The secrets of connections, by connection id.
#[derive(Debug)]
pub struct Secrets {
    env: Env,
    file: PathBuf,
    memory: memory::Memory,
}

impl Secrets {
    /// Opens nothing yet.
    #[must_use]
    pub fn new(paths: &Paths, env: Env) -> Self {
        Self { env, file: paths.secrets_file.clone(), memory: memory::Memory::default() }
    }

    /// The secret of a connection; nothing when none is kept, or when the keyring is locked or missing.
    ///
    /// # Errors
    /// When no place has it and one of them failed: `Invalid` (a broken `secrets.toml`), `Io`, `Timeout`.
    pub async fn get(&self, connection: &Connection) -> Result<Option<Secret>, Failure> {
        let id = &connection.id;
        if let Some(secret) = self.memory.get(id) {
            return Ok(Some(secret));
        }
        let in_file = file::get(&self.file, id).await;
        if let Ok(Some(secret)) = in_file {
            return Ok(Some(secret));
        }
        let in_helper = helper::get(&self.env, id).await;
        if let Ok(Some(secret)) = in_helper {
            return Ok(Some(secret));
        }
        if let Some(secret) = keyring::get(&self.env, id).await {
            return Ok(Some(secret));
        }
        in_file.and(in_helper)
    }

    /// Keeps the secret of a connection, in place of an older one. `keep` matters only without keyring and helper.
    ///
    /// # Errors
    /// `Invalid` (a broken `secrets.toml`, which is left as it is), `Conflict` (another running copy holds it), `Io`.
    pub async fn put(
        &self,
        connection: &Connection,
        secret: Secret,
        keep: KeepSecret,
    ) -> Result<Kept, Failure> {
        let kept = self.keep(connection, secret, keep).await?;
        if !matches!(kept, Kept::Memory | Kept::NeedsChoice) {
            self.memory.remove(&connection.id);
        }
        if !matches!(kept, Kept::File | Kept::NeedsChoice) {
            file::remove(&self.file, &connection.id).await?;
        }
        if kept == Kept::Keyring {
            helper::remove(&self.env, &connection.id).await?;
        }
        Ok(kept)
    }

    async fn keep(&self, connection: &Connection, secret: Secret, keep: KeepSecret) -> Result<Kept, Failure> {
        if keyring::put(&self.env, connection, &secret).await {
            return Ok(Kept::Keyring);
        }
        if let Some(name) = helper::put(&self.env, connection, &secret).await {
            return Ok(Kept::Helper(name));
        }
        match keep {
            KeepSecret::Ask => Ok(Kept::NeedsChoice),
            KeepSecret::Memory => {
                self.memory.put(&connection.id, secret);
                Ok(Kept::Memory)
            }
            KeepSecret::File => {
                file::put(&self.file, &connection.id, secret).await?;
                Ok(Kept::File)
            }
        }
    }

    /// Forgets the secret of a connection, wherever it is kept.
    ///
    /// # Errors
    /// When it is still somewhere: `Conflict` (the keyring is locked), `Invalid`, `Io`, `Timeout`.
    pub async fn remove(&self, connection: &Connection) -> Result<(), Failure> {
        let id = &connection.id;
        self.memory.remove(id);
        let from_file = file::remove(&self.file, id).await;
        let from_keyring = keyring::remove(&self.env, id).await;
        let from_helper = helper::remove(&self.env, id).await;
        from_file.and(from_keyring).and(from_helper)
    }
}

#[cfg(test)]
mod tests;
