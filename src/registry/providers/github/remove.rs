//! Deleting versions and packages, and untying one tag of a version.
//!
//! Invariant: a version is deleted only by an id that was read together with its digest; of a stand-in, only while the
//! tag that is untied is all it has.

use std::time::Duration;

use async_trait::async_trait;

use super::GitHub;
use super::browse::split;
use super::package::Version;
use super::scopes::{DELETE, Scopes, WRITE};
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, FailureKind, Locator, RawManifest};
use crate::registry::untag::{self, Remove};
use crate::registry::{Delete, DeleteRepository, Distribution, Untag};

/// How long is waited for a version that was just pushed to show up in the API: after each of these pauses it is
/// looked for again.
const PATIENCE: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
    Duration::from_millis(3200),
];

#[async_trait]
impl Delete for GitHub {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        let (owner, package) = self.named(repository, "deleting a version")?;
        let version = self.client.version(&owner, &package, digest).await?;
        self.delete_version(&owner, &package, &version).await
    }
}

#[async_trait]
impl DeleteRepository for GitHub {
    async fn delete_repository(&self, at: &Locator) -> Result<(), Failure> {
        let (owner, package) = self.named(at, "deleting a package")?;
        let doing = format!("deleting the package {}/{}", visible(&owner), visible(&package));
        // What the owner is has to be known before anything is deleted.
        self.client.package(&owner, &package).await.map_err(|f| f.while_doing(doing.as_str()))?;
        self.client.delete(&owner, &["container", &package], &doing).await
    }
}

#[async_trait]
impl Untag for GitHub {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let (owner, package) = self.named(at, "untagging")?;
        let repository = format!("{owner}/{package}");
        Distribution::check_tag(&repository, at.name())?;
        let way = ByVersion { github: self, owner, package };
        untag::by_stand_in(&self.distribution, &repository, at.name(), &way).await
    }
}

impl GitHub {
    fn named(&self, at: &Locator, doing: &str) -> Result<(String, String), Failure> {
        let repository = at.repository().unwrap_or_default();
        split(repository).ok_or_else(|| {
            let said = format!("“{}” names no owner", visible(repository));
            Failure::new(FailureKind::Invalid, doing, said)
        })
    }

    async fn delete_version(&self, owner: &str, package: &str, version: &Version) -> Result<(), Failure> {
        let doing = format!("deleting {}/{}@{}", visible(owner), visible(package), visible(&version.name));
        let path = ["container", package, "versions", &version.id.to_string()];
        self.client.delete(owner, &path, &doing).await
    }
}

/// Removes stand-ins as package versions.
struct ByVersion<'a> {
    github: &'a GitHub,
    owner: String,
    package: String,
}

#[async_trait]
impl Remove for ByVersion<'_> {
    /// The token has to be able to push and to delete, and another tag has to be left: GitHub keeps the last one.
    async fn ready(&self, tag: &str, _before: &RawManifest) -> Result<(), Failure> {
        let doing = "untagging";
        let client = &self.github.client;
        let (_, reply) = client.user().await?;
        let held = Scopes::of(&reply);
        if let Some(held) = &held
            && let Some(missing) = [WRITE, DELETE].into_iter().find(|scope| !held.has(scope))
        {
            let said = client.asker().lacks(held, missing);
            return Err(Failure::new(FailureKind::Forbidden, doing, said));
        }
        let mut cursor = None;
        loop {
            let page = client.versions(&self.owner, &self.package, cursor.as_ref()).await?;
            if page.items.iter().flat_map(Version::tags).any(|other| other != tag) {
                return Ok(());
            }
            let Some(next) = page.next else { break };
            cursor = Some(next);
        }
        let said = "it is the only tag of the package, and GitHub keeps the last tagged version; delete the repository instead";
        Err(Failure::new(FailureKind::Conflict, doing, said))
    }

    async fn remove(&self, tag: &str, digest: &Digest) -> Result<(), Failure> {
        let version = self.pushed(digest).await?;
        if version.tags().iter().any(|other| other != tag) {
            let said = "somebody else tagged the stand-in meanwhile";
            return Err(Failure::new(FailureKind::Conflict, "untagging", said));
        }
        self.github.delete_version(&self.owner, &self.package, &version).await
    }
}

impl ByVersion<'_> {
    /// The version of a manifest that was just pushed.
    async fn pushed(&self, digest: &Digest) -> Result<Version, Failure> {
        let look = || self.github.client.newest_version(&self.owner, &self.package, digest);
        for pause in PATIENCE {
            match look().await {
                Err(failure) if failure.kind == FailureKind::NotFound => tokio::time::sleep(pause).await,
                settled => return settled,
            }
        }
        look().await
    }
}
