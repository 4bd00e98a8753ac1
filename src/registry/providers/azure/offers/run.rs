//! What is offered on a run: its log, following it, the digest of what it made, ending it.
//!
//! Invariant: reading asks for the run as it is now; what the tree shows may be old.

use async_trait::async_trait;

use super::Offer;
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Extra, Touch, Whose};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, NodeKind, RunState};
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::tasks::{Run, Tasks, ended};

/// The log as it is now, to be read.
pub(super) struct Log;

const LOG: Extra = Extra {
    id: "azure.run-log",
    label: "Show log",
    on: &[NodeKind::Run],
    of: Whose::Own,
    touch: Touch::Reads,
    begins: Begins::AtOnce,
    makes: None,
};

#[async_trait]
impl Offer for Log {
    fn extra(&self) -> &'static Extra {
        &LOG
    }

    async fn run(&self, azure: &Azure, asked: &Asked, _running: &Running<'_>) -> Result<Outcome, Failure> {
        let id = asked.at.name();
        let tasks = Tasks::of(azure, &asked.at).await?;
        let (run, lines) = tokio::join!(tasks.run(id), tasks.log(id));
        let (run, mut lines) = (run?, lines?);
        if !run.is_over() {
            lines.push(format!("({}: “Follow run” shows what comes)", word(&run)));
        } else if lines.is_empty() {
            lines.push("(the log is empty)".to_owned());
        }
        let title = format!("run {}", visible(id));
        Ok(Outcome { text: Some((title, lines.join("\n"))), ..Outcome::default() })
    }
}

/// The log as it grows, to the end of the run.
pub(super) struct Follow;

const FOLLOW: Extra = Extra { id: "azure.run-follow", label: "Follow run", begins: Begins::AsJob, ..LOG };

#[async_trait]
impl Offer for Follow {
    fn extra(&self) -> &'static Extra {
        &FOLLOW
    }

    async fn run(&self, azure: &Azure, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure> {
        let tasks = Tasks::of(azure, &asked.at).await?;
        let (run, tail) = tasks.follow(asked.at.name(), running).await?;
        ended(&run, &tail, &asked.at)
    }
}

/// The digest of the image that it made.
pub(super) struct Digest;

const DIGEST: Extra = Extra { id: "azure.run-digest", label: "Copy digest of the result", ..LOG };

#[async_trait]
impl Offer for Digest {
    fn extra(&self) -> &'static Extra {
        &DIGEST
    }

    async fn run(&self, azure: &Azure, asked: &Asked, _running: &Running<'_>) -> Result<Outcome, Failure> {
        let run = Tasks::of(azure, &asked.at).await?.run(asked.at.name()).await?;
        let mut digests = run.images().iter().filter_map(|image| Some((image.name(), image.digest.clone()?)));
        let Some((image, digest)) = digests.next() else {
            let doing = format!("looking for what the run {} made", visible(run.id()));
            let said = format!("it has made no image; it is {}", word(&run));
            return Err(Failure::new(FailureKind::NotFound, doing, said));
        };
        let more = match digests.count() {
            0 => String::new(),
            more => format!("; it made {more} more"),
        };
        let said = format!("Digest of {}: {}{more}", visible(&image), visible(&digest));
        Ok(Outcome { said, copy: Some(digest), ..Outcome::default() })
    }
}

/// Its end.
pub(super) struct Cancel;

const CANCEL: Extra = Extra {
    id: "azure.run-cancel",
    label: "Cancel run",
    touch: Touch::Writes,
    begins: Begins::AfterYes,
    ..LOG
};

#[async_trait]
impl Offer for Cancel {
    fn extra(&self) -> &'static Extra {
        &CANCEL
    }

    async fn summary(&self, azure: &Azure, asked: &Asked) -> Result<Vec<String>, Failure> {
        let run = Tasks::of(azure, &asked.at).await?.run(asked.at.name()).await?;
        still_there(&run)?;
        Ok(vec![format!("run {} ends where it is; what it has pushed stays", visible(run.id()))])
    }

    async fn run(&self, azure: &Azure, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure> {
        let tasks = Tasks::of(azure, &asked.at).await?;
        still_there(&tasks.run(asked.at.name()).await?)?;
        tasks.cancel(asked.at.name(), running).await?;
        let said = format!("Run {} is cancelled", visible(asked.at.name()));
        Ok(Outcome { said, changed: asked.at.parent().into_iter().collect(), ..Outcome::default() })
    }
}

fn still_there(run: &Run) -> Result<(), Failure> {
    if !run.is_over() {
        return Ok(());
    }
    let doing = format!("cancelling the run {}", visible(run.id()));
    Err(Failure::new(FailureKind::Conflict, doing, format!("it has ended already: it is {}", word(run))))
}

fn word(run: &Run) -> &'static str {
    run.state().map_or("in no known state", RunState::word)
}
