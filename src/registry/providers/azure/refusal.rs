//! What Entra, the resource manager and registries say when they refuse, with what a person does about it.
//!
//! Sources: "Microsoft Entra authentication and authorization error codes"; "Claims challenges, claims requests";
//! "Azure Container Registry roles and permissions"; "Troubleshoot registry login", "… network issues".
//!
//! Invariant: what the other side said stays; what to do is added behind it.

use serde_json::Value;

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
    let mut failure = reply.failure(doing);
    let told = serde_json::from_slice(&reply.body).ok().and_then(|body| Told::of(&body)).unwrap_or_default();
    // A body that is nothing but a message was read already.
    if !told.message.is_empty() && !failure.said.contains(told.message.trim_end_matches('.')) {
        failure.said = format!("{}: {}", failure.said, told.sentence());
    }
    if wants_claims(reply) {
        failure.kind = FailureKind::Unauthorized;
        failure.said = format!("{}; {STEP_UP}", failure.said);
    } else if let Some(next) = told.next_step() {
        failure.said = format!("{}; {next}", failure.said);
    } else if failure.kind == FailureKind::Forbidden {
        failure.said = format!("{}; this needs the role {role}", failure.said);
    }
    failure
}

/// An error as the resource manager tells it, with those that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Told {
    code: String,
    message: String,
    details: Vec<Self>,
}

impl Told {
    /// The error in a body: `{"error": {…}}`, or the error alone. App Service writes its names with capitals.
    pub(super) fn of(body: &Value) -> Option<Self> {
        let error = [body.get("error"), body.get("Error"), Some(body)]
            .into_iter()
            .flatten()
            .find(|e| e.is_object())?;
        let any = |names: [&str; 2]| names.into_iter().find_map(|name| error.get(name));
        let text = |names| any(names).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let details = any(["details", "Details"]).and_then(Value::as_array).into_iter().flatten();
        let told = Self {
            code: text(["code", "Code"]),
            message: text(["message", "Message"]),
            details: details.filter_map(Self::of).collect(),
        };
        (!told.code.is_empty() || !told.message.is_empty()).then_some(told)
    }

    /// `message (code); message (code)`, each once.
    pub(super) fn sentence(&self) -> String {
        let mut parts = Vec::new();
        self.gather(&mut parts);
        parts.join("; ")
    }

    fn gather(&self, parts: &mut Vec<String>) {
        let message = visible(self.message.trim_end_matches('.'));
        let part = match (self.message.is_empty(), self.code.is_empty()) {
            (false, false) => format!("{message} ({})", visible(&self.code)),
            (true, _) => visible(&self.code).into_owned(),
            (false, true) => message.into_owned(),
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
        for detail in &self.details {
            detail.gather(parts);
        }
    }

    /// What a person does about it, where the code tells.
    pub(super) fn next_step(&self) -> Option<&'static str> {
        let inside = self.details.iter().find_map(Self::next_step);
        inside.or_else(|| {
            let code = self.code.to_ascii_lowercase();
            STEPS.iter().find(|(part, _)| code.contains(part)).map(|(_, next)| *next)
        })
    }
}

/// What to do about an error whose code has this in it, in lower case; the first that fits.
///
/// Source: "Troubleshoot common Azure deployment errors".
const STEPS: &[(&str, &str)] = &[
    (
        "quota",
        "ask for a higher limit under “Usage + quotas” of the subscription in the portal, or choose another region",
    ),
    (
        "limitexceeded",
        "ask for a higher limit under “Usage + quotas” of the subscription in the portal, or delete what is not needed",
    ),
    ("locationnotavailable", "choose another region"),
    ("sku", "choose another SKU or another region"),
    (
        "subscriptionregistration",
        "register the resource provider that it names under “Resource providers” of the subscription in the portal",
    ),
    (
        "subscriptionnotregistered",
        "register the resource provider that it names under “Resource providers” of the subscription in the portal",
    ),
    (
        "disabledsubscription",
        "the subscription is switched off; its owner can switch it on again in the portal",
    ),
    (
        "disallowedbypolicy",
        "a policy of the organisation forbids it; who keeps the policies knows what they allow",
    ),
    (
        "scopelocked",
        "a lock of the resource manager lies on it; an owner can lift it under “Locks” in the portal",
    ),
];

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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_is_told_whole() {
        let body = json!({ "error": {
            "code": "DeploymentFailed", "message": "It failed.",
            "details": [
                { "code": "Conflict", "message": "One.", "details": [{ "code": "QuotaExceeded", "message": "Two." }] },
                { "code": "DeploymentFailed", "message": "It failed." },
                { "code": "OnlyACode" }, "odd",
            ],
        } });
        let told = Told::of(&body).unwrap();
        let all = "It failed (DeploymentFailed); One (Conflict); Two (QuotaExceeded); OnlyACode";
        assert_eq!(told.sentence(), all);
        assert!(told.next_step().unwrap().contains("higher limit"));
    }

    #[test]
    fn an_error_may_stand_alone_and_have_capitals() {
        let told = |body| Told::of(&body).map(|told| told.sentence());
        assert_eq!(told(json!({ "Code": "A", "Message": "b", "Details": null })), Some("b (A)".to_owned()));
        assert_eq!(told(json!({ "code": "A", "message": "b" })), Some("b (A)".to_owned()));
        assert_eq!(told(json!({ "error": null, "status": "Succeeded" })), None);
        assert_eq!(told(json!("text")), None);
    }
}
