//! Run task: starts a run of a build definition as it stands, and follows it.
//!
//! Invariant: nothing of the definition is changed or overridden.

use async_trait::async_trait;
use serde_json::json;

use super::Offer;
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Extra, Touch, Whose};
use crate::domain::text::visible;
use crate::domain::{Failure, NodeKind};
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::tasks::{Tasks, ended};

pub(super) struct RunTask;

const EXTRA: Extra = Extra {
    id: "azure.run-task",
    label: "Run task",
    on: &[NodeKind::Build],
    of: Whose::Own,
    touch: Touch::Writes,
    begins: Begins::AtOnce,
    makes: None,
};

#[async_trait]
impl Offer for RunTask {
    fn extra(&self) -> &'static Extra {
        &EXTRA
    }

    async fn run(&self, azure: &Azure, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure> {
        let name = asked.at.name();
        let tasks = Tasks::of(azure, &asked.at).await?;
        let request = json!({ "type": "TaskRunRequest", "taskId": tasks.id_of(name) });
        let doing = format!("running the task {}", visible(name));
        let run = tasks.schedule(&request, &doing, running).await?;
        let (run, tail) = tasks.follow(run.id(), running).await?;
        ended(&run, &tail, &asked.at)
    }
}
