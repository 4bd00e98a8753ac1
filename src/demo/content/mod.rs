//! Sample content: what a company's registry may look like, with every kind of thing that is found in one.
//!
//! Invariant: the same `now` makes the same content, and making it takes no noticeable time.

mod api;
mod artifacts;
mod attached;
mod image;
mod images;
mod layer;
mod odd;
mod platforms;
mod release;

use jiff::Timestamp;

use self::release::Release;
use super::store::Store;
use crate::domain::{Descriptor, Failure};

/// Fills a registry with the sample content; dates count back from `now` (seconds since 1970).
///
/// # Errors
/// `Io` or `Invalid` when the content cannot be made, which is a mistake in it.
pub fn fill(store: &Store, now: i64) -> Result<(), Failure> {
    let shelf = Shelf { store, now };
    api::fill(&shelf)?;
    images::fill(&shelf)?;
    platforms::fill(&shelf)?;
    artifacts::fill(&shelf)?;
    odd::fill(&shelf)
}

/// Where the content goes, and when it is made.
struct Shelf<'a> {
    store: &'a Store,
    now: i64,
}

impl Shelf<'_> {
    /// The moment so many days ago. The time of day depends on the day, as people do not all push at once.
    fn moment(&self, days: i64) -> Timestamp {
        let seconds = self.now - days * 86_400 - (days * 7_919) % 36_000 - 1_800;
        Timestamp::from_second(seconds).unwrap_or_default()
    }

    /// The same as RFC 3339.
    fn days_ago(&self, days: i64) -> String {
        self.moment(days).to_string()
    }

    /// Points the tags of a release at its manifest.
    fn tag_release(&self, repository: &str, release: &Release, manifest: &Descriptor) {
        self.tag(repository, &[release.version], manifest);
        self.tag(repository, release.moving, manifest);
    }

    /// Points tags at a manifest that was just put.
    fn tag(&self, repository: &str, tags: &[&str], manifest: &Descriptor) {
        for tag in tags {
            self.store.tag(repository, tag, &manifest.digest);
        }
    }
}

#[cfg(test)]
mod tests;
