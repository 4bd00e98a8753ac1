//! `tagalong pull`.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::args::Pull;
use super::place::{parse_place, refuse_place};
use super::progress::{found, watched};
use super::{Context, Problem};
use crate::domain::job::Moved;
use crate::domain::{Digest, ImagePlace, LocalImage, Reference, human, text::visible};
use crate::transfer::Meter;

pub(super) async fn pull(context: &mut Context, pull: &Pull) -> Result<(), Problem> {
    refuse_place(&pull.reference, "pulling")?;
    let mut reference: Reference = pull.reference.parse().map_err(Problem::Usage)?;
    let place = pull.target.as_deref().map_or(Ok(LocalImage::in_place(ImagePlace::Store)), parse_place)?;
    if pull.all_tags {
        if let Some(name) = &place.name {
            let said = format!("every tag would get the one name “{name}”; leave the name out");
            return Err(Problem::usage(format!("pulling all tags of {}", reference.repository), said));
        }
        (reference.tag, reference.digest) = (None, None);
    }
    may_replace(context, &place).await?;
    let stop = CancellationToken::new();
    let meter = Meter::new();
    let work = async {
        let place = context.workspace.settle(place).await;
        let at = found(context, &reference, &stop).await?;
        context.workspace.pull(&[at], &place, pull.platform.clone(), &meter, &stop).await
    };
    let pulled = watched(work, &meter, &stop).await?;
    tell(context, &pulled);
    Ok(())
}

/// Refuses to write over an archive, unless that was said. Into a folder images only come.
pub(super) async fn may_replace(context: &Context, target: &LocalImage) -> Result<(), Problem> {
    let (ImagePlace::OciArchive(file) | ImagePlace::DockerArchive(file)) = &target.place else {
        return Ok(());
    };
    if context.args.yes || !context.workspace.has_file(file).await? {
        return Ok(());
    }
    let doing = format!("writing {}", visible(&file.to_string_lossy()));
    Err(Problem::unconfirmed(doing, "there is a file already", "Add --yes to replace it."))
}

/// Tells what a pull has left.
pub(super) fn tell(context: &mut Context, pulled: &Moved) {
    let Moved { location, images, moved, reused, notes, .. } = pulled;
    if context.output.is_json() {
        let values = json!({ "location": location, "fetched": moved, "reused": reused });
        return tell_images(context, images, notes, values);
    }
    tell_images(context, images, notes, Value::Null);
    let sizes = format!("{} fetched, {} already there", human::size(*moved), human::size(*reused));
    context.output.message(&format!("{location} ({sizes})"));
}

/// Tells which images were moved; in JSON as one object with `values`.
pub(super) fn tell_images(
    context: &mut Context,
    images: &[(String, Digest)],
    notes: &[String],
    mut values: Value,
) {
    for note in notes {
        context.output.message(note);
    }
    if let Some(object) = values.as_object_mut() {
        let images = images.iter().map(|(name, digest)| json!({ "name": name, "digest": digest }));
        object.insert("images".to_owned(), images.collect());
        context.output.value(&values);
        return;
    }
    for (name, digest) in images {
        context.output.line(&format!("{name} {digest}"));
    }
}
