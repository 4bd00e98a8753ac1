//! How much of an answer is taken.
//!
//! Invariant: no more than the limit is ever held in memory.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;

use super::broken::Broken;
use super::transport;
use crate::domain::{Failure, FailureKind, human};

/// The most bytes that an answer may have, and what it is called when it has more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Bytes.
    pub bytes: u64,
    /// What it is: "a manifest".
    pub of: &'static str,
}

impl Limit {
    /// The body of a refusal.
    pub const ERROR: Self = Self { bytes: 64 << 10, of: "an error message" };
    /// A token server's answer.
    pub const TOKEN: Self = Self { bytes: 64 << 10, of: "a token" };
    /// A manifest.
    pub const MANIFEST: Self = Self { bytes: 8 << 20, of: "a manifest" };
    /// An image configuration.
    pub const CONFIG: Self = Self { bytes: 8 << 20, of: "an image configuration" };
    /// One page of a list.
    pub const LIST: Self = Self { bytes: 32 << 20, of: "a page of a list" };

    /// Another limit, for content of a known size.
    #[must_use]
    pub const fn of(bytes: u64, of: &'static str) -> Self {
        Self { bytes, of }
    }

    /// The failure of an answer beyond it.
    #[must_use]
    pub fn exceeded(self, doing: &str) -> Failure {
        let said =
            format!("the answer is larger than the {} that {} may have", human::size(self.bytes), self.of);
        Failure::new(FailureKind::Invalid, doing, said)
    }
}

/// What happens to a body beyond the limit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// It is refused.
    Refuse,
    /// The rest is left out: enough of an error message is enough.
    Cut,
}

/// Reads a body; a pause longer than `stall` ends it.
pub(super) async fn read(
    mut response: Response,
    limit: Limit,
    beyond: Beyond,
    stall: Duration,
    doing: &str,
) -> Result<Bytes, Broken> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit.bytes && beyond == Beyond::Refuse {
        return Err(Broken::never(limit.exceeded(doing)));
    }
    let mut whole = BytesMut::with_capacity(usize::try_from(announced.min(limit.bytes)).unwrap_or(0));
    loop {
        let chunk = match next_chunk(&mut response, stall, doing).await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            // Half an error message says more than that it broke.
            Err(_) if beyond == Beyond::Cut => break,
            Err(broken) => return Err(broken),
        };
        let room = usize::try_from(limit.bytes).unwrap_or(usize::MAX).saturating_sub(whole.len());
        if chunk.len() > room {
            if beyond == Beyond::Refuse {
                return Err(Broken::never(limit.exceeded(doing)));
            }
            whole.extend_from_slice(chunk.get(..room).unwrap_or_default());
            break;
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

/// The next bytes of a body, or its end.
pub(super) async fn next_chunk(
    response: &mut Response,
    stall: Duration,
    doing: &str,
) -> Result<Option<Bytes>, Broken> {
    match tokio::time::timeout(stall, response.chunk()).await {
        Ok(Ok(chunk)) => Ok(chunk),
        Ok(Err(error)) => Err(transport::body_broke(doing, &error)),
        Err(_) => Err(transport::stalled(doing, stall)),
    }
}
