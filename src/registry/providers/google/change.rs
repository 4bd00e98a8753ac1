//! Untying tags, deleting manifests and whole images.
//!
//! Invariant: a manifest that Google refuses to delete keeps its tags: those that had to go before are put back.

use async_trait::async_trait;

use super::places::Place;
use super::{Google, protocol_url};
use crate::domain::{Digest, Failure, FailureKind, Locator, NodeKind, RawManifest, text::visible};
use crate::http::{Limit, Method, Reply, Request};
use crate::registry::distribution::Distribution;
use crate::registry::{Delete, DeleteRepository, Untag, untag};

#[async_trait]
impl Untag for Google {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let (name, tag) = (at.repository().unwrap_or_default(), at.name());
        Distribution::check_tag(name, tag)?;
        let doing = format!("untagging {}:{}", visible(name), visible(tag));
        delete(&self.registry_of(at)?, name, tag, "artifactregistry.tags.delete", &doing).await
    }
}

#[async_trait]
impl Delete for Google {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        self.delete_with_tags(repository, digest, None).await
    }

    async fn delete_shown(
        &self,
        repository: &Locator,
        digest: &Digest,
        tags: &[String],
    ) -> Result<(), Failure> {
        self.delete_with_tags(repository, digest, Some(tags)).await
    }
}

impl Google {
    /// Removes every tag of `digest`, then the manifest; where some were shown, nothing unless those are all.
    async fn delete_with_tags(
        &self,
        repository: &Locator,
        digest: &Digest,
        shown: Option<&[String]>,
    ) -> Result<(), Failure> {
        let name = repository.repository().unwrap_or_default();
        let doing = format!("deleting {}@{digest}", visible(name));
        let registry = self.registry_of(repository)?;
        // A digest with tags is refused, so these go first.
        let manifest =
            registry.manifest(name, &digest.to_string()).await.map_err(|f| f.while_doing(&doing))?;
        let listed = self.tag_list(&registry, name).await.map_err(|f| f.while_doing(&doing))?;
        let tags = listed.manifest.get(&digest.to_string()).map(|kept| kept.tag.clone()).unwrap_or_default();
        untag::check_shown(&tags, shown, &doing)?;
        let mut gone = Vec::new();
        for tag in tags {
            let untied = match untag::points_at(&registry, name, &tag, digest).await {
                Ok(true) => delete(&registry, name, &tag, "artifactregistry.tags.delete", &doing).await,
                Ok(false) => continue,
                Err(failure) => Err(failure),
            };
            match untied {
                Ok(()) => gone.push(tag),
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => return Err(put_back(&registry, name, &manifest, &gone, failure).await),
            }
        }
        match delete(&registry, name, &digest.to_string(), "artifactregistry.versions.delete", &doing).await {
            Err(failure) => Err(put_back(&registry, name, &manifest, &gone, failure).await),
            done => done,
        }
    }
}

#[async_trait]
impl DeleteRepository for Google {
    async fn delete_repository(&self, at: &Locator) -> Result<(), Failure> {
        let name = at.repository().unwrap_or_default();
        let doing = format!("deleting the image {}", visible(name));
        let host = at.nearest(NodeKind::Registry).unwrap_or(&self.host);
        let of = Place::of(host, name, &doing)?;
        let Some(image) = &of.image else {
            let said = "this is a whole repository; delete its images one by one";
            return Err(Failure::new(FailureKind::Invalid, doing, said));
        };
        self.client.delete_package(&of, image, &doing).await
    }
}

/// Gives the manifest its tags again; a tag that stays away is named.
async fn put_back(
    registry: &Distribution,
    name: &str,
    manifest: &RawManifest,
    tags: &[String],
    why: Failure,
) -> Failure {
    let mut lost = Vec::new();
    for tag in tags {
        // Whoever has the tag by now keeps it.
        if registry.resolve(name, tag).await.is_ok() {
            continue;
        }
        let put = registry.put_manifest(name, tag, &manifest.media_type, manifest.bytes.clone()).await;
        if put.is_err() {
            lost.push(visible(tag).into_owned());
        }
    }
    if lost.is_empty() {
        return why;
    }
    let said = format!("{}; these tags went and could not be put back: {}", why.said, lost.join(", "));
    Failure { said, ..why }
}

/// Deletes what `reference` names: a tag, or a digest without tags.
async fn delete(
    registry: &Distribution,
    name: &str,
    reference: &str,
    permission: &str,
    doing: &str,
) -> Result<(), Failure> {
    let url = protocol_url(registry, name, &["manifests", reference], doing)?;
    let request = Request::new(Method::DELETE, url, doing).scope(format!("repository:{name}:pull,push"));
    let reply = registry.http().fetch(&request, Limit::ERROR).await?;
    if reply.status.is_success() { Ok(()) } else { Err(refusal(&reply, permission, doing)) }
}

/// What a refusal means; the codes are those that Google's registries answer with.
fn refusal(reply: &Reply, permission: &str, doing: &str) -> Failure {
    let failure = reply.failure(doing);
    let conflict = |why: &str| Failure {
        kind: FailureKind::Conflict,
        said: format!("{why} ({})", failure.said),
        ..failure.clone()
    };
    if reply.has_code("GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE") {
        return conflict("an index contains it: delete that index first");
    }
    if reply.has_code("GOOGLE_MANIFEST_REFERRING_MANIFEST") {
        return conflict("something refers to it, such as a signature: delete that first");
    }
    if reply.has_code("GOOGLE_MANIFEST_DANGLING_TAG") {
        return conflict("it has been given a tag meanwhile: refresh, and look at it again");
    }
    if failure.said.to_ascii_lowercase().contains("immutable") {
        return conflict("the repository has immutable tags, which cannot be moved or deleted");
    }
    if failure.kind == FailureKind::Forbidden {
        let said = format!("the account needs {permission}, which the role {} gives", super::api::ADMIN);
        return Failure { said: format!("{said} ({})", failure.said), ..failure };
    }
    failure
}
