//! Whether a realm may be asked for tokens.
//!
//! Invariant: a password never goes over plain HTTP because a server asks for it, nor into a private network that
//! the registry itself is not in.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::broken::Broken;
use super::host_and_port;
use super::options::is_here;
use crate::domain::{Failure, FailureKind};

/// How near an address is; a realm may not be nearer than its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Public,
    Private,
    LinkLocal,
    Loopback,
}

/// Refuses a realm that `registry` has no business to name.
pub(super) async fn check(registry: &Url, realm: &Url, proxied: bool, doing: &str) -> Result<(), Broken> {
    let refuse = |why: &str| {
        let said = format!("it sends the sign-in to {}, {why}", host_and_port(realm));
        Err(Broken::never(Failure::new(FailureKind::Invalid, doing, said)))
    };
    match (registry.scheme(), realm.scheme()) {
        (_, "https") | ("http", "http") => {}
        (_, "http") => return refuse("which speaks plain HTTP"),
        _ => return refuse("which is no https URL"),
    }
    if registry.host_str() == realm.host_str() || (is_here(registry) && is_here(realm)) {
        return Ok(());
    }
    if is_here(realm) {
        return refuse("which is this machine");
    }
    // Behind a proxy, names may not be known here; what can be reached is the proxy's matter then.
    let realm_reach = reach(realm, proxied).await;
    if realm_reach > Reach::Public && realm_reach > reach(registry, proxied).await {
        return refuse("which is in a private network");
    }
    Ok(())
}

/// The nearest of a host's addresses; a name that is not found is public, and fails when it is asked.
async fn reach(url: &Url, proxied: bool) -> Reach {
    let port = url.port_or_known_default().unwrap_or(0);
    match url.host() {
        Some(Host::Ipv4(ip)) => reach_of(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => reach_of(IpAddr::V6(ip)),
        Some(Host::Domain(_)) if proxied => Reach::Public,
        Some(Host::Domain(name)) => match tokio::net::lookup_host((name, port)).await {
            Ok(found) => found.map(|a: SocketAddr| reach_of(a.ip())).max().unwrap_or(Reach::Public),
            Err(_) => Reach::Public,
        },
        None => Reach::Public,
    }
}

fn reach_of(ip: IpAddr) -> Reach {
    match ip.to_canonical() {
        ip if ip.is_loopback() || ip.is_unspecified() => Reach::Loopback,
        IpAddr::V4(ip) if ip.is_link_local() => Reach::LinkLocal,
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Reach::LinkLocal,
        IpAddr::V4(ip) if ip.is_private() || is_shared(ip.octets()) => Reach::Private,
        IpAddr::V6(ip) if ip.is_unique_local() => Reach::Private,
        _ => Reach::Public,
    }
}

/// 100.64.0.0/10, "carrier-grade NAT".
fn is_shared(octets: [u8; 4]) -> bool {
    let [a, b, ..] = octets;
    a == 100 && (64..128).contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refused(registry: &str, realm: &str) -> Option<String> {
        let (registry, realm) = (registry.parse().unwrap(), realm.parse().unwrap());
        check(&registry, &realm, false, "x").await.err().map(|b| b.failure.said)
    }

    #[tokio::test]
    async fn a_realm_is_as_public_as_its_registry() {
        for (registry, realm) in [
            ("https://203.0.113.1/", "https://203.0.113.2/token"),
            ("https://10.0.0.1/", "https://10.0.0.2/token"),
            ("https://10.0.0.1/", "https://203.0.113.2/token"),
            ("http://127.0.0.1:5000/", "http://127.0.0.1:5001/token"),
            ("http://localhost:5000/", "http://127.0.0.1:5001/token"),
            ("https://127.0.0.1:5000/", "https://192.168.1.1/token"),
        ] {
            assert_eq!(refused(registry, realm).await, None, "{registry} {realm}");
        }
        for (registry, realm, why) in [
            ("https://203.0.113.1/", "https://10.0.0.2/token", "in a private network"),
            ("https://203.0.113.1/", "https://169.254.169.254/token", "in a private network"),
            ("https://203.0.113.1/", "https://[fd00::1]/token", "in a private network"),
            ("https://203.0.113.1/", "https://[::ffff:10.0.0.1]/token", "in a private network"),
            ("https://203.0.113.1/", "https://100.64.0.1/token", "in a private network"),
            ("https://10.0.0.1/", "https://169.254.169.254/token", "in a private network"),
            ("https://10.0.0.1/", "https://127.0.0.1/token", "this machine"),
            ("https://203.0.113.1/", "https://localhost/token", "this machine"),
            ("https://203.0.113.1/", "http://203.0.113.1/token", "speaks plain HTTP"),
            ("http://127.0.0.1/", "ftp://127.0.0.1/token", "no https URL"),
        ] {
            let said = refused(registry, realm).await.unwrap_or_default();
            assert!(said.ends_with(why), "{registry} {realm}: {said}");
        }
    }
}
