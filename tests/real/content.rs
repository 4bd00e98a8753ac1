//! Images, pushed through the client that the program uses itself.

use bytes::Bytes;
use serde_json::{Value, json};
use tagalong::domain::{Descriptor, Digest, Platform, media};
use tagalong::registry::Distribution;

const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";

/// A manifest that was pushed.
#[derive(Debug, Clone)]
pub(crate) struct Pushed {
    pub(crate) digest: Digest,
    pub(crate) bytes: Bytes,
    pub(crate) media_type: &'static str,
    /// The sum of its blobs, in bytes.
    pub(crate) size: u64,
    platform: Platform,
}

/// Whose media types an image has.
#[derive(Clone, Copy)]
pub(crate) enum Flavour {
    Oci,
    Docker,
}

/// An image of layers with so many bytes of noise.
pub(crate) struct Image<'a> {
    pub(crate) repository: &'a str,
    pub(crate) tag: &'a str,
    pub(crate) platform: &'a str,
    pub(crate) layers: &'a [usize],
    pub(crate) flavour: Flavour,
}

impl Image<'_> {
    /// A small one for amd64.
    pub(crate) fn small<'a>(repository: &'a str, tag: &'a str) -> Image<'a> {
        Image { repository, tag, platform: "linux/amd64", layers: &[3000, 500], flavour: Flavour::Oci }
    }

    /// Pushes it.
    pub(crate) async fn push(&self, to: &Distribution) -> Pushed {
        let (manifest_type, config_type, layer_type) = match self.flavour {
            Flavour::Oci => (media::OCI_MANIFEST, media::OCI_CONFIG, OCI_LAYER),
            Flavour::Docker => (media::DOCKER_MANIFEST, media::DOCKER_CONFIG, DOCKER_LAYER),
        };
        let platform: Platform = self.platform.parse().unwrap();
        let mut layers = Vec::new();
        for (at, &size) in self.layers.iter().enumerate() {
            let layer = tar_of(&format!("{}:{}/{}/{at}", self.repository, self.tag, self.platform), size);
            layers.push(put(to, self.repository, layer_type, layer).await);
        }
        let config = json!({
            "architecture": platform.architecture, "os": platform.os, "created": "2026-01-02T03:04:05Z",
            "config": { "Cmd": ["/app/run"], "Env": [format!("TAG={}", self.tag)] },
            "rootfs": { "type": "layers", "diff_ids": layers.iter().map(|l| &l.digest).collect::<Vec<_>>() },
        });
        let config = put(to, self.repository, config_type, config.to_string().into()).await;
        let size = config.size + layers.iter().map(|l| l.size).sum::<u64>();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": manifest_type, "config": config, "layers": layers,
        });
        let (digest, bytes) = put_manifest(to, self.repository, self.tag, manifest_type, &manifest).await;
        Pushed { digest, bytes, media_type: manifest_type, size, platform }
    }
}

/// Pushes an index of images.
pub(crate) async fn push_index(to: &Distribution, repository: &str, tag: &str, members: &[Pushed]) -> Pushed {
    let entries: Vec<Value> = members
        .iter()
        .map(|member| {
            json!({
                "mediaType": member.media_type, "digest": member.digest, "size": member.bytes.len(),
                "platform": { "os": member.platform.os, "architecture": member.platform.architecture },
            })
        })
        .collect();
    let index = json!({ "schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": entries });
    let (digest, bytes) = put_manifest(to, repository, tag, media::OCI_INDEX, &index).await;
    let size = members.iter().map(|member| member.size).sum();
    Pushed { digest, bytes, media_type: media::OCI_INDEX, size, platform: Platform::default() }
}

/// Points another tag at a manifest.
pub(crate) async fn tag(to: &Distribution, repository: &str, tag: &str, pushed: &Pushed) {
    to.put_manifest(repository, tag, pushed.media_type, pushed.bytes.clone()).await.unwrap();
}

async fn put_manifest(
    to: &Distribution,
    repository: &str,
    tag: &str,
    media_type: &str,
    manifest: &Value,
) -> (Digest, Bytes) {
    let bytes = Bytes::from(manifest.to_string());
    let digest = to.put_manifest(repository, tag, media_type, bytes.clone()).await.unwrap();
    (digest, bytes)
}

async fn put(to: &Distribution, repository: &str, media_type: &str, bytes: Bytes) -> Descriptor {
    let put = to.put_blob(repository, bytes).await.unwrap();
    Descriptor::new(media_type, put.digest, put.size)
}

/// A tar with one file of bytes that no compression makes smaller.
fn tar_of(seed: &str, size: usize) -> Bytes {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mut state = seed.bytes().fold(0xcbf2_9ce4_8422_2325, mix) | 1;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(size)
    .collect();
    let mut header = tar::Header::new_ustar();
    header.set_size(size as u64);
    header.set_mode(0o644);
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_data(&mut header, "data", noise.as_slice()).unwrap();
    tar.into_inner().unwrap().into()
}
