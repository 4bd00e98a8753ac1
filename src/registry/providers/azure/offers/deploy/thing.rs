//! One resource of a resource group: looking whether it is there, and making it.
//!
//! Invariant: what was begun and did not end well is noted as such when it is there, so that it is never left in silence.

use serde_json::Value;

use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::Method;
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::arm::Subscribed;
use crate::registry::providers::azure::offers::place::{Made, Place};
use crate::registry::providers::azure::operation::Call;

/// A kind of resource.
pub(super) struct Kind {
    /// Its resource provider.
    pub(super) provider: &'static str,
    /// Its name there.
    pub(super) kind: &'static str,
    /// The `api-version`.
    pub(super) version: &'static str,
    /// As people call it.
    pub(super) title: &'static str,
}

/// Of everything of App Service.
pub(super) const WEB: &str = "2023-12-01";
const APP: &str = "2024-03-01";

pub(super) const PLAN: Kind =
    Kind { provider: "Microsoft.Web", kind: "serverfarms", version: WEB, title: "plan" };
pub(super) const SITE: Kind =
    Kind { provider: "Microsoft.Web", kind: "sites", version: WEB, title: "web app" };
pub(super) const ENVIRONMENT: Kind =
    Kind { provider: "Microsoft.App", kind: "managedEnvironments", version: APP, title: "environment" };
pub(super) const CONTAINER_APP: Kind =
    Kind { provider: "Microsoft.App", kind: "containerApps", version: APP, title: "container app" };

/// A resource that is there, or will be.
#[derive(Clone, Copy)]
pub(super) struct Thing<'a> {
    of: &'a Subscribed,
    group: &'a str,
    kind: &'static Kind,
    name: &'a str,
}

impl<'a> Thing<'a> {
    /// In the resource group of a form.
    pub(super) fn of(place: &'a Place, kind: &'static Kind, name: &'a str) -> Self {
        Self::within(&place.subscription, &place.group, kind, name)
    }

    /// In a resource group.
    pub(super) fn within(of: &'a Subscribed, group: &'a str, kind: &'static Kind, name: &'a str) -> Self {
        Self { of, group, kind, name }
    }

    /// `the plan acme-plan`.
    pub(super) fn title(&self) -> String {
        format!("the {} {}", self.kind.title, visible(self.name))
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// What the resource manager says.
    pub(super) async fn is_there(&self, azure: &Azure) -> Result<bool, Failure> {
        let doing = format!("looking for {}", self.title());
        match azure.arm.read(&self.call(Method::GET, None, &doing, &self.path(), "Reader")).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Refuses one that is there already: what is made must not change what somebody has.
    ///
    /// # Errors
    /// `Conflict` when it is there; what the resource manager says.
    pub(super) async fn check_free(&self, azure: &Azure) -> Result<(), Failure> {
        if !self.is_there(azure).await? {
            return Ok(());
        }
        let said = format!(
            "the resource group {} has a {} {} already; choose another name",
            visible(self.group),
            self.kind.title,
            visible(self.name)
        );
        Err(super::refused(FailureKind::Conflict, said))
    }

    /// Makes it, and notes it as `title`.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub(super) async fn make(
        &self,
        azure: &Azure,
        running: &Running<'_>,
        made: &mut Made,
        body: &Value,
    ) -> Result<Value, Failure> {
        let answer = self.put(azure, running, &format!("creating {}", self.title()), body).await;
        match &answer {
            Ok(_) => made.note(self.title()),
            // When it cannot even be looked for, the failure itself is all that is known.
            Err(_) if matches!(self.is_there(azure).await, Ok(true)) => {
                made.note(format!("{} (not finished)", self.title()));
            }
            Err(_) => {}
        }
        answer
    }

    /// Puts it as `body` says, and waits until it is so.
    ///
    /// # Errors
    /// As [`Arm::change`](crate::registry::providers::azure::arm::Arm::change).
    pub(super) async fn put(
        &self,
        azure: &Azure,
        running: &Running<'_>,
        doing: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        let role = "Contributor of the resource group";
        azure.arm.change(&self.call(Method::PUT, Some(body), doing, &self.path(), role), running).await
    }

    /// Its id.
    pub(super) fn id(&self) -> String {
        self.path().iter().flat_map(|part| ["/", part]).collect()
    }

    fn path(&self) -> [&'a str; 8] {
        let Self { of, group, kind, name } = *self;
        ["subscriptions", &of.id, "resourceGroups", group, "providers", kind.provider, kind.kind, name]
    }

    fn call<'c>(
        &'c self,
        method: Method,
        body: Option<&'c Value>,
        doing: &'c str,
        path: &'c [&'c str],
        role: &'c str,
    ) -> Call<'c> {
        let version = self.kind.version;
        Call { tenant: self.of.tenant.as_deref(), method, path, version, body, doing, role }
    }
}
