//! Passwords and tokens.
//!
//! Invariant: nothing here can be printed; `Debug` shows no content, and memory is wiped on drop.

use secrecy::{ExposeSecret, SecretString};

/// A password or token. Cannot be displayed; compared only in tests.
#[derive(Clone, Default)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text, for the one place that has to send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Equality lets events and effects be compared in tests; it is not constant time and guards nothing.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}
impl Eq for Secret {}

/// What a connection signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Credential {
    /// No sign-in.
    #[default]
    Anonymous,
    /// A username with a password or access token.
    Basic {
        /// The account.
        username: String,
        /// Its password or token.
        password: Secret,
    },
    /// An identity (refresh) token, as Docker stores it under `identitytoken`.
    IdentityToken(Secret),
    /// A registry token that is sent as it is (`registrytoken`).
    Bearer(Secret),
}

impl Credential {
    /// The account's name, where there is one.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        match self {
            Self::Basic { username, .. } => Some(username),
            _ => None,
        }
    }
}
