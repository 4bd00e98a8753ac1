//! What only Azure offers: one file for each, one line each in the list below.
//!
//! Invariant: what needs the resource manager is there only where the connection has it; one registry alone has none.

mod build;
mod create;
mod delete;
mod deploy;
mod locks;
mod place;
mod properties;
mod run;
mod run_task;
mod taken;

use std::sync::LazyLock;

use async_trait::async_trait;

use super::Azure;
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Choice, Extra};
use crate::domain::{Failure, FailureKind};
use crate::registry::{Extras, Running};

/// All of them, in the order of menus.
static OFFERS: &[&dyn Offer] = &[
    &create::CreateRegistry,
    &build::Build,
    &properties::Properties,
    &run_task::RunTask,
    &run::Follow,
    &run::Log,
    &run::Digest,
    &run::Cancel,
    &delete::DeleteRegistry,
    &deploy::app_service::DeployToAppService,
    &deploy::container_apps::DeployToContainerApps,
    &locks::Locks,
];

static LIST: LazyLock<Vec<Extra>> = LazyLock::new(|| OFFERS.iter().map(|o| *o.extra()).collect());

/// Those of a connection that leads to one registry.
static OF_ONE: LazyLock<Vec<Extra>> =
    LazyLock::new(|| OFFERS.iter().filter(|o| !o.needs_the_resource_manager()).map(|o| *o.extra()).collect());

/// One of them; its parts are those of [`Extras`].
#[async_trait]
trait Offer: Send + Sync {
    fn extra(&self) -> &'static Extra;

    /// Whether it is nothing for a connection that leads to one registry.
    fn needs_the_resource_manager(&self) -> bool {
        true
    }

    async fn choices(&self, _azure: &Azure, _asked: &Asked, _field: &str) -> Result<Vec<Choice>, Failure> {
        Ok(Vec::new())
    }

    async fn check(&self, _azure: &Azure, _asked: &Asked, _field: &str) -> Result<(), Failure> {
        Ok(())
    }

    async fn summary(&self, _azure: &Azure, _asked: &Asked) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }

    async fn run(&self, azure: &Azure, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure>;
}

#[async_trait]
impl Extras for Azure {
    fn list(&self) -> &'static [Extra] {
        if self.one.is_some() { &OF_ONE } else { &LIST }
    }

    async fn choices(&self, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
        offer(asked)?.choices(self, asked, field).await
    }

    async fn check(&self, asked: &Asked, field: &str) -> Result<(), Failure> {
        offer(asked)?.check(self, asked, field).await
    }

    async fn summary(&self, asked: &Asked) -> Result<Vec<String>, Failure> {
        offer(asked)?.summary(self, asked).await
    }

    async fn run(&self, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure> {
        offer(asked)?.run(self, asked, running).await
    }
}

fn offer(asked: &Asked) -> Result<&'static dyn Offer, Failure> {
    OFFERS.iter().find(|o| o.extra().id == asked.extra).copied().ok_or_else(|| {
        Failure::new(FailureKind::Unsupported, format!("doing “{}”", asked.extra), "Azure has no such offer")
    })
}
