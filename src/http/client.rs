//! The reqwest clients of one connection, each built on its first use.
//!
//! Invariant: the client for bytes that have a digest never decodes them; no client follows a redirect by itself.

use std::sync::OnceLock;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Identity, Proxy};
use url::Url;

use super::options::{Settings, is_loopback};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};

/// What the requests of this program call themselves.
const USER_AGENT: &str = concat!("tagalong/", env!("CARGO_PKG_VERSION"));

/// Whether an answer may be compressed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Exactly the bytes: manifests and blobs.
    Identity,
    /// Compressed where the server can: lists.
    Gzip,
}

/// Four clients at most: plain HTTP needs no certificates, and loading those takes a while.
#[derive(Default)]
pub(super) struct Clients {
    plain: OnceLock<Client>,
    plain_gzip: OnceLock<Client>,
    secure: OnceLock<Client>,
    secure_gzip: OnceLock<Client>,
}

impl Clients {
    /// The client for `url`, built if it is the first. A failure is not kept: the file may be there next time.
    pub(super) fn get(&self, settings: &Settings, encoding: Encoding, url: &Url) -> Result<Client, Failure> {
        let secure = url.scheme() == "https" || settings.options.proxy.is_some();
        let slot = match (secure, encoding) {
            (false, Encoding::Identity) => &self.plain,
            (false, Encoding::Gzip) => &self.plain_gzip,
            (true, Encoding::Identity) => &self.secure,
            (true, Encoding::Gzip) => &self.secure_gzip,
        };
        if let Some(client) = slot.get() {
            return Ok(client.clone());
        }
        let client =
            if secure { build_secure(settings, encoding)? } else { build_plain(settings, encoding)? };
        Ok(slot.get_or_init(|| client).clone())
    }
}

fn build_plain(settings: &Settings, encoding: Encoding) -> Result<Client, Failure> {
    start(settings, encoding)?.tls_certs_only([]).build().map_err(|e| cannot_build(&e))
}

fn build_secure(settings: &Settings, encoding: Encoding) -> Result<Client, Failure> {
    let authorities = read_authorities(settings)?;
    let identity = read_identity(settings)?;
    let make = |builder: ClientBuilder| match identity.clone() {
        Some(identity) => builder.identity(identity),
        None => builder,
    };
    if settings.options.skip_verification {
        let builder = start(settings, encoding)?.tls_danger_accept_invalid_certs(true);
        return make(builder).build().map_err(|e| cannot_build(&e));
    }
    let with_system = make(start(settings, encoding)?.tls_certs_merge(authorities.clone())).build();
    match with_system {
        Ok(client) => Ok(client),
        // A machine without a system store: only the connection's own authorities can be trusted then.
        Err(error) => make(start(settings, encoding)?.tls_certs_only(authorities))
            .build()
            .map_err(|_| cannot_build(&error)),
    }
}

fn start(settings: &Settings, encoding: Encoding) -> Result<ClientBuilder, Failure> {
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(settings.timings.connect);
    let builder = match encoding {
        Encoding::Identity => builder.no_gzip(),
        Encoding::Gzip => builder.gzip(true),
    };
    match &settings.options.proxy {
        Some(proxy) => Ok(builder.proxy(Proxy::all(proxy).map_err(|_| bad_proxy())?)),
        None if is_loopback(&settings.base) => Ok(builder.no_proxy()),
        None => Ok(builder),
    }
}

fn read_authorities(settings: &Settings) -> Result<Vec<Certificate>, Failure> {
    let Some(path) = &settings.options.ca_file else { return Ok(Vec::new()) };
    let doing = format!("reading the CA file {}", visible(path));
    let pem = std::fs::read(path).map_err(|e| Failure::io(&doing, &e))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Failure::new(FailureKind::Tls, doing, "it holds no certificate in PEM form")),
    }
}

fn read_identity(settings: &Settings) -> Result<Option<Identity>, Failure> {
    let Some(path) = &settings.options.client_certificate else { return Ok(None) };
    let doing = format!("reading the client certificate {}", visible(path));
    let pem = std::fs::read(path).map_err(|e| Failure::io(&doing, &e))?;
    Identity::from_pem(&pem).map(Some).map_err(|_| {
        Failure::new(FailureKind::Tls, doing, "it needs a certificate and its private key, both in PEM form")
    })
}

fn cannot_build(error: &reqwest::Error) -> Failure {
    let said = super::transport::innermost(error);
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
