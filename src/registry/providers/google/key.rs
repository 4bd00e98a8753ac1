//! A service account's key, and the tokens that are made with it.
//!
//! Invariant: the key is shown to nobody but the registry, which takes it as a password; the API gets a token that was
//! signed with it.

use serde_json::Value;

use crate::domain::{Failure, FailureKind, Secret};

/// The scope that a token needs; the same with `.read-only` behind it to read.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// A service account's key file (Google IAM, "Create and delete service account keys").
pub(super) struct Key {
    text: Secret,
    content: Value,
}

impl Key {
    /// # Errors
    /// `Invalid` for what is no such file.
    pub(super) fn read(text: Secret, doing: &str) -> Result<Self, Failure> {
        let invalid = |said: &str| Failure::new(FailureKind::Invalid, doing, said);
        let content: Value =
            serde_json::from_str(text.expose()).map_err(|_| invalid("this is no JSON, so no key file"))?;
        let key = Self { text, content };
        if key.field("client_email").is_none() || key.field("private_key").is_none() {
            return Err(invalid(
                "this is no key of a service account: it has no client_email and private_key",
            ));
        }
        Ok(key)
    }

    /// The account.
    pub(super) fn email(&self) -> Option<&str> {
        self.field("client_email")
    }

    /// The account's own project.
    pub(super) fn project(&self) -> Option<&str> {
        self.field("project_id")
    }

    /// The whole file.
    pub(super) fn text(&self) -> &Secret {
        &self.text
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.content.get(name)?.as_str()
    }

    /// A token for the API, good for an hour. Signed here; nobody is asked.
    ///
    /// # Errors
    /// `Invalid` for a key that cannot sign; `Unsupported` in a build without the feature `gcp`.
    #[cfg(feature = "gcp")]
    pub(super) async fn token(&self) -> Result<Secret, Failure> {
        use google_cloud_auth::credentials::service_account::{AccessSpecifier, Builder};

        let failed = |why: String| Failure::new(FailureKind::Invalid, SIGNING, why);
        if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
            tracing::trace!("another part of the program has chosen its cryptography already");
        }
        let credentials = Builder::new(self.content.clone())
            .with_access_specifier(AccessSpecifier::from_scopes([SCOPE]))
            .build_access_token_credentials()
            .map_err(|_| {
                failed("the key file lacks something that a service account's key has".to_owned())
            })?;
        let token = credentials.access_token().await.map_err(|e| failed(e.to_string()))?;
        Ok(Secret::new(token.token))
    }

    /// Without the feature there is nothing to sign with.
    #[cfg(not(feature = "gcp"))]
    pub(super) async fn token(&self) -> Result<Secret, Failure> {
        let said = "this build cannot sign for Google's API (feature gcp); the registry itself takes the key";
        Err(Failure::new(FailureKind::Unsupported, SIGNING, said))
    }
}

const SIGNING: &str = "signing in to Google with the service account's key";
