//! Copying an image between registries and OCI image layouts, and giving a manifest another tag.
//!
//! Invariant: the bytes of manifests stay as they are, so that every digest does.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{PullPlace, Workspace};
use crate::domain::job::{Pulled, Pushed};
use crate::domain::{Digest, Failure, FailureKind, Locator, NodeKind, Platform, Reference, reference};
use crate::registry::Content;
use crate::transfer::{Layout, Meter, PullJob, PushJob, StoredImage, pull, push};

/// One end of a copy: an image in a registry, or in a layout of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// A tag or manifest.
    Registry(Locator),
    /// An image in the local store or another layout; without a name the only one there.
    Local(PullPlace),
}

/// What a copy leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// An image in a layout.
    Pulled(Pulled),
    /// An image in a registry.
    Pushed(Pushed),
}

/// Where an image comes from.
struct Source {
    content: Arc<dyn Content>,
    /// Tag or digest there.
    target: String,
    /// Its name in the layout that it comes from.
    name: Option<String>,
    /// The place, for messages.
    place: String,
}

impl Workspace {
    /// Copies one image. Into a registry it streams without touching the disk, and within one server no blob moves
    /// where the server can mount.
    ///
    /// # Errors
    /// What the transfer says; what had arrived is used by the next try.
    pub async fn copy(
        &self,
        from: &End,
        to: &End,
        platform: Option<Platform>,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
    ) -> Result<Copied, Failure> {
        match (from, to) {
            (End::Registry(at), End::Local(place)) => {
                self.pull(std::slice::from_ref(at), place, platform, meter, stop).await.map(Copied::Pulled)
            }
            (End::Local(place), End::Local(target)) => {
                let source = self.stored(place).await?;
                let name = target
                    .one_name()
                    .map(str::to_owned)
                    .or_else(|| source.name.clone())
                    .ok_or_else(|| unnamed(&source))?;
                let layout = self.folder_of(target);
                let images = vec![(source.target, name)];
                let job = PullJob { content: source.content, images, layout, platform, host: source.place };
                pull(job, meter, stop).await.map(Copied::Pulled)
            }
            (_, End::Registry(target)) => {
                let source = match from {
                    End::Registry(at) => self.remote(at)?,
                    End::Local(place) => self.stored(place).await?,
                };
                let mount_from = match from {
                    End::Registry(at) => mountable(at, target),
                    End::Local(_) => None,
                };
                let (to, repository) = self.content_of(target)?;
                let job = PushJob {
                    content: source.content,
                    images: vec![(source.target, target.name().to_owned())],
                    to,
                    repository,
                    mount_from,
                    platform,
                    source: source.place,
                    host: self.connection(&target.connection)?.host().to_owned(),
                };
                push(job, meter, stop).await.map(Copied::Pushed)
            }
        }
    }

    /// Gives the manifest at `at` the tag `tag` too; no blob moves.
    ///
    /// # Errors
    /// `Invalid` when it is no tag; `NotFound`; `Forbidden`; `Conflict` (an immutable tag).
    pub async fn tag(&self, at: &Locator, tag: &str) -> Result<Digest, Failure> {
        if !reference::is_tag(tag) {
            let said = format!("“{}” is not a tag", crate::domain::text::visible(tag));
            return Err(Failure::new(FailureKind::Invalid, format!("tagging {}", at.name()), said));
        }
        let (server, repository) = self.content_of(at)?;
        let manifest = server.manifest(&repository, at.name()).await?;
        server.put_manifest(&repository, tag, &manifest.media_type, manifest.bytes).await?;
        Ok(manifest.digest)
    }

    fn remote(&self, at: &Locator) -> Result<Source, Failure> {
        let (server, repository) = self.content_of(at)?;
        let place = self.connection(&at.connection)?.host().to_owned();
        let content = Arc::new(server.content(&repository));
        Ok(Source { content, target: at.name().to_owned(), name: None, place })
    }

    /// The image in a layout; in the store it may be named as short as on the command line of other tools.
    async fn stored(&self, place: &PullPlace) -> Result<Source, Failure> {
        let folder = self.folder_of(place);
        let full = match place {
            PullPlace::StoreNamed(name) => name.parse::<Reference>().ok().map(|r| r.to_string()),
            PullPlace::Store | PullPlace::Layout(..) => None,
        };
        let (layout, image) = match Layout::open_image(&folder, place.one_name().map(str::to_owned)).await {
            Err(failure) if failure.kind == FailureKind::NotFound && full.is_some() => {
                Layout::open_image(&folder, full).await.map_err(|_| failure)?
            }
            other => other?,
        };
        let StoredImage { name, manifest } = image;
        let place = format!("oci:{}", folder.display());
        Ok(Source { content: Arc::new(layout), target: manifest.digest.to_string(), name, place })
    }

    /// The folder of a place on this machine.
    pub(super) fn folder_of(&self, place: &PullPlace) -> PathBuf {
        match place {
            PullPlace::Store | PullPlace::StoreNamed(_) => self.store_folder(),
            PullPlace::Layout(folder, _) => folder.clone(),
        }
    }
}

fn unnamed(source: &Source) -> Failure {
    let said = "the image has no name there; give it one";
    Failure::new(FailureKind::Invalid, format!("copying from {}", source.place), said)
}

/// The repository to mount from, when both lie on one server.
fn mountable(from: &Locator, to: &Locator) -> Option<String> {
    let host = |at: &Locator| at.nearest(NodeKind::Registry).map(str::to_owned);
    let one_server = from.connection == to.connection && host(from) == host(to);
    let other = from.repository().filter(|repository| Some(*repository) != to.repository());
    other.filter(|_| one_server).map(str::to_owned)
}
