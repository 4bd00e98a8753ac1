//! Uploads that are under way, each with what has arrived of it.
//!
//! Invariant: what has arrived in a session stays there when a connection breaks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::header::{CONTENT_RANGE, LOCATION, RANGE};
use axum::http::{HeaderMap, StatusCode};
use futures_util::StreamExt;
use tokio::sync::Mutex as Turn;

use super::refusal::{Code, refuse, refuse_as};
use super::reply::Reply;

/// The sessions that are open. Requests to one session take turns.
#[derive(Default)]
pub(super) struct Uploads(Mutex<HashMap<String, Arc<Turn<Session>>>>);

/// One upload.
pub(super) struct Session {
    pub(super) location: String,
    pub(super) bytes: Vec<u8>,
}

impl Uploads {
    /// Begins a session.
    pub(super) fn open(&self, repository: &str, id: &str, session: Session) {
        self.lock().insert(key(repository, id), Arc::new(Turn::new(session)));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Turn<Session>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session called `id`.
    pub(super) fn find(&self, repository: &str, id: &str) -> Result<Arc<Turn<Session>>, Reply> {
        let found = self.lock().get(&key(repository, id)).cloned();
        found.ok_or_else(|| refuse(Code::BlobUploadUnknown, "there is no such upload"))
    }

    /// Forgets a session; whether there was one.
    pub(super) fn close(&self, repository: &str, id: &str) -> bool {
        self.lock().remove(&key(repository, id)).is_some()
    }
}

impl Session {
    /// Takes a chunk in, which has to begin where the last one ended.
    pub(super) async fn take(&mut self, headers: &HeaderMap, body: Body) -> Result<(), Reply> {
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
    pub(super) fn progress(&self, reply: Reply) -> Reply {
        let range = format!("0-{}", self.bytes.len().saturating_sub(1));
        reply.with(LOCATION, &self.location).with(RANGE, &range)
    }
}

/// Reads a body to its end.
pub(super) async fn receive(body: Body, into: &mut Vec<u8>) -> Result<(), Reply> {
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
