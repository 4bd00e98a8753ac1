//! Manifests and indexes, read leniently; the exact bytes are always kept, because re-serialising changes the digest.
//!
//! Sources: OCI image-spec `manifest.md`, `image-index.md`, `descriptor.md`.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::failure::{Failure, FailureKind};
use super::media::{self, MediaType};
use super::platform::Platform;

/// A pointer to content: type, digest, size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Media type of the content.
    #[serde(rename = "mediaType", default)]
    pub media_type: String,
    /// Digest of the content.
    pub digest: Digest,
    /// Size of the content in bytes.
    #[serde(default)]
    pub size: u64,
    /// Platform, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Type of the artifact, in referrers and indexes.
    #[serde(rename = "artifactType", default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Annotations.
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Other places that hold the content ("foreign" layers).
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
}

impl Descriptor {
    /// A bare descriptor.
    #[must_use]
    pub fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest,
            size,
            platform: None,
            artifact_type: None,
            annotations: BTreeMap::new(),
            urls: Vec::new(),
        }
    }

    /// Whether this is a BuildKit attestation inside an index.
    #[must_use]
    pub fn is_attestation(&self) -> bool {
        self.annotations.get("vnd.docker.reference.type").is_some_and(|t| t == "attestation-manifest")
    }
}

/// The bytes of a manifest as the registry sent them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawManifest {
    /// The exact bytes.
    pub bytes: Bytes,
    /// The media type: of the header, else of the body.
    pub media_type: String,
    /// The digest computed from the bytes.
    pub digest: Digest,
    /// The digest that the server claimed, where it did.
    pub claimed: Option<Digest>,
}

impl RawManifest {
    /// Reads the bytes.
    ///
    /// # Errors
    /// `Invalid` when the bytes are not a manifest of a known kind.
    pub fn parse(&self) -> Result<Manifest, Failure> {
        Manifest::parse(&self.bytes, &self.media_type)
    }

    /// A descriptor of these bytes.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        Descriptor::new(&self.media_type, self.digest.clone(), self.bytes.len() as u64)
    }
}

/// A manifest that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manifest {
    /// A list of manifests.
    Index(Box<Index>),
    /// One image or artifact.
    Image(Box<Image>),
    /// Docker schema 1: shown, never moved.
    Schema1,
}

/// An image index or Docker manifest list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Index {
    /// Its members.
    #[serde(default, deserialize_with = "null_is_default")]
    pub manifests: Vec<Descriptor>,
    /// Type of the artifact.
    #[serde(rename = "artifactType", default)]
    pub artifact_type: Option<String>,
    /// What this refers to.
    #[serde(default)]
    pub subject: Option<Descriptor>,
    /// Annotations.
    #[serde(default, deserialize_with = "null_is_default")]
    pub annotations: BTreeMap<String, String>,
}

/// An image manifest (OCI or Docker schema 2).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Image {
    /// The configuration.
    pub config: Descriptor,
    /// The layers, base first.
    #[serde(default, deserialize_with = "null_is_default")]
    pub layers: Vec<Descriptor>,
    /// Type of the artifact.
    #[serde(rename = "artifactType", default)]
    pub artifact_type: Option<String>,
    /// What this refers to.
    #[serde(default)]
    pub subject: Option<Descriptor>,
    /// Annotations.
    #[serde(default, deserialize_with = "null_is_default")]
    pub annotations: BTreeMap<String, String>,
}

impl Image {
    /// Size of all layers, in bytes, as stored in the registry.
    #[must_use]
    pub fn layers_size(&self) -> u64 {
        self.layers.iter().fold(0, |sum, l| sum.saturating_add(l.size))
    }

    /// The artifact type: the field, else the type of the configuration (manifest.md, "artifactType").
    #[must_use]
    pub fn kind(&self) -> &str {
        self.artifact_type.as_deref().unwrap_or(&self.config.media_type)
    }

    /// Whether the configuration is that of a runnable image.
    #[must_use]
    pub fn is_runnable(&self) -> bool {
        matches!(self.config.media_type.as_str(), media::OCI_CONFIG | media::DOCKER_CONFIG)
    }
}

impl Manifest {
    /// Reads `bytes` as a manifest; the type in the body wins over an unspecific header.
    ///
    /// # Errors
    /// `Invalid` when the bytes are not a manifest of a known kind.
    pub fn parse(bytes: &[u8], media_type: &str) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Probe {
            #[serde(rename = "schemaVersion", default)]
            schema_version: u64,
            #[serde(rename = "mediaType", default)]
            media_type: Option<String>,
            #[serde(default)]
            manifests: Option<serde::de::IgnoredAny>,
            #[serde(default)]
            config: Option<serde::de::IgnoredAny>,
        }
        let probe: Probe = read(bytes)?;
        let declared = match MediaType::of(media_type) {
            MediaType::Other => MediaType::of(probe.media_type.as_deref().unwrap_or_default()),
            known => known,
        };
        match declared {
            MediaType::Index => Ok(Self::Index(Box::new(read(bytes)?))),
            MediaType::Manifest => Ok(Self::Image(Box::new(read(bytes)?))),
            MediaType::Schema1 => Ok(Self::Schema1),
            MediaType::Other if probe.manifests.is_some() => Ok(Self::Index(Box::new(read(bytes)?))),
            MediaType::Other if probe.config.is_some() => Ok(Self::Image(Box::new(read(bytes)?))),
            MediaType::Other if probe.schema_version == 1 => Ok(Self::Schema1),
            MediaType::Other => Err(Failure::new(
                FailureKind::Invalid,
                "reading a manifest",
                format!("its type “{}” is not known", super::text::visible(media_type)),
            )),
        }
    }

    /// Every descriptor directly below: members, or configuration and layers.
    #[must_use]
    pub fn children(&self) -> Vec<&Descriptor> {
        match self {
            Self::Index(index) => index.manifests.iter().collect(),
            Self::Image(image) => std::iter::once(&image.config).chain(&image.layers).collect(),
            Self::Schema1 => Vec::new(),
        }
    }

    /// What this manifest refers to.
    #[must_use]
    pub fn subject(&self) -> Option<&Descriptor> {
        match self {
            Self::Index(index) => index.subject.as_ref(),
            Self::Image(image) => image.subject.as_ref(),
            Self::Schema1 => None,
        }
    }
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes)
        .map_err(|e| Failure::new(FailureKind::Invalid, "reading a manifest", e.to_string()))
}

pub(crate) fn null_is_default<'de, D, T>(d: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(d)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_without_a_type_is_recognised_by_its_shape() {
        let image = br#"{"schemaVersion":2,"config":{"mediaType":"x","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0},"layers":null}"#;
        assert!(matches!(Manifest::parse(image, "application/json"), Ok(Manifest::Image(_))));
        let index = br#"{"schemaVersion":2,"manifests":[]}"#;
        assert!(matches!(Manifest::parse(index, ""), Ok(Manifest::Index(_))));
        assert!(Manifest::parse(b"<html>", "text/html").is_err());
    }
}
