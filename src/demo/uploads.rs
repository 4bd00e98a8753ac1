//! Pushing blobs: at once, in chunks, or by mounting ("Pushing blobs", "Mounting a blob from another repository").
//!
//! Invariant: what has arrived in a session stays there when a connection breaks; a blob is kept only under its digest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_RANGE, LOCATION, RANGE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::Mutex as Turn;

use super::auth::Access;
use super::blob::Blob;
use super::query;
use super::random::uuid;
use super::refusal::{Code, refuse, refuse_as};
use super::reply::{CONTENT_DIGEST, Reply};
use super::routes::digest;
use super::server::Shared;
use super::tokens::Scope;
use crate::domain::Digest;

/// The sessions that are open. Requests to one session take turns.
#[derive(Default)]
pub(super) struct Uploads(Mutex<HashMap<String, Arc<Turn<Session>>>>);

/// One upload.
struct Session {
    location: String,
    bytes: Vec<u8>,
}

impl Uploads {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Turn<Session>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, repository: &str, id: &str) -> Result<Arc<Turn<Session>>, Reply> {
        let found = self.lock().get(&key(repository, id)).cloned();
        found.ok_or_else(|| refuse(Code::BlobUploadUnknown, "there is no such upload"))
    }

    fn close(&self, repository: &str, id: &str) -> bool {
        self.lock().remove(&key(repository, id)).is_some()
    }
}

impl Session {
    /// Takes a chunk in, which has to begin where the last one ended.
    async fn take(&mut self, headers: &HeaderMap, body: Body) -> Result<(), Reply> {
        let start = self.bytes.len();
        let announced = match headers.get(CONTENT_RANGE) {
            None => None,
            Some(value) => Some(chunk(value.to_str().unwrap_or_default())?),
        };
        if announced.is_some_and(|(first, _)| first != start) {
            let refusal = refuse_as(
                StatusCode::RANGE_NOT_SATISFIABLE,
                Code::BlobUploadInvalid,
                "chunks have to come in order",
            );
            return Err(self.progress(refusal));
        }
        receive(body, &mut self.bytes).await?;
        if announced.is_some_and(|(_, end)| end != self.bytes.len()) {
            self.bytes.truncate(start);
            return Err(refuse(Code::SizeInvalid, "the chunk has another length than its Content-Range"));
        }
        Ok(())
    }

    /// Adds where to go on, and from which byte.
    fn progress(&self, reply: Reply) -> Reply {
        let range = format!("0-{}", self.bytes.len().saturating_sub(1));
        reply.with(LOCATION, &self.location).with(RANGE, &range)
    }
}

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
    shared.uploads.lock().insert(key(repository, &id), Arc::new(Turn::new(session)));
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

async fn receive(body: Body, into: &mut Vec<u8>) -> Result<(), Reply> {
    let mut body = body.into_data_stream();
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|_| refuse(Code::BlobUploadInvalid, "the upload broke off"))?;
        into.extend_from_slice(&bytes);
    }
    Ok(())
}

/// Reads `first-last` of a chunk as its first byte and the byte behind its last.
fn chunk(range: &str) -> Result<(usize, usize), Reply> {
    let number = |text: &str| text.parse::<usize>().ok();
    let ends = range.split_once('-').and_then(|(first, last)| Some((number(first)?, number(last)?)));
    let ends = ends.and_then(|(first, last)| Some((first, last.checked_add(1)?)));
    ends.filter(|(first, end)| first < end)
        .ok_or_else(|| refuse(Code::BlobUploadInvalid, "Content-Range has to be first-last"))
}

fn key(repository: &str, id: &str) -> String {
    format!("{repository} {id}")
}
