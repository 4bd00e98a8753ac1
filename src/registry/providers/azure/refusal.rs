//! What Entra, the resource manager and registries say when they refuse, with what a person does about it.
//!
//! Sources: "Microsoft Entra authentication and authorization error codes"; "Claims challenges, claims requests";
//! "Azure Container Registry roles and permissions"; "Troubleshoot registry login", "… network issues".
//!
//! Invariant: what the other side said stays; what to do is added behind it.

use serde::Deserialize;

use super::token::{Answer, SIGNING_IN};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::header::WWW_AUTHENTICATE;
use crate::http::{Method, Reply};

/// The right that a call needs, by the role that gives it; the second is for registries with rights by repository.
struct Role(&'static str, &'static str);

const PULL: Role = Role("AcrPull", "Container Registry Repository Reader");
const LIST: Role = Role("AcrPull", "Container Registry Repository Catalog Lister");
const PUSH: Role = Role("AcrPush", "Container Registry Repository Writer");
const DELETE: Role = Role("AcrDelete", "Container Registry Repository Contributor");

const STEP_UP: &str = "a further proof is asked for (a second factor, or a device that is managed): sign in once more, with “az login” or “Edit connection…”";

/// A refusal of the token endpoint.
pub(super) fn of_entra(answer: &Answer) -> Failure {
    let error = answer.error.as_deref().unwrap_or_default();
    let told = answer.error_description.as_deref().unwrap_or(error);
    // The lines after the first are numbers for Microsoft's support.
    let told = told.lines().next().unwrap_or_default().trim_end_matches('.');
    let wants_more = error == "interaction_required"
        || answer.suberror.as_deref() == Some("basic_action")
        || ["AADSTS50076", "AADSTS50079", "AADSTS53003"].iter().any(|code| told.contains(code));
    let next = match error {
        _ if wants_more => STEP_UP,
        "invalid_client" => {
            "check the client ID and its secret or certificate; secrets and certificates of applications expire"
        }
        "invalid_grant" => "the sign-in was revoked or has expired; “Edit connection…” begins anew",
        "unauthorized_client" => "check the tenant and the client ID",
        _ => "check the tenant and the sign-in",
    };
    let said = format!("Microsoft Entra says: {}; {next}", visible(told));
    Failure::new(FailureKind::Unauthorized, SIGNING_IN, said)
}

/// A refusal of the resource manager.
pub(super) fn of_arm(reply: &Reply, doing: &str, role: &str) -> Failure {
    #[derive(Deserialize)]
    struct Body {
        error: Told,
    }
    #[derive(Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Told {
        code: String,
        message: String,
    }
    let mut failure = reply.failure(doing);
    let told = serde_json::from_slice::<Body>(&reply.body).map(|b| b.error).unwrap_or_default();
    if !told.message.is_empty() {
        failure.said = format!("{}: {} ({})", failure.said, visible(&told.message), visible(&told.code));
    }
    if wants_claims(reply) {
        failure.kind = FailureKind::Unauthorized;
        failure.said = format!("{}; {STEP_UP}", failure.said);
    } else if failure.kind == FailureKind::Forbidden {
        failure.said = format!("{}; this needs the role {role}", failure.said);
    }
    failure
}

/// Whether a claims challenge came along: `Bearer …, error="insufficient_claims", claims="…"`.
fn wants_claims(reply: &Reply) -> bool {
    let mut lines = reply.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|v| v.to_str().ok());
    lines.any(|line| line.contains("claims=") || line.contains("insufficient_claims"))
}

/// Says which right is missing where a registry refuses, and what to do about its firewall. Its 401 after a sign-in that
/// was taken means that a right is missing.
pub(super) fn of_registry(reply: &Reply, failure: Failure) -> Failure {
    let failure = explained(failure);
    let lacks = match failure.kind {
        FailureKind::Forbidden => !is_firewall(&failure),
        FailureKind::Unauthorized => reply.signed_in,
        _ => false,
    };
    let Some(Role(usual, by_repository)) = needed(reply).filter(|_| lacks) else { return failure };
    let said = format!(
        "{}; this needs the role {usual} ({by_repository} where the registry gives rights by repository)",
        failure.said
    );
    Failure { kind: FailureKind::Forbidden, said, ..failure }
}

/// The right that a request needed; nothing for one that asks for no content.
fn needed(reply: &Reply) -> Option<Role> {
    let path = reply.url.path();
    if !["/v2/", "/acr/v1/"].iter().any(|api| path.starts_with(api)) {
        return None;
    }
    Some(match reply.method {
        _ if path.ends_with("/_catalog") => LIST,
        Method::GET | Method::HEAD => PULL,
        Method::DELETE => DELETE,
        _ => PUSH,
    })
}

/// Says of a firewall's refusal what to do about it.
pub(super) fn explained(failure: Failure) -> Failure {
    if !is_firewall(&failure) {
        return failure;
    }
    let said = format!(
        "{}; the registry's firewall keeps this address out: allow it under “Networking” in the portal, or go by its private endpoint",
        failure.said
    );
    Failure { kind: FailureKind::Forbidden, said, ..failure }
}

fn is_firewall(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Forbidden | FailureKind::Unauthorized)
        && ["aka.ms/acr/firewall", "is not allowed access", "public network access"]
            .iter()
            .any(|words| failure.said.to_ascii_lowercase().contains(words))
}
