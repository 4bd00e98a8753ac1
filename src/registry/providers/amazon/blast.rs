//! The blast radius from AWS's own data: one listing tells all tags, referrers and indexes; only indexes are opened.
//!
//! Invariant: what was not looked at is told as unknown.

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::Amazon;
use super::browse::next;
use super::registry::Registry;
use super::wire::{Image, Images};
use crate::domain::impact::Impact;
use crate::domain::{
    Descriptor, Digest, Failure, FailureKind, Locator, Manifest, MediaType, NodeKind, human, text::visible,
};
use crate::registry::{Blast, Distribution};

/// How many pages of images are looked at.
const PAGES: usize = 20;
/// How many indexes are opened, and how many at a time.
const INDEXES: usize = 100;
const SIDE_BY_SIDE: usize = 8;

#[async_trait]
impl Blast for Amazon {
    async fn impact(&self, at: &Locator) -> Result<Impact, Failure> {
        let name = at.repository().unwrap_or_default();
        let registry = self.registry_of(at).await?;
        let own = self.own_image(&registry, name, at).await?;
        let doing = format!("looking at what hangs on {}", visible(at.name()));
        let unread = |said: &str| Failure::new(FailureKind::Invalid, &doing, said);
        let digest: Digest =
            own.image_digest.as_deref().ok_or_else(|| unread("AWS gave no digest"))?.parse()?;
        let mut unknown = Vec::new();
        let all = self.all_images(&registry, name, &mut unknown).await;
        let (mut children, mut in_indexes) = (Vec::new(), Vec::new());
        match found(&registry).await {
            Ok(server) => {
                children = members(&server, name, &own, &mut unknown).await;
                in_indexes = holders(&server, name, &digest, &all, &mut unknown).await;
            }
            Err(failure) => unknown.push(format!("its children, and the indexes with it: {}", failure.said)),
        }
        let tagged = all.iter().map(|image| image.image_tags.len() as u64).sum();
        Ok(Impact {
            tags: own.image_tags.clone(),
            in_indexes,
            children,
            referrers: referrers(&digest, &all),
            looked_at: (tagged, tagged),
            unknown,
            digest,
        })
    }
}

impl Amazon {
    /// The image itself, with all its tags.
    async fn own_image(&self, registry: &Registry, name: &str, at: &Locator) -> Result<Image, Failure> {
        let doing = format!("looking for {} in {}", visible(at.name()), visible(name));
        let id = match at.kind() {
            NodeKind::Manifest => json!({ "imageDigest": at.name() }),
            _ => json!({ "imageTag": at.name() }),
        };
        let body = registry.about(name, json!({ "imageIds": [id] }));
        let found: Images = registry.calls.read("DescribeImages", &body, &doing).await?;
        let first = found.image_details.into_iter().next();
        first.ok_or_else(|| Failure::new(FailureKind::NotFound, doing, "there is no such image"))
    }

    async fn all_images(&self, registry: &Registry, name: &str, unknown: &mut Vec<String>) -> Vec<Image> {
        let (mut all, mut cursor) = (Vec::new(), None);
        for _ in 0..PAGES {
            match self.images(registry, name, None, cursor.as_ref()).await {
                Ok(page) => {
                    all.extend(page.image_details);
                    cursor = next(page.next_token, cursor.as_ref());
                }
                Err(failure) => {
                    unknown.push(format!("further images: {}", failure.said));
                    return all;
                }
            }
            if cursor.is_none() {
                return all;
            }
        }
        let looked = human::count(all.len() as u64, "image", "images");
        unknown.push(format!("only the first {looked} were looked at"));
        all
    }
}

/// The registry's protocol client; its host is asked for where that is not known yet.
async fn found(registry: &Registry) -> Result<Distribution, Failure> {
    if registry.distribution().is_none() {
        registry.find_host().await?;
    }
    let nowhere = || Failure::new(FailureKind::Bug, "looking for the registry", "its host is not known");
    registry.distribution().ok_or_else(nowhere)
}

fn is_index(image: &Image) -> bool {
    image.image_manifest_media_type.as_deref().is_some_and(|t| MediaType::of(t) == MediaType::Index)
}

/// The members of the image, when it is an index.
async fn members(
    server: &Distribution,
    name: &str,
    own: &Image,
    unknown: &mut Vec<String>,
) -> Vec<Descriptor> {
    let (true, Some(digest)) = (is_index(own), &own.image_digest) else { return Vec::new() };
    match index(server, name, digest).await {
        Ok(members) => members,
        Err(failure) => {
            unknown.push(format!("its children: {}", failure.said));
            Vec::new()
        }
    }
}

async fn index(server: &Distribution, name: &str, digest: &str) -> Result<Vec<Descriptor>, Failure> {
    Ok(match server.manifest(name, digest).await?.parse()? {
        Manifest::Index(index) => index.manifests,
        _ => Vec::new(),
    })
}

/// Tags of the indexes that hold `digest`; an index without a tag is named by its digest.
async fn holders(
    server: &Distribution,
    name: &str,
    digest: &Digest,
    all: &[Image],
    unknown: &mut Vec<String>,
) -> Vec<String> {
    let candidates: Vec<(&Image, &str)> =
        all.iter().filter(|i| is_index(i)).filter_map(|i| Some((i, i.image_digest.as_deref()?))).collect();
    if let Some(left @ 1..) = candidates.len().checked_sub(INDEXES) {
        unknown
            .push(format!("{} were not opened", human::count(left as u64, "other index", "other indexes")));
    }
    let opening: Vec<_> =
        candidates.into_iter().take(INDEXES).map(|candidate| opened(server, name, candidate)).collect();
    let opened: Vec<_> = stream::iter(opening).buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut holding = BTreeSet::new();
    let mut unread = 0;
    for (image, own, members) in opened {
        match members {
            Ok(members) if members.iter().any(|m| m.digest == *digest) => {
                let names =
                    if image.image_tags.is_empty() { vec![own.to_owned()] } else { image.image_tags.clone() };
                holding.extend(names.iter().map(|n| visible(n).into_owned()));
            }
            Ok(_) => {}
            Err(_) => unread += 1,
        }
    }
    if unread > 0 {
        unknown.push(format!("{} could not be read", human::count(unread, "index", "indexes")));
    }
    holding.into_iter().collect()
}

async fn opened<'a>(
    server: &Distribution,
    name: &str,
    (image, own): (&'a Image, &'a str),
) -> (&'a Image, &'a str, Result<Vec<Descriptor>, Failure>) {
    (image, own, index(server, name, own).await)
}

/// Images whose manifest names `digest` as its subject.
fn referrers(digest: &Digest, all: &[Image]) -> Vec<Descriptor> {
    let subject = digest.to_string();
    let referring = all.iter().filter(|i| i.subject_manifest_digest.as_deref() == Some(&subject));
    let descriptor = |image: &Image| {
        let media_type = image.image_manifest_media_type.as_deref().unwrap_or_default();
        let size = image.image_size_in_bytes.and_then(|s| u64::try_from(s).ok()).unwrap_or_default();
        let mut found = Descriptor::new(media_type, image.image_digest.as_deref()?.parse().ok()?, size);
        found.artifact_type.clone_from(&image.artifact_media_type);
        Some(found)
    };
    referring.filter_map(descriptor).collect()
}
