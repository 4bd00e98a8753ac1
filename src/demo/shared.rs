//! What every request sees: the content, the settings, and what lives between requests.
//!
//! Invariant: it is put together once, by the server.

use std::net::SocketAddr;

use tokio_util::sync::CancellationToken;

use super::faults::Script;
use super::requests::Requests;
use super::sessions::Uploads;
use super::settings::Settings;
use super::store::Store;
use super::tokens::Tokens;

/// What every request sees.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) address: SocketAddr,
    pub(super) store: Store,
    pub(super) uploads: Uploads,
    pub(super) tokens: Tokens,
    pub(super) script: Script,
    pub(super) requests: Requests,
    pub(super) stopped: CancellationToken,
}

impl Shared {
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
