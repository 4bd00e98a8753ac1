//! Opening a provider as the program does, with a sign-in at hand and nothing around it.
//!
//! Invariant: no variable, file or program of the computer that the test runs on is seen.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use tagalong::domain::connection::{ConnectFailure, Connected, Draft, KeepSecret};
use tagalong::domain::{Connection, ConnectionId, Credential, Failure, Locator, Secret};
use tagalong::http::{FixedSignIn, Silent};
use tagalong::registry::{Opening, Provider, Surroundings, catalog};
use tagalong::store::{Env, Paths};
use tagalong::workspace::Workspace;

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

/// Connects by the form, on a machine where Docker stored `credential` (`name:password`) for `host`.
pub(crate) async fn connect_with_stored(
    (host, credential): (&str, &str),
    provider: &str,
    typed: &[(&str, &str)],
) -> Result<Connected, ConnectFailure> {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("auth.json");
    let auth = base64::engine::general_purpose::STANDARD.encode(credential);
    std::fs::write(&file, serde_json::json!({ "auths": { host: { "auth": auth } } }).to_string()).unwrap();
    let env = Env::new(home.path(), [("REGISTRY_AUTH_FILE", file.display().to_string())]);
    let paths = Paths::find(Some(&home.path().join("tagalong")), &env).unwrap();
    let (workspace, _) = Workspace::new(paths, env, Arc::new(Silent));
    let values = typed.iter().map(|(id, text)| ((*id).to_owned(), Secret::new(*text))).collect();
    let provider = provider.to_owned();
    workspace.connect(&Draft { editing: None, provider, values, keep: KeepSecret::Memory }).await
}
