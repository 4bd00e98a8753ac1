//! `tagalong untag` and `tagalong rm`.

use std::io::{self, BufRead, IsTerminal, Write};

use serde_json::json;

use super::Context;
use crate::domain::impact::Impact;
use crate::domain::{Failure, FailureKind, Locator, NodeKind, Reference, human};
use crate::workspace::all_tags;

pub(super) async fn untag(context: &mut Context, reference: &str) -> Result<(), Failure> {
    let reference: Reference = reference.parse()?;
    let doing = format!("untagging {reference}");
    context.may_write(&doing)?;
    if reference.tag.is_none() {
        return Err(Failure::new(FailureKind::Invalid, doing, "it names no tag"));
    }
    let named = Reference { digest: None, ..reference.clone() };
    let at = context.find(&named).await?;
    context.workspace.untag(&at).await?;
    if context.output.is_json() {
        context.output.value(&json!({ "untagged": named.to_string() }));
    } else {
        context.output.line(&format!("untagged {named}"));
    }
    Ok(())
}

pub(super) async fn rm(context: &mut Context, reference: &str) -> Result<(), Failure> {
    let reference: Reference = reference.parse()?;
    let doing = format!("deleting {reference}");
    context.may_write(&doing)?;
    let at = context.find(&reference).await?;
    if !context.args.yes && !io::stdin().is_terminal() {
        let said = "it is not confirmed; add --yes to delete without a terminal";
        return Err(Failure::new(FailureKind::Invalid, doing, said));
    }
    let impact = impact(context, &at).await?;
    if !context.args.yes && !confirmed(context, &reference, &impact)? {
        return Err(Failure::cancelled(doing));
    }
    context.workspace.delete(&at, &impact.digest).await?;
    if context.output.is_json() {
        let value =
            json!({ "deleted": impact.digest, "reference": reference.to_string(), "tags": impact.tags });
        context.output.value(&value);
    } else {
        context.output.line(&format!("deleted {} ({})", impact.digest, impact.tags.join(", ")));
    }
    Ok(())
}

async fn impact(context: &Context, at: &Locator) -> Result<Impact, Failure> {
    let repository = at.repository_node().unwrap_or_else(|| at.clone());
    let mut others = all_tags(&context.workspace, &repository).await?;
    if at.kind() == NodeKind::Tag {
        others.retain(|t| t != at.name());
    }
    context.workspace.impact(at, &[], &others).await
}

fn confirmed(context: &Context, reference: &Reference, impact: &Impact) -> Result<bool, Failure> {
    context.output.message(&format!("The manifest {} goes, and with it", impact.digest));
    let list = |label: &str, names: &[String]| {
        if !names.is_empty() {
            context.output.message(&format!("  {label:<12} {}", names.join(", ")));
        }
    };
    list("tags", &impact.tags);
    list("breaks", &impact.in_indexes);
    let referrers = impact.referrers.len() as u64;
    if referrers > 0 {
        context.output.message(&format!("  referrers    {}", human::count(referrers, "one", "of them")));
    }
    let children = impact.children.len() as u64;
    if children > 0 {
        let text = human::count(children, "platform manifest stays", "platform manifests stay");
        context.output.message(&format!("  children     {text}, untagged"));
    }
    list("not known", &impact.unknown);
    let asked = |e: io::Error| Failure::io("asking", &e);
    let mut err = io::stderr();
    write!(err, "Delete {reference}? [y/N] ").and_then(|()| err.flush()).map_err(asked)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(asked)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
