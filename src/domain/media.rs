//! Media types of manifests, and what they mean here.
//!
//! Sources: OCI image-spec `media-types.md`, Docker "Image Manifest Version 2, Schema 2".

/// OCI image manifest.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// OCI image index.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// OCI image configuration.
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// The empty JSON object `{}` as a configuration.
pub const OCI_EMPTY: &str = "application/vnd.oci.empty.v1+json";
/// Docker manifest, schema 2.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker manifest list.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Docker image configuration.
pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// Docker manifest, schema 1: view only.
pub const DOCKER_SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+json";
/// Docker manifest, schema 1, signed: view only.
pub const DOCKER_SCHEMA1_SIGNED: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";

/// The value of `Accept` for a manifest: all four current types.
pub const ACCEPT_MANIFEST: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// What a media type is to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaType {
    /// A list of manifests (OCI index or Docker list).
    Index,
    /// One manifest (OCI or Docker schema 2).
    Manifest,
    /// A schema 1 manifest: can be shown, nothing else.
    Schema1,
    /// Anything else.
    Other,
}

impl MediaType {
    /// Reads a media type; parameters after `;` and case do not matter.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bare = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match bare.as_str() {
            OCI_INDEX | DOCKER_LIST => Self::Index,
            OCI_MANIFEST | DOCKER_MANIFEST => Self::Manifest,
            DOCKER_SCHEMA1 | DOCKER_SCHEMA1_SIGNED => Self::Schema1,
            _ => Self::Other,
        }
    }
}

/// The type of a manifest: the one in its header where that is one of a manifest, else the one in its body, where
/// there is one.
#[must_use]
pub fn of_manifest(header: &str, body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Typed {
        #[serde(rename = "mediaType")]
        media_type: String,
    }
    let bare = header.split(';').next().unwrap_or_default().trim();
    if MediaType::of(bare) != MediaType::Other {
        return Some(bare.to_owned());
    }
    let inside = serde_json::from_slice::<Typed>(body).ok()?.media_type;
    Some(inside).filter(|found| !found.is_empty())
}
