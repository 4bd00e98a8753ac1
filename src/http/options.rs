//! What an [`Http`](super::Http) is made from.
//!
//! Invariant: plain values; nothing here does I/O.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::broken::Broken;
use super::host_and_port;
use super::observe::{Observer, Silent};
use super::reply::{Explain, as_it_is};
use super::sign_in::{FixedSignIn, SignIn};
use crate::domain::connection::Options;
use crate::domain::{Credential, Failure, FailureKind};

/// Everything one connection needs.
#[derive(Clone)]
pub struct Settings {
    /// Scheme, host, port and path prefix of the registry; `/v2/` comes after it.
    pub base: Url,
    /// Certificate files, plain HTTP, verification, proxy.
    pub options: Options,
    /// Where the credential comes from; asked at the first 401, or before the first request.
    pub sign_in: Arc<dyn SignIn>,
    /// Whether the server has to ask for it first.
    pub shown: Shown,
    /// Who is told about pauses and warnings.
    pub observer: Arc<dyn Observer>,
    /// How long to wait for what.
    pub timings: Timings,
    /// Says more of this server's refusals than it does itself.
    pub explain: Explain,
}

impl Settings {
    /// No sign-in, no options, nobody told.
    #[must_use]
    pub fn new(base: Url) -> Self {
        Self {
            base,
            options: Options::default(),
            sign_in: Arc::new(FixedSignIn(Credential::Anonymous)),
            shown: Shown::WhenAsked,
            observer: Arc::new(Silent),
            timings: Timings::default(),
            explain: as_it_is,
        }
    }

    /// Whether a request may go to `url` at all: `https`, or `http` to this machine, or where the connection says so.
    pub(super) fn check_scheme(&self, url: &Url, doing: &str) -> Result<(), Broken> {
        let fine = match url.scheme() {
            "https" => true,
            "http" => is_here(url) || (self.options.plain_http && self.base.scheme() == "http"),
            _ => false,
        };
        if fine {
            return Ok(());
        }
        let said = match url.scheme() {
            "http" => format!(
                "{} would be asked over plain HTTP, which this connection does not allow",
                host_and_port(url)
            ),
            other => format!("“{}” is no scheme for a registry", crate::domain::text::visible(other)),
        };
        Err(Broken::never(Failure::new(FailureKind::Tls, doing, said)))
    }
}

/// When the sign-in goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// When the server has asked for it, as registries do.
    #[default]
    WhenAsked,
    /// With every request: vendors' APIs answer the unknown with less, not with a question.
    Always,
}

/// How long to wait for what. The defaults are those of the product; tests use shorter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// For a connection to be made, TLS included.
    pub connect: Duration,
    /// Without a byte, before an answer counts as stalled.
    pub stall: Duration,
    /// The first pause before a retry; each further one is twice as long, with jitter.
    pub retry_base: Duration,
    /// How often a request is sent again.
    pub retries: usize,
    /// The longest pause that is sat out; a server that asks for more gets a failure at once.
    pub longest_pause: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            retry_base: Duration::from_millis(500),
            retries: 4,
            longest_pause: Duration::from_secs(120),
        }
    }
}

/// Takes a username and password out of a URL: the sign-in comes from elsewhere, and a URL is shown.
pub(super) fn drop_sign_in(url: &mut Url) {
    // Only URLs without a host refuse this, and those hold none.
    let _ignored = url.set_password(None).is_ok() && url.set_username("").is_ok();
}

/// Whether `url` names this machine.
pub(super) fn is_here(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback)
}

/// Whether a host, with or without a port and a path behind it, is this machine.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let name = host.split('/').next().unwrap_or_default();
    let bare = name.strip_prefix('[').and_then(|n| n.split_once(']')).map(|(inside, _)| inside);
    let without_port = || name.rsplit_once(':').map_or(name, |(n, _)| n);
    let is_local = |ip: &str| ip.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    let name = bare.unwrap_or_else(|| if is_local(name) { name } else { without_port() });
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || is_local(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_hosts_are_known() {
        for host in [
            "localhost",
            "localhost:5000",
            "127.0.0.1:1/x",
            "[::1]:5000",
            "::1",
            "a.localhost:80",
            "[::ffff:127.0.0.1]:80",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example", "10.0.0.1", "registry.example:5000"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
