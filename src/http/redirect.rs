//! Where an answer sends the request on to.
//!
//! Invariant: https never goes to http, the sign-in never to another host (a request for a token, which may hold one in
//! its body, is not sent there at all), and a write only where the status says
//! that it stays the same write (307, 308).

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, StatusCode};
use url::Url;

use super::broken::Broken;
use super::host_and_port;
use crate::domain::{Failure, FailureKind};

/// More hops than this are a loop.
pub(super) const MOST: usize = 10;

/// The next hop, if `status` is a redirect that this request follows.
pub(super) fn next(
    method: &Method,
    from: &Url,
    status: StatusCode,
    headers: &HeaderMap,
    doing: &str,
) -> Result<Option<Url>, Broken> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let follows = match status.as_u16() {
        301..=303 => reads,
        307 | 308 => true,
        _ => false,
    };
    let Some(location) = headers.get(LOCATION).filter(|_| follows) else { return Ok(None) };
    let invalid = |said: String| Broken::never(Failure::new(FailureKind::Invalid, doing, said));
    let to = std::str::from_utf8(location.as_bytes())
        .ok()
        .and_then(|text| from.join(text).ok())
        .filter(|to| to.has_host())
        .ok_or_else(|| invalid(format!("{} redirects to something that is no URL", host_and_port(from))))?;
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(invalid(format!(
            "{} redirects from https to {}, which is not followed",
            host_and_port(from),
            to.scheme()
        )));
    }
    Ok(Some(to))
}

/// Whether the sign-in may go along: same host and port, or the same host on the way from http to https.
pub(super) fn keeps_sign_in(from: &Url, to: &Url) -> bool {
    let same_host = from.host_str() == to.host_str();
    let same_port = from.port_or_known_default() == to.port_or_known_default();
    let upgraded =
        from.scheme() == "http" && to.scheme() == "https" && from.port().is_none() && to.port().is_none();
    same_host && (upgraded || (same_port && from.scheme() == to.scheme()))
}

/// The failure of a sign-in that would go on to a host that the registry did not name.
pub(super) fn leads_elsewhere(doing: &str, to: &Url) -> Broken {
    let said =
        format!("it redirects the sign-in to another host ({}), which is not followed", host_and_port(to));
    Broken::never(Failure::new(FailureKind::Invalid, doing, said))
}

/// The failure of a loop.
pub(super) fn too_many(doing: &str) -> Broken {
    Broken::never(Failure::new(FailureKind::Invalid, doing, format!("it redirects more than {MOST} times")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn hop(method: &Method, status: u16, from: &str, location: &str) -> Result<Option<String>, String> {
        let headers = HeaderMap::from_iter([(LOCATION, location.parse().unwrap())]);
        next(method, &url(from), StatusCode::from_u16(status).unwrap(), &headers, "x")
            .map(|to| to.map(|u| u.to_string()))
            .map_err(|b| b.failure.said)
    }

    #[test]
    fn reads_follow_and_writes_stay_writes() {
        let to = Ok(Some("https://b.example/x".to_owned()));
        assert_eq!(hop(&Method::GET, 302, "https://a.example/v2/", "https://b.example/x"), to);
        assert_eq!(hop(&Method::PUT, 307, "https://a.example/v2/", "https://b.example/x"), to);
        assert_eq!(hop(&Method::DELETE, 302, "https://a.example/v2/", "https://b.example/x"), Ok(None));
        assert_eq!(hop(&Method::GET, 304, "https://a.example/", "/y"), Ok(None));
        assert_eq!(
            hop(&Method::GET, 301, "https://a.example/v2", "/v2/"),
            Ok(Some("https://a.example/v2/".to_owned()))
        );
    }

    #[test]
    fn https_never_becomes_http() {
        let said = hop(&Method::GET, 302, "https://a.example/", "http://a.example/").unwrap_err();
        assert_eq!(said, "a.example redirects from https to http, which is not followed");
        assert!(hop(&Method::GET, 302, "https://a.example/", "file:///etc/passwd").is_err());
    }

    #[test]
    fn the_sign_in_stays_at_home() {
        let keeps = |a, b| keeps_sign_in(&url(a), &url(b));
        assert!(keeps("https://a.example/", "https://a.example:443/x"));
        assert!(keeps("http://a.example/", "https://a.example/x"));
        assert!(!keeps("https://a.example/", "https://b.example/"));
        assert!(!keeps("https://a.example/", "https://a.example:8443/"));
        assert!(!keeps("https://a.example/", "https://cdn.a.example/"));
    }
}
