//! A container engine as a place in the tree.
//!
//! Invariant: an image is removed by its names, one after another, as long as they mean it, and not at all while a
//! container uses it: the engine is never forced. The image is told by its id: images for two platforms may share the
//! digest that their registry knows them by.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};

use super::tree::{self, Name, Named};
use crate::domain::detail::{Description, ImageDetails, Inspection, ShownImage};
use crate::domain::impact::Impact;
use crate::domain::{
    Capabilities, ConnectionId, Cursor, Descriptor, Digest, Facts, Failure, FailureKind, Locator, NodeKind,
    Page, Platform, RawManifest, Reference, human, text::visible,
};
use crate::engine::{Engine, Image, Inspected};
use crate::registry::{Account, Blast, Delete, Distribution, Provider, Untag};

/// Images looked at side by side for their platforms.
const SIDE_BY_SIDE: usize = 8;
/// The type of a layer as an engine keeps it.
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";

/// An engine's images. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EngineImages {
    id: ConnectionId,
    /// The engine as it answered last.
    engine: Option<Engine>,
    /// Why it does not answer.
    failure: Option<Failure>,
}

/// An image with all of its names.
struct Shelved {
    image: Image,
    digest: Digest,
}

impl EngineImages {
    /// The images of `engine`, as the place called `id`.
    #[must_use]
    pub fn new(id: ConnectionId, engine: Engine) -> Self {
        Self { id, engine: Some(engine), failure: None }
    }

    /// A place whose engine does not answer: whatever is asked of it fails at once. `last` is the engine as it was.
    #[must_use]
    pub fn gone(id: ConnectionId, last: Option<Engine>, failure: Failure) -> Self {
        Self { id, engine: last, failure: Some(failure) }
    }

    /// The engine.
    ///
    /// # Errors
    /// Why it does not answer.
    pub fn engine(&self) -> Result<&Engine, Failure> {
        match (&self.engine, &self.failure) {
            (Some(engine), None) => Ok(engine),
            (_, Some(failure)) => Err(failure.clone()),
            (None, None) => Err(self.missing("the engine", "it has not answered yet")),
        }
    }

    /// Why it does not answer, while it does not.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The engine's name and version, as it told them last.
    #[must_use]
    pub fn title(&self) -> String {
        self.engine.as_ref().map_or_else(|| "Container engine".to_owned(), |e| e.version().title())
    }

    /// What the engine knows the image at `at` by: a name, or an id.
    ///
    /// # Errors
    /// `NotFound` for a node that is no image.
    pub fn name_of(&self, at: &Locator) -> Result<String, Failure> {
        let shown = match (at.reference(""), at.kind()) {
            (Some(reference), NodeKind::Tag | NodeKind::Manifest) => full(&reference),
            (None, NodeKind::Tag | NodeKind::Manifest) => at.name().to_owned(),
            _ => return Err(self.missing(at.name(), "it is no image")),
        };
        Ok(shown)
    }

    /// What is shown beside the image at `at`.
    ///
    /// # Errors
    /// `NotFound` when it is gone, and what the engine says.
    pub async fn facts(&self, at: &Locator) -> Result<Facts, Failure> {
        let inspected = self.engine()?.inspect(&self.name_of(at)?).await?;
        let used: HashSet<String> =
            self.engine()?.in_use().await?.into_iter().map(|(image, _)| image).collect();
        let repository = at.repository();
        Ok(facts(&inspected.image, repository, used.contains(&inspected.image.id)))
    }

    /// The details of the image at `at`.
    ///
    /// # Errors
    /// As [`facts`](Self::facts).
    pub async fn details(&self, at: &Locator) -> Result<ImageDetails, Failure> {
        let Inspected { image, config, layers, .. } = self.engine()?.inspect(&self.name_of(at)?).await?;
        let id: Digest = image.id.parse()?;
        let digest = repo_digest(&image, at.repository()).unwrap_or_else(|| id.clone());
        let users = self.users_of(&image).await?;
        let layers = layers
            .into_iter()
            .filter_map(|(digest, size)| Some(Descriptor::new(LAYER, digest.parse().ok()?, size)));
        let platform = image.platform.clone();
        let shown =
            ShownImage { digest: id.clone(), platform, config: Some(config), layers: layers.collect() };
        let described = describe(&image, &self.name_of(at)?, &users);
        Ok(ImageDetails {
            digest,
            engine_id: Some(id),
            media_type: image.media_type.unwrap_or_default(),
            manifest_size: 0,
            artifact: None,
            index: None,
            shown: Some(shown),
            annotations: Vec::new(),
            referrers: Ok(Vec::new()),
            pushed: None,
            described: Some(Ok(described)),
            warnings: Vec::new(),
        })
    }

    /// What the engine answers about the image at `at`, byte for byte.
    ///
    /// # Errors
    /// As [`facts`](Self::facts).
    pub async fn inspect(&self, at: &Locator) -> Result<Inspection, Failure> {
        let bytes = self.engine()?.inspect(&self.name_of(at)?).await?.raw;
        let digest = Digest::of(&bytes);
        let manifest =
            RawManifest { bytes, media_type: "application/json".to_owned(), digest, claimed: None };
        Ok(Inspection { manifest, expected: None, config: None, config_failure: None })
    }

    /// Gives the image at `at` one more name; returns its node.
    ///
    /// # Errors
    /// `NotFound` when it is gone; `Invalid` for a name with a digest.
    pub async fn tag(&self, at: &Locator, name: &Reference) -> Result<Locator, Failure> {
        self.engine()?.tag(&self.name_of(at)?, name).await?;
        Ok(Name::Reference(name.clone()).locate(&self.id))
    }

    /// The containers that use an image.
    async fn users_of(&self, image: &Image) -> Result<Vec<String>, Failure> {
        let used = self.engine()?.in_use().await?;
        Ok(used.into_iter().filter(|(id, _)| *id == image.id).map(|(_, container)| container).collect())
    }

    async fn shelved(&self) -> Result<Vec<Shelved>, Failure> {
        let images = self.engine()?.images().await?;
        // An id that is no digest is nothing that could be asked for again.
        Ok(images
            .into_iter()
            .filter_map(|image| Some(Shelved { digest: image.id.parse().ok()?, image }))
            .collect())
    }

    /// Removes `name`, if it means the image `id` (still).
    async fn remove_name(&self, name: &str, id: &str) -> Result<(), Failure> {
        let engine = self.engine()?;
        let removed = match engine.inspect(name).await {
            Ok(found) if found.image.id == id => engine.remove(name).await,
            Ok(_) => Ok(()),
            Err(failure) => Err(failure),
        };
        // An image goes with its last name, and some names with each other.
        removed.or_else(|failure| match failure.kind {
            FailureKind::NotFound => Ok(()),
            _ => Err(failure),
        })
    }

    /// The images below `at`, with everything that is shown beside them.
    async fn below(&self, at: &Locator) -> Result<Vec<Named>, Failure> {
        let engine = self.engine()?;
        let (images, used) = tokio::try_join!(self.shelved(), engine.in_use())?;
        let used: HashSet<String> = used.into_iter().map(|(image, _)| image).collect();
        let mut here: Vec<(Name, Image)> = Vec::new();
        for shelved in images {
            let names = shelved.names().into_iter();
            let is_below = |name: &Name| name.locate(&self.id).parent().as_ref() == Some(at);
            here.extend(names.filter(is_below).map(|name| (name, shelved.image.clone())));
        }
        let platforms = platforms(engine, here.iter().map(|(_, image)| image)).await;
        let named = here.into_iter().map(|(name, mut image)| {
            image.platform = image.platform.or_else(|| platforms.get(&image.id).cloned());
            let facts = facts(&image, at.repository(), used.contains(&image.id));
            Named { name, facts: Some(Box::new(facts)) }
        });
        Ok(named.collect())
    }

    fn missing(&self, what: &str, said: &str) -> Failure {
        let doing = format!("looking for {} in {}", visible(what), self.id);
        Failure::new(FailureKind::NotFound, doing, said)
    }
}

/// The platforms of images whose list does not tell them. One that cannot be looked at has none.
async fn platforms(engine: &Engine, images: impl Iterator<Item = &Image>) -> HashMap<String, Platform> {
    let ids: HashSet<String> = images.filter(|i| i.platform.is_none()).map(|i| i.id.clone()).collect();
    let looked = stream::iter(ids).map(|id| async move {
        let platform = engine.inspect(&id).await.ok()?.image.platform?;
        Some((id, platform))
    });
    looked.buffer_unordered(SIDE_BY_SIDE).filter_map(std::future::ready).collect().await
}

impl Shelved {
    /// The names that it is shown under: tags, else the digests that it was pulled by, else none.
    fn names(&self) -> Vec<Name> {
        let names = if self.image.tags.is_empty() { &self.image.digests } else { &self.image.tags };
        match names.as_slice() {
            [] => vec![Name::None(self.digest.clone())],
            names => names.iter().map(|name| Name::read(name)).collect(),
        }
    }
}

/// What is shown of an image in `repository`: the digest that its registry knows it by, else its id.
fn facts(image: &Image, repository: Option<&str>, is_used: bool) -> Facts {
    let note = match (is_used, image.is_dangling()) {
        (true, _) => Some("in use".to_owned()),
        (false, true) => Some("dangling".to_owned()),
        (false, false) => None,
    };
    Facts {
        digest: repo_digest(image, repository).or_else(|| image.id.parse().ok()),
        media_type: image.media_type.clone(),
        size: Some(image.size),
        time: image.created,
        platforms: image.platform.clone().into_iter().collect(),
        note,
        ..Facts::default()
    }
}

fn repo_digest(image: &Image, repository: Option<&str>) -> Option<Digest> {
    let wanted = repository?;
    image.digests.iter().find_map(|name| {
        let reference: Reference = name.parse().ok()?;
        let is_it = format!("{}/{}", reference.host, reference.repository) == wanted;
        reference.digest.filter(|_| is_it)
    })
}

/// What else there is to know of the image called `own`: its other names, and what other repositories know it by.
fn describe(image: &Image, own: &str, users: &[String]) -> Description {
    let mut lines = vec![("on disk".to_owned(), human::size(image.size))];
    let others = image.tags.iter().map(|name| shown(name)).filter(|name| *name != shown(own));
    lines.extend(others.map(|name| ("also".to_owned(), visible(&name).into_owned())));
    let elsewhere = image.digests.iter().filter(|name| repository_of(name) != repository_of(own));
    lines.extend(elsewhere.map(|name| ("known as".to_owned(), visible(name).into_owned())));
    lines.extend(users.iter().map(|name| ("used by".to_owned(), name.clone())));
    Description { lines, sections: Vec::new() }
}

fn repository_of(name: &str) -> Option<(String, String)> {
    name.parse::<Reference>().ok().map(|reference| (reference.host, reference.repository))
}

/// As engines take it: with the host, also that of Docker Hub.
fn full(reference: &Reference) -> String {
    let name = format!("{}/{}", reference.host, reference.repository);
    match (&reference.tag, &reference.digest) {
        (Some(tag), _) => format!("{name}:{tag}"),
        (None, Some(digest)) => format!("{name}@{digest}"),
        (None, None) => name,
    }
}

#[async_trait]
impl Provider for EngineImages {
    async fn check(&self) -> Result<Account, Failure> {
        // As the tree counts them, and `docker images`: one for each name.
        let names: usize = self.shelved().await?.iter().map(|shelved| shelved.names().len()).sum();
        let version = self.engine()?.version();
        let lines = vec![
            ("API".to_owned(), visible(&version.api).into_owned()),
            ("images".to_owned(), human::thousands(names as u64)),
        ];
        Ok(Account { lines, ..Account::default() })
    }

    async fn children(&self, at: &Locator, _cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let named = match at.kind() {
            NodeKind::Connection => {
                let names = self.shelved().await?.into_iter().flat_map(|shelved| shelved.names());
                names.map(|name| Named { name, facts: None }).collect()
            }
            _ => self.below(at).await?,
        };
        Ok(tree::children(at, named))
    }

    fn distribution(&self, _at: &Locator) -> Option<Distribution> {
        None
    }

    fn untag(&self) -> Option<&dyn Untag> {
        Some(self)
    }

    fn delete(&self) -> Option<&dyn Delete> {
        Some(self)
    }

    fn blast(&self) -> Option<&dyn Blast> {
        Some(self)
    }

    fn capabilities(&self) -> Capabilities {
        super::LOCAL
    }
}

#[async_trait]
impl Untag for EngineImages {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        self.engine()?.remove(&self.name_of(at)?).await
    }
}

#[async_trait]
impl Delete for EngineImages {
    async fn delete_manifest(&self, _within: &Locator, digest: &Digest) -> Result<(), Failure> {
        let found = self.shelved().await?.into_iter().find(|shelved| shelved.digest == *digest);
        let gone = || self.missing(&digest.to_string(), "it is not there");
        let Shelved { image, .. } = found.ok_or_else(gone)?;
        let users = self.users_of(&image).await?;
        if !users.is_empty() {
            let doing = format!("deleting {}", visible(image.tags.first().unwrap_or(&image.id)));
            let said = format!("it is used by {}", users.join(", "));
            let used = Failure::new(FailureKind::Conflict, doing, said);
            return Err(used.with_next("Remove the container first, then retry."));
        }
        let own = image.tags.is_empty().then_some(&image.id);
        for name in image.tags.iter().chain(&image.digests).chain(own) {
            self.remove_name(name, &image.id).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Blast for EngineImages {
    async fn impact(&self, at: &Locator) -> Result<Impact, Failure> {
        let image = self.engine()?.inspect(&self.name_of(at)?).await?.image;
        let tags = image.tags.iter().map(|name| shown(name)).collect();
        Ok(super::impact(image.id.parse()?, tags, 1))
    }
}

/// A name as a person pastes it.
fn shown(name: &str) -> String {
    match Name::read(name) {
        Name::Reference(reference) => reference.to_string(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests;
