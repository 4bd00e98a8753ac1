//! Sign-ins for vendors' APIs that take a token as it is, without the name that registries want beside it.
//!
//! Invariant: the name is dropped, never the token.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::{Credential, Failure};
use crate::http::SignIn;

/// Sends the password or token of another sign-in as a bearer token.
#[derive(Clone)]
pub struct AsBearer(pub Arc<dyn SignIn>);

#[async_trait]
impl SignIn for AsBearer {
    async fn credential(&self) -> Result<Credential, Failure> {
        Ok(match self.0.credential().await? {
            Credential::Basic { password, .. } => Credential::Bearer(password),
            Credential::IdentityToken(token) => Credential::Bearer(token),
            other => other,
        })
    }
}
