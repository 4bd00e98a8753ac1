//! Images and archives for the tests of this module.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use tar::{EntryType, Header};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::domain::media::{OCI_CONFIG, OCI_MANIFEST};
use crate::domain::{Descriptor, Digest, Failure};
use crate::transfer::scripted::Scripted;
use crate::transfer::{Layout, Meter, PullJob, pull};

/// An entry of a tar, as bad as it is wanted.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub(super) name: String,
    pub(super) kind: EntryType,
    pub(super) link: String,
    pub(super) bytes: Vec<u8>,
}

pub(super) fn file(name: &str, bytes: impl AsRef<[u8]>) -> Raw {
    Raw {
        name: name.to_owned(),
        kind: EntryType::Regular,
        link: String::new(),
        bytes: bytes.as_ref().to_vec(),
    }
}

pub(super) fn special(name: &str, kind: EntryType, link: &str) -> Raw {
    Raw { name: name.to_owned(), kind, link: link.to_owned(), bytes: Vec::new() }
}

/// A tar of these entries, written without any check.
pub(super) fn tar_of(entries: &[Raw]) -> Vec<u8> {
    let mut tar = Vec::new();
    for entry in entries {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        header.as_old_mut().linkname[..entry.link.len()].copy_from_slice(entry.link.as_bytes());
        header.set_entry_type(entry.kind);
        header.set_size(entry.bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.extend_from_slice(header.as_bytes());
        tar.extend_from_slice(&entry.bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

pub(super) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A layer: a tar with one file of `size` bytes.
pub(super) fn layer_tar(seed: u8, size: usize) -> Vec<u8> {
    let noise: Vec<u8> = (0..size).map(|i| (i.wrapping_mul(usize::from(seed) * 2 + 1) >> 3) as u8).collect();
    tar_of(&[file("data", noise)])
}

/// How a layer lies in a registry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stored {
    Plain,
    Gzip,
    Zstd,
}

/// An image that an engine could run.
pub(super) fn runnable(
    content: &mut Scripted,
    tag: &str,
    architecture: &str,
    layers: &[(Vec<u8>, Stored)],
) -> Descriptor {
    let diff_ids: Vec<Digest> = layers.iter().map(|(tar, _)| Digest::of(tar)).collect();
    let config = json!({
        "os": "linux", "architecture": architecture, "config": {"Cmd": ["/run"], "Labels": {"tag": tag}},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    });
    let config = content.blob(OCI_CONFIG, config.to_string());
    let mut stored = Vec::new();
    for (tar, how) in layers {
        stored.push(match how {
            Stored::Plain => content.blob("application/vnd.oci.image.layer.v1.tar", tar.clone()),
            Stored::Gzip => content.blob("application/vnd.oci.image.layer.v1.tar+gzip", gzipped(tar)),
            Stored::Zstd => {
                let packed = zstd::stream::encode_all(tar.as_slice(), 1).unwrap();
                content.blob("application/vnd.oci.image.layer.v1.tar+zstd", packed)
            }
        });
    }
    let body = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": stored});
    content.manifest(tag, OCI_MANIFEST, &body)
}

/// A pull of these tags, named `h.example/app:TAG`.
pub(super) fn job(content: &Arc<Scripted>, tags: &[&str]) -> PullJob {
    PullJob {
        content: content.clone(),
        images: tags.iter().map(|tag| ((*tag).to_owned(), format!("h.example/app:{tag}"))).collect(),
        layout: "unused".into(),
        platform: None,
        host: "h.example".to_owned(),
    }
}

/// A layout with these images.
pub(super) async fn layout_of(content: &Arc<Scripted>, tags: &[&str], folder: &TempDir) -> Layout {
    let layout = folder.path().join("layout");
    let job = PullJob { layout: layout.clone(), ..job(content, tags) };
    pull(job, &Meter::new(), &CancellationToken::new()).await.unwrap();
    Layout::open(&layout).unwrap()
}

/// The entries of a tar, in its order.
pub(super) fn entries(tar: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(tar);
    let read = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    });
    read.collect()
}

/// What `docker save` wrote up to version 24: a folder for each layer, one of them a link to another.
pub(super) fn legacy_docker(layers: &[Vec<u8>], tags: &[&str]) -> Vec<Raw> {
    let (config, diff_ids) = config_of(layers);
    let mut entries = vec![];
    let mut files = vec![];
    for (at, layer) in layers.iter().enumerate() {
        let id = format!("{:064x}", at + 1);
        entries.push(special(&format!("{id}/"), EntryType::Directory, ""));
        entries.push(file(&format!("{id}/VERSION"), "1.0"));
        entries.push(file(&format!("{id}/json"), "{}"));
        let name = format!("{id}/layer.tar");
        match diff_ids.iter().take(at).position(|known| *known == diff_ids[at]) {
            Some(same) => {
                let target = format!("../{:064x}/layer.tar", same + 1);
                entries.push(special(&name, EntryType::Symlink, &target));
            }
            None => entries.push(file(&name, layer)),
        }
        files.push(name);
    }
    let name = format!("{}.json", Digest::of(config.as_bytes()).hex());
    entries.push(file(&name, &config));
    let manifest = json!([{"Config": name, "RepoTags": tags, "Layers": files}]);
    entries.push(file("manifest.json", manifest.to_string()));
    entries.push(file("repositories", "{}"));
    entries
}

/// A configuration for these layers, and their digests.
pub(super) fn config_of(layers: &[Vec<u8>]) -> (String, Vec<Digest>) {
    let diff_ids: Vec<Digest> = layers.iter().map(|layer| Digest::of(layer)).collect();
    // Spaces and an unusual order, so that writing it anew would change the digest.
    let config = format!(
        "{{ \"rootfs\" : {{\"type\":\"layers\",\"diff_ids\":{}}}, \"os\":\"linux\", \"architecture\":\"arm64\" }}",
        json!(diff_ids)
    );
    (config, diff_ids)
}

/// `bytes` as they come from a network.
pub(super) fn arriving(
    bytes: &[u8],
    piece: usize,
) -> futures_util::stream::BoxStream<'static, Result<Bytes, Failure>> {
    use futures_util::StreamExt as _;
    let pieces: Vec<_> = bytes.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    futures_util::stream::iter(pieces).boxed()
}
