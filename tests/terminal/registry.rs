//! The built-in registry in the test's own process.

use tagalong::demo::{self, Server, Settings};
use tagalong::domain::Digest;

use super::running::{Running, run};

/// 2026-01-01, so that the sample content is the same each time.
const NOW: i64 = 1_767_225_600;

/// A registry that ends with the test.
pub(crate) struct Registry(Running<Server>);

impl Registry {
    /// One with the sample content.
    pub(crate) fn filled(settings: Settings) -> Self {
        let registry = Self::empty(settings);
        demo::fill(registry.server().store(), NOW).unwrap();
        registry
    }

    pub(crate) fn empty(settings: Settings) -> Self {
        Self(run(async { Server::start(settings).await.unwrap() }))
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn host(&self) -> String {
        self.0.address().to_string()
    }

    /// A reference to something in it.
    pub(crate) fn reference(&self, rest: &str) -> String {
        format!("{}/{rest}", self.host())
    }

    pub(crate) fn server(&self) -> &Server {
        &self.0
    }

    pub(crate) fn tags(&self, repository: &str) -> Vec<String> {
        self.0.store().tags(repository)
    }

    pub(crate) fn digest(&self, repository: &str, tag: &str) -> Digest {
        self.0.store().resolve(repository, tag).unwrap()
    }
}
