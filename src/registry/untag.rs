//! Untying one tag by the protocol, so that the manifest and its other tags stay.
//!
//! Invariant: a tag never ends up pointing at anything else. Where `DELETE manifests/<tag>` is refused, a unique empty
//! manifest is put over the tag and deleted by its digest (regclient's way); this is begun only after the server has
//! shown that it deletes by digest, and undone if the delete fails after all.

use bytes::Bytes;

use super::distribution::Distribution;
use crate::domain::{Descriptor, Digest, Failure, FailureKind, RawManifest, media};

/// Removes `tag` from `repository`.
///
/// # Errors
/// `Unsupported` when deletes are switched off; `NotFound` when the tag is gone; what the transport may say.
pub async fn by_protocol(server: &Distribution, repository: &str, tag: &str) -> Result<(), Failure> {
    match server.delete_tag(repository, tag).await {
        Err(failure) if may_know_digests_only(failure.kind) => over(server, repository, tag).await,
        other => other,
    }
}

/// Servers from before OCI 1.1 answer 400 or 405 to a delete by tag.
fn may_know_digests_only(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Unsupported | FailureKind::Invalid)
}

async fn over(server: &Distribution, repository: &str, tag: &str) -> Result<(), Failure> {
    let doing = format!("untagging {repository}:{tag}");
    let before = server.manifest(repository, tag).await?;
    deletes_by_digest(server, repository, &before).await.map_err(|f| f.while_doing(doing.clone()))?;
    let config = server.put_blob(repository, Bytes::from_static(b"{}")).await?;
    let stand_in = stand_in(&config, &before.digest, tag);
    let digest = Digest::of(&stand_in);
    server.put_manifest(repository, tag, media::OCI_MANIFEST, stand_in).await?;
    match server.delete_manifest(repository, &digest).await {
        Err(failure) if failure.kind != FailureKind::NotFound => {
            server.put_manifest(repository, tag, &before.media_type, before.bytes).await?;
            Err(failure.while_doing(doing))
        }
        _ => Ok(()),
    }
}

/// Asks for the deletion of a digest that cannot exist: 404 means that deletes are on.
async fn deletes_by_digest(
    server: &Distribution,
    repository: &str,
    manifest: &RawManifest,
) -> Result<(), Failure> {
    let absent = Digest::of(format!("absent beside {}", manifest.digest).as_bytes());
    match server.delete_manifest(repository, &absent).await {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(()),
        other => other,
    }
}

/// A manifest that nobody else has: it names the tag and what the tag pointed at.
fn stand_in(config: &Descriptor, before: &Digest, tag: &str) -> Bytes {
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": media::OCI_MANIFEST,
        "config": { "mediaType": media::OCI_CONFIG, "digest": config.digest, "size": config.size },
        "layers": [],
        "annotations": { "dev.tagalong.untagged": tag, "dev.tagalong.before": before },
    });
    Bytes::from(manifest.to_string())
}
