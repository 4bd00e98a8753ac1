//! The built-in registry in the test's own process.

use tagalong::demo::{self, Server, Settings};
use tagalong::domain::Digest;
use tokio::runtime::Runtime;

/// 2026-01-01, so that the sample content is the same each time.
const NOW: i64 = 1_767_225_600;

/// A registry that ends with the test.
pub(crate) struct Registry {
    server: Server,
    /// What the server runs on.
    _runtime: Runtime,
}

impl Registry {
    /// One with the sample content.
    pub(crate) fn filled(settings: Settings) -> Self {
        let registry = Self::empty(settings);
        demo::fill(registry.server.store(), NOW).unwrap();
        registry
    }

    pub(crate) fn empty(settings: Settings) -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(Server::start(settings)).unwrap();
        Self { server, _runtime: runtime }
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn host(&self) -> String {
        self.server.address().to_string()
    }

    /// A reference to something in it.
    pub(crate) fn reference(&self, rest: &str) -> String {
        format!("{}/{rest}", self.host())
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    pub(crate) fn tags(&self, repository: &str) -> Vec<String> {
        self.server.store().tags(repository)
    }

    pub(crate) fn digest(&self, repository: &str, tag: &str) -> Digest {
        self.server.store().resolve(repository, tag).unwrap()
    }
}
