//! Writing a `docker-archive` that docker, podman and skopeo load: `manifest.json`, the configurations, and the layers
//! as tars under the digests that the configurations give them.
//!
//! Invariant: a header of a tar has a size, so every compressed layer is unpacked twice: once to be counted and
//! verified, once to be written. Nothing is kept of it in between.
//!
//! Source: moby `image/spec/spec.md`. The file `repositories` is left out: only Docker before 1.10 needs it.

use std::io::{self, Write};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::docker_images::diff_ids;
use super::packed::Packing;
use super::passing::{Seen, copy_pieces, peek, unless_stopped};
use super::selection::{Selection, full_name, one_platform};
use super::tarred;
use super::told::{invalid, told};
use super::write_oci::{damaged, open_blob};
use crate::domain::digest::Hasher;
use crate::domain::manifest::Image;
use crate::domain::text::visible;
use crate::domain::{Descriptor, Digest, Failure, FailureKind, Platform};
use crate::transfer::plan::{CONFIG_LIMIT, platform_note};
use crate::transfer::{Layout, on_disk};

const WRITING: &str = "writing the archive";

/// What the archive is to have.
pub(super) struct DockerArchivePlan {
    layout: Layout,
    manifest: Vec<u8>,
    /// Each once.
    configs: Vec<Descriptor>,
    /// Each once.
    layers: Vec<Layer>,
    pub(super) notes: Vec<String>,
}

/// A layer, and what it is unpacked.
struct Layer {
    blob: Descriptor,
    packing: Packing,
    diff_id: Digest,
    size: u64,
}

/// An image on its way into `manifest.json`.
struct Item {
    config: Digest,
    tags: Vec<String>,
    layers: Vec<Digest>,
}

impl DockerArchivePlan {
    /// Reads and verifies the images of the selection.
    ///
    /// # Errors
    /// The first failure of an image: `Invalid` for an index of several platforms and for what no engine can run;
    /// `NotFound` for a layer that is not there; `Integrity` for one that is not what its configuration says.
    pub(super) async fn of(selection: &Selection, cancel: &CancellationToken) -> Result<Self, Failure> {
        let mut images = Vec::new();
        for (target, name) in &selection.images {
            let (_, image) = one_platform(&selection.layout, target, selection.platform.as_ref()).await?;
            images.push((name.clone(), image));
        }
        let (layout, platform, stop) =
            (selection.layout.clone(), selection.platform.clone(), cancel.child_token());
        let _guard = stop.clone().drop_guard();
        let measure = move || {
            let mut measuring =
                Measuring { layout, stop, configs: vec![], layers: vec![], items: vec![], notes: vec![] };
            for (name, image) in &images {
                measuring.take(name, image, platform.as_ref())?;
            }
            Ok(measuring.finish())
        };
        on_disk(measure).await
    }

    /// How many bytes the archive will have.
    pub(super) fn size(&self) -> u64 {
        let configs = self.configs.iter().map(|config| config.size);
        let sizes =
            self.layers.iter().map(|layer| layer.size).chain(configs).chain([self.manifest.len() as u64]);
        sizes.map(tarred::room).fold(tarred::END, u64::saturating_add)
    }

    /// Writes it.
    pub(super) fn write(&self, out: &mut dyn Write, stop: &CancellationToken) -> io::Result<()> {
        tarred::append(out, "manifest.json", self.manifest.len() as u64, &mut self.manifest.as_slice())?;
        for config in &self.configs {
            let bytes = self.layout.read_blob(config, CONFIG_LIMIT).map_err(io::Error::other)?;
            tarred::append(out, &config_name(&config.digest), bytes.len() as u64, &mut bytes.as_slice())?;
        }
        for layer in &self.layers {
            let file = Seen::new(open_blob(&self.layout, &layer.blob.digest)?, |_: &[u8]| {
                unless_stopped(stop, WRITING)
            });
            let mut hasher = Hasher::new(layer.diff_id.algorithm());
            let mut content = Seen::new(layer.packing.unpacked(file)?, |piece: &[u8]| {
                hasher.update(piece);
                Ok(())
            });
            tarred::append(out, &layer_name(&layer.diff_id), layer.size, &mut content)?;
            if hasher.finish() != layer.diff_id {
                return Err(damaged(&layer.blob.digest));
            }
        }
        tarred::finish(out)
    }
}

fn config_name(digest: &Digest) -> String {
    format!("{}.json", digest.hex())
}

fn layer_name(diff_id: &Digest) -> String {
    format!("{}.tar", diff_id.hex())
}

/// The first pass over the layers.
struct Measuring {
    layout: Layout,
    stop: CancellationToken,
    configs: Vec<Descriptor>,
    layers: Vec<Layer>,
    items: Vec<Item>,
    notes: Vec<String>,
}

impl Measuring {
    fn take(&mut self, name: &str, image: &Image, platform: Option<&Platform>) -> Result<(), Failure> {
        let doing = format!("putting {} into a docker-archive", visible(name));
        let config = self.layout.read_blob(&image.config, CONFIG_LIMIT)?;
        self.notes.extend(platform.and_then(|wanted| platform_note(name, &config, wanted)));
        let tag = full_name(name);
        if tag.is_none() {
            let said = "is no host/repository:tag, so the image has no name in the archive";
            self.notes.push(format!("“{}” {said}", visible(name)));
        }
        if let Some(known) = self.items.iter_mut().find(|item| item.config == image.config.digest) {
            known.tags.extend(tag.filter(|tag| !known.tags.contains(tag)));
            return Ok(());
        }
        let diff_ids = diff_ids(&config, &doing)?;
        if diff_ids.len() != image.layers.len() {
            let (named, has) = (diff_ids.len(), image.layers.len());
            return Err(invalid(
                &doing,
                format!("its configuration names {named} layers, its manifest {has}"),
            ));
        }
        for (blob, diff_id) in image.layers.iter().zip(&diff_ids) {
            if self.layers.iter().all(|known| known.diff_id != *diff_id) {
                let layer = measure(&self.layout, blob, diff_id, &self.stop);
                self.layers.push(layer.map_err(|e| told(&doing, e))?);
            }
        }
        let config = Descriptor { size: config.len() as u64, ..image.config.clone() };
        self.items.push(Item {
            config: config.digest.clone(),
            tags: tag.into_iter().collect(),
            layers: diff_ids,
        });
        self.configs.push(config);
        Ok(())
    }

    fn finish(self) -> DockerArchivePlan {
        let items = self.items.iter().map(|item| {
            let layers: Vec<String> = item.layers.iter().map(layer_name).collect();
            json!({"Config": config_name(&item.config), "RepoTags": item.tags, "Layers": layers})
        });
        let manifest = Value::from_iter(items).to_string().into_bytes();
        let Self { layout, configs, layers, notes, .. } = self;
        DockerArchivePlan { layout, manifest, configs, layers, notes }
    }
}

/// Verifies a layer, and finds out how large it is unpacked.
fn measure(
    layout: &Layout,
    blob: &Descriptor,
    diff_id: &Digest,
    stop: &CancellationToken,
) -> io::Result<Layer> {
    let doing = format!("reading the layer {}", blob.digest);
    let (head, all) = peek(open_blob(layout, &blob.digest)?)?;
    let packing = Packing::of(&head, &doing).map_err(io::Error::other)?;
    let mut stored = Hasher::new(blob.digest.algorithm());
    let mut packed = Seen::new(all, |piece: &[u8]| {
        stored.update(piece);
        unless_stopped(stop, WRITING)
    });
    let (mut hasher, mut size) = (Hasher::new(diff_id.algorithm()), 0);
    let unpacked = packing.unpacked(&mut packed).and_then(|mut unpacked| {
        copy_pieces(&mut unpacked, |piece| {
            size += piece.len() as u64;
            hasher.update(piece);
            Ok(())
        })
    });
    // A compressed stream may end before its file, and what is damaged may not unpack: the digest comes first.
    io::copy(&mut packed, &mut io::sink())?;
    drop(packed);
    if stored.finish() != blob.digest {
        return Err(damaged(&blob.digest));
    }
    unpacked?;
    let found = hasher.finish();
    if found != *diff_id {
        let said = format!("unpacked it has the digest {found}, and its configuration names {diff_id}");
        return Err(io::Error::other(Failure::new(FailureKind::Integrity, doing, said)));
    }
    Ok(Layer { blob: blob.clone(), packing, diff_id: found, size })
}
