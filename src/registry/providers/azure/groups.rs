//! Where a subscription's resources are put: resource groups and locations.
//!
//! Source: `azure/arm-resources.json` and `azure/arm-subscriptions.json` of Microsoft's own descriptions.

use serde_json::json;

use super::arm::{Arm, SUBSCRIPTIONS, Subscribed};
use super::operation::Call;
use super::wire::{Group, Location};
use crate::domain::Failure;
use crate::domain::text::visible;
use crate::http::Method;
use crate::registry::Running;

const GROUPS: &str = "2024-07-01";

impl Arm {
    /// The resource groups of a subscription, by name.
    pub(super) async fn groups(&self, of: &Subscribed) -> Result<Vec<Group>, Failure> {
        let doing = format!("listing the resource groups of {}", visible(&of.name));
        let path = ["subscriptions", &of.id, "resourcegroups"];
        let mut all: Vec<Group> = self.list(of.tenant.as_deref(), &path, GROUPS, &doing).await?;
        all.retain(|group| !group.name.is_empty());
        all.sort_by_cached_key(|group| group.name.to_lowercase());
        Ok(all)
    }

    /// The locations of a subscription, those that Azure recommends first.
    pub(super) async fn locations(&self, of: &Subscribed) -> Result<Vec<Location>, Failure> {
        let doing = format!("listing the locations of {}", visible(&of.name));
        let path = ["subscriptions", &of.id, "locations"];
        let mut all: Vec<Location> = self.list(of.tenant.as_deref(), &path, SUBSCRIPTIONS, &doing).await?;
        all.retain(|location| !location.name.is_empty() && location.is_physical());
        all.sort_by_cached_key(|location| (!location.is_recommended(), location.title().to_lowercase()));
        Ok(all)
    }

    /// Makes a resource group.
    ///
    /// # Errors
    /// As [`change`](Self::change).
    pub(super) async fn make_group(
        &self,
        of: &Subscribed,
        name: &str,
        location: &str,
        running: &Running<'_>,
    ) -> Result<(), Failure> {
        let doing = format!("creating the resource group {}", visible(name));
        let call = Call {
            tenant: of.tenant.as_deref(),
            method: Method::PUT,
            path: &["subscriptions", &of.id, "resourcegroups", name],
            version: GROUPS,
            body: Some(&json!({ "location": location })),
            doing: &doing,
            role: "Contributor of the subscription",
        };
        self.change(&call, running).await.map(|_| ())
    }
}
