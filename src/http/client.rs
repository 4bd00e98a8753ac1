//! The reqwest clients of one connection, each built on its first use.
//!
//! Invariant: the client for bytes that have a digest never decodes them; no client follows a redirect by itself;
//! verification is switched off, and the client certificate shown, for the registry's own host only.

use std::borrow::Cow;
use std::sync::OnceLock;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Proxy};
use rustls::ClientConfig;
use url::Url;

use super::options::{Settings, is_here};
use super::request::Kind;
use super::{transport, trust};
use crate::domain::connection::Options;
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

/// The clients for TLS with one configuration.
#[derive(Default)]
struct Secure {
    kinds: Kinds,
    tls: OnceLock<ClientConfig>,
}

/// The clients, for plain HTTP and for TLS: plain HTTP needs no certificates, and loading those takes a while.
#[derive(Default)]
pub(super) struct Clients {
    plain: Kinds,
    secure: Secure,
    /// For hosts that the connection's exceptions are not meant for; unused where there are none.
    strict: Secure,
}

impl Clients {
    /// The client for `url`, built if it is the first. A failure is not kept: the file may be there next time.
    pub(super) fn get(&self, settings: &Settings, kind: Kind, url: &Url) -> Result<Client, Failure> {
        if url.scheme() != "https" && settings.options.proxy.is_none() {
            return self.plain.get(kind, || Ok(start(settings, kind)?.tls_certs_only([])));
        }
        let (secure, options) = if has_exceptions(&settings.options) && !is_home(settings, url) {
            (&self.strict, Cow::Owned(without_exceptions(&settings.options)))
        } else {
            (&self.secure, Cow::Borrowed(&settings.options))
        };
        let build = || Ok(start(settings, kind)?.tls_backend_preconfigured(secure.tls(&options)?));
        secure.kinds.get(kind, build)
    }
}

impl Kinds {
    fn get(
        &self,
        kind: Kind,
        build: impl FnOnce() -> Result<ClientBuilder, Failure>,
    ) -> Result<Client, Failure> {
        let slot = match kind {
            Kind::Exact => &self.exact,
            Kind::Compressed => &self.compressed,
            Kind::Bulk => &self.bulk,
        };
        if let Some(client) = slot.get() {
            return Ok(client.clone());
        }
        let client = build()?.build().map_err(|e| cannot_build(&e))?;
        Ok(slot.get_or_init(|| client).clone())
    }
}

impl Secure {
    /// The system's certificates take a while to load, so the secure clients share them.
    fn tls(&self, options: &Options) -> Result<ClientConfig, Failure> {
        if let Some(config) = self.tls.get() {
            return Ok(config.clone());
        }
        let config = trust::tls_config(options)?;
        Ok(self.tls.get_or_init(|| config).clone())
    }
}

/// Whether something is set that a person meant for the registry's host and no other.
fn has_exceptions(options: &Options) -> bool {
    options.skip_verification || options.client_certificate.is_some()
}

/// What is left for other hosts. The CA file stays: a company's authority vouches for its storage too.
fn without_exceptions(options: &Options) -> Options {
    Options { skip_verification: false, client_certificate: None, ..options.clone() }
}

fn is_home(settings: &Settings, url: &Url) -> bool {
    settings.base.host_str() == url.host_str()
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
        None if is_here(&settings.base) => Ok(builder.no_proxy()),
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
