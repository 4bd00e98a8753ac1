//! Where images are put on this machine: a layout, an archive, an engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Workspace;
use crate::domain::job::Moved;
use crate::domain::local::STORE;
use crate::domain::{ConnectionId, Failure, FailureKind, ImagePlace, Locator, Reference};
use crate::images;
use crate::transfer::archive::{Kind, pull_to_archive};
use crate::transfer::{Layout, Meter, PullJob, StoredImage, on_disk, pull};

impl Workspace {
    /// Puts the images of all `jobs` into one place; the layout that they name does not matter.
    ///
    /// # Errors
    /// The first failure. Into a layout and an engine every image goes that can; an archive is written with all of
    /// them or not at all. `Cancelled` ends it at a safe point, and what had arrived stays for the next try.
    pub(super) async fn put(
        &self,
        jobs: Vec<PullJob>,
        place: &ImagePlace,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Moved, Failure> {
        let place = &self.place_at_home(place);
        let put = match place {
            ImagePlace::Store => {
                let put = put_into_store(jobs, self.store_folder(), meter, stop).await;
                put.map(|moved| Moved { at: node_in_store(&moved), ..moved })
            }
            ImagePlace::Layout(folder) => put_into_layout(jobs, folder, meter, stop).await,
            ImagePlace::OciArchive(file) => pull_to_archive(jobs, Kind::Oci, file, meter, stop).await,
            ImagePlace::DockerArchive(file) => pull_to_archive(jobs, Kind::Docker, file, meter, stop).await,
            ImagePlace::Engine(id) => self.put_into_engine(jobs, id, meter, stop).await,
        };
        // Part of it may be there even when something failed.
        self.tell_place(place);
        put
    }
}

/// The reference of the image that was moved, when it is one.
pub(super) fn only_reference(moved: &Moved) -> Option<Reference> {
    let [(name, _)] = moved.images.as_slice() else { return None };
    name.parse().ok()
}

fn node_in_store(moved: &Moved) -> Option<Locator> {
    Some(images::locate(&ConnectionId::new(STORE), &only_reference(moved)?))
}

/// As into any layout; but the store is this program's own, so an image that another takes the name of is removed.
async fn put_into_store(
    jobs: Vec<PullJob>,
    folder: PathBuf,
    meter: &Meter,
    stop: &CancellationToken,
) -> Result<Moved, Failure> {
    let root = folder.clone();
    let before = on_disk(move || images_in(&root)).await?;
    let put = put_into_layout(jobs, &folder, meter, stop).await;
    let swept = on_disk(move || match Layout::open(&folder) {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(0),
        store => store?.remove_replaced(&before),
    });
    if let Err(failure) = swept.await {
        tracing::info!(%failure, "blobs of replaced images stay in the store");
    }
    put
}

fn images_in(folder: &Path) -> Result<Vec<StoredImage>, Failure> {
    match Layout::open(folder) {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(Vec::new()),
        store => store?.images(),
    }
}

async fn put_into_layout(
    jobs: Vec<PullJob>,
    folder: &Path,
    meter: &Meter,
    stop: &CancellationToken,
) -> Result<Moved, Failure> {
    let (mut all, mut failures): (Option<Moved>, _) = (None, Vec::new());
    for job in jobs {
        match pull(PullJob { layout: folder.to_owned(), ..job }, meter, stop).await {
            Ok(moved) => {
                all = Some(match all {
                    None => moved,
                    Some(before) => before.and(moved),
                });
            }
            Err(failure) if failure.kind == FailureKind::Cancelled => return Err(failure),
            Err(failure) => failures.push(failure),
        }
    }
    match (Failure::first_of(failures), all) {
        (Some(failure), _) => Err(failure),
        (None, Some(moved)) => Ok(moved),
        (None, None) => Err(Failure::new(FailureKind::NotFound, "pulling", "there is no image to pull")),
    }
}
