//! Delete Registry…: a registry with everything in it, after its name was typed.
//!
//! Invariant: it is said to be gone when the resource manager says so, not before.

use async_trait::async_trait;

use super::{Offer, place};
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Extra, Touch, Whose};
use crate::domain::text::visible;
use crate::domain::{Failure, Locator, NodeKind, human};
use crate::http::Method;
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::arm::{Found, REGISTRIES, segments};
use crate::registry::providers::azure::operation::Call;

pub(super) struct DeleteRegistry;

const EXTRA: Extra = Extra {
    id: "azure.delete-registry",
    label: "Delete Registry…",
    on: &[NodeKind::Registry],
    of: Whose::Own,
    touch: Touch::Writes,
    begins: Begins::AfterName,
    makes: None,
};

#[async_trait]
impl Offer for DeleteRegistry {
    fn extra(&self) -> &'static Extra {
        &EXTRA
    }

    async fn summary(&self, azure: &Azure, asked: &Asked) -> Result<Vec<String>, Failure> {
        let found = found(azure, &asked.at).await?;
        let (registry, usages) = tokio::join!(azure.arm.properties(&found), azure.arm.usages(&found));
        let registry = registry?;
        let told = [registry.sku.name, registry.location].into_iter().flatten();
        let told = told.map(|t| visible(&t).into_owned()).collect::<Vec<_>>().join(", ");
        // How much is in it is told where it is known; it goes either way.
        let size = usages.unwrap_or_default().into_iter().find(|usage| usage.name == "Size");
        let size = size.and_then(|usage| u64::try_from(usage.current_value?).ok());
        let size = size.map_or_else(String::new, |size| format!(": {}", human::size(size)));
        Ok(vec![
            format!("deletes the registry {} ({told})", visible(&registry.name)),
            format!("with every repository, tag and manifest in it{size}"),
            "nothing brings it back".to_owned(),
        ])
    }

    async fn run(&self, azure: &Azure, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure> {
        let server = asked.at.name();
        let found = found(azure, &asked.at).await?;
        let doing = format!("deleting the registry {}", visible(server));
        let call = Call {
            tenant: found.tenant.as_deref(),
            method: Method::DELETE,
            path: &segments(&found.id),
            version: REGISTRIES,
            body: None,
            doing: &doing,
            role: "Contributor of the resource group",
        };
        azure.arm.change(&call, running).await?;
        azure.forget(server);
        let subscription = asked.at.parent();
        Ok(Outcome {
            said: format!("the registry {} is gone, with everything in it", visible(server)),
            changed: subscription.as_ref().map(place::lists_above).unwrap_or_default(),
            at: subscription,
            ..Outcome::default()
        })
    }
}

async fn found(azure: &Azure, at: &Locator) -> Result<Found, Failure> {
    azure.arm.registry(at.nearest(NodeKind::Namespace).unwrap_or_default(), at.name()).await
}
