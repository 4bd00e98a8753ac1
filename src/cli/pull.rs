//! `tagalong pull`.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::args::Pull;
use super::progress::Bar;
use super::{Context, Problem};
use crate::domain::job::Pulled;
use crate::domain::{Failure, Reference, human};
use crate::transfer::Meter;
use crate::workspace::PullPlace;

pub(super) async fn pull(context: &mut Context, pull: &Pull) -> Result<(), Problem> {
    let mut reference: Reference = pull.reference.parse().map_err(Problem::Usage)?;
    let place = pull.target.as_deref().map_or(Ok(PullPlace::Store), parse_target)?;
    if pull.all_tags {
        if let Some(name) = place.one_name() {
            let said = format!("every tag would get the one name “{name}”; leave the name out");
            return Err(Problem::usage(format!("pulling all tags of {}", reference.repository), said));
        }
        (reference.tag, reference.digest) = (None, None);
    }
    let stop = CancellationToken::new();
    let meter = Meter::new();
    let work = async {
        let found = stop.run_until_cancelled(context.find(&reference)).await;
        let at =
            found.unwrap_or_else(|| Err(Failure::cancelled(format!("connecting to {}", reference.host))))?;
        context.workspace.pull(&[at], &place, pull.platform.clone(), &meter, &stop).await
    };
    let pulled = watched(work, &meter, &stop).await?;
    tell(context, &pulled);
    Ok(())
}

/// Lets the work run while its progress is shown; Ctrl-C stops it at a safe point.
async fn watched(
    work: impl Future<Output = Result<Pulled, Failure>>,
    meter: &Arc<Meter>,
    stop: &CancellationToken,
) -> Result<Pulled, Failure> {
    let mut bar = Bar::new();
    let mut beat = tokio::time::interval(Bar::BEAT);
    tokio::pin!(work);
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            Ok(()) = tokio::signal::ctrl_c() => stop.cancel(),
            _ = beat.tick(), if bar.is_shown() => bar.draw(&meter.progress()),
        }
    };
    bar.clear();
    result
}

fn tell(context: &mut Context, pulled: &Pulled) {
    for note in &pulled.notes {
        context.output.message(note);
    }
    if context.output.is_json() {
        let images: Vec<_> =
            pulled.images.iter().map(|(name, digest)| json!({ "name": name, "digest": digest })).collect();
        let value = json!({
            "location": pulled.location, "images": images, "fetched": pulled.fetched, "reused": pulled.reused,
        });
        context.output.value(&value);
        return;
    }
    for (name, digest) in &pulled.images {
        context.output.line(&format!("{name} {digest}"));
    }
    let sizes =
        format!("{} fetched, {} already there", human::size(pulled.fetched), human::size(pulled.reused));
    context.output.message(&format!("{} ({sizes})", pulled.location));
}

/// Reads a target as the containers tools write it.
fn parse_target(text: &str) -> Result<PullPlace, Problem> {
    let bad = |said: &str| Problem::usage(format!("reading the target “{text}”"), said);
    if let Some(name) = text.strip_prefix("store:") {
        if name.is_empty() {
            return Err(bad("a name follows “store:”"));
        }
        return Ok(PullPlace::StoreNamed(name.to_owned()));
    }
    let Some(rest) = text.strip_prefix("oci:") else {
        return Err(bad("it begins with “oci:” or “store:”"));
    };
    let (folder, tag) = match rest.split_once(':') {
        Some((folder, tag)) => (folder, Some(tag.to_owned())),
        None => (rest, None),
    };
    if folder.is_empty() || tag.as_deref() == Some("") {
        return Err(bad("write it as oci:DIR or oci:DIR:TAG"));
    }
    Ok(PullPlace::Layout(PathBuf::from(folder), tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_as_the_containers_tools_write_them() {
        assert_eq!(parse_target("oci:/tmp/x").unwrap(), PullPlace::Layout("/tmp/x".into(), None));
        let tagged = PullPlace::Layout("x".into(), Some("v1".to_owned()));
        assert_eq!(parse_target("oci:x:v1").unwrap(), tagged);
        assert_eq!(parse_target("store:a/b:c").unwrap(), PullPlace::StoreNamed("a/b:c".to_owned()));
        for wrong in ["", "oci:", "oci:x:", "store:", "dir:x", "/tmp/x"] {
            assert!(parse_target(wrong).is_err(), "{wrong}");
        }
    }
}
