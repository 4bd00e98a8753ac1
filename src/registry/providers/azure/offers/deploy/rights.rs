//! The right to pull from a registry, given to the identity of an app.
//!
//! Sources: "Assign Azure roles using the REST API"; "Azure built-in roles" for AcrPull's number. No machine-readable
//! description of `Microsoft.Authorization` is at hand, so that this request is not held against one. Registries that give
//! rights by repository do not know AcrPull; whether one does is not among its properties in the version that is asked for.
//!
//! Invariant: the assignment's name follows from registry and identity, so that giving the right twice changes nothing.

use serde_json::json;

use crate::domain::{Digest, Failure};
use crate::http::Method;
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::arm::{Found, segments};
use crate::registry::providers::azure::operation::Call;

const VERSION: &str = "2022-04-01";
const ACR_PULL: &str = "7f951dda-4ed3-4680-a7ca-43fe172d538d";

/// Gives AcrPull on a registry to the identity `principal`.
///
/// # Errors
/// The failure that a refusal is, with the role that may give roles.
pub(super) async fn give_pull(
    azure: &Azure,
    running: &Running<'_>,
    on: &Found,
    principal: &str,
) -> Result<(), Failure> {
    let name = assignment(&on.id, principal);
    let own = ["providers", "Microsoft.Authorization", "roleAssignments", &name];
    let path: Vec<&str> = segments(&on.id).into_iter().chain(own).collect();
    let subscription = segments(&on.id).get(1).copied().unwrap_or_default().to_owned();
    let role =
        format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{ACR_PULL}");
    let call = Call {
        tenant: on.tenant.as_deref(),
        method: Method::PUT,
        path: &path,
        version: VERSION,
        body: Some(&json!({ "properties": {
            "roleDefinitionId": role,
            "principalId": principal,
            // An identity that was just made is not known everywhere yet: said so, it is not looked up.
            "principalType": "ServicePrincipal",
        } })),
        doing: "giving the app's identity the role AcrPull",
        role: "Owner or User Access Administrator of the registry",
    };
    azure.arm.change(&call, running).await.map(|_| ())
}

/// A UUID that is always the same for a registry and an identity (version 8 of RFC 9562).
fn assignment(registry: &str, principal: &str) -> String {
    let digest = Digest::of(format!("{registry} {principal} {ACR_PULL}").to_ascii_lowercase().as_bytes());
    let hex: Vec<char> = digest.hex().chars().take(32).collect();
    let mut uuid = String::new();
    for (at, digit) in hex.into_iter().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(match at {
            12 => '8',
            16 => 'a',
            _ => digit,
        });
    }
    uuid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_has_one_name() {
        let name = assignment("/subscriptions/s/registries/Acme", "p");
        assert_eq!(name, assignment("/subscriptions/s/registries/acme", "p"));
        assert_ne!(name, assignment("/subscriptions/s/registries/acme", "q"));
        let parts: Vec<usize> = name.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{name}");
        assert!(name.as_bytes().get(14) == Some(&b'8') && name.as_bytes().get(19) == Some(&b'a'), "{name}");
    }
}
