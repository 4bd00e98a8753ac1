//! A body that is made while it is sent.
//!
//! Invariant: it can be made anew, so a request that has to be sent again is the same request.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _};

use crate::domain::Failure;

/// The bytes of one sending.
type Bodies = dyn Fn() -> BoxStream<'static, Result<Bytes, Failure>> + Send + Sync;

/// So many bytes, made piece by piece. A failure among them breaks the request off.
#[derive(Clone)]
pub struct Streamed {
    length: u64,
    open: Arc<Bodies>,
    taken: Arc<AtomicU64>,
}

impl Streamed {
    /// A body of `length` bytes; `open` makes it, once for each time that it is sent.
    pub fn new(
        length: u64,
        open: impl Fn() -> BoxStream<'static, Result<Bytes, Failure>> + Send + Sync + 'static,
    ) -> Self {
        Self { length, open: Arc::new(open), taken: Arc::default() }
    }

    /// How many bytes it has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// How many bytes were taken from it to be sent, this time and all times before.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// The body, from its start.
    pub(super) fn body(&self) -> reqwest::Body {
        let taken = Arc::clone(&self.taken);
        let counted = (self.open)().inspect(move |piece| {
            let length = piece.as_ref().map_or(0, |bytes| bytes.len() as u64);
            taken.fetch_add(length, Ordering::Relaxed);
        });
        reqwest::Body::wrap_stream(counted)
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed").field("length", &self.length).finish_non_exhaustive()
    }
}
