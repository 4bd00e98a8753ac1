//! View Properties: a registry as the resource manager describes it, as JSON.
//!
//! Invariant: what is shown is what the resource manager says, nothing left out.

use async_trait::async_trait;

use super::Offer;
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Extra, Touch, Whose};
use crate::domain::text::visible;
use crate::domain::{Failure, NodeKind};
use crate::registry::Running;
use crate::registry::providers::azure::Azure;

pub(super) struct Properties;

const EXTRA: Extra = Extra {
    id: "azure.properties",
    label: "View Properties",
    on: &[NodeKind::Registry],
    of: Whose::Own,
    touch: Touch::Reads,
    begins: Begins::AtOnce,
    makes: None,
};

#[async_trait]
impl Offer for Properties {
    fn extra(&self) -> &'static Extra {
        &EXTRA
    }

    async fn run(&self, azure: &Azure, asked: &Asked, _running: &Running<'_>) -> Result<Outcome, Failure> {
        let server = asked.at.name();
        let subscription = asked.at.nearest(NodeKind::Namespace).unwrap_or_default();
        let found = azure.arm.registry(subscription, server).await?;
        let text = azure.arm.raw_properties(&found).await?;
        Ok(Outcome { text: Some((visible(server).into_owned(), text)), ..Outcome::default() })
    }
}
