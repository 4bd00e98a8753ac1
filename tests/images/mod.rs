//! Images for the built-in registry, made on the spot.
//!
//! Invariant: the same arguments make the same bytes.

use serde_json::json;
use tagalong::demo::Store;
use tagalong::domain::media::{OCI_CONFIG, OCI_MANIFEST};
use tagalong::domain::{Descriptor, Digest};

/// An image that was put into a registry.
pub(crate) struct Put {
    pub(crate) digest: Digest,
    pub(crate) layers: Vec<Descriptor>,
}

/// Puts an image with these layers under `repository:tag`.
pub(crate) fn put_image(store: &Store, repository: &str, tag: &str, layers: &[Vec<u8>]) -> Put {
    let put = |kind: &str, bytes: &[u8]| {
        Descriptor::new(kind, store.put_blob(repository, bytes.to_vec()), bytes.len() as u64)
    };
    let config = put(OCI_CONFIG, json!({"os": "linux", "architecture": "amd64"}).to_string().as_bytes());
    let layers: Vec<Descriptor> =
        layers.iter().map(|bytes| put("application/vnd.oci.image.layer.v1.tar+gzip", bytes)).collect();
    let body = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers});
    let digest = store.put_manifest(repository, OCI_MANIFEST, body.to_string());
    store.tag(repository, tag, &digest);
    Put { digest, layers }
}

/// Bytes that look like nothing.
pub(crate) fn noise(seed: usize, length: usize) -> Vec<u8> {
    (0..length).map(|i| (i.wrapping_mul(seed * 2 + 1) >> 3) as u8).collect()
}
