//! What refers to a manifest ("Listing Referrers").
//!
//! Invariant: every descriptor has the artifact type and the annotations of its manifest, as the specification asks.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use serde_json::json;

use super::query;
use super::refusal::{Code, refuse_as};
use super::reply::Reply;
use super::shared::Shared;
use crate::domain::{Descriptor, Digest, Manifest, RawManifest, media};

/// Lists the referrers of `subject`, of one artifact type if asked.
pub(super) fn list(shared: &Shared, repository: &str, subject: &Digest, query: &str) -> Result<Reply, Reply> {
    if !shared.settings.referrers {
        let message = "this registry has no referrers API";
        return Err(refuse_as(StatusCode::NOT_FOUND, Code::Unsupported, message));
    }
    let wanted = query::value(query, "artifactType");
    let all = shared.store.referrers(repository, subject).into_iter().map(|raw| describe(&raw));
    let shown: Vec<_> = all.filter(|d| wanted.is_none() || d.artifact_type == wanted).collect();
    let body = json!({ "schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": shown });
    let reply = Reply::json(StatusCode::OK, &body).with(CONTENT_TYPE, media::OCI_INDEX);
    Ok(match wanted {
        Some(_) => reply.with(HeaderName::from_static("oci-filters-applied"), "artifactType"),
        None => reply,
    })
}

fn describe(raw: &RawManifest) -> Descriptor {
    let mut descriptor = raw.descriptor();
    match raw.parse() {
        Ok(Manifest::Image(image)) => {
            let declared = image.artifact_type.filter(|t| !t.is_empty());
            descriptor.artifact_type = declared.or(Some(image.config.media_type));
            descriptor.annotations = image.annotations;
        }
        Ok(Manifest::Index(index)) => {
            descriptor.artifact_type = index.artifact_type.filter(|t| !t.is_empty());
            descriptor.annotations = index.annotations;
        }
        Ok(Manifest::Schema1) | Err(_) => {}
    }
    descriptor
}
