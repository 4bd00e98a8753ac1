//! Reading an image down to its blobs: the manifest, the members of an index, and theirs.
//!
//! Invariant: only manifests are read here, each once for an image, and the bytes are kept as they came.

use std::collections::HashSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::plan::{PlannedImage, Step, media_type, next_step};
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, FailureKind, Manifest, Platform, RawManifest};
use crate::registry::Content;

/// An index may hold indexes, so deep and no deeper.
const DEPTH_LIMIT: usize = 4;
/// Members of an index read at once.
const MEMBERS_AT_ONCE: usize = 4;

/// Reads the image behind `target`: with a platform the one member for it, otherwise all there is.
///
/// # Errors
/// What the content says; `NotFound` without the platform; `Invalid` for what cannot be read or is nested too deep.
pub(super) async fn read_image(
    content: &dyn Content,
    target: &str,
    name: String,
    platform: Option<&Platform>,
) -> Result<PlannedImage, Failure> {
    let mut notes = Vec::new();
    let chosen = choose_root(content, target, platform, &mut notes).await?;
    let mut root = chosen.raw.descriptor();
    root.media_type = media_type(&chosen.raw, &chosen.manifest);
    root.platform = chosen.platform;
    let config = match &chosen.manifest {
        Manifest::Image(image) if image.is_runnable() => Some(image.config.clone()),
        _ => None,
    };
    let mut image = PlannedImage { name, root, config, manifests: Vec::new(), blobs: Vec::new(), notes };
    let mut seen = HashSet::new();
    let mut level = vec![chosen.raw];
    for _ in 0..DEPTH_LIMIT {
        let members = take_level(&mut image, level, &mut seen).map_err(|failure| inside(failure, target))?;
        if members.is_empty() {
            // Read from the root downwards, to be written the other way round.
            image.manifests.reverse();
            return Ok(image);
        }
        level = read_members(content, members).await?;
    }
    Err(too_deep(target))
}

struct Root {
    raw: RawManifest,
    manifest: Manifest,
    platform: Option<Platform>,
}

/// Follows indexes to the member for the platform, when one is asked for.
async fn choose_root(
    content: &dyn Content,
    target: &str,
    platform: Option<&Platform>,
    notes: &mut Vec<String>,
) -> Result<Root, Failure> {
    let mut raw = content.manifest(target).await?;
    notes.extend(claim_note(target, &raw));
    let mut found = None;
    for _ in 0..DEPTH_LIMIT {
        let manifest = raw.parse().map_err(|failure| inside(failure, target))?;
        match next_step(&manifest, platform).map_err(|failure| inside(failure, target))? {
            Step::Choose(member) => {
                raw = content.manifest(&member.digest.to_string()).await?;
                found = member.platform.or(found);
            }
            Step::Members(_) | Step::Blobs { .. } => return Ok(Root { raw, manifest, platform: found }),
        }
    }
    Err(too_deep(target))
}

/// Takes the manifests of one level into the image; what comes back has to be read next.
fn take_level(
    image: &mut PlannedImage,
    level: Vec<RawManifest>,
    seen: &mut HashSet<Digest>,
) -> Result<Vec<Digest>, Failure> {
    let mut next = Vec::new();
    for raw in level {
        match next_step(&raw.parse()?, None)? {
            Step::Members(members) => {
                next.extend(
                    members.into_iter().map(|m| m.digest).filter(|digest| seen.insert(digest.clone())),
                );
            }
            Step::Blobs { blobs, notes } => {
                image.blobs.extend(blobs);
                image.notes.extend(notes);
            }
            // Only a platform leads there.
            Step::Choose(_) => {}
        }
        image.manifests.push(raw);
    }
    Ok(next)
}

async fn read_members(content: &dyn Content, members: Vec<Digest>) -> Result<Vec<RawManifest>, Failure> {
    let reading: Vec<_> = members
        .into_iter()
        .map(|digest| async move { content.manifest(&digest.to_string()).await })
        .collect();
    stream::iter(reading).buffered(MEMBERS_AT_ONCE).try_collect().await
}

/// The body is trusted, but a server that claims another digest for it should be known.
fn claim_note(target: &str, raw: &RawManifest) -> Option<String> {
    let claimed = raw.claimed.as_ref().filter(|claimed| **claimed != raw.digest)?;
    Some(format!(
        "the server gave the digest {claimed} for {}; its bytes have {}",
        visible(target),
        raw.digest
    ))
}

/// The failure with the image that it belongs to, one of many perhaps.
fn inside(mut failure: Failure, target: &str) -> Failure {
    failure.doing = format!("{} of {}", failure.doing, visible(target));
    failure
}

fn too_deep(target: &str) -> Failure {
    let said = format!("its indexes are nested more than {DEPTH_LIMIT} deep");
    Failure::new(FailureKind::Invalid, format!("reading the image {}", visible(target)), said)
}
