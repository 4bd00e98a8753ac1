//! What has to be moved for an image: its manifests and blobs, worked out from manifests that were read.
//!
//! Invariant: pure. A blob is listed once, however many images share it, and every size was checked against its limit.

use std::collections::{HashMap, HashSet};

use crate::domain::text::visible;
use crate::domain::{
    Descriptor, Digest, Failure, FailureKind, ImageConfig, Manifest, Platform, RawManifest, human, media,
};

/// Larger manifests are refused (distribution-spec asks registries for at least 4 MiB).
pub(super) const MANIFEST_LIMIT: u64 = 8 << 20;
/// Larger configurations are refused.
pub(super) const CONFIG_LIMIT: u64 = 8 << 20;

/// What one manifest leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// All these manifests belong to it.
    Members(Vec<Descriptor>),
    /// This member stands for the index: it has the platform that was asked for.
    Choose(Descriptor),
    /// These blobs belong to it.
    Blobs {
        /// Configuration and layers.
        blobs: Vec<Descriptor>,
        /// What is left out, in words.
        notes: Vec<String>,
    },
}

/// One image, read down to its blobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedImage {
    /// The name that it gets.
    pub name: String,
    /// The manifest that the name will point at.
    pub root: Descriptor,
    /// The configuration, when the root is a runnable image.
    pub config: Option<Descriptor>,
    /// Its manifests, the root last.
    pub manifests: Vec<RawManifest>,
    /// Its blobs.
    pub blobs: Vec<Descriptor>,
    /// What is left out, in words.
    pub notes: Vec<String>,
}

/// Everything that a job moves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Plan {
    /// The images, in the order asked for.
    pub images: Vec<PlannedImage>,
    /// Each blob once, largest first.
    pub blobs: Vec<Descriptor>,
}

impl Plan {
    /// Gathers the blobs of all `images`; with it, a failure (`Invalid`) for each image that is left out because another
    /// manifest gives another size for one of its blobs.
    pub(super) fn of(mut images: Vec<PlannedImage>) -> (Self, Vec<Failure>) {
        let sizes = sizes(&images);
        let mut failures = Vec::new();
        images.retain(|image| match disputed(image, &sizes) {
            None => true,
            Some(failure) => {
                failures.push(failure);
                false
            }
        });
        let mut seen: HashSet<&Digest> = HashSet::new();
        let all = images.iter().flat_map(|image| &image.blobs);
        let mut blobs: Vec<Descriptor> = all.filter(|blob| seen.insert(&blob.digest)).cloned().collect();
        // Stable: blobs of one size keep the order of the manifest.
        blobs.sort_by_key(|blob| std::cmp::Reverse(blob.size));
        (Self { images, blobs }, failures)
    }
}

/// The size of a blob, and another one that was given for it.
type Sizes = HashMap<Digest, (u64, Option<u64>)>;

fn sizes(images: &[PlannedImage]) -> Sizes {
    let mut sizes = Sizes::new();
    for blob in images.iter().flat_map(|image| &image.blobs) {
        let (first, other) = sizes.entry(blob.digest.clone()).or_insert((blob.size, None));
        if *first != blob.size {
            *other = Some(blob.size);
        }
    }
    sizes
}

/// Nobody can say which size is right, so every image with such a blob is concerned.
fn disputed(image: &PlannedImage, sizes: &Sizes) -> Option<Failure> {
    image.blobs.iter().find_map(|blob| {
        let (one, other) = sizes.get(&blob.digest)?;
        let said = format!(
            "one manifest gives {one} bytes for {} and another {}, so {} is left out",
            blob.digest,
            (*other)?,
            visible(&image.name)
        );
        Some(refused(&blob.digest, said))
    })
}

/// What `manifest` leads to; without a platform, everything.
///
/// # Errors
/// `NotFound` when no member has the platform, `Unsupported` for schema 1, `Invalid` for a size over its limit.
pub(super) fn next_step(manifest: &Manifest, platform: Option<&Platform>) -> Result<Step, Failure> {
    match manifest {
        Manifest::Index(index) => {
            for member in &index.manifests {
                check_size(member, MANIFEST_LIMIT, "a manifest")?;
            }
            match platform {
                Some(wanted) => choose(&index.manifests, wanted).map(Step::Choose),
                None => Ok(Step::Members(index.manifests.clone())),
            }
        }
        Manifest::Image(image) => {
            check_size(&image.config, CONFIG_LIMIT, "a configuration")?;
            let (foreign, layers): (Vec<_>, Vec<_>) =
                image.layers.iter().partition(|layer| !layer.urls.is_empty());
            let blobs = std::iter::once(&image.config).chain(layers).cloned().collect();
            Ok(Step::Blobs { blobs, notes: foreign.into_iter().map(left_out).collect() })
        }
        Manifest::Schema1 => Err(Failure::new(
            FailureKind::Unsupported,
            "reading the manifest",
            "it is of Docker's schema 1, which can be shown but not moved",
        )),
    }
}

/// The media type of `raw`, from the header if that is specific, else from what the body turned out to be.
pub(super) fn media_type(raw: &RawManifest, manifest: &Manifest) -> String {
    media::of_manifest(&raw.media_type, &raw.bytes).unwrap_or_else(|| match manifest {
        Manifest::Index(_) => media::OCI_INDEX.to_owned(),
        Manifest::Image(_) | Manifest::Schema1 => media::OCI_MANIFEST.to_owned(),
    })
}

/// An image that is no index has its platform in the configuration only; it may not be the one asked for.
pub(super) fn platform_note(name: &str, config: &[u8], wanted: &Platform) -> Option<String> {
    let has = ImageConfig::parse(config).ok()?.platform;
    let other = !has.is_unknown() && !wanted.accepts(&has);
    other.then(|| format!("{name} is for {}, not for {wanted}", visible(&has.to_string())))
}

/// The member for `wanted`: one that is exactly it before one that serves as well.
fn choose(members: &[Descriptor], wanted: &Platform) -> Result<Descriptor, Failure> {
    let offered: Vec<(&Descriptor, &Platform)> = members
        .iter()
        .filter(|member| !member.is_attestation())
        .filter_map(|member| Some((member, member.platform.as_ref()?)))
        .collect();
    let exact = offered.iter().find(|(_, platform)| *platform == wanted);
    let fitting = exact.or_else(|| offered.iter().find(|(_, platform)| wanted.accepts(platform)));
    if let Some((member, _)) = fitting {
        return Ok((*member).clone());
    }
    // An index of indexes often gives no platforms on its first level.
    if let [only] = members
        && only.platform.is_none()
    {
        return Ok(only.clone());
    }
    let names: Vec<String> = offered.iter().map(|(_, p)| visible(&p.to_string()).into_owned()).collect();
    let said = if names.is_empty() {
        "it names no platforms".to_owned()
    } else {
        format!("it has {}", names.join(", "))
    };
    Err(Failure::new(FailureKind::NotFound, format!("looking for the platform {wanted} in the index"), said))
}

fn check_size(descriptor: &Descriptor, limit: u64, what: &str) -> Result<(), Failure> {
    if descriptor.size <= limit {
        return Ok(());
    }
    let (size, limit) = (human::size(descriptor.size), human::size(limit));
    Err(refused(&descriptor.digest, format!("it is said to have {size}; {what} may have {limit}")))
}

fn refused(digest: &Digest, said: String) -> Failure {
    Failure::new(FailureKind::Invalid, format!("planning the transfer of {digest}"), said)
}

fn left_out(layer: &Descriptor) -> String {
    let from = layer.urls.first().map(|url| visible(url).into_owned()).unwrap_or_default();
    format!("the foreign layer {} is left out: it is to be fetched from {from}", layer.digest)
}

#[cfg(test)]
mod tests;
