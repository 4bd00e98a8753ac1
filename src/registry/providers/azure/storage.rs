//! Blobs of Azure Storage behind signed addresses: the source of a build goes there, the log of a run comes from there.
//!
//! Sources: Microsoft, "Put Blob", "Put Block", "Put Block List", "Get Blob", "Specifying the range header"; the Azure
//! CLI's `acr build`, which sends and reads the same blobs.
//!
//! Invariant: what signs a request is in its address alone. No token of Entra goes there, nothing of the connection's
//! exceptions either, and no address is ever shown.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use url::Url;

use crate::domain::{Credential, Failure, FailureKind, human};
use crate::http::header::{HeaderName, HeaderValue, RANGE};
use crate::http::{FixedSignIn, Limit, Method, Priority, Reply, Request};
use crate::registry::context::Packed;
use crate::registry::{Api, Opening, Stages};

const BLOB_TYPE: HeaderName = HeaderName::from_static("x-ms-blob-type");
const BLOCK_BLOB: HeaderValue = HeaderValue::from_static("BlockBlob");
const GZIP: HeaderValue = HeaderValue::from_static("application/gzip");
const XML: HeaderValue = HeaderValue::from_static("application/xml");
/// What is no longer than this is sent in one piece, and longer ones in pieces of it.
const PIECE: u64 = 8 << 20;

/// Storage, asked by nobody in particular.
#[derive(Clone)]
pub(super) struct Storage {
    api: Api,
}

/// How a blob that grows is at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grown {
    /// Its bytes.
    pub(super) length: u64,
    /// Whether its writer has marked it as complete.
    pub(super) is_complete: bool,
}

impl Storage {
    /// Over the connection's proxy and authorities. `arm` is the one address that its exceptions are for.
    ///
    /// # Errors
    /// `Invalid` when the address cannot be read.
    pub(super) fn new(opening: &Opening, arm: &str) -> Result<Self, Failure> {
        let nobody = Arc::new(FixedSignIn(Credential::Anonymous));
        Ok(Self { api: opening.api(arm, nobody)? })
    }

    /// Sends a packed folder.
    ///
    /// # Errors
    /// The failure that a refusal is; what the transport may say.
    pub(super) async fn send(&self, to: &Url, packed: &Packed, stages: &dyn Stages) -> Result<(), Failure> {
        let size = human::size(packed.size);
        if packed.size <= PIECE {
            let body = packed.piece(0, packed.size).await?;
            let request = self.put(to.clone()).header(BLOB_TYPE, BLOCK_BLOB).body(GZIP, body);
            return self.written(&request).await;
        }
        let (mut sent, mut blocks) = (0, Vec::new());
        while sent < packed.size {
            let body = packed.piece(sent, PIECE).await?;
            sent += body.len() as u64;
            // All ids of a blob have to be of one length.
            let id = BASE64_STANDARD.encode(format!("{:08}", blocks.len()));
            let to = with_query(to, &[("comp", "block"), ("blockid", &id)]);
            self.written(&self.put(to).body(GZIP, body)).await?;
            blocks.push(id);
            stages.enter(&format!("sending {size}: {} sent", human::size(sent)));
        }
        let list: String = blocks.iter().map(|id| format!("<Latest>{id}</Latest>")).collect();
        let list = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{list}</BlockList>");
        let request = self.put(with_query(to, &[("comp", "blocklist")])).body(XML, Bytes::from(list));
        self.written(&request).await
    }

    fn put(&self, to: Url) -> Request {
        Request::new(Method::PUT, to, "sending the folder").at(Priority::Upload).repeatable().within_host()
    }

    async fn written(&self, request: &Request) -> Result<(), Failure> {
        let reply = self.api.http().fetch(request, Limit::ERROR).await?;
        if reply.status.is_success() { Ok(()) } else { Err(refusal(&reply, request.doing())) }
    }

    /// How a blob is at the moment; nothing while it is not there.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub(super) async fn look(&self, at: &Url, doing: &str) -> Result<Option<Grown>, Failure> {
        let request = Request::new(Method::HEAD, at.clone(), doing).within_host();
        let reply = self.api.http().fetch(&request, Limit::ERROR).await?;
        match reply.status.as_u16() {
            404 => Ok(None),
            200..300 => {
                let length = reply.named("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
                Ok(Some(Grown { length, is_complete: reply.named("x-ms-meta-complete").is_some() }))
            }
            _ => Err(refusal(&reply, doing)),
        }
    }

    /// The bytes of a blob from `start` to before `end`, or the first of them.
    ///
    /// # Errors
    /// As [`send`](Self::send); `Invalid` for a server that leaves out where the bytes are from.
    pub(super) async fn read(&self, at: &Url, start: u64, end: u64, doing: &str) -> Result<Bytes, Failure> {
        let end = end.min(start.saturating_add(PIECE));
        let range = format!("bytes={start}-{}", end.saturating_sub(1));
        let range =
            HeaderValue::try_from(range).map_err(|e| Failure::new(FailureKind::Bug, doing, e.to_string()))?;
        let request = Request::get(at.clone(), doing).header(RANGE, range).within_host();
        let reply = self.api.http().fetch(&request, Limit::of(2 * PIECE, "a part of a log")).await?;
        match reply.status.as_u16() {
            206 => Ok(reply.body),
            200 if start == 0 => Ok(reply.body),
            200 => Err(Failure::new(FailureKind::Invalid, doing, "the server does not send parts of it")),
            _ => Err(refusal(&reply, doing)),
        }
    }
}

fn with_query(url: &Url, query: &[(&str, &str)]) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().extend_pairs(query);
    url
}

/// A refusal; Storage's own word for it is in a header.
fn refusal(reply: &Reply, doing: &str) -> Failure {
    let mut failure = reply.failure(doing);
    if let Some(code) = reply.named("x-ms-error-code") {
        failure.said = format!("{} ({})", failure.said, crate::domain::text::visible(code));
    }
    failure
}
