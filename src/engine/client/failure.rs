//! What an engine's refusals mean.
//!
//! Invariant: the engine's own words are told, made safe to show. The words decide the kind only where the engine gives
//! no status: in the middle of a pull.

use std::io;

use bollard::errors::Error;

use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind as Kind};

/// What an engine over TLS answers to who does not use it.
const NEEDS_TLS: &str = "HTTP request to an HTTPS server";

/// What a socket says to who may not use it.
const NO_RIGHT: &str = "no right to its socket";

/// The failure of a request to the engine.
pub(super) fn failed(doing: &str, error: &Error) -> Failure {
    let (kind, said) = match error {
        Error::DockerResponseServerError { status_code, message } => {
            (of_status(*status_code, message), message.trim().to_owned())
        }
        Error::DockerStreamError { error } => (of_words(error), error.trim().to_owned()),
        Error::SocketNotFoundError(path) => (Kind::Offline, format!("there is no socket {path}")),
        Error::RequestTimeoutError => (Kind::Timeout, "it does not answer".to_owned()),
        Error::UnsupportedURISchemeError { .. } => {
            (Kind::Unsupported, "this system cannot reach engines that way".to_owned())
        }
        Error::JsonDataError { .. } | Error::JsonSerdeError { .. } => {
            (Kind::Invalid, format!("its answer cannot be read: {error}"))
        }
        Error::CertPathError { .. }
        | Error::CertMultipleKeys { .. }
        | Error::CertParseError { .. }
        | Error::NoNativeCertsError { .. }
        | Error::LoadNativeCertsErrors { .. } => (Kind::Tls, error.to_string()),
        other => of_transport(other),
    };
    let failure = Failure::new(kind, doing, visible(&said).into_owned());
    match next_step(kind, &said) {
        Some(step) => failure.with_next(step),
        None => failure,
    }
}

/// What to do next, where it is another thing than with a registry.
fn next_step(kind: Kind, said: &str) -> Option<&'static str> {
    match kind {
        Kind::Forbidden if said == NO_RIGHT => {
            Some("Join the group “docker” and sign in anew, or run the engine rootless.")
        }

        Kind::Offline => {
            Some("Start the engine; or check DOCKER_HOST, CONTAINER_HOST and the Docker context.")
        }
        Kind::Tls => Some("Check DOCKER_TLS_VERIFY, and ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH."),
        Kind::Timeout => Some("The engine is busy or out of reach; retry in a moment."),
        Kind::Server => Some("The engine could not do it; its log may say more."),
        _ => None,
    }
}

fn of_status(status: u16, message: &str) -> Kind {
    match status {
        400 if message.contains(NEEDS_TLS) => Kind::Tls,
        400 => Kind::Invalid,
        401 => Kind::Unauthorized,
        403 => Kind::Forbidden,
        404 => of_words_or(message, Kind::NotFound),
        405 | 501 => Kind::Unsupported,
        409 => Kind::Conflict,
        429 => Kind::RateLimited,
        // What a registry has said to the engine comes as the engine's own trouble.
        _ => of_words(message),
    }
}

fn of_words(said: &str) -> Kind {
    of_words_or(said, Kind::Server)
}

/// The kind that an engine's words tell of: those of containerd, of Docker's own client of registries, and of
/// containers/image.
fn of_words_or(said: &str, otherwise: Kind) -> Kind {
    const WORDS: &[(&str, Kind)] = &[
        ("toomanyrequests", Kind::RateLimited),
        ("too many requests", Kind::RateLimited),
        ("unauthorized", Kind::Unauthorized),
        ("authentication required", Kind::Unauthorized),
        ("no basic auth credentials", Kind::Unauthorized),
        ("access to the resource is denied", Kind::Unauthorized),
        ("pull access denied", Kind::Unauthorized),
        ("x509", Kind::Tls),
        ("certificate", Kind::Tls),
        ("http response to https client", Kind::Tls),
        ("tls:", Kind::Tls),
        ("no matching manifest", Kind::NotFound),
        ("manifest unknown", Kind::NotFound),
        ("not found", Kind::NotFound),
        ("no such image", Kind::NotFound),
        ("image not known", Kind::NotFound),
        ("no such host", Kind::Offline),
        ("connection refused", Kind::Offline),
        ("network is unreachable", Kind::Offline),
        ("i/o timeout", Kind::Timeout),
        ("timeout exceeded", Kind::Timeout),
        ("no space left", Kind::Io),
        ("in use by", Kind::Conflict),
        ("image is in use", Kind::Conflict),
    ];
    let said = said.to_ascii_lowercase();
    WORDS.iter().find(|(word, _)| said.contains(word)).map_or(otherwise, |(_, kind)| *kind)
}

/// A request that did not get through, or an answer that broke off.
fn of_transport(error: &Error) -> (Kind, String) {
    let mut root: &dyn std::error::Error = error;
    let mut cause = None;
    while let Some(source) = root.source() {
        root = source;
        cause = root.downcast_ref::<io::Error>().map(io::Error::kind).or(cause);
    }
    if let Error::IOError { err } = error {
        cause = Some(err.kind());
    }
    match cause {
        Some(io::ErrorKind::PermissionDenied) => (Kind::Forbidden, NO_RIGHT.to_owned()),
        Some(io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) => {
            (Kind::Offline, "nothing listens there".to_owned())
        }
        _ if matches!(error, Error::HyperResponseError { .. } | Error::IOError { .. }) => {
            (Kind::Offline, format!("the engine broke off: {root}"))
        }
        _ => (Kind::Offline, root.to_string()),
    }
}
