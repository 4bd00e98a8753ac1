//! What only one vendor offers: its form, its summary, and doing it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::sign_in::StoredSignIn;
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::Choice;
use crate::domain::{Failure, FailureKind, Locator, NodeKind, Reference};
use crate::http::SignIn;
use crate::registry::{Extras, Provider, Running, Stages};
use crate::transfer::Meter;

impl Workspace {
    /// The values that a field of an extra's form may have.
    ///
    /// # Errors
    /// Whatever the vendor's API says.
    pub async fn extra_choices(&self, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
        let provider = self.provider(&asked.via)?;
        facet(provider.as_ref(), asked)?.choices(asked, field).await
    }

    /// Whether what was typed into a field can stay so.
    ///
    /// # Errors
    /// The reason why not; whatever the vendor's API says.
    pub async fn check_extra(&self, asked: &Asked, field: &str) -> Result<(), Failure> {
        let provider = self.provider(&asked.via)?;
        facet(provider.as_ref(), asked)?.check(asked, field).await
    }

    /// What an extra would do, line by line.
    ///
    /// # Errors
    /// `Invalid` for a form that cannot be carried out; whatever the vendor's API says.
    pub async fn sum_up_extra(&self, asked: &Asked) -> Result<Vec<String>, Failure> {
        let provider = self.provider(&asked.via)?;
        facet(provider.as_ref(), asked)?.summary(asked).await
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
        let (image, sign_in) = (self.image_at(&asked.at), self.sign_in_at(&asked.at));
        let running = Running { stages: &Told(Arc::clone(meter)), stop, image, sign_in };
        facet(provider.as_ref(), asked)?.run(asked, &running).await
    }

    /// The reference of the image at a node, when it is one.
    fn image_at(&self, at: &Locator) -> Option<Reference> {
        let host = self.host_of(at).ok()?;
        at.reference(&host).filter(|_| matches!(at.kind(), NodeKind::Tag | NodeKind::Manifest))
    }

    fn sign_in_at(&self, at: &Locator) -> Option<Arc<dyn SignIn>> {
        let connection = self.connection(&at.connection).ok()?;
        Some(Arc::new(StoredSignIn::new(&connection, Arc::clone(&self.secrets), self.env.clone())))
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
