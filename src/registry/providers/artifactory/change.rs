//! Deleting: a tag or an image as the folder that it is, a manifest by the protocol.
//!
//! Invariant: before a folder is deleted it is looked at, because `team/app` may be the tag `app` of the image `team`
//! and an image of its own at once; the only tag of an image is not untied, because the manifest lies in its folder.

use async_trait::async_trait;
use serde::Deserialize;

use super::Artifactory;
use super::address::Spot;
use crate::domain::text::visible;
use crate::domain::{Cursor, Digest, Failure, FailureKind, Locator, NodeKind};
use crate::http::Method;
use crate::registry::{Delete, DeleteRepository, Distribution, Untag, untag};

/// "Folder Info".
#[derive(Deserialize)]
struct Folder {
    #[serde(default)]
    children: Vec<Child>,
}

#[derive(Deserialize)]
struct Child {
    #[serde(default)]
    uri: String,
    #[serde(default)]
    folder: bool,
}

impl Artifactory {
    fn spot<'a>(&'a self, at: &'a Locator) -> Option<Spot<'a>> {
        self.address.spot(at.nearest(NodeKind::Registry), at.repository()?)
    }

    /// Refuses a folder that holds more than one tag.
    async fn look_at_tag(&self, path: &[&str], doing: &str) -> Result<(), Failure> {
        let url = self.api.url(&[&["api", "storage"], path].concat(), &[]);
        let (folder, _): (Folder, _) = self.api.get(url, doing).await?;
        if let Some(inner) = folder.children.iter().find(|child| child.folder) {
            let inner = visible(inner.uri.trim_matches('/')).into_owned();
            let said =
                format!("its folder is that of an image too, with “{inner}” in it, which would go with it");
            return Err(Failure::new(FailureKind::Conflict, doing, said));
        }
        if !folder.children.iter().any(|child| child.uri.ends_with("manifest.json")) {
            return Err(Failure::new(
                FailureKind::NotFound,
                doing,
                "there is no such tag in this repository",
            ));
        }
        Ok(())
    }

    /// Refuses an image whose folder holds other images.
    async fn look_at_image(&self, registry: &Distribution, image: &str, doing: &str) -> Result<(), Failure> {
        let below = format!("{image}/");
        let mut cursor: Option<Cursor> = None;
        let mut is_there = false;
        loop {
            let page = registry.catalog(cursor.as_ref()).await.map_err(|f| f.while_doing(doing))?;
            if let Some(inner) = page.names.iter().find(|name| name.starts_with(&below)) {
                let said = format!("the image {} lies in its folder and would go with it", visible(inner));
                return Err(Failure::new(FailureKind::Conflict, doing, said));
            }
            is_there = is_there || page.names.iter().any(|name| name == image);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        if is_there {
            return Ok(());
        }
        Err(Failure::new(FailureKind::NotFound, doing, "there is no such image in this repository"))
    }

    async fn delete_folder(&self, path: &[&str], doing: &str) -> Result<(), Failure> {
        self.api.call(Method::DELETE, self.api.url(path, &[]), None, doing).await.map(|_| ())
    }
}

/// The path of an image, with what lies below it. A part that would lead elsewhere is refused.
fn path<'a>(spot: &Spot<'a>, below: Option<&'a str>, doing: &str) -> Result<Vec<&'a str>, Failure> {
    let path: Vec<&str> = std::iter::once(spot.key).chain(spot.image.split('/')).chain(below).collect();
    if path.iter().any(|part| matches!(*part, "" | "." | "..")) {
        let said = format!("“{}” cannot be part of an address", visible(spot.image));
        return Err(Failure::new(FailureKind::Invalid, doing, said));
    }
    Ok(path)
}

#[async_trait]
impl Untag for Artifactory {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let (repository, tag) = (at.repository().unwrap_or_default(), at.name());
        let Some(spot) = self.spot(at) else {
            return untag::by_protocol(&self.client(at)?, repository, tag).await;
        };
        Distribution::check_tag(repository, tag)?;
        let doing = format!("untagging {}:{}", visible(repository), visible(tag));
        let path = path(&spot, Some(tag), &doing)?;
        self.look_at_tag(&path, &doing).await?;
        let registry = self.clients.at(&self.address.registry(spot.key))?;
        untag::check_not_the_last(&registry, spot.image, tag, &doing).await?;
        self.delete_folder(&path, &doing).await
    }
}

#[async_trait]
impl Delete for Artifactory {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        let name = repository.repository().unwrap_or_default();
        self.client(repository)?.delete_manifest(name, digest).await
    }
}

#[async_trait]
impl DeleteRepository for Artifactory {
    async fn delete_repository(&self, at: &Locator) -> Result<(), Failure> {
        let doing = format!("deleting {}", visible(at.name()));
        let Some(spot) = self.spot(at) else {
            let said = "the address of this connection does not tell its repository's key; connect to HOST/artifactory";
            return Err(Failure::new(FailureKind::Unsupported, doing, said));
        };
        let path = path(&spot, None, &doing)?;
        let registry = self.clients.at(&self.address.registry(spot.key))?;
        self.look_at_image(&registry, spot.image, &doing).await?;
        self.delete_folder(&path, &doing).await
    }
}
