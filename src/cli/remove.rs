//! `tagalong untag` and `tagalong rm`.

use serde_json::json;

use super::interrupt::{to_its_end, until_interrupted};
use super::place::refuse_place;
use super::question::{UNCHANGED, agrees, can_be_asked};
use super::{Context, Problem};
use crate::domain::impact::Impact;
use crate::domain::job::Deletion;
use crate::domain::{Failure, Locator, NodeKind, Place, Reference, human};
use crate::workspace::all_tags;

pub(super) async fn untag(context: &mut Context, reference: &str) -> Result<(), Problem> {
    let reference = written(reference)?;
    let doing = format!("untagging {reference}");
    if reference.tag.is_none() {
        return Err(Problem::usage(doing, "it names no tag"));
    }
    context.may_write(&doing)?;
    let named = Reference { digest: None, ..reference };
    let at = until_interrupted(&doing, context.find(&named)).await?;
    to_its_end(&context.output, context.workspace.untag(&at)).await?;
    if context.output.is_json() {
        context.output.value(&json!({ "untagged": named.to_string() }));
    } else {
        context.output.line(&format!("untagged {named}"));
    }
    Ok(())
}

pub(super) async fn rm(context: &mut Context, reference: &str) -> Result<(), Problem> {
    let reference = written(reference)?;
    let doing = format!("deleting {reference}");
    if reference.tag.is_none() && reference.digest.is_none() {
        return Err(Problem::usage(doing, "it names neither a tag nor a digest"));
    }
    context.may_write(&doing)?;
    if !context.args.yes && !can_be_asked() {
        return Err(Problem::unconfirmed(
            doing,
            "it is not confirmed",
            "Add --yes to delete without a terminal.",
        ));
    }
    let (at, impact) = until_interrupted(&doing, agreed(context, &reference)).await?;
    let deletion = Deletion { at, digest: impact.digest.clone(), tags: impact.tags.clone() };
    let deleted = async { context.workspace.delete(&deletion).await.map_err(|f| f.failure) };
    to_its_end(&context.output, deleted).await?;
    if context.output.is_json() {
        let value =
            json!({ "deleted": impact.digest, "reference": reference.to_string(), "tags": impact.tags });
        context.output.value(&value);
    } else {
        context.output.line(&format!("deleted {} ({})", impact.digest, impact.tags.join(", ")));
    }
    Ok(())
}

/// The reference exactly as it was written: where no tag is named none is meant, as for nothing else.
fn written(text: &str) -> Result<Reference, Problem> {
    refuse_place(text, "removing")?;
    let place: Place = text.parse().map_err(Problem::Usage)?;
    let registry_only = || Problem::usage(format!("removing from {}", place.host), "it names no repository");
    place.reference().ok_or_else(registry_only)
}

/// What is to go and what goes with it, once the person has agreed.
async fn agreed(context: &Context, reference: &Reference) -> Result<(Locator, Impact), Failure> {
    let at = context.find(reference).await?;
    let impact = impact(context, &at).await?;
    if context.args.yes || confirmed(context, reference, &impact).await? {
        return Ok((at, impact));
    }
    Err(Failure::cancelled(format!("deleting {reference}")).with_next(UNCHANGED))
}

async fn impact(context: &Context, at: &Locator) -> Result<Impact, Failure> {
    let repository = at.repository_node().unwrap_or_else(|| at.clone());
    let mut others = match context.workspace.needs_tags_for_impact(at)? {
        true => all_tags(&context.workspace, &repository).await?,
        false => Vec::new(),
    };
    if at.kind() == NodeKind::Tag {
        others.retain(|t| t != at.name());
    }
    context.workspace.impact(at, &[], &others).await
}

async fn confirmed(context: &Context, reference: &Reference, impact: &Impact) -> Result<bool, Failure> {
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
    agrees(&format!("Delete {reference}?")).await
}
