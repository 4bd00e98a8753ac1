//! What changes a registry: untying tags, deleting images and repositories, making repositories.
//!
//! Source: `BatchDeleteImage` of the service description: by digest an image goes with all its tags; by tag the tag goes,
//! and with the last tag the image.
//!
//! Invariant: untying never takes the image along, because the only tag of an image is not untied.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::Amazon;
use super::registry::Registry;
use super::wire::{Created, Deleted, ImageFailure, Images};
use crate::domain::{Digest, Failure, FailureKind, Locator, NodeKind, text::visible};
use crate::registry::{CreateRepository, Delete, DeleteRepository, Untag};

impl Amazon {
    async fn batch_delete(
        &self,
        registry: &Registry,
        name: &str,
        image: Value,
        doing: &str,
    ) -> Result<(), Failure> {
        let body = registry.about(name, json!({ "imageIds": [image] }));
        let answer: Deleted = registry.calls.write("BatchDeleteImage", &body, doing).await?;
        match answer.failures.into_iter().next() {
            Some(failure) => Err(explain(failure, doing)),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Untag for Amazon {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let (name, tag) = (at.repository().unwrap_or_default(), at.name());
        let registry = self.registry_of(at).await?;
        let doing = format!("untagging {}:{}", visible(name), visible(tag));
        let id = json!({ "imageTag": tag });
        let body = registry.about(name, json!({ "imageIds": [id] }));
        let found: Images = registry.calls.read("DescribeImages", &body, &doing).await?;
        let is_only = found.image_details.iter().all(|image| image.image_tags.len() < 2);
        if is_only {
            let said = "it is the only tag of its image, and with the last tag AWS deletes the image too; set another tag \
                        first, or delete the image";
            return Err(Failure::new(FailureKind::Conflict, doing, said));
        }
        self.batch_delete(&registry, name, id, &doing).await
    }
}

#[async_trait]
impl Delete for Amazon {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        let name = repository.repository().unwrap_or_default();
        let registry = self.registry_of(repository).await?;
        let doing = format!("deleting {}@{digest}", visible(name));
        self.batch_delete(&registry, name, json!({ "imageDigest": digest.to_string() }), &doing).await
    }
}

#[async_trait]
impl DeleteRepository for Amazon {
    async fn delete_repository(&self, at: &Locator) -> Result<(), Failure> {
        let name = at.repository().unwrap_or_default();
        let registry = self.registry_of(at).await?;
        let doing = format!("deleting the repository {}", visible(name));
        let body = registry.about(name, json!({ "force": true }));
        registry.calls.write::<Value>("DeleteRepository", &body, &doing).await?;
        Ok(())
    }
}

#[async_trait]
impl CreateRepository for Amazon {
    async fn create_repository(&self, parent: &Locator, name: &str) -> Result<Locator, Failure> {
        let registry = self.registry_of(parent).await?;
        let doing = format!("making the repository {}", visible(name));
        let host = match registry.host() {
            Some(host) => host,
            None => registry.find_host().await?,
        };
        let body = match registry.place {
            super::Place::Private { .. } => registry.about(name, json!({})),
            super::Place::Public => json!({ "repositoryName": name }),
        };
        let made: Created = registry.calls.write("CreateRepository", &body, &doing).await?;
        let uri = made.repository.and_then(|r| r.repository_uri);
        let name = registry.name_in_protocol(name, uri.as_deref());
        let is_above_registries = parent.kind() == NodeKind::Connection && self.has_regions();
        let above =
            if is_above_registries { parent.child(NodeKind::Registry, &host) } else { parent.clone() };
        Ok(above.child(NodeKind::Repository, &name))
    }
}

/// Why AWS left an image where it is.
fn explain(failure: ImageFailure, doing: &str) -> Failure {
    let code = failure.failure_code.unwrap_or_default();
    let reason = failure.failure_reason.map(|r| visible(&r).into_owned()).unwrap_or_default();
    let (kind, meaning) = match code.as_str() {
        "ImageNotFound" => (FailureKind::NotFound, "there is no such image"),
        "ImageReferencedByManifestList" => {
            (FailureKind::Conflict, "an index contains it and would be broken; delete the index first")
        }
        "ImageTagDoesNotMatchDigest" => (FailureKind::Conflict, "the tag points at another image by now"),
        "InvalidImageDigest" | "InvalidImageTag" | "MissingDigestAndTag" => {
            (FailureKind::Invalid, "AWS does not take the name of the image")
        }
        "KmsError" => {
            (FailureKind::Forbidden, "the key that the repository is encrypted with cannot be used")
        }
        "UpstreamAccessDenied" => {
            (FailureKind::Forbidden, "the registry behind this cache refused the sign-in")
        }
        "UpstreamTooManyRequests" => {
            (FailureKind::RateLimited, "the registry behind this cache has had too many requests")
        }
        "UpstreamUnavailable" => (FailureKind::Server, "the registry behind this cache does not answer"),
        "ImageInaccessible" => {
            (FailureKind::Conflict, "the image cannot be reached, as one that is archived")
        }
        _ => (FailureKind::Conflict, "AWS left it where it is"),
    };
    let details: Vec<&str> = [reason.as_str(), &code].into_iter().filter(|text| !text.is_empty()).collect();
    Failure::new(kind, doing, format!("{meaning} ({})", details.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_is_explained() {
        let of = |code: &str| {
            let failure_code = Some(code.to_owned());
            explain(ImageFailure { failure_code, failure_reason: Some("why\u{7}".to_owned()) }, "deleting")
        };
        let held = of("ImageReferencedByManifestList");
        assert_eq!(held.kind, FailureKind::Conflict);
        assert_eq!(
            held.said,
            "an index contains it and would be broken; delete the index first (why␇, ImageReferencedByManifestList)"
        );
        assert_eq!(of("ImageNotFound").kind, FailureKind::NotFound);
        assert_eq!(of("SomethingNew").said, "AWS left it where it is (why␇, SomethingNew)");
    }
}
