//! Sample content: what a company's registry may look like, with every kind of thing that is found in one.
//!
//! Invariant: the same `now` makes the same content, and making it takes no noticeable time.

mod artifacts;
mod image;
mod layer;
mod services;

use jiff::Timestamp;

use super::store::Store;
use crate::domain::{Descriptor, Failure};

/// Fills a registry with the sample content; dates count back from `now` (seconds since 1970).
///
/// # Errors
/// `Io` or `Invalid` when the content cannot be made, which is a mistake in it.
pub fn fill(store: &Store, now: i64) -> Result<(), Failure> {
    let shelf = Shelf { store, now };
    services::fill(&shelf)
}

/// Where the content goes, and when it is made.
struct Shelf<'a> {
    store: &'a Store,
    now: i64,
}

impl Shelf<'_> {
    /// The date so many days ago, RFC 3339. The time of day depends on the day, as people do not all push at once.
    fn days_ago(&self, days: i64) -> String {
        let seconds = self.now - days * 86_400 - (days * 7_919) % 36_000 - 1_800;
        Timestamp::from_second(seconds).unwrap_or_default().to_string()
    }

    /// Points tags at a manifest that was just put.
    fn tag(&self, repository: &str, tags: &[&str], manifest: &Descriptor) {
        for tag in tags {
            self.store.tag(repository, tag, &manifest.digest);
        }
    }
}

/// A number that stands for a text: what its noise depends on.
fn seed(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
