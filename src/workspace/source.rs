//! Where an image is taken from: a registry, or a place on this machine.
//!
//! Invariant: what has to be unpacked first lies in a folder of its own below the cache, which goes with its source.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::open::Local;
use super::scratch::Scratch;
use crate::domain::text::visible;
use crate::domain::{
    Descriptor, Failure, FailureKind, ImagePlace, LocalImage, Locator, Platform, RawManifest, Reference,
};
use crate::images::EngineImages;
use crate::registry::{BlobStream, Content};
use crate::transfer::archive::{self, Unpacked};
use crate::transfer::{Layout, PullJob, StoredImage, on_disk};

/// One end of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// A tag or manifest in the tree.
    Node(Locator),
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
    /// Opens the image at `end`.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for what is no such archive or layout; what an engine says; `Cancelled`.
    pub(super) async fn source(&self, end: &End, stop: &CancellationToken) -> Result<Source, Failure> {
        match end {
            End::Node(at) => match self.local(&at.connection) {
                None => self.remote(at),
                Some(Local::Store(store)) => {
                    let (layout, image) = store.find(at).await?;
                    let name = at.reference("").map(|r| r.to_string());
                    let place = layout_name(layout.root());
                    let target = image.digest.to_string();
                    Ok(Source { content: Arc::new(layout), target, name, place })
                }
                Some(Local::Engine(images)) => self.exported(&images, &images.name_of(at)?, stop).await,
            },
            End::Local(image) => self.stored(image, stop).await,
        }
    }

    fn remote(&self, at: &Locator) -> Result<Source, Failure> {
        let (server, repository) = self.content_of(at)?;
        let place = self.host_of(at)?;
        let content = Arc::new(server.content(&repository));
        Ok(Source { content, target: at.name().to_owned(), name: None, place })
    }

    async fn stored(&self, image: &LocalImage, stop: &CancellationToken) -> Result<Source, Failure> {
        let name = image.name.clone();
        match &image.place {
            ImagePlace::Store => {
                // In the store it may be named as short as on the command line of other tools.
                let full = name.as_deref().and_then(|n| n.parse::<Reference>().ok()).map(|r| r.to_string());
                let folder = self.store_folder();
                if !is_layout(&folder).await? {
                    let doing = format!(
                        "looking for {} in the local store",
                        visible(name.as_deref().unwrap_or("an image"))
                    );
                    let empty = Failure::new(FailureKind::NotFound, doing, "the store is empty");
                    return Err(empty.with_next("Pull an image first, or name one from elsewhere."));
                }
                match in_layout(&folder, name).await {
                    Err(failure) if failure.kind == FailureKind::NotFound && full.is_some() => {
                        in_layout(&folder, full).await.map_err(|_| failure)
                    }
                    found => found,
                }
            }
            ImagePlace::Layout(folder) => in_layout(folder, name).await,
            ImagePlace::OciArchive(file) => {
                let archive = archive::open_oci(file).await?;
                let found = archive.find(name.as_deref())?;
                let place = format!("oci-archive:{}", file.display());
                Ok(Source::of(Arc::new(archive), found, place))
            }
            ImagePlace::DockerArchive(file) => {
                let scratch = Scratch::new(&self.paths().cache).await?;
                let unpacked = archive::open_docker(file, &scratch.layout(), stop).await?;
                Source::of_unpacked(
                    &unpacked,
                    name.as_deref(),
                    format!("docker-archive:{}", file.display()),
                    scratch,
                )
            }
            ImagePlace::Engine(id) => {
                let images = self.engine_images(id).await?;
                let name = name.ok_or_else(|| {
                    Failure::new(FailureKind::Invalid, format!("taking an image from {id}"), "it names none")
                })?;
                self.exported(&images, &name, stop).await
            }
        }
    }

    /// An image of an engine, exported and unpacked.
    async fn exported(
        &self,
        images: &EngineImages,
        name: &str,
        stop: &CancellationToken,
    ) -> Result<Source, Failure> {
        let scratch = Scratch::new(&self.paths().cache).await?;
        let pieces = images.engine()?.export(&[name.to_owned()]);
        let what = format!("{name} of {}", images.title());
        let unpacked = archive::open_docker_stream(pieces, &what, &scratch.layout(), stop).await?;
        // Asked for by one name, the archive has one image; its own names may be written otherwise.
        let [first, ..] = unpacked.images() else {
            let said = "the engine exported nothing";
            return Err(Failure::new(FailureKind::NotFound, format!("exporting {what}"), said));
        };
        let mut source = Source::of(Held::over(unpacked.layout(), scratch), first.clone(), what);
        source.name = Some(name.parse::<Reference>().map_or_else(|_| name.to_owned(), |r| r.to_string()));
        Ok(source)
    }
}

impl Source {
    fn of(content: Arc<dyn Content>, found: StoredImage, place: String) -> Self {
        Self { content, target: found.manifest.digest.to_string(), name: found.name, place }
    }

    fn of_unpacked(
        all: &Unpacked,
        name: Option<&str>,
        place: String,
        scratch: Scratch,
    ) -> Result<Self, Failure> {
        let full = name.and_then(|n| n.parse::<Reference>().ok()).map(|r| r.to_string());
        let found = match all.find(name) {
            Err(failure) if failure.kind == FailureKind::NotFound && full.is_some() => {
                all.find(full.as_deref()).map_err(|_| failure)?
            }
            found => found?,
        };
        Ok(Self::of(Held::over(all.layout(), scratch), found, place))
    }
}

impl Source {
    /// The job that puts the image into a place, under the name asked for, else under its own; one that has none is
    /// named by its digest.
    pub(super) fn job(self, target: &LocalImage, platform: Option<Platform>) -> PullJob {
        let name = target.name.clone().or(self.name).unwrap_or_else(|| self.target.clone());
        PullJob {
            content: self.content,
            images: vec![(self.target, name)],
            layout: PathBuf::new(),
            platform,
            host: self.place,
        }
    }
}

/// A layout that holds the folder that it was unpacked into.
struct Held {
    layout: Layout,
    _scratch: Scratch,
}

impl Held {
    fn over(layout: &Layout, scratch: Scratch) -> Arc<dyn Content> {
        Arc::new(Self { layout: layout.clone(), _scratch: scratch })
    }
}

#[async_trait]
impl Content for Held {
    async fn manifest(&self, target: &str) -> Result<RawManifest, Failure> {
        self.layout.manifest(target).await
    }

    async fn blob(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream, Failure> {
        self.layout.blob(blob, offset).await
    }
}

/// Whether there is a layout in `folder`.
async fn is_layout(folder: &Path) -> Result<bool, Failure> {
    let folder = folder.to_owned();
    let open = move || match Layout::open(&folder) {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(false),
        opened => opened.map(|_| true),
    };
    on_disk(open).await
}

async fn in_layout(folder: &Path, name: Option<String>) -> Result<Source, Failure> {
    let (layout, found) = Layout::open_image(folder, name).await?;
    let place = layout_name(layout.root());
    Ok(Source::of(Arc::new(layout), found, place))
}

fn layout_name(folder: &Path) -> String {
    format!("oci:{}", folder.display())
}
