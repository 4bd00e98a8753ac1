//! Writing an `oci-archive`: `oci-layout`, `index.json`, and the blobs in the order of their digests.
//!
//! Invariant: the same images under the same names make the same bytes, and every blob is verified on its way.

use std::io::{self, Write};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::passing::{Seen, unless_stopped};
use super::selection::{Selection, full_name};
use super::tarred;
use crate::domain::digest::Hasher;
use crate::domain::media::OCI_INDEX;
use crate::domain::{Descriptor, Digest, Failure, FailureKind};
use crate::registry::Content;
use crate::transfer::batch::Wanted;
use crate::transfer::layout::{FULL_NAME, MARK, MARKER, entry, shown};
use crate::transfer::plan::{CONFIG_LIMIT, Plan, PlannedImage, platform_note};
use crate::transfer::{Layout, on_disk};

/// What the archive is to have.
pub(super) struct OciArchivePlan {
    layout: Layout,
    index: Vec<u8>,
    /// Each once, by digest.
    blobs: Vec<Descriptor>,
    pub(super) notes: Vec<String>,
}

impl OciArchivePlan {
    /// Reads the manifests of the selection.
    ///
    /// # Errors
    /// The first failure of an image: an archive is written with all of them or not at all.
    pub(super) async fn of(selection: &Selection, cancel: &CancellationToken) -> Result<Self, Failure> {
        let layout = selection.layout.clone();
        let content: Arc<dyn Content> = Arc::new(layout.clone());
        let (platform, place) = (selection.platform.clone(), shown(layout.root()));
        let wanted = Wanted {
            content: &content,
            images: &selection.images,
            platform: platform.as_ref(),
            source: &place,
        };
        let (images, mut failures) = wanted.read(cancel).await?;
        let (plan, left_out) = Plan::of(images);
        failures.extend(left_out);
        if let Some(failure) = Failure::first_of(failures) {
            return Err(failure);
        }
        let noting = (layout.clone(), plan.images.clone());
        let notes = on_disk(move || {
            let (layout, images) = noting;
            Ok(images.iter().flat_map(|image| notes(&layout, image, platform.as_ref())).collect())
        });
        let notes = notes.await?;
        let index = index(&plan.images).to_string().into_bytes();
        let manifests = plan.images.iter().flat_map(|image| &image.manifests).map(|raw| raw.descriptor());
        let mut blobs: Vec<Descriptor> = plan.blobs.into_iter().chain(manifests).collect();
        blobs.sort_by(|one, other| one.digest.cmp(&other.digest));
        blobs.dedup_by(|one, other| one.digest == other.digest);
        Ok(Self { layout, index, blobs, notes })
    }

    /// How many bytes the archive will have.
    pub(super) fn size(&self) -> u64 {
        let small = [MARK.len() as u64, self.index.len() as u64];
        let sizes = self.blobs.iter().map(|blob| blob.size).chain(small);
        sizes.map(tarred::room).fold(tarred::END, u64::saturating_add)
    }

    /// Writes it.
    pub(super) fn write(&self, out: &mut dyn Write, stop: &CancellationToken) -> io::Result<()> {
        tarred::append(out, MARKER, MARK.len() as u64, &mut MARK.as_bytes())?;
        tarred::append(out, "index.json", self.index.len() as u64, &mut self.index.as_slice())?;
        for blob in &self.blobs {
            self.write_blob(out, blob, stop)?;
        }
        tarred::finish(out)
    }

    fn write_blob(&self, out: &mut dyn Write, blob: &Descriptor, stop: &CancellationToken) -> io::Result<()> {
        let digest = &blob.digest;
        let name = format!("blobs/{}/{}", digest.algorithm().name(), digest.hex());
        let file = open_blob(&self.layout, digest)?;
        let mut hasher = Hasher::new(digest.algorithm());
        let mut content = Seen::new(file, |piece: &[u8]| {
            hasher.update(piece);
            unless_stopped(stop, "writing the archive")
        });
        tarred::append(out, &name, blob.size, &mut content)?;
        if hasher.finish() == *digest { Ok(()) } else { Err(damaged(digest)) }
    }
}

/// The file of a blob.
pub(super) fn open_blob(layout: &Layout, digest: &Digest) -> io::Result<std::fs::File> {
    std::fs::File::open(layout.blob_path(digest)).map_err(|e| {
        let doing = format!("reading {digest} in {}", shown(layout.root()));
        io::Error::other(match e.kind() {
            io::ErrorKind::NotFound => Failure::new(FailureKind::NotFound, doing, "it is not there"),
            _ => Failure::io(doing, &e),
        })
    })
}

/// The failure of a blob with other bytes.
pub(super) fn damaged(digest: &Digest) -> io::Error {
    let said = "the layout's file has other bytes";
    io::Error::other(Failure::new(FailureKind::Integrity, format!("verifying {digest}"), said))
}

fn notes(layout: &Layout, image: &PlannedImage, platform: Option<&crate::domain::Platform>) -> Vec<String> {
    let other = || {
        let config = layout.read_blob(image.config.as_ref()?, CONFIG_LIMIT).ok()?;
        platform_note(&image.name, &config, platform?)
    };
    image.notes.iter().cloned().chain(other()).collect()
}

/// `index.json`. skopeo and podman look for the short name, docker for the full one.
fn index(images: &[PlannedImage]) -> Value {
    let named = |image: &PlannedImage| {
        let mut entry = entry(&image.name, &image.root);
        let annotations = entry.get_mut("annotations").and_then(Value::as_object_mut);
        if let (Some(annotations), Some(full)) = (annotations, full_name(&image.name)) {
            annotations.insert(FULL_NAME.to_owned(), json!(full));
        }
        entry
    };
    let entries: Vec<Value> = images.iter().map(named).collect();
    json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
}
