//! The builds of a registry, which Azure calls tasks: their definitions, their runs, and starting and ending those.
//!
//! Sources: Microsoft, "Container Registry REST API", `containerregistry_build.json` of `2019-06-01-preview`, the only
//! version that the Azure CLI asks; `az acr build` and `az acr task` for what the services do with it. The descriptions
//! that the other requests are tried against leave these out, so that they are tried against a fake alone.
//!
//! Invariant: one registry, asked by its resource id; the node of the builds asks when it is opened and never before.

mod browse;
mod describe;
mod follow;
mod log;
mod wire;

use serde_json::Value;
use url::Url;

use super::Azure;
use super::arm::{Found, segments};
use super::operation::Call;
use super::wire::List;
use crate::domain::text::visible;
use crate::domain::{Cursor, Failure, FailureKind, Locator, NodeKind};
use crate::http::{Limit, Method, Priority, Reply, Request};
use crate::registry::Running;

pub(super) use browse::NAME;
pub(super) use follow::ended;
pub(super) use wire::Run;
use wire::Task;

const VERSION: &str = "2019-06-01-preview";
/// Who may start builds, read their logs and end them.
const RUNS: &str = "Contributor, or Container Registry Tasks Contributor";
const LISTS: &str = "Reader";
const WITHOUT_TASK: &str = "TaskName eq null";

/// The builds of one registry.
pub(super) struct Tasks<'a> {
    azure: &'a Azure,
    found: Found,
}

/// Where the source of a build goes.
pub(super) struct Place {
    /// The signed address.
    pub(super) upload: Url,
    /// What it is called in the request for the build.
    pub(super) source: String,
}

impl<'a> Tasks<'a> {
    /// Of the registry that `at` is or lies in.
    ///
    /// # Errors
    /// `NotFound`, and what the resource manager says.
    pub(super) async fn of(azure: &'a Azure, at: &Locator) -> Result<Self, Failure> {
        let subscription = at.nearest(NodeKind::Namespace).unwrap_or_default();
        let server = at.nearest(NodeKind::Registry).unwrap_or_default();
        Ok(Self { azure, found: azure.arm.registry(subscription, server).await? })
    }

    /// Every definition.
    ///
    /// # Errors
    /// What the resource manager says.
    pub(super) async fn list(&self) -> Result<Vec<Task>, Failure> {
        let path = self.path(&["tasks"]);
        self.azure.arm.list(self.tenant(), &path, VERSION, "listing the tasks").await
    }

    /// One definition.
    ///
    /// # Errors
    /// What the resource manager says.
    pub(super) async fn task(&self, name: &str) -> Result<Task, Failure> {
        let doing = format!("reading the task {}", visible(name));
        self.ask(Method::GET, &["tasks", name], LISTS, &doing).await?.json(&doing)
    }

    /// A page of runs, newest first: of a task, or of none.
    ///
    /// # Errors
    /// What the resource manager says.
    pub(super) async fn runs(
        &self,
        of: Option<&str>,
        cursor: Option<&Cursor>,
    ) -> Result<(Vec<Run>, Option<Cursor>), Failure> {
        let doing = "listing the runs";
        let filter =
            of.map_or(WITHOUT_TASK.to_owned(), |name| format!("TaskName eq '{}'", name.replace('\'', "''")));
        let api = self.azure.arm.client(self.tenant())?;
        let first = api.url(&self.path(&["runs"]), &[("api-version", VERSION), ("$filter", &filter)]);
        let url = cursor.map_or_else(|| Ok(first.clone()), |at| api.next(&first, &at.0, doing))?;
        let request =
            Request::get(url.clone(), doing).accept("application/json").at(Priority::Listing).compressed();
        let reply = api.http().fetch(&request, Limit::LIST).await?;
        if !reply.status.is_success() {
            return Err(explained(super::refusal::of_arm(&reply, doing, LISTS)));
        }
        let mut page: List = reply.json(doing)?;
        let next = page.next_link.take().filter(|link| Url::parse(link).is_ok_and(|next| next != url));
        let mut runs: Vec<Run> = page.rows();
        runs.sort_by_key(|run| std::cmp::Reverse(run.created()));
        Ok((runs, next.map(Cursor)))
    }

    /// One run as it is now.
    ///
    /// # Errors
    /// What the resource manager says.
    pub(super) async fn run(&self, id: &str) -> Result<Run, Failure> {
        let doing = format!("reading the run {}", visible(id));
        self.ask(Method::GET, &["runs", id], LISTS, &doing).await?.json(&doing)
    }

    /// A place for the source of a build.
    ///
    /// # Errors
    /// What the resource manager says; `Invalid` when it names no place.
    pub(super) async fn place(&self) -> Result<Place, Failure> {
        let doing = "asking for a place to send the folder to";
        let reply = self.ask(Method::POST, &["listBuildSourceUploadUrl"], RUNS, doing).await?;
        let told: wire::Place = reply.json(doing)?;
        let upload = told.upload_url.as_deref().and_then(|url| Url::parse(url).ok());
        match (upload, told.relative_path) {
            (Some(upload), Some(source)) => Ok(Place { upload, source }),
            _ => Err(Failure::new(FailureKind::Invalid, doing, "Azure named none")),
        }
    }

    /// Where the log of a run is to be read.
    ///
    /// # Errors
    /// What the resource manager says; `NotFound` when the run has none.
    pub(super) async fn log_link(&self, id: &str) -> Result<Url, Failure> {
        let doing = format!("asking for the log of the run {}", visible(id));
        let reply = self.ask(Method::POST, &["runs", id, "listLogSasUrl"], RUNS, &doing).await?;
        let told: wire::LogLinks = reply.json(&doing)?;
        told.link().ok_or_else(|| Failure::new(FailureKind::NotFound, &doing, "Azure keeps none of it"))
    }

    /// Starts a run, and waits until Azure has given it a name.
    ///
    /// # Errors
    /// What the resource manager says; `Invalid` when it names no run.
    pub(super) async fn schedule(
        &self,
        request: &Value,
        doing: &str,
        running: &Running<'_>,
    ) -> Result<Run, Failure> {
        let path = self.path(&["scheduleRun"]);
        let call = self.call(Method::POST, &path, RUNS, doing);
        let made = self.azure.arm.change(&Call { body: Some(request), ..call }, running).await;
        let run = serde_json::from_value::<Run>(made.map_err(explained)?).unwrap_or_default();
        if run.id().is_empty() {
            let said = "Azure has taken it, but names no run: “Refresh” of the tasks shows it";
            return Err(Failure::new(FailureKind::Invalid, doing, said));
        }
        Ok(run)
    }

    /// Ends a run.
    ///
    /// # Errors
    /// What the resource manager says.
    pub(super) async fn cancel(&self, id: &str, running: &Running<'_>) -> Result<(), Failure> {
        let doing = format!("cancelling the run {}", visible(id));
        let path = self.path(&["runs", id, "cancel"]);
        self.azure.arm.change(&self.call(Method::POST, &path, RUNS, &doing), running).await.map(drop)
    }

    /// The resource id of a task.
    pub(super) fn id_of(&self, task: &str) -> String {
        format!("{}/tasks/{task}", self.found.id)
    }

    async fn ask(&self, method: Method, below: &[&str], role: &str, doing: &str) -> Result<Reply, Failure> {
        let path = self.path(below);
        self.azure.arm.read(&self.call(method, &path, role, doing)).await.map_err(explained)
    }

    fn call<'c>(&'c self, method: Method, path: &'c [&'c str], role: &'c str, doing: &'c str) -> Call<'c> {
        Call { tenant: self.tenant(), method, path, version: VERSION, body: None, doing, role }
    }

    fn path<'p>(&'p self, below: &[&'p str]) -> Vec<&'p str> {
        let mut path = segments(&self.found.id);
        path.extend(below);
        path
    }

    fn tenant(&self) -> Option<&str> {
        self.found.tenant.as_deref()
    }
}

/// Says what is behind the refusal that free subscriptions get.
fn explained(failure: Failure) -> Failure {
    if !failure.said.contains("TasksOperationsNotAllowed") {
        return failure;
    }
    let said = format!(
        "{}; Azure builds nothing for free and trial subscriptions, nor for some others until its support allows it: build here and push instead",
        failure.said
    );
    Failure { kind: FailureKind::Unsupported, said, ..failure }
}
