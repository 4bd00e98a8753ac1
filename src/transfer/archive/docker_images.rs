//! The images that `manifest.json` names, put together from what a docker-archive had.
//!
//! Invariant: a configuration stays byte for byte, so the image keeps its id, and every layer is the one that the
//! configuration names. Manifests are made here in one way: the same archive makes the same digests.
//!
//! Source: moby `image/spec/spec.md` ("Combined Image JSON + Filesystem Changeset Format").

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::INDEX_LIMIT;
use super::names::{self, Catalogue};
use super::told::invalid;
use crate::domain::media::{OCI_CONFIG, OCI_MANIFEST};
use crate::domain::text::visible;
use crate::domain::{Descriptor, Digest, Failure, FailureKind, ImageConfig, RawManifest, Reference};
use crate::transfer::plan::CONFIG_LIMIT;
use crate::transfer::{Layout, StoredImage};

const MANIFEST: &str = "manifest.json";

/// A file of the archive, as it lies in the layout now.
#[derive(Debug, Clone)]
pub(super) struct Stowed {
    /// The digest that it had in the archive.
    pub(super) raw: Digest,
    /// What has become of it, with the media type that it has as a layer.
    pub(super) blob: Descriptor,
    /// Its digest as a tar; nothing when it cannot be unpacked.
    pub(super) diff: Option<Digest>,
    /// Whether it was kept as it was, and is small enough to be read.
    pub(super) is_small: bool,
}

/// An entry of `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Option<Vec<String>>,
}

/// The digests of an image's layers, unpacked, base first, as its configuration has them.
///
/// # Errors
/// `Invalid`.
pub(super) fn diff_ids(config: &[u8], doing: &str) -> Result<Vec<Digest>, Failure> {
    let damaged = |said: String| invalid(doing, format!("the configuration names no layers{said}"));
    let config: Value = serde_json::from_slice(config).map_err(|e| damaged(format!(": {e}")))?;
    let diff_ids = config.pointer("/rootfs/diff_ids").ok_or_else(|| damaged(String::new()))?;
    let diff_ids = Option::<Vec<Digest>>::deserialize(diff_ids).map_err(|e| damaged(format!(": {e}")))?;
    Ok(diff_ids.unwrap_or_default())
}

/// Writes a manifest for each image that is there, and names them in the layout's index.
///
/// # Errors
/// `Invalid` when something that is named is missing or not what it has to be; `Integrity` for other bytes than those
/// of the digest; `Io`.
pub(super) fn images(
    layout: &Layout,
    files: &Catalogue<Stowed>,
    doing: &str,
) -> Result<Vec<StoredImage>, Failure> {
    let archive = Archive { layout, files, doing };
    let mut images = Vec::new();
    for item in archive.items()? {
        let manifest = archive.image(&item)?;
        let mut names: Vec<Option<String>> =
            item.repo_tags.unwrap_or_default().iter().map(|tag| Some(familiar(tag))).collect();
        if names.is_empty() {
            names.push(None);
        }
        images.extend(names.into_iter().map(|name| StoredImage { name, manifest: manifest.clone() }));
    }
    let named: Vec<(String, Descriptor)> =
        images.iter().filter_map(|image| Some((image.name.clone()?, image.manifest.clone()))).collect();
    layout.tag(&named)?;
    Ok(images)
}

struct Archive<'a> {
    layout: &'a Layout,
    files: &'a Catalogue<Stowed>,
    doing: &'a str,
}

impl Archive<'_> {
    fn items(&self) -> Result<Vec<Item>, Failure> {
        if self.files.find(MANIFEST).is_none() {
            let other = if self.files.find("index.json").is_some() {
                "; it is an oci-archive"
            } else if self.files.find("repositories").is_some() {
                "; a Docker before 1.10 has written it, which is not read"
            } else {
                ", so it is no docker-archive"
            };
            return Err(self.invalid(format!("there is no {MANIFEST} in it{other}")));
        }
        let bytes = self.small(MANIFEST, INDEX_LIMIT)?;
        serde_json::from_slice(&bytes).map_err(|e| self.invalid(format!("its {MANIFEST} is damaged: {e}")))
    }

    /// Makes and writes the manifest of an image.
    fn image(&self, item: &Item) -> Result<Descriptor, Failure> {
        let config = self.small(&item.config, CONFIG_LIMIT)?;
        let digest = Digest::of(&config);
        check_name(&item.config, &digest, self.doing)?;
        let layers = self.layers(item, &diff_ids(&config, self.doing)?)?;
        let config_blob = Descriptor::new(OCI_CONFIG, digest, config.len() as u64);
        let body = json!({
            "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config_blob, "layers": layers,
        });
        let bytes = Bytes::from(body.to_string());
        let digest = Digest::of(&bytes);
        let raw = RawManifest { bytes, media_type: OCI_MANIFEST.to_owned(), digest, claimed: None };
        self.layout.put_manifest(&raw)?;
        let mut manifest = raw.descriptor();
        manifest.platform =
            ImageConfig::parse(&config).ok().map(|config| config.platform).filter(|p| !p.is_unknown());
        Ok(manifest)
    }

    fn layers(&self, item: &Item, diff_ids: &[Digest]) -> Result<Vec<Descriptor>, Failure> {
        let files = item.layers.as_deref().unwrap_or_default();
        if files.len() != diff_ids.len() {
            let (config, named, has) = (visible(&item.config), diff_ids.len(), files.len());
            let said = format!("the configuration {config} names {named} layers, and {MANIFEST} has {has}");
            return Err(self.invalid(said));
        }
        files.iter().zip(diff_ids).map(|(file, diff_id)| self.layer(file, diff_id)).collect()
    }

    fn layer(&self, file: &str, diff_id: &Digest) -> Result<Descriptor, Failure> {
        let stowed = self.file(file)?;
        match &stowed.diff {
            Some(diff) if diff == diff_id => Ok(stowed.blob.clone()),
            Some(diff) => {
                let said = format!("the layer {} has the digest {diff}, not {diff_id}", visible(file));
                Err(Failure::new(FailureKind::Integrity, self.doing, said))
            }
            None => Err(self.invalid(format!("the compression of the layer {} is damaged", visible(file)))),
        }
    }

    fn file(&self, name: &str) -> Result<&Stowed, Failure> {
        let clean = names::inside(name)
            .map_err(|why| self.invalid(format!("{MANIFEST} names “{}”, which {why}", visible(name))))?;
        self.files.find(&clean).ok_or_else(|| {
            self.invalid(format!("{MANIFEST} names “{}”, which is not in the archive", visible(name)))
        })
    }

    fn small(&self, name: &str, limit: u64) -> Result<Vec<u8>, Failure> {
        let stowed = self.file(name)?;
        if !stowed.is_small {
            return Err(self.invalid(format!("{} is too large, or no JSON", visible(name))));
        }
        self.layout.read_blob(&stowed.blob, limit)
    }

    fn invalid(&self, said: String) -> Failure {
        invalid(self.doing, said)
    }
}

/// A configuration that is named by a digest has to have it.
fn check_name(name: &str, digest: &Digest, doing: &str) -> Result<(), Failure> {
    let file = name.rsplit('/').next().unwrap_or_default();
    let stem = file.strip_suffix(".json").unwrap_or(file);
    let hex = stem.strip_prefix("sha256:").unwrap_or(stem);
    let is_digest = format!("sha256:{hex}").parse::<Digest>().is_ok();
    if !is_digest || hex == digest.hex() {
        return Ok(());
    }
    let said = format!("the configuration {} has the digest {digest}", visible(name));
    Err(Failure::new(FailureKind::Integrity, doing, said))
}

/// A name as short as Docker shows it.
fn familiar(tag: &str) -> String {
    tag.parse::<Reference>().map_or_else(|_| tag.to_owned(), |reference| reference.to_string())
}
