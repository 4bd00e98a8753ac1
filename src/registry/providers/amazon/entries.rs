//! Rows of the tree, made of what AWS tells.
//!
//! Invariant: no request is made here.

use super::registry::Registry;
use super::wire::{Image, Repository};
use crate::domain::{Digest, Entry, Facts, NodeKind, media};

/// The row of a repository.
pub(super) fn repository(registry: &Registry, repository: &Repository) -> Option<Entry> {
    let name = repository.repository_name.as_deref()?;
    let name = registry.name_in_protocol(name, repository.repository_uri.as_deref());
    let mut notes = Vec::new();
    if repository.is_immutable() {
        notes.push("immutable");
    }
    if repository.is_scanned() {
        notes.push("scanned");
    }
    let facts = Facts {
        time: repository.created_at.map(|t| t.0),
        note: Some(notes.join(", ")).filter(|n| !n.is_empty()),
        ..Facts::default()
    };
    Some(Entry { facts: Some(Box::new(facts)), ..Entry::named(NodeKind::Repository, name) })
}

/// A row for each tag of an image.
pub(super) fn tags(image: &Image) -> Vec<Entry> {
    let facts = facts(image);
    let entry = |tag: &String| Entry {
        facts: Some(Box::new(facts.clone())),
        ..Entry::named(NodeKind::Tag, tag.clone())
    };
    image.image_tags.iter().map(entry).collect()
}

/// The row of an image without a tag.
pub(super) fn manifest(image: &Image) -> Option<Entry> {
    let digest = image.image_digest.clone()?;
    Some(Entry { facts: Some(Box::new(facts(image))), ..Entry::named(NodeKind::Manifest, digest) })
}

fn facts(image: &Image) -> Facts {
    let is_runnable = |kind: &str| matches!(kind, media::OCI_CONFIG | media::DOCKER_CONFIG);
    let status = image.image_status.as_deref().filter(|status| *status != "ACTIVE");
    Facts {
        digest: image.image_digest.as_deref().and_then(|d| d.parse::<Digest>().ok()),
        media_type: image.image_manifest_media_type.clone(),
        artifact: image.artifact_media_type.clone().filter(|kind| !is_runnable(kind)),
        size: image.image_size_in_bytes.and_then(|size| u64::try_from(size).ok()),
        time: image.image_pushed_at.map(|t| t.0),
        note: status.map(str::to_lowercase),
        ..Facts::default()
    }
}
