//! Bodies that are spoiled on purpose: cut off, wrong, slow.
//!
//! Invariant: the length that was announced stays, whatever becomes of the bytes.

use std::io;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, future, stream};
use tokio_util::sync::CancellationToken;

/// A part of a body.
type Piece = io::Result<Bytes>;

/// Changes the body and keeps the length that was announced.
pub(super) fn rebody<S>(
    response: Response,
    change: impl FnOnce(stream::BoxStream<'static, Piece>) -> S,
) -> Response
where
    S: Stream<Item = Piece> + Send + 'static,
{
    let (mut head, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        head.headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from(length));
    }
    let pieces = body.into_data_stream().map(|piece| piece.map_err(io::Error::other)).boxed();
    Response::from_parts(head, Body::from_stream(change(pieces)))
}

/// The first `after` bytes; when `wait` is over, a break.
pub(super) fn cut(
    body: impl Stream<Item = Piece>,
    after: u64,
    wait: impl Future<Output = ()>,
) -> impl Stream<Item = Piece> {
    let head = body.scan(after, |left, piece| {
        let kept = piece.map(|mut bytes| {
            bytes.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= bytes.len() as u64;
            bytes
        });
        future::ready(Some(kept).filter(|kept| kept.as_ref().is_ok_and(|bytes| !bytes.is_empty())))
    });
    head.chain(stream::once(async move {
        wait.await;
        Err(io::Error::other("cut off on purpose"))
    }))
}

pub(super) fn corrupt(body: impl Stream<Item = Piece>) -> impl Stream<Item = Piece> {
    body.enumerate().map(|(at, piece)| {
        let mut bytes = Vec::from(piece?);
        if let Some(first) = bytes.first_mut().filter(|_| at == 0) {
            *first = !*first;
        }
        Ok(Bytes::from(bytes))
    })
}

/// Twenty pieces a second, of which each waits for its time.
pub(super) fn slow(
    body: impl Stream<Item = Piece>,
    speed: u64,
    stopped: CancellationToken,
) -> impl Stream<Item = Piece> {
    let step = usize::try_from(speed / 20).unwrap_or(usize::MAX).max(1);
    let pieces = body.flat_map(move |piece| stream::iter(split(piece, step)));
    pieces.then(move |piece| {
        let length = piece.as_ref().map_or(0, Bytes::len);
        let time = Duration::from_secs_f64(length as f64 / speed as f64);
        let stopped = stopped.clone();
        async move {
            match stopped.run_until_cancelled(tokio::time::sleep(time)).await {
                Some(()) => piece,
                None => Err(io::Error::other("the registry ended")),
            }
        }
    })
}

fn split(piece: Piece, step: usize) -> Vec<Piece> {
    match piece {
        Ok(mut bytes) => {
            let mut out = Vec::with_capacity(bytes.len() / step + 1);
            while !bytes.is_empty() {
                out.push(Ok(bytes.split_to(step.min(bytes.len()))));
            }
            out
        }
        Err(error) => vec![Err(error)],
    }
}
