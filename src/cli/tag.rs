//! `tagalong tag`.
//!
//! Invariant: a tag is taken from another manifest only after that was agreed to.

use serde_json::json;

use super::interrupt::{to_its_end, until_interrupted};
use super::place::refuse_place;
use super::question::{UNCHANGED, agrees, can_be_asked};
use super::{Context, Problem};
use crate::domain::job::Seen;
use crate::domain::{Failure, Locator, Reference, reference::is_tag};
use crate::workspace::sibling;

pub(super) async fn tag(context: &mut Context, reference: &str, tag: &str) -> Result<(), Problem> {
    refuse_place(reference, "tagging")?;
    let reference: Reference = reference.parse().map_err(Problem::Usage)?;
    let doing = format!("tagging {reference}");
    if !is_tag(tag) {
        return Err(Problem::usage(doing, format!("“{tag}” is not a tag")));
    }
    context.may_write(&doing)?;
    let named = Reference { tag: Some(tag.to_owned()), digest: None, ..reference.clone() };
    let at = until_interrupted(&doing, context.find(&reference)).await?;
    let seen = may_move(context, &at, &named, tag).await?;
    let digest = to_its_end(&context.output, context.workspace.tag(&at, tag, &seen)).await?;
    if context.output.is_json() {
        context.output.value(&json!({ "tagged": named.to_string(), "digest": digest }));
    } else {
        context.output.line(&format!("{named} {digest}"));
    }
    Ok(())
}

/// What the tag points at, once it is clear that it may point at the manifest at `at` instead.
async fn may_move(context: &Context, at: &Locator, named: &Reference, tag: &str) -> Result<Seen, Problem> {
    let doing = format!("tagging {named}");
    let seen = until_interrupted(&doing, context.workspace.see(&sibling(at, tag))).await?;
    let own = until_interrupted(&doing, context.workspace.facts(at)).await?.digest;
    let Some(there) = seen.digest().filter(|there| Some(*there) != own.as_ref()) else { return Ok(seen) };
    if context.args.yes {
        return Ok(seen);
    }
    if !can_be_asked() {
        let said = format!("the tag is there already, and points at {there}");
        return Err(Problem::unconfirmed(doing, said, "Add --yes to move it."));
    }
    context.output.message(&format!("{named} points at {there}."));
    let asking = agrees("Move the tag?");
    if until_interrupted(&doing, asking).await? {
        Ok(seen)
    } else {
        Err(Failure::cancelled(doing).with_next(UNCHANGED).into())
    }
}
