//! Reading an image down to its blobs: the manifest, the members of an index, and theirs.
//!
//! Invariant: only manifests are read here, each once for an image, and the bytes are kept as they came. How many there
//! are, and how many bytes they have, is limited for an image and for a job, whatever a server says.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::plan::{PlannedImage, Step, media_type, next_step};
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, FailureKind, Manifest, Platform, RawManifest, human};
use crate::registry::Content;

/// An index may hold indexes, so deep and no deeper.
const DEPTH_LIMIT: usize = 4;
/// Members of an index read at once.
const MEMBERS_AT_ONCE: usize = 4;
/// Manifests below the root. An index for every platform with its attestations has some fifty.
const MEMBERS_LIMIT: usize = 1000;
/// Bytes of all manifests of an image.
const IMAGE_LIMIT: u64 = 32 << 20;

/// What is left of the memory that the manifests of a job may take, in bytes.
pub(super) struct Room(AtomicU64);

impl Room {
    pub(super) fn new(bytes: u64) -> Self {
        Self(AtomicU64::new(bytes))
    }

    /// Takes the room that `image` needs, if there is so much.
    fn admit(&self, image: &PlannedImage) -> Result<(), Failure> {
        let needed: u64 = image.manifests.iter().map(|manifest| manifest.bytes.len() as u64).sum();
        let taken =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(needed));
        match taken {
            Ok(_) => Ok(()),
            Err(_) => {
                let said = "too many manifests for one job; pull fewer images at once";
                Err(refused(&image.name, said.to_owned()))
            }
        }
    }
}

/// Reads the image behind `target`: with a platform the one member for it, otherwise all there is.
///
/// # Errors
/// What the content says; `NotFound` without the platform; `Invalid` for what cannot be read, is nested too deep or is
/// too large.
pub(super) async fn read_image(
    content: &dyn Content,
    room: &Room,
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
    let mut left = IMAGE_LIMIT.saturating_sub(chosen.raw.bytes.len() as u64);
    let mut level = vec![chosen.raw];
    for _ in 0..DEPTH_LIMIT {
        let members = take_level(&mut image, level, &mut seen).map_err(|failure| inside(failure, target))?;
        if members.is_empty() {
            // Read from the root downwards, to be written the other way round.
            image.manifests.reverse();
            room.admit(&image)?;
            return Ok(image);
        }
        if seen.len() > MEMBERS_LIMIT {
            return Err(refused(target, format!("its indexes name more than {MEMBERS_LIMIT} manifests")));
        }
        level = read_members(content, members, &mut left).await?.ok_or_else(|| too_large(target))?;
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

/// The manifests of these members; nothing when they have more bytes than are `left`.
async fn read_members(
    content: &dyn Content,
    members: Vec<Digest>,
    left: &mut u64,
) -> Result<Option<Vec<RawManifest>>, Failure> {
    let reading: Vec<_> = members
        .into_iter()
        .map(|digest| async move { content.manifest(&digest.to_string()).await })
        .collect();
    let mut reading = stream::iter(reading).buffered(MEMBERS_AT_ONCE);
    let mut read = Vec::new();
    while let Some(raw) = reading.try_next().await? {
        let Some(rest) = left.checked_sub(raw.bytes.len() as u64) else { return Ok(None) };
        *left = rest;
        read.push(raw);
    }
    Ok(Some(read))
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
    refused(target, format!("its indexes are nested more than {DEPTH_LIMIT} deep"))
}

fn too_large(target: &str) -> Failure {
    refused(target, format!("its manifests have more than {}", human::size(IMAGE_LIMIT)))
}

fn refused(target: &str, said: String) -> Failure {
    Failure::new(FailureKind::Invalid, format!("reading the image {}", visible(target)), said)
}

#[cfg(test)]
mod tests;
