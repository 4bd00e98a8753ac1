//! The catalogue of providers: what there is, and how one is opened. A new provider is one line in each of the two.
//!
//! Invariant: only this file and the provider's own know a provider's name.

use std::sync::Arc;

use url::Url;

use super::Provider;
use super::distribution::Distribution;
use super::providers::{demo, generic};
use crate::domain::connection::ProviderInfo;
use crate::domain::{Connection, Failure, FailureKind};
use crate::http::{Http, Observer, Settings, SignIn, Timings};

/// Every provider, in the order of the picker.
pub static PROVIDERS: &[ProviderInfo] = &[generic::INFO, demo::INFO];

/// The provider of connections that are named by a reference alone.
pub const BY_NAME: &ProviderInfo = &generic::INFO;

/// The provider that needs nothing outside this process.
pub const BUILT_IN: &ProviderInfo = &demo::INFO;

/// What a provider is opened with.
pub struct Opening<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// How it signs in.
    pub sign_in: Arc<dyn SignIn>,
    /// Who is told of pauses and warnings.
    pub observer: Arc<dyn Observer>,
}

/// The provider called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static ProviderInfo> {
    PROVIDERS.iter().find(|p| p.id == id)
}

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when the URL cannot be read or the provider is not known.
pub fn open(opening: &Opening<'_>) -> Result<Arc<dyn Provider>, Failure> {
    let connection = opening.connection;
    match connection.provider.as_str() {
        id if id == generic::INFO.id => Ok(generic::open(distribution(opening)?)),
        id if id == demo::INFO.id => Err(refused(connection, "the demo registry is started, not opened")),
        other => Err(refused(connection, &format!("the provider “{other}” is not known to this version"))),
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
) -> Result<(Connection, Arc<dyn Provider>), Failure> {
    let server = demo::start(now).await?;
    connection.url = server.url();
    let sign_in = Arc::new(crate::http::FixedSignIn(crate::domain::Credential::Anonymous));
    let distribution = distribution(&Opening { connection: &connection, sign_in, observer })?;
    let provider = demo::open(distribution, server);
    Ok((connection, provider))
}

fn distribution(opening: &Opening<'_>) -> Result<Distribution, Failure> {
    let connection = opening.connection;
    let base = Url::parse(&connection.url).map_err(|e| refused(connection, &e.to_string()))?;
    Ok(Distribution::new(Http::new(Settings {
        base,
        options: connection.options.clone(),
        sign_in: Arc::clone(&opening.sign_in),
        observer: Arc::clone(&opening.observer),
        timings: Timings::default(),
    })))
}

fn refused(connection: &Connection, why: &str) -> Failure {
    Failure::new(FailureKind::Invalid, format!("opening the connection {}", connection.name), why)
}
