//! What went wrong on the way, as a sentence: names, connections, certificates, breaks.
//!
//! Invariant: no URL is repeated, only its host; a URL may be signed.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, InvalidMessage};
use url::Url;

use super::broken::{Again, Broken};
use super::tidy::tidy;
use super::{host_and_port, pause};
use crate::domain::{Failure, FailureKind};

/// A request that got no answer.
pub(super) fn no_answer(doing: &str, url: &Url, error: &reqwest::Error) -> Broken {
    let host = host_and_port(url);
    let failed = |kind, said: String| Failure::new(kind, doing, said);
    if let Some(said) = find_tls(error).map(|e| tls_problem(&host, e)) {
        return Broken::never(failed(FailureKind::Tls, said));
    }
    if error.is_builder() {
        return Broken::never(failed(
            FailureKind::Invalid,
            format!("the request cannot be made: {}", innermost(error)),
        ));
    }
    if error.is_connect() {
        return Broken { failure: no_connection(doing, url, error), again: Again::Never };
    }
    let said = innermost(error);
    if said.contains("invalid HTTP") {
        return Broken::never(failed(FailureKind::Invalid, format!("{host} does not speak HTTP")));
    }
    if error.is_timeout() {
        return Broken::never(failed(FailureKind::Timeout, format!("{host} did not answer in time")));
    }
    let failure =
        failed(FailureKind::Offline, format!("{host} broke the connection before it answered ({said})"));
    Broken { failure, again: Again::IfItOnlyReads }
}

/// A body that ended before its end.
pub(super) fn body_broke(doing: &str, error: &reqwest::Error) -> Broken {
    let said = format!("the connection broke in the middle of the answer ({})", innermost(error));
    Broken { failure: Failure::new(FailureKind::Offline, doing, said), again: Again::IfItOnlyReads }
}

/// Nothing came for too long.
pub(super) fn stalled(doing: &str, stall: Duration) -> Broken {
    let said = format!("nothing arrived for {}", pause::in_words(stall));
    Broken::never(Failure::new(FailureKind::Timeout, doing, said))
}

fn no_connection(doing: &str, url: &Url, error: &reqwest::Error) -> Failure {
    let host = host_and_port(url);
    let failed = |kind, said: String| Failure::new(kind, doing, said);
    if error.is_dns() {
        let name = url.host_str().unwrap_or_default();
        return failed(FailureKind::Offline, format!("no host named {name} was found"));
    }
    match find_io(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => {
            failed(FailureKind::Offline, format!("{host} refused the connection: nothing listens there"))
        }
        Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) if url.scheme() == "https" => {
            failed(FailureKind::Tls, format!("{host} broke off the TLS handshake; it may speak plain HTTP"))
        }
        _ if error.is_timeout() => {
            failed(FailureKind::Timeout, format!("{host} did not accept the connection in time"))
        }
        _ => failed(FailureKind::Offline, format!("{host} cannot be reached ({})", innermost(error))),
    }
}

fn tls_problem(host: &str, error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(certificate) => {
            format!("the certificate of {host} {}", certificate_problem(certificate))
        }
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            format!("{host} speaks plain HTTP, not TLS")
        }
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::NoCertificate,
        ) => format!("{host} asks for a client certificate"),
        rustls::Error::AlertReceived(
            AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError,
        ) => format!("{host} refused the client certificate"),
        other => format!("no secure connection to {host} ({})", tidy(&other.to_string())),
    }
}

fn certificate_problem(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => "is signed by an unknown authority".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for another host name".to_owned()
        }
        CertificateError::Revoked => "was revoked".to_owned(),
        CertificateError::BadSignature => "is not signed by the authority that it names".to_owned(),
        other => format!("cannot be trusted ({})", tidy(&other.to_string())),
    }
}

/// The causes of an error, outermost first. What an `io::Error` wraps is no `source` of it, so it is looked into.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&current| {
        match current.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inside) => Some(inside as &(dyn StdError + 'static)),
            None => current.source(),
        }
    })
}

fn find_tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    causes(error).find_map(|e| e.downcast_ref())
}

fn find_io(error: &reqwest::Error) -> Option<&io::Error> {
    causes(error).filter_map(|e| e.downcast_ref::<io::Error>()).last()
}

/// The innermost cause, which says most and holds no URL.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let last = causes(error).skip(1).last().map(ToString::to_string);
    tidy(&last.unwrap_or_else(|| "no cause was given".to_owned()))
}
