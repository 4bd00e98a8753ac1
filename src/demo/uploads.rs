//! Pushing blobs: at once, in chunks, or by mounting ("Pushing blobs", "Mounting a blob from another repository").
//!
//! Invariant: a blob is kept only under its digest.

use axum::extract::Request;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use bytes::Bytes;

use super::auth::Access;
use super::blob::Blob;
use super::query;
use super::random::uuid;
use super::refusal::{Code, refuse};
use super::reply::{CONTENT_DIGEST, Reply};
use super::routes::digest;
use super::sessions::{Session, receive};
use super::shared::Shared;
use super::tokens::Scope;
use crate::domain::Digest;

/// Opens a session, unless the blob can be mounted or comes with the request.
pub(super) async fn open(
    shared: &Shared,
    repository: &str,
    access: &Access,
    request: Request,
) -> Result<Reply, Reply> {
    let query = request.uri().query().unwrap_or_default();
    if let Some(mount) = query::value(query, "mount") {
        let wanted = digest(&mount)?;
        if let Some(blob) = mountable(shared, access, &wanted, query::value(query, "from").as_deref()) {
            return Ok(keep(shared, repository, &wanted, blob));
        }
    } else if let Some(given) = query::value(query, "digest") {
        let given = digest(&given)?;
        let mut bytes = Vec::new();
        receive(request.into_body(), &mut bytes).await?;
        return verify(shared, repository, &given, bytes);
    }
    let id = uuid();
    let location = format!("/v2/{repository}/blobs/uploads/{id}");
    let session = Session { location, bytes: Vec::new() };
    let reply = session.progress(Reply::new(StatusCode::ACCEPTED));
    shared.uploads.open(repository, &id, session);
    Ok(reply.with(HeaderName::from_static("docker-upload-uuid"), &id))
}

/// Says how far a session has come.
pub(super) async fn status(shared: &Shared, repository: &str, id: &str) -> Result<Reply, Reply> {
    let session = shared.uploads.find(repository, id)?;
    let session = session.lock().await;
    Ok(session.progress(Reply::new(StatusCode::NO_CONTENT)))
}

/// Takes a chunk.
pub(super) async fn append(
    shared: &Shared,
    repository: &str,
    id: &str,
    request: Request,
) -> Result<Reply, Reply> {
    let session = shared.uploads.find(repository, id)?;
    let mut session = session.lock().await;
    let (head, body) = request.into_parts();
    session.take(&head.headers, body).await?;
    Ok(session.progress(Reply::new(StatusCode::ACCEPTED)))
}

/// Takes the last chunk, if there is one, and closes the session.
pub(super) async fn finish(
    shared: &Shared,
    repository: &str,
    id: &str,
    request: Request,
) -> Result<Reply, Reply> {
    let session = shared.uploads.find(repository, id)?;
    let mut session = session.lock().await;
    let (head, body) = request.into_parts();
    let given = query::value(head.uri.query().unwrap_or_default(), "digest");
    let given = digest(&given.unwrap_or_default())?;
    session.take(&head.headers, body).await?;
    shared.uploads.close(repository, id);
    verify(shared, repository, &given, std::mem::take(&mut session.bytes))
}

/// Gives a session up.
pub(super) fn cancel(shared: &Shared, repository: &str, id: &str) -> Result<Reply, Reply> {
    if shared.uploads.close(repository, id) {
        Ok(Reply::new(StatusCode::NO_CONTENT))
    } else {
        Err(refuse(Code::BlobUploadUnknown, "there is no such upload"))
    }
}

/// The blob to mount, when it is there and the sender may read it there.
fn mountable(shared: &Shared, access: &Access, wanted: &Digest, from: Option<&str>) -> Option<Blob> {
    match from {
        Some(from) if access.allows(&Scope::repository(from, &["pull"])) => shared.store.blob(from, wanted),
        None if matches!(access, Access::Full) => shared.store.any_blob(wanted),
        _ => None,
    }
}

fn verify(shared: &Shared, repository: &str, given: &Digest, bytes: Vec<u8>) -> Result<Reply, Reply> {
    if given.matches(&bytes) {
        Ok(keep(shared, repository, given, Blob::Kept(Bytes::from(bytes))))
    } else {
        Err(refuse(Code::DigestInvalid, "the blob has another digest"))
    }
}

fn keep(shared: &Shared, repository: &str, digest: &Digest, blob: Blob) -> Reply {
    shared.store.put_blob_as(repository, digest, blob);
    let location = format!("/v2/{repository}/blobs/{digest}");
    Reply::new(StatusCode::CREATED).with(LOCATION, &location).with(CONTENT_DIGEST, digest)
}
