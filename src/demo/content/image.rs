//! Images and indexes, put together and into a repository.
//!
//! Invariant: everything that a manifest names is in the repository before the manifest is.

use serde_json::{Map, Value, json};

use super::layer::Layer;
use crate::demo::store::Store;
use crate::domain::{Descriptor, Platform, media};

/// Whose media types an image uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Oci,
    Docker,
}

impl Family {
    fn manifest(self) -> &'static str {
        match self {
            Self::Oci => media::OCI_MANIFEST,
            Self::Docker => media::DOCKER_MANIFEST,
        }
    }

    fn index(self) -> &'static str {
        match self {
            Self::Oci => media::OCI_INDEX,
            Self::Docker => media::DOCKER_LIST,
        }
    }

    fn config(self) -> &'static str {
        match self {
            Self::Oci => media::OCI_CONFIG,
            Self::Docker => media::DOCKER_CONFIG,
        }
    }

    fn layer(self, packed: bool) -> &'static str {
        match (self, packed) {
            (Self::Oci, true) => "application/vnd.oci.image.layer.v1.tar+gzip",
            (Self::Oci, false) => "application/vnd.oci.image.layer.v1.tar",
            (Self::Docker, true) => "application/vnd.docker.image.rootfs.diff.tar.gzip",
            (Self::Docker, false) => "application/vnd.docker.image.rootfs.diff.tar",
        }
    }
}

/// A step of an image's history.
pub(super) struct Step {
    /// The command, as the builder writes it down.
    pub(super) command: String,
    /// The layer that it made, if it made one.
    pub(super) layer: Option<Layer>,
}

impl Step {
    /// A step that made a layer.
    pub(super) fn layer(command: impl Into<String>, layer: Layer) -> Self {
        Self { command: command.into(), layer: Some(layer) }
    }

    /// A step that only set something.
    pub(super) fn setting(command: impl Into<String>) -> Self {
        Self { command: command.into(), layer: None }
    }
}

/// An image.
pub(super) struct Image {
    pub(super) family: Family,
    pub(super) platform: Platform,
    /// RFC 3339.
    pub(super) created: String,
    /// The `config` object of the configuration.
    pub(super) runtime: Value,
    pub(super) steps: Vec<Step>,
    /// Annotations of the manifest; Docker's manifests have none.
    pub(super) annotations: Value,
}

impl Image {
    /// Puts the image into a repository; answers its descriptor, with the platform.
    pub(super) fn put(&self, store: &Store, repository: &str) -> Descriptor {
        let layers = self.steps.iter().filter_map(|step| step.layer.as_ref());
        let layers: Vec<_> = layers.map(|layer| self.put_layer(store, repository, layer)).collect();
        let config = put_blob(store, repository, self.family.config(), self.config().to_string());
        let media_type = self.family.manifest();
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers,
        });
        add_annotations(&mut manifest, &self.annotations);
        let mut descriptor = put_manifest(store, repository, media_type, &manifest);
        descriptor.platform = Some(self.platform.clone());
        descriptor
    }

    fn put_layer(&self, store: &Store, repository: &str, layer: &Layer) -> Descriptor {
        store.put_blob_as(repository, &layer.digest, layer.blob.clone());
        Descriptor::new(self.family.layer(layer.packed), layer.digest.clone(), layer.blob.len())
    }

    /// The configuration ("OCI Image Configuration").
    fn config(&self) -> Value {
        let mut config = json!(self.platform);
        let diff_ids: Vec<_> =
            self.steps.iter().filter_map(|s| s.layer.as_ref()).map(|l| &l.diff_id).collect();
        let history: Vec<_> = self.steps.iter().map(|step| self.history(step)).collect();
        let rest = json!({
            "created": self.created,
            "author": "The Acme platform team",
            "config": self.runtime,
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
            "history": history,
        });
        merge(&mut config, rest);
        config
    }

    fn history(&self, step: &Step) -> Value {
        let mut entry = json!({ "created": self.created, "created_by": step.command });
        if step.layer.is_none() {
            merge(&mut entry, json!({ "empty_layer": true }));
        }
        entry
    }
}

/// Puts an index of these members into a repository.
pub(super) fn put_index(
    store: &Store,
    repository: &str,
    family: Family,
    members: &[Descriptor],
    annotations: &Value,
) -> Descriptor {
    let media_type = family.index();
    let mut index = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": members });
    add_annotations(&mut index, annotations);
    put_manifest(store, repository, media_type, &index)
}

/// Puts a manifest into a repository.
pub(super) fn put_manifest(
    store: &Store,
    repository: &str,
    media_type: &str,
    manifest: &Value,
) -> Descriptor {
    let bytes = format!("{manifest:#}");
    let size = bytes.len() as u64;
    Descriptor::new(media_type, store.put_manifest(repository, media_type, bytes), size)
}

/// Puts a blob into a repository.
pub(super) fn put_blob(
    store: &Store,
    repository: &str,
    media_type: &str,
    bytes: impl Into<Vec<u8>>,
) -> Descriptor {
    let bytes = bytes.into();
    let size = bytes.len() as u64;
    Descriptor::new(media_type, store.put_blob(repository, bytes), size)
}

fn add_annotations(manifest: &mut Value, annotations: &Value) {
    if annotations.as_object().is_some_and(|all| !all.is_empty()) {
        merge(manifest, json!({ "annotations": annotations }));
    }
}

/// Adds the fields of `more` to those of `object`.
pub(super) fn merge(object: &mut Value, more: Value) {
    let fields: Map<_, _> = match more {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    if let Some(object) = object.as_object_mut() {
        object.extend(fields);
    }
}
