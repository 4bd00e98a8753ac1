//! What only one vendor offers: its form, its summary, and doing it.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::Workspace;
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::Choice;
use crate::domain::{Credential, Failure, FailureKind, Locator, NodeKind};
use crate::http::SignIn;
use crate::registry::{Distribution, Extras, Provider, Running, Stages};
use crate::transfer::Meter;

impl Workspace {
    /// The values that a field of an extra's form may have.
    ///
    /// # Errors
    /// Whatever the vendor's API says.
    pub async fn extra_choices(&self, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
        let provider = self.provider(&asked.via)?;
        facet(provider.as_ref(), asked)?.choices(&self.with_image(asked), field).await
    }

    /// Whether what was typed into a field can stay so.
    ///
    /// # Errors
    /// The reason why not; whatever the vendor's API says.
    pub async fn check_extra(&self, asked: &Asked, field: &str) -> Result<(), Failure> {
        let provider = self.provider(&asked.via)?;
        facet(provider.as_ref(), asked)?.check(&self.with_image(asked), field).await
    }

    /// What an extra would do, line by line.
    ///
    /// # Errors
    /// `Invalid` for a form that cannot be carried out; whatever the vendor's API says.
    pub async fn sum_up_extra(&self, asked: &Asked) -> Result<Vec<String>, Failure> {
        let provider = self.provider(&asked.via)?;
        facet(provider.as_ref(), asked)?.summary(&self.with_image(asked)).await
    }

    /// Does it.
    ///
    /// # Errors
    /// Whatever the vendor's API says, with what was made until then; `Cancelled` when the waiting was given up.
    pub async fn run_extra(
        &self,
        asked: &Asked,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Outcome, Failure> {
        let provider = self.provider(&asked.via)?;
        let sign_in = self.sign_in_at(&asked.at);
        let running = Running { stages: &Told(Arc::clone(meter)), stop, sign_in };
        facet(provider.as_ref(), asked)?.run(&self.with_image(asked), &running).await
    }

    /// The same, with the image that its node is.
    fn with_image(&self, asked: &Asked) -> Asked {
        let host = self.host_of(&asked.at).ok().filter(|_| is_image(&asked.at));
        Asked { image: host.and_then(|host| asked.at.reference(&host)), ..asked.clone() }
    }

    /// How the image at a node is fetched by somebody else.
    fn sign_in_at(&self, at: &Locator) -> Option<Arc<dyn SignIn>> {
        let provider = self.provider(&at.connection).ok().filter(|_| is_image(at))?;
        Some(Arc::new(ForOthers(provider.distribution(at)?)))
    }
}

fn is_image(at: &Locator) -> bool {
    matches!(at.kind(), NodeKind::Tag | NodeKind::Manifest)
}

/// What a registry takes from whoever signs in there in the connection's place.
struct ForOthers(Distribution);

#[async_trait]
impl SignIn for ForOthers {
    async fn credential(&self) -> Result<Credential, Failure> {
        self.0.http().credential().await
    }
}

fn facet<'a>(provider: &'a dyn Provider, asked: &Asked) -> Result<&'a dyn Extras, Failure> {
    let is_offered = |extras: &&dyn Extras| extras.list().iter().any(|e| e.id == asked.extra);
    provider.extras().filter(is_offered).ok_or_else(|| {
        Failure::new(FailureKind::Unsupported, format!("doing “{}”", asked.extra), "it is not offered here")
    })
}

/// The stages, as the jobs panel reads them.
struct Told(Arc<Meter>);

impl Stages for Told {
    fn enter(&self, stage: &str) {
        self.0.tell(stage);
    }

    fn line(&self, text: &str) {
        self.0.log(text);
    }
}
