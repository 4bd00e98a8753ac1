//! `tagalong push` and `tagalong copy`.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::args::{Copy, Push};
use super::place::{is_local, parse_place};
use super::progress::{found, watched};
use super::{Context, Problem, pull};
use crate::domain::job::{Along, Moved};
use crate::domain::{Failure, LocalImage, Reference, human};
use crate::transfer::Meter;
use crate::workspace::{End, Extent};

/// An end of a copy as it was written.
enum Written {
    Registry(Reference),
    Local(LocalImage),
}

impl Written {
    fn read(text: &str) -> Result<Self, Problem> {
        if is_local(text) {
            return parse_place(text).map(Self::Local);
        }
        text.parse().map(Self::Registry).map_err(Problem::Usage)
    }

    async fn find(self, context: &Context, stop: &CancellationToken) -> Result<End, Failure> {
        match self {
            Self::Registry(reference) => found(context, &reference, stop).await.map(End::Node),
            Self::Local(place) => Ok(End::Local(context.workspace.settle(place).await)),
        }
    }
}

pub(super) async fn push(context: &mut Context, push: &Push) -> Result<(), Problem> {
    let Written::Local(source) = Written::read(&push.source)? else {
        let doing = format!("pushing “{}”", push.source);
        let said = "name a place on this machine, such as store:NAME or oci:DIR[:TAG]; “tagalong copy” takes it from a registry";
        return Err(Problem::usage(doing, said));
    };
    let target = push.reference.parse().map_err(Problem::Usage)?;
    transfer(
        context,
        Written::Local(source),
        Written::Registry(target),
        Extent { platform: push.platform.clone(), along: Along::Nothing },
    )
    .await
}

pub(super) async fn copy(context: &mut Context, copy: &Copy) -> Result<(), Problem> {
    let (source, target) = (Written::read(&copy.source)?, Written::read(&copy.target)?);
    if copy.referrers && !matches!((&source, &target), (Written::Registry(_), Written::Registry(_))) {
        let doing = format!("copying {} to {}", copy.source, copy.target);
        return Err(Problem::usage(doing, "referrers can be copied from registry to registry only"));
    }
    let along = if copy.referrers { Along::Referrers } else { Along::Nothing };
    transfer(context, source, target, Extent { platform: copy.platform.clone(), along }).await
}

async fn transfer(
    context: &mut Context,
    source: Written,
    target: Written,
    extent: Extent,
) -> Result<(), Problem> {
    if let Written::Registry(reference) = &target {
        let doing = format!("copying to {reference}");
        if reference.tag.is_some() && reference.digest.is_some() {
            return Err(Problem::usage(doing, "name a tag or a digest to write to, not both"));
        }
        context.may_write(&doing)?;
    }
    if let Written::Local(place) = &target {
        pull::may_replace(context, place).await?;
    }
    let is_push = matches!(target, Written::Registry(_));
    let (meter, stop) = (Meter::new(), CancellationToken::new());
    let work = async {
        let from = source.find(context, &stop).await?;
        let to = target.find(context, &stop).await?;
        context.workspace.copy(&from, &to, &extent, &meter, &stop).await
    };
    let moved = watched(work, &meter, &stop).await?;
    if is_push {
        tell(context, &moved)
    } else {
        pull::tell(context, &moved)
    }
    Ok(())
}

fn tell(context: &mut Context, pushed: &Moved) {
    let Moved { images, moved, mounted, reused, notes, .. } = pushed;
    if context.output.is_json() {
        let mut values = json!({ "sent": moved, "mounted": mounted, "present": reused });
        if let (Some(referrers), Some(object)) = (pushed.referrers, values.as_object_mut()) {
            object.insert("referrers".to_owned(), referrers.into());
        }
        return pull::tell_images(context, images, notes, values);
    }
    pull::tell_images(context, images, notes, Value::Null);
    let sizes = format!(
        "{} sent, {} mounted, {} already there",
        human::size(*moved),
        human::size(*mounted),
        human::size(*reused)
    );
    context.output.message(&sizes);
}
