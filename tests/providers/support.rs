//! Opening a provider as the program does, with a sign-in at hand and nothing around it.
//!
//! Invariant: no variable, file or program of the computer that the test runs on is seen.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use tagalong::domain::{Connection, ConnectionId, Credential, Failure, Locator, Secret};
use tagalong::http::{FixedSignIn, Silent};
use tagalong::registry::{Opening, Provider, Surroundings, catalog};

/// Surroundings in which there is nothing: no variable, no vendor's tool.
pub(crate) struct Nothing;

#[async_trait]
impl Surroundings for Nothing {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn home(&self) -> PathBuf {
        PathBuf::from("/nonexistent")
    }

    async fn ask(&self, _: &str, _: &[&str]) -> Result<Option<Secret>, Failure> {
        Ok(None)
    }
}

/// A connection of `provider` to `url`, with the values of the provider's own fields.
pub(crate) fn connection(provider: &str, url: &str, settings: &[(&str, &str)]) -> Connection {
    Connection {
        id: ConnectionId::new("test"),
        name: "test".to_owned(),
        provider: provider.to_owned(),
        url: url.to_owned(),
        username: String::new(),
        options: tagalong::domain::connection::Options::default(),
        settings: settings
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        bookmarks: Vec::new(),
    }
}

/// What a provider is opened with: `connection`, signed in with `credential`.
pub(crate) fn opening(connection: Connection, credential: Credential) -> Opening {
    Opening {
        connection,
        sign_in: Arc::new(FixedSignIn(credential)),
        observer: Arc::new(Silent),
        surroundings: Arc::new(Nothing),
    }
}

/// The provider as the catalogue opens it.
pub(crate) fn open(connection: Connection, credential: Credential) -> Arc<dyn Provider> {
    catalog::open(&opening(connection, credential)).unwrap()
}

/// A username with a password or token.
pub(crate) fn basic(username: &str, password: &str) -> Credential {
    Credential::Basic { username: username.to_owned(), password: Secret::new(password) }
}

/// The connection's own node.
pub(crate) fn root() -> Locator {
    Locator::root(ConnectionId::new("test"))
}
