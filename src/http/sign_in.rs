//! Where a credential comes from.
//!
//! Invariant: it is asked for at the first 401 and never before, so that starting needs no keyring.

use async_trait::async_trait;

use crate::domain::{Credential, Failure, Secret};

/// A source of credentials: the keyring, a helper, a form that was just filled in.
#[async_trait]
pub trait SignIn: Send + Sync {
    /// The credential as it is now. Asked again when the server refuses the one before, or when that is stale.
    ///
    /// # Errors
    /// What the keyring or helper says.
    async fn credential(&self) -> Result<Credential, Failure>;

    /// Whether the credential that was handed out last is about to expire, so that another is asked for before it is
    /// used once more.
    fn is_stale(&self) -> bool {
        false
    }

    /// Keeps another secret in the place of the one before: a token server has handed out a new refresh token. One that
    /// cannot be kept is told in the log; the sign-in works until the program ends.
    async fn replace(&self, _secret: Secret) {}
}

/// A credential that is known already.
#[derive(Debug, Clone, Default)]
pub struct FixedSignIn(pub Credential);

#[async_trait]
impl SignIn for FixedSignIn {
    async fn credential(&self) -> Result<Credential, Failure> {
        Ok(self.0.clone())
    }
}
