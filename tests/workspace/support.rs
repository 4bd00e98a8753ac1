//! A workspace in a folder of its own, and a registry to connect to.

use std::collections::BTreeMap;
use std::sync::Arc;

use tagalong::demo::{self, Server, Settings};
use tagalong::domain::connection::{ConnectFailure, Connected, Draft, KeepSecret};
use tagalong::domain::{Failure, FailureKind, Locator, NodeKind, Secret};
use tagalong::http::Silent;
use tagalong::store::{Env, Paths};
use tagalong::workspace::Workspace;
use tempfile::TempDir;

pub(crate) const NOW: i64 = 1_800_000_000;

/// A workspace whose home, and so whose Docker configuration, is an empty folder.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Opens it as a start of the program does.
    pub(crate) fn open(&self) -> Workspace {
        self.open_with([])
    }

    pub(crate) fn open_with<const N: usize>(&self, variables: [(&str, String); N]) -> Workspace {
        let env = Env::new(self.folder.path(), variables);
        let paths = Paths::find(Some(&self.folder.path().join("tagalong")), &env).unwrap();
        let (workspace, failure) = Workspace::new(paths, env, Arc::new(Silent));
        assert_eq!(failure, None);
        workspace
    }

    /// Opens it although something in the configuration is wrong.
    pub(crate) fn open_anyway(&self) -> (Workspace, Option<Failure>) {
        let env = Env::new(self.folder.path(), [] as [(&str, &str); 0]);
        let paths = Paths::find(Some(&self.folder.path().join("tagalong")), &env).unwrap();
        Workspace::new(paths, env, Arc::new(Silent))
    }

    pub(crate) fn config(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("tagalong/config.toml")).unwrap_or_default()
    }
}

pub(crate) async fn filled(settings: Settings) -> Server {
    let server = Server::start(settings).await.unwrap();
    demo::fill(server.store(), NOW).unwrap();
    server
}

/// A filled-in form.
pub(crate) fn draft(values: &[(&str, &str)]) -> Draft {
    let values: BTreeMap<String, Secret> =
        values.iter().map(|(id, text)| ((*id).to_owned(), Secret::new(*text))).collect();
    Draft { editing: None, provider: "generic".to_owned(), values, keep: KeepSecret::Memory }
}

/// The registry's address as a person types it.
pub(crate) fn typed(server: &Server) -> String {
    server.address().to_string()
}

pub(crate) async fn connect(workspace: &Workspace, server: &Server) -> Connected {
    workspace.connect(&draft(&[("url", &typed(server))])).await.unwrap()
}

pub(crate) fn refusal<T: std::fmt::Debug>(
    result: Result<T, ConnectFailure>,
) -> (FailureKind, Option<&'static str>, String) {
    match result.unwrap_err() {
        ConnectFailure::Refused { failure, field } => (failure.kind, field, failure.to_string()),
        ConnectFailure::NoPlaceForSecret => panic!("no place for the secret"),
    }
}

pub(crate) fn repository(connected: &Connected, name: &str) -> Locator {
    Locator::root(connected.connection.id.clone()).child(NodeKind::Repository, name)
}

pub(crate) fn tag(connected: &Connected, name: &str, tag: &str) -> Locator {
    repository(connected, name).child(NodeKind::Tag, tag)
}
