//! The catalogue of providers: what there is, and how one is opened. A new provider is one line here.
//!
//! Invariant: only this file and the provider's own know a provider's name.

use std::sync::{Arc, LazyLock};

use futures_util::future::BoxFuture;

use super::Provider;
use super::opening::{Opening, Surroundings};
#[cfg(feature = "aws")]
use super::providers::amazon;
use super::providers::{
    artifactory, azure, demo, docker_hub, generic, github, gitlab, google, harbor, nexus, quay,
};
use crate::domain::connection::{FoundSignIn, ProviderInfo};
use crate::domain::{Connection, Failure};
use crate::http::Observer;

/// A kind of registry.
struct Kind {
    info: ProviderInfo,
    open: fn(&Opening) -> Result<Arc<dyn Provider>, Failure>,
    /// Finds the sign-ins that the vendor's own tools keep.
    find: Option<Find>,
}

type Find = for<'a> fn(&'a dyn Surroundings) -> BoxFuture<'a, Vec<FoundSignIn>>;

/// Every kind, in the order of the picker.
static KINDS: &[Kind] = &[
    Kind { info: docker_hub::INFO, open: docker_hub::open, find: None },
    Kind { info: azure::INFO, open: azure::open, find: Some(azure::find) },
    Kind { info: github::INFO, open: github::open, find: Some(github::find) },
    #[cfg(feature = "aws")]
    Kind { info: amazon::INFO, open: amazon::open, find: Some(amazon::find) },
    Kind { info: google::INFO, open: google::open, find: Some(google::find) },
    Kind { info: quay::INFO, open: quay::open, find: None },
    Kind { info: harbor::INFO, open: harbor::open, find: None },
    Kind { info: gitlab::INFO, open: gitlab::open, find: None },
    Kind { info: artifactory::INFO, open: artifactory::open, find: None },
    Kind { info: nexus::INFO, open: nexus::open, find: None },
    Kind { info: generic::INFO, open: generic::open, find: None },
    Kind { info: demo::INFO, open: demo::refuse_to_open, find: None },
];

static INFOS: LazyLock<Vec<ProviderInfo>> = LazyLock::new(|| KINDS.iter().map(|k| k.info.clone()).collect());

/// The provider of hosts that no vendor is known for.
pub const BY_NAME: &ProviderInfo = &generic::INFO;

/// The provider that needs nothing outside this process.
pub const BUILT_IN: &ProviderInfo = &demo::INFO;

/// Every provider, in the order of the picker.
#[must_use]
pub fn providers() -> &'static [ProviderInfo] {
    &INFOS
}

/// The provider called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static ProviderInfo> {
    providers().iter().find(|p| p.id == id)
}

/// The provider of a host that is named by a reference or a stored sign-in.
#[must_use]
pub fn of_host(host: &str) -> &'static ProviderInfo {
    providers().iter().find(|p| p.serves(host)).unwrap_or(BY_NAME)
}

/// The sign-ins that vendors' own tools keep on this machine.
pub async fn find_sign_ins(surroundings: &dyn Surroundings) -> Vec<FoundSignIn> {
    let finding = KINDS.iter().filter_map(|k| k.find).map(|find| find(surroundings));
    futures_util::future::join_all(finding).await.into_iter().flatten().collect()
}

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when the URL cannot be read or the provider is not known.
pub fn open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    let id = &opening.connection.provider;
    match KINDS.iter().find(|k| k.info.id == id) {
        Some(kind) => (kind.open)(opening),
        None => Err(opening.refused(&format!("the provider “{id}” is not known to this version"))),
    }
}

/// Starts the built-in registry and opens it. Returns the connection, with its URL, too.
///
/// # Errors
/// `Io` when no loopback port can be had.
pub async fn open_built_in(
    mut connection: Connection,
    now: i64,
    observer: Arc<dyn Observer>,
    surroundings: Arc<dyn Surroundings>,
) -> Result<(Connection, Arc<dyn Provider>), Failure> {
    let server = demo::start(now).await?;
    connection.url = server.url();
    let sign_in = Arc::new(crate::http::FixedSignIn(crate::domain::Credential::Anonymous));
    let opening = Opening { connection: connection.clone(), sign_in, observer, surroundings };
    let provider = demo::open(opening.distribution()?, server);
    Ok((connection, provider))
}
