//! The places on this machine that hold images: the store always, and the engines that have answered.
//!
//! Invariant: looking for engines delays nobody; no engine at all is normal.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::sync::{broadcast, watch};

use super::Workspace;
use super::connect::blank;
use super::engines;
use super::open::{Local, Opened};
use crate::domain::connection::Connected;
use crate::domain::local::STORE;
use crate::domain::{ConnectionId, ImagePlace, ImagesChange};
use crate::images::Store;
use crate::store::appearances;

/// Changes that nobody has taken yet; whoever is slower is told of the places anew.
const UNTAKEN: usize = 64;

/// The file of a layout that names its images.
const INDEX: &str = "index.json";
/// One pull makes several changes; they are shown as one.
const TOGETHER: Duration = Duration::from_millis(200);

/// Who is told of changes.
pub(super) struct Told(broadcast::Sender<ImagesChange>);

impl Default for Told {
    fn default() -> Self {
        Self(broadcast::Sender::new(UNTAKEN))
    }
}

/// Who is told that the person wants engines to be looked for again.
pub(super) struct Looks(watch::Sender<()>);

impl Default for Looks {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Looks {
    /// Something for each time that it is wanted from now on.
    pub(super) fn asked(&self) -> BoxStream<'static, ()> {
        stream::unfold(self.0.subscribe(), |mut looks| async move {
            looks.changed().await.ok()?;
            Some(((), looks))
        })
        .boxed()
    }
}

impl Workspace {
    /// Opens the store, which touches no file.
    pub(super) fn open_store(&self) {
        let id = ConnectionId::new(STORE);
        let connection = blank(id.clone(), STORE, String::new(), STORE.to_owned());
        let store = Arc::new(Store::new(id, self.store_folder()));
        self.admit_local(connection, Local::Store(store), 0);
    }

    /// The places on this machine that hold images, in the order of the tree.
    #[must_use]
    pub fn images(&self) -> Vec<Connected> {
        self.shown(Opened::is_local)
    }

    /// What changes about the images on this machine, as it happens. Engines are looked for while somebody listens.
    #[must_use]
    pub fn watch_images(self: &Arc<Self>) -> BoxStream<'static, ImagesChange> {
        stream::select(self.watch_store(), engines::watch(Arc::clone(self))).boxed()
    }

    /// Looks again for engines that do not answer, as far as somebody listens.
    pub fn look_for_engines(&self) {
        self.looks.0.send_replace(());
    }

    /// What changes in the store, by whatever program, and what this one changes elsewhere. No engine is looked for.
    #[must_use]
    pub fn watch_store(self: &Arc<Self>) -> BoxStream<'static, ImagesChange> {
        stream::select(self.watch_own_changes(), self.watch_index()).boxed()
    }

    /// The store's index is replaced as a whole at every change, by whatever program.
    fn watch_index(&self) -> BoxStream<'static, ImagesChange> {
        let changed = |()| async {
            tokio::time::sleep(TOGETHER).await;
            ImagesChange::Content(ConnectionId::new(STORE))
        };
        appearances(self.store_folder().join(INDEX)).then(changed).boxed()
    }

    fn watch_own_changes(self: &Arc<Self>) -> BoxStream<'static, ImagesChange> {
        let (told, workspace) = (self.told.0.subscribe(), Arc::clone(self));
        let changes = stream::unfold((told, workspace), |(mut told, workspace)| async move {
            let change = match told.recv().await {
                Ok(change) => change,
                Err(broadcast::error::RecvError::Lagged(_)) => ImagesChange::Places(workspace.images()),
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            Some((change, (told, workspace)))
        });
        changes.boxed()
    }

    /// Tells whoever listens that the images in a place that the tree shows have changed.
    pub(super) fn tell_place(&self, place: &ImagePlace) {
        match place {
            ImagePlace::Store => self.tell_if_local(&ConnectionId::new(STORE)),
            ImagePlace::Engine(id) => self.tell_if_local(id),
            ImagePlace::Layout(_) | ImagePlace::OciArchive(_) | ImagePlace::DockerArchive(_) => {}
        }
    }

    /// Tells whoever listens that the images in a place have changed, when it is one on this machine.
    pub(super) fn tell_if_local(&self, id: &ConnectionId) {
        if self.local(id).is_some() {
            // Nobody has to listen.
            self.told.0.send(ImagesChange::Content(id.clone())).ok();
        }
    }
}
