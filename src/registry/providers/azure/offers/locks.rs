//! Locks…: whether a repository, tag or manifest can be deleted and overwritten.
//!
//! Source: "Lock a container image in an Azure container registry"; `azure/acr-data-plane.json`.
//!
//! Invariant: what is not chosen otherwise stays as it is; no lock on anything else is touched.

use async_trait::async_trait;

use super::Offer;
use super::place::TEXT;
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Choice, Choices, Extra, ExtraField, Touch, When, Whose};
use crate::domain::form::Field;
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, FailureKind, Locator, NodeKind};
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::server::Of;
use crate::registry::providers::azure::wire::{Locks as Found, NewLocks};

pub(super) struct Locks;

const EXTRA: Extra = Extra {
    id: "azure.locks",
    label: "Locks…",
    on: &[NodeKind::Repository, NodeKind::Tag, NodeKind::Manifest],
    of: Whose::Own,
    touch: Touch::Writes,
    begins: Begins::WithForm(&[DELETING, WRITING]),
    makes: None,
};

const DELETING: ExtraField = ExtraField {
    field: Field { id: "deleting", label: "Deleting", ..TEXT },
    choices: Choices::Listed,
    after: &[],
    checked: false,
    when: When::Always,
};

const WRITING: ExtraField =
    ExtraField { field: Field { id: "writing", label: "Overwriting", ..TEXT }, ..DELETING };

const ALLOWED: &str = "allowed";
const LOCKED: &str = "locked";

#[async_trait]
impl Offer for Locks {
    fn extra(&self) -> &'static Extra {
        &EXTRA
    }

    fn needs_the_resource_manager(&self) -> bool {
        false
    }

    async fn choices(&self, azure: &Azure, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
        let found = present(azure, &asked.at).await?;
        let is_allowed = if field == DELETING.field.id { found.may_delete() } else { found.may_write() };
        let choice = |value: &str, note: &str| Choice {
            value: value.to_owned(),
            label: value.to_owned(),
            note: note.to_owned(),
        };
        let (now, other) = if is_allowed { (ALLOWED, LOCKED) } else { (LOCKED, ALLOWED) };
        Ok(vec![choice(now, "as it is now"), choice(other, "")])
    }

    async fn summary(&self, azure: &Azure, asked: &Asked) -> Result<Vec<String>, Failure> {
        let (found, wanted) = (present(azure, &asked.at).await?, wanted(asked)?);
        let name = name_of(&asked.at);
        let line = |what: &str, was: bool, will: Option<bool>| match (was, will) {
            (false, Some(true)) => Some(format!("{what} {name} is allowed again")),
            (true, Some(false)) => {
                Some(format!("{what} {name} is refused to everybody, until the lock is lifted"))
            }
            _ => None,
        };
        let mut lines: Vec<String> =
            line("deleting", found.may_delete(), wanted.delete_enabled).into_iter().collect();
        lines.extend(line("overwriting", found.may_write(), wanted.write_enabled));
        if lines.is_empty() {
            lines.push("nothing: the locks are so already".to_owned());
        }
        Ok(lines)
    }

    async fn run(&self, azure: &Azure, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure> {
        let wanted = wanted(asked)?;
        let (repository, digest) = (asked.at.repository().unwrap_or_default(), digest_of(&asked.at)?);
        running.stages.enter(&format!("setting the locks of {}", name_of(&asked.at)));
        let done =
            azure.server(&asked.at)?.set_locks(repository, of(&asked.at, digest.as_ref()), &wanted).await;
        azure.recent.forget().await;
        done?;
        let is_locked = wanted.delete_enabled == Some(false) || wanted.write_enabled == Some(false);
        let state = if is_locked { "is locked" } else { "is not locked" };
        let list = if asked.at.kind() == NodeKind::Repository { None } else { asked.at.parent() };
        Ok(Outcome {
            said: format!("{} {state}", name_of(&asked.at)),
            changed: list.into_iter().chain([asked.at.clone()]).collect(),
            at: Some(asked.at.clone()),
            ..Outcome::default()
        })
    }
}

/// The locks as they are.
async fn present(azure: &Azure, at: &Locator) -> Result<Found, Failure> {
    let digest = digest_of(at)?;
    azure.server(at)?.locks(at.repository().unwrap_or_default(), of(at, digest.as_ref())).await
}

/// What of a repository a node is.
fn of<'a>(at: &'a Locator, digest: Option<&'a Digest>) -> Of<'a> {
    match (at.kind(), digest) {
        (_, Some(digest)) => Of::Manifest(digest),
        (NodeKind::Tag, None) => Of::Tag(at.name()),
        _ => Of::Repository,
    }
}

fn digest_of(at: &Locator) -> Result<Option<Digest>, Failure> {
    if at.kind() == NodeKind::Manifest { at.name().parse().map(Some) } else { Ok(None) }
}

/// The locks as the form says; what it does not say stays.
fn wanted(asked: &Asked) -> Result<NewLocks, Failure> {
    let allowed = |id: &str| match asked.value(id) {
        "" => Ok(None),
        ALLOWED => Ok(Some(true)),
        LOCKED => Ok(Some(false)),
        other => {
            let said = format!("“{}” is neither “{ALLOWED}” nor “{LOCKED}”", visible(other));
            Err(Failure::new(FailureKind::Invalid, "checking the form", said))
        }
    };
    Ok(NewLocks { delete_enabled: allowed("deleting")?, write_enabled: allowed("writing")? })
}

/// `acme/api`, `acme/api:1.0`, `acme/api@sha256:…`.
fn name_of(at: &Locator) -> String {
    let repository = visible(at.repository().unwrap_or_default());
    match at.kind() {
        NodeKind::Tag => format!("{repository}:{}", visible(at.name())),
        NodeKind::Manifest => format!("{repository}@{}", visible(at.name())),
        _ => repository.into_owned(),
    }
}
