//! The reqwest clients of one connection, each built on its first use.
//!
//! Invariant: the client for bytes that have a digest never decodes them; no client follows a redirect by itself.

use std::sync::OnceLock;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Proxy};
use rustls::ClientConfig;
use url::Url;

use super::options::{Settings, is_loopback};
use super::request::Kind;
use super::{transport, trust};
use crate::domain::{Failure, FailureKind};

/// What the requests of this program call themselves.
const USER_AGENT: &str = concat!("tagalong/", env!("CARGO_PKG_VERSION"));

/// One client of each kind.
#[derive(Default)]
struct Kinds {
    exact: OnceLock<Client>,
    compressed: OnceLock<Client>,
    bulk: OnceLock<Client>,
}

/// The clients, for plain HTTP and for TLS: plain HTTP needs no certificates, and loading those takes a while.
#[derive(Default)]
pub(super) struct Clients {
    plain: Kinds,
    secure: Kinds,
    tls: OnceLock<ClientConfig>,
}

impl Clients {
    /// The client for `url`, built if it is the first. A failure is not kept: the file may be there next time.
    pub(super) fn get(&self, settings: &Settings, kind: Kind, url: &Url) -> Result<Client, Failure> {
        let secure = url.scheme() == "https" || settings.options.proxy.is_some();
        let kinds = if secure { &self.secure } else { &self.plain };
        let slot = match kind {
            Kind::Exact => &kinds.exact,
            Kind::Compressed => &kinds.compressed,
            Kind::Bulk => &kinds.bulk,
        };
        if let Some(client) = slot.get() {
            return Ok(client.clone());
        }
        let builder = start(settings, kind)?;
        let builder = if secure {
            builder.tls_backend_preconfigured(self.tls(settings)?)
        } else {
            builder.tls_certs_only([])
        };
        let client = builder.build().map_err(|e| cannot_build(&e))?;
        Ok(slot.get_or_init(|| client).clone())
    }

    /// The system's certificates take a while to load, so the secure clients share them.
    fn tls(&self, settings: &Settings) -> Result<ClientConfig, Failure> {
        if let Some(config) = self.tls.get() {
            return Ok(config.clone());
        }
        let config = trust::tls_config(&settings.options)?;
        Ok(self.tls.get_or_init(|| config).clone())
    }
}

fn start(settings: &Settings, kind: Kind) -> Result<ClientBuilder, Failure> {
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(settings.timings.connect);
    let builder = match kind {
        Kind::Exact | Kind::Bulk => builder.no_gzip(),
        Kind::Compressed => builder.gzip(true),
    };
    match &settings.options.proxy {
        Some(proxy) => Ok(builder.proxy(Proxy::all(proxy).map_err(|_| bad_proxy())?)),
        None if is_loopback(&settings.base) => Ok(builder.no_proxy()),
        None => Ok(builder),
    }
}

fn cannot_build(error: &reqwest::Error) -> Failure {
    let said = transport::innermost(error);
    Failure::new(FailureKind::Tls, "preparing the secure connection", said)
}

/// A proxy's address may hold a password, so it is not repeated.
fn bad_proxy() -> Failure {
    Failure::new(
        FailureKind::Invalid,
        "setting the proxy",
        "write it as http://host:port or socks5h://host:port",
    )
}
