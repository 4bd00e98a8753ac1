//! Names that must be free in all of a cloud, because hosts are made of them: the service that knows whether one is.
//!
//! Sources: `azure/arm-containerregistry.json` and `azure/arm-web-provider.json` of Microsoft's own descriptions.

use serde::Deserialize;
use serde_json::json;

use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::Method;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::arm::Subscribed;
use crate::registry::providers::azure::operation::Call;

/// Who is asked about names, and of what kind.
pub(super) struct Names {
    /// The resource provider.
    pub(super) provider: &'static str,
    /// The last part of the address: not all write it alike.
    pub(super) path: &'static str,
    /// The `api-version`.
    pub(super) version: &'static str,
    /// What is to be called so, as a resource type.
    pub(super) kind: &'static str,
    /// What is being done, as a phrase.
    pub(super) doing: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    name_available: Option<bool>,
    message: Option<String>,
}

impl Names {
    /// Whether something can still be called `name`.
    ///
    /// # Errors
    /// `Conflict` with what Azure says of it; what the resource manager says.
    pub(super) async fn check(&self, azure: &Azure, of: &Subscribed, name: &str) -> Result<(), Failure> {
        let call = Call {
            tenant: of.tenant.as_deref(),
            method: Method::POST,
            path: &["subscriptions", &of.id, "providers", self.provider, self.path],
            version: self.version,
            body: Some(&json!({ "name": name, "type": self.kind })),
            doing: self.doing,
            role: "Contributor of the subscription",
        };
        let answer: Answer = azure.arm.read(&call).await?.json(self.doing)?;
        if answer.name_available != Some(false) {
            return Ok(());
        }
        let said = answer.message.filter(|m| !m.is_empty());
        let said = said.unwrap_or_else(|| format!("the name {name} is taken; choose another"));
        Err(Failure::new(FailureKind::Conflict, self.doing, visible(said.trim_end_matches('.'))))
    }
}
