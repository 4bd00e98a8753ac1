//! Manifests: pull, push and delete ("Pulling manifests", "Pushing Manifests", "Deleting tags", "Deleting Manifests").
//!
//! Invariant: a manifest that was pushed has the digest it was pushed under, and everything it names was there.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use bytes::Bytes;
use serde::Deserialize;

use super::refusal::{Code, missing, refuse, refuse_as};
use super::reply::{CONTENT_DIGEST, Reply};
use super::routes::Target;
use super::shared::Shared;
use crate::domain::{Descriptor, Digest, Manifest, MediaType, RawManifest};

/// The largest manifest that is accepted, in bytes.
const LIMIT: usize = 8 * 1024 * 1024;

/// Gives a manifest out.
pub(super) fn get(shared: &Shared, repository: &str, target: &Target) -> Result<Reply, Reply> {
    let found = match target {
        Target::Digest(digest) => shared.store.manifest(repository, digest),
        Target::Tag(tag) => {
            let digest = shared.store.resolve(repository, tag);
            digest.and_then(|digest| shared.store.manifest(repository, &digest))
        }
    };
    let raw = found.ok_or_else(|| missing(&shared.store, repository, Code::ManifestUnknown))?;
    let reply = Reply::new(StatusCode::OK).with(CONTENT_TYPE, &raw.media_type);
    let reply = reply.with(CONTENT_LENGTH, &raw.bytes.len()).with(CONTENT_DIGEST, &raw.digest);
    Ok(reply.with(ETAG, &format!("\"{}\"", raw.digest)).body(raw.bytes))
}

/// Takes a manifest in.
pub(super) async fn put(
    shared: &Shared,
    repository: &str,
    target: Target,
    request: Request,
) -> Result<Reply, Reply> {
    let header = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let declared = header.and_then(|v| v.split(';').next()).map(|v| v.trim().to_owned());
    let too_large = |_| {
        let message = "a manifest may have 8 MiB";
        refuse_as(StatusCode::PAYLOAD_TOO_LARGE, Code::SizeInvalid, message)
    };
    let bytes = to_bytes(request.into_body(), LIMIT).await.map_err(too_large)?;
    let digest = digest_for(&target, &bytes)?;
    let media_type = media_type(declared, &bytes)?;
    let raw = RawManifest { bytes, media_type, digest: digest.clone(), claimed: None };
    let manifest = raw.parse().map_err(|e| refuse(Code::ManifestInvalid, &e.said))?;
    check_content(shared, repository, &manifest)?;
    let subject = manifest.subject().map(|s| s.digest.clone());
    shared.store.put_raw(repository, raw);
    if let Target::Tag(tag) = &target {
        shared.store.tag(repository, tag, &digest);
    }
    let reply = Reply::new(StatusCode::CREATED).with(CONTENT_DIGEST, &digest);
    let reply = reply.with(LOCATION, &format!("/v2/{repository}/manifests/{digest}"));
    Ok(match subject.filter(|_| shared.settings.referrers) {
        Some(subject) => reply.with(HeaderName::from_static("oci-subject"), &subject),
        None => reply,
    })
}

/// Deletes a manifest by digest, or one tag.
pub(super) fn delete(shared: &Shared, repository: &str, target: &Target) -> Result<Reply, Reply> {
    let settings = &shared.settings;
    let (allowed, what) = match target {
        Target::Digest(_) => (settings.delete, "deleting is switched off"),
        Target::Tag(_) => (settings.delete && settings.delete_tags, "deleting a tag is switched off"),
    };
    if !allowed {
        return Err(refuse(Code::Unsupported, what));
    }
    let removed = match target {
        Target::Digest(digest) => shared.store.remove_manifest(repository, digest),
        Target::Tag(tag) => shared.store.remove_tag(repository, tag),
    };
    if removed {
        Ok(Reply::new(StatusCode::ACCEPTED))
    } else {
        Err(missing(&shared.store, repository, Code::ManifestUnknown))
    }
}

/// The digest to keep a pushed manifest under: the one it was pushed to, when it is right.
fn digest_for(target: &Target, bytes: &Bytes) -> Result<Digest, Reply> {
    match target {
        Target::Tag(_) => Ok(Digest::of(bytes)),
        Target::Digest(digest) if digest.matches(bytes) => Ok(digest.clone()),
        Target::Digest(_) => Err(refuse(Code::DigestInvalid, "the manifest has another digest")),
    }
}

/// The media type of a pushed manifest: header and body have to agree where both say it.
fn media_type(header: Option<String>, bytes: &[u8]) -> Result<String, Reply> {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "mediaType", default)]
        media_type: Option<String>,
    }
    let invalid = |message: &str| refuse(Code::ManifestInvalid, message);
    let body: Typed = serde_json::from_slice(bytes).map_err(|e| invalid(&e.to_string()))?;
    let media_type = match (header, body.media_type) {
        (Some(header), Some(body)) if header != body => {
            return Err(invalid("Content-Type and mediaType differ"));
        }
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => return Err(invalid("neither Content-Type nor mediaType says what it is")),
    };
    match MediaType::of(&media_type) {
        MediaType::Index | MediaType::Manifest => Ok(media_type),
        MediaType::Schema1 | MediaType::Other => Err(invalid("this media type is not accepted")),
    }
}

/// Checks that everything a manifest names is in the repository; content that lies elsewhere (`urls`) may be missing.
fn check_content(shared: &Shared, repository: &str, manifest: &Manifest) -> Result<(), Reply> {
    let is_index = matches!(manifest, Manifest::Index(_));
    let is_there = |child: &Descriptor| {
        if is_index {
            return shared.store.manifest(repository, &child.digest).is_some();
        }
        !child.urls.is_empty() || shared.store.blob(repository, &child.digest).is_some()
    };
    match manifest.children().into_iter().find(|child| !is_there(child)) {
        None => Ok(()),
        Some(missing) => {
            Err(refuse(Code::ManifestBlobUnknown, &format!("{} is not in the repository", missing.digest)))
        }
    }
}
