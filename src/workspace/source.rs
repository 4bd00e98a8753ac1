//! Where an image is taken from: a registry, or a place on this machine.

use std::path::PathBuf;
use std::sync::Arc;

use super::Workspace;
use crate::domain::{Failure, FailureKind, ImagePlace, LocalImage, Locator, Reference};
use crate::registry::Content;
use crate::transfer::{Layout, StoredImage};

/// One end of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// A tag or manifest in a registry.
    Registry(Locator),
    /// An image on this machine; without a name the only one there.
    Local(LocalImage),
}

/// Where an image comes from.
pub(super) struct Source {
    pub(super) content: Arc<dyn Content>,
    /// Tag or digest there.
    pub(super) target: String,
    /// Its name in the place that it comes from.
    pub(super) name: Option<String>,
    /// The place, for messages.
    pub(super) place: String,
}

impl Workspace {
    /// The end of a copy that a node is.
    pub(super) fn end_at(&self, at: &Locator) -> Result<End, Failure> {
        self.connection(&at.connection)?;
        Ok(End::Registry(at.clone()))
    }

    pub(super) fn remote(&self, at: &Locator) -> Result<Source, Failure> {
        let (server, repository) = self.content_of(at)?;
        let place = self.host_of(at)?;
        let content = Arc::new(server.content(&repository));
        Ok(Source { content, target: at.name().to_owned(), name: None, place })
    }

    /// The image in a layout; in the store it may be named as short as on the command line of other tools.
    pub(super) async fn stored(&self, image: &LocalImage) -> Result<Source, Failure> {
        let folder = self.folder_of(&image.place)?;
        let full = match (&image.place, &image.name) {
            (ImagePlace::Store, Some(name)) => name.parse::<Reference>().ok().map(|r| r.to_string()),
            _ => None,
        };
        let (layout, found) = match Layout::open_image(&folder, image.name.clone()).await {
            Err(failure) if failure.kind == FailureKind::NotFound && full.is_some() => {
                Layout::open_image(&folder, full).await.map_err(|_| failure)?
            }
            other => other?,
        };
        let StoredImage { name, manifest } = found;
        let place = format!("oci:{}", folder.display());
        Ok(Source { content: Arc::new(layout), target: manifest.digest.to_string(), name, place })
    }

    /// The folder of a place on this machine.
    pub(super) fn folder_of(&self, place: &ImagePlace) -> Result<PathBuf, Failure> {
        match place {
            ImagePlace::Store => Ok(self.store_folder()),
            ImagePlace::Layout(folder) => Ok(folder.clone()),
            ImagePlace::Engine(_) | ImagePlace::OciArchive(_) | ImagePlace::DockerArchive(_) => {
                Err(Failure::new(FailureKind::Unsupported, "opening the place", "it is no folder"))
            }
        }
    }
}
