//! What is in a registry, and who answers for it what every registry answers.
//!
//! Invariant: no two have anything in common.

use tagalong::demo::{Server, Settings, Store};

use crate::forward::Target;

/// The content of one registry; it ends with the test's runtime.
pub(crate) struct Content {
    server: Server,
    pub(crate) target: Target,
}

impl Content {
    /// An empty one.
    pub(crate) async fn start() -> Self {
        let server = Server::start(Settings::default()).await.unwrap();
        let target = Target::new(&server.url());
        Self { server, target }
    }

    pub(crate) fn store(&self) -> &Store {
        self.server.store()
    }
}
