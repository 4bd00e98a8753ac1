//! Where a credential comes from.
//!
//! Invariant: it is asked for at the first 401 and never before, so that starting needs no keyring.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::HeaderMap;
use url::Url;

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

    /// The same without what was stored for one host alone, where that may be among it: this may be shown to other hosts
    /// of the connection. Nothing where all of it was given for the whole connection.
    fn typed(&self) -> Option<Arc<dyn SignIn>> {
        None
    }

    /// Signs every request as a whole, in place of a credential that goes along.
    fn signer(&self) -> Option<&dyn Signer> {
        None
    }
}

/// Signs requests, for APIs that want each one signed with its headers and body (AWS Signature Version 4).
#[async_trait]
pub trait Signer: Send + Sync {
    /// The headers that sign `request`. Asked each time one is sent, so that what is sent again after a pause is signed
    /// anew.
    ///
    /// # Errors
    /// What the source of the keys says.
    async fn sign(&self, request: &Unsigned<'_>) -> Result<HeaderMap, Failure>;
}

/// A request as it is sent, but for its signature.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    /// The method.
    pub method: &'a Method,
    /// The whole address.
    pub url: &'a Url,
    /// The request's own headers; those that describe the connection are not among them.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
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
