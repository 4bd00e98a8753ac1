//! What AWS means by a refusal: the name of its error, as a sentence with the next step.
//!
//! An error of the JSON 1.1 protocol is named in `x-amzn-ErrorType` or in the body's `__type`, whatever the status.
//!
//! Invariant: what AWS says is shown visible, and never longer than a short paragraph.

use serde::Deserialize;

use super::keys;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::Reply;

/// The longest text of AWS that is shown, in characters.
const LONGEST: usize = 400;

/// A refusal with the name that AWS gives to it.
#[derive(Debug)]
pub(super) struct Refused {
    /// `RepositoryNotFoundException`; empty for what did not come from AWS.
    pub(super) code: String,
    /// What it means.
    pub(super) failure: Failure,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { code: String::new(), failure }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        refused.failure
    }
}

/// Name and text of an error.
#[derive(Debug, Default)]
struct Error {
    code: String,
    message: String,
}

impl Error {
    fn of(reply: &Reply) -> Option<Self> {
        #[derive(Deserialize)]
        struct Body {
            #[serde(rename = "__type")]
            kind: Option<String>,
            #[serde(alias = "Message")]
            message: Option<String>,
        }
        let body = serde_json::from_slice::<Body>(&reply.body).ok();
        let (kind, message) = body.map(|b| (b.kind, b.message)).unwrap_or_default();
        let kind = reply.named("x-amzn-errortype").map(str::to_owned).or(kind)?;
        // `com.amazonaws.ecr#Name:http://…`
        let name = kind.rsplit('#').next().unwrap_or_default();
        let code = name.split(':').next().unwrap_or_default().to_owned();
        let message: String = message.unwrap_or_default().chars().take(LONGEST).collect();
        Some(Self { code, message: visible(message.trim()).into_owned() })
    }
}

/// Whether an answer says "too many requests", which AWS does with a status of 400.
pub(super) fn is_throttled(reply: &Reply) -> bool {
    !reply.status.is_success()
        && Error::of(reply).is_some_and(|e| kind_of(&e.code) == FailureKind::RateLimited)
}

/// Whether keys may have been renewed since, where AWS refused them with this name.
pub(super) fn may_be_renewed(code: &str) -> bool {
    matches!(
        code,
        "ExpiredTokenException" | "ExpiredToken" | "UnrecognizedClientException" | "InvalidClientTokenId"
    )
}

/// The refusal that `reply` is. `profile` is the one that was chosen, for the command that signs in again.
pub(super) fn of(reply: &Reply, doing: &str, profile: Option<&str>) -> Refused {
    let Some(error) = Error::of(reply) else { return of_another(reply.failure(doing)).into() };
    let said = meaning(&error, profile);
    let failure = Failure::new(kind_of(&error.code), doing, said);
    Refused {
        code: error.code,
        failure: Failure { retry_after: reply.failure(doing).retry_after, ..failure },
    }
}

/// A refusal that is none of AWS's. What is not found is the API: what AWS does not find has a name.
fn of_another(failure: Failure) -> Failure {
    if failure.kind != FailureKind::NotFound {
        return failure;
    }
    let said =
        format!("{}; there is no API of Amazon ECR at this address: check the “API endpoint”", failure.said);
    Failure { kind: FailureKind::Unsupported, said, ..failure }
}

fn kind_of(code: &str) -> FailureKind {
    match code {
        "ThrottlingException"
        | "ThrottleException"
        | "Throttling"
        | "TooManyRequestsException"
        | "RequestLimitExceeded" => FailureKind::RateLimited,
        "ExpiredTokenException"
        | "ExpiredToken"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignatureException"
        | "IncompleteSignature"
        | "RequestExpired"
        | "MissingAuthenticationTokenException" => FailureKind::Unauthorized,
        "AccessDeniedException" | "AccessDenied" | "NotAuthorized" | "OptInRequired" | "KmsException" => {
            FailureKind::Forbidden
        }
        "RepositoryNotFoundException"
        | "ImageNotFoundException"
        | "ScanNotFoundException"
        | "RegistryNotFoundException" => FailureKind::NotFound,
        "RepositoryAlreadyExistsException"
        | "RepositoryNotEmptyException"
        | "ImageTagAlreadyExistsException"
        | "LimitExceededException" => FailureKind::Conflict,
        "UnsupportedCommandException" | "UnknownOperationException" => FailureKind::Unsupported,
        "ServerException" | "InternalFailure" | "InternalServerException" | "ServiceUnavailableException" => {
            FailureKind::Server
        }
        _ => FailureKind::Invalid,
    }
}

fn meaning(error: &Error, profile: Option<&str>) -> String {
    let Error { code, message } = error;
    let told = if message.is_empty() { code.clone() } else { format!("{message} ({code})") };
    match code.as_str() {
        "ExpiredTokenException" | "ExpiredToken" => {
            format!("the session has expired; sign in again: {}", keys::login(profile))
        }
        "UnrecognizedClientException" | "InvalidClientTokenId" => format!(
            "AWS does not know this access key, or its region is not enabled for the account; check the keys, or sign in \
             again: {}",
            keys::login(profile)
        ),
        "RequestExpired" => {
            format!("the clock of this machine is wrong, and AWS refuses requests of another time: {told}")
        }
        "InvalidSignatureException" if is_about_time(message) => {
            format!("the clock of this machine is wrong, and AWS refuses requests of another time: {told}")
        }
        "InvalidSignatureException" | "SignatureDoesNotMatch" => {
            "the secret access key is not the one of this access key".to_owned()
        }
        "AccessDeniedException" | "AccessDenied" => match missing_permission(message) {
            Some(action) => format!("the permission {action} is missing: {told}"),
            None => told,
        },
        "RepositoryNotFoundException" => format!("{told}; “Create repository…” makes it"),
        "RepositoryNotEmptyException" => format!("there are still images in it: {told}"),
        "ImageTagAlreadyExistsException" => {
            format!("tags are immutable there, so this one stays as it is: {told}")
        }
        "LimitExceededException" => format!("a quota of the account is used up: {told}"),
        _ if kind_of(code) == FailureKind::RateLimited => format!("too many requests: {told}"),
        _ => told,
    }
}

/// AWS names the time that it wanted: `Signature expired: 20240301T120000Z is now earlier than …`.
fn is_about_time(message: &str) -> bool {
    message.starts_with("Signature expired") || message.starts_with("Signature not yet current")
}

/// The action in `User: arn:… is not authorized to perform: ecr:DescribeImages on resource: arn:…`.
fn missing_permission(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    rest.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(code: &str, message: &str) -> (FailureKind, String) {
        let error = Error { code: code.to_owned(), message: message.to_owned() };
        (kind_of(code), meaning(&error, Some("work")))
    }

    #[test]
    fn each_refusal_has_its_next_step() {
        let denied =
            "User: arn:aws:iam::1:user/ada is not authorized to perform: ecr:DescribeImages on resource: x";
        for (code, message, kind, said) in [
            (
                "ExpiredTokenException",
                "",
                FailureKind::Unauthorized,
                "sign in again: aws sso login --profile work",
            ),
            (
                "AccessDeniedException",
                denied,
                FailureKind::Forbidden,
                "the permission ecr:DescribeImages is missing",
            ),
            ("RepositoryNotFoundException", "no x", FailureKind::NotFound, "“Create repository…” makes it"),
            (
                "ThrottlingException",
                "Rate exceeded",
                FailureKind::RateLimited,
                "too many requests: Rate exceeded",
            ),
            ("ImageTagAlreadyExistsException", "", FailureKind::Conflict, "tags are immutable"),
            (
                "InvalidSignatureException",
                "Signature expired: 1",
                FailureKind::Unauthorized,
                "clock of this machine",
            ),
            (
                "InvalidSignatureException",
                "The request",
                FailureKind::Unauthorized,
                "not the one of this access key",
            ),
            ("RequestExpired", "", FailureKind::Unauthorized, "clock of this machine"),
            ("ThrottleException", "", FailureKind::RateLimited, "too many requests"),
            ("SomethingElse", "what it is", FailureKind::Invalid, "what it is (SomethingElse)"),
        ] {
            let (found, text) = meant(code, message);
            assert_eq!(found, kind, "{code}");
            assert!(text.contains(said), "{code}: {text}");
        }
    }
}
