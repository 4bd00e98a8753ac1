//! The built-in registry: a real server in this process, gone at exit.
//!
//! Invariant: once it runs, it is spoken to over the network like any other; only its start is special.

use std::sync::Arc;

use async_trait::async_trait;

use crate::demo::{Server, Settings};
use crate::domain::connection::ProviderInfo;
use crate::domain::{Cursor, Failure, Locator, Page};
use crate::registry::opening::Opening;
use crate::registry::plain::Plain;
use crate::registry::{Account, Delete, Distribution, Provider, Untag};

/// What the picker shows; there is nothing to fill in.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "demo",
    title: "Demo registry",
    about: "a built-in registry with sample content, forgotten at exit",
    ..ProviderInfo::EMPTY
};

/// Starts the server and fills it; ages of the content count from `now` (seconds since 1970).
///
/// # Errors
/// `Io` when no loopback port can be had.
pub async fn start(now: i64) -> Result<Server, Failure> {
    let server = Server::start(Settings::to_look_at()).await?;
    crate::demo::fill(server.store(), now)?;
    Ok(server)
}

/// A connection to it cannot be kept, so there is none to open.
///
/// # Errors
/// `Invalid`, always.
pub fn refuse_to_open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    Err(opening.refused("the demo registry is started, not opened"))
}

/// Opens a connection to a started server, which lives as long as the provider.
#[must_use]
pub fn open(distribution: Distribution, server: Server) -> Arc<dyn Provider> {
    Arc::new(Demo { plain: Plain::new(distribution), _server: server })
}

struct Demo {
    plain: Plain,
    /// Dropping it ends the server.
    _server: Server,
}

#[async_trait]
impl Provider for Demo {
    async fn check(&self) -> Result<Account, Failure> {
        self.plain.check().await
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        self.plain.children(at, cursor).await
    }

    fn distribution(&self, at: &Locator) -> Option<Distribution> {
        self.plain.distribution(at)
    }

    fn untag(&self) -> Option<&dyn Untag> {
        Provider::untag(&self.plain)
    }

    fn delete(&self) -> Option<&dyn Delete> {
        Provider::delete(&self.plain)
    }
}
