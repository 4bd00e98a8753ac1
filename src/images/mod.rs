//! The places on this machine that hold images, as nodes of the tree: the local store, and engines.
//!
//! Invariant: a place shows what is there when it is asked and keeps nothing of it. A repository's step holds the host
//! (`docker.io/library/nginx`), so that what a node shows is a reference that can be pasted anywhere.

mod engine;
mod store;
mod tree;

pub use engine::EngineImages;
pub use store::Store;

use crate::domain::impact::Impact;
use crate::domain::{Capabilities, ConnectionId, Digest, Locator, Reference};

/// What every place on this machine can.
const LOCAL: Capabilities = Capabilities::LOCAL
    .with(Capabilities::LIST)
    .with(Capabilities::READ)
    .with(Capabilities::PULL)
    .with(Capabilities::TAG)
    .with(Capabilities::UNTAG)
    .with(Capabilities::DELETE);

/// The node of the image called `reference` in the place called `place`.
#[must_use]
pub fn locate(place: &ConnectionId, reference: &Reference) -> Locator {
    tree::Name::Reference(reference.clone()).locate(place)
}

/// What goes with an image that has these names. Blobs that another image needs stay, so nothing else is touched.
fn impact(digest: Digest, tags: Vec<String>, looked_at: u64) -> Impact {
    Impact {
        digest,
        tags,
        in_indexes: Vec::new(),
        children: Vec::new(),
        referrers: Vec::new(),
        looked_at: (looked_at, looked_at),
        unknown: Vec::new(),
    }
}
