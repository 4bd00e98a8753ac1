//! Deleting: a tag as its component, a manifest by the protocol.
//!
//! Invariant: only the component that carries the tag's own name is deleted, and never the last one of its manifest.

use async_trait::async_trait;

use super::Nexus;
use super::list::rest;
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, Locator};
use crate::http::Method;
use crate::registry::{Delete, Distribution, Untag, fallback, untag};

#[async_trait]
impl Untag for Nexus {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let (image, tag) = (at.repository().unwrap_or_default(), at.name());
        Distribution::check_tag(image, tag)?;
        let by_protocol = async || untag::by_protocol(&self.client(at)?, image, tag).await;
        let Some(key) = self.key(at) else { return by_protocol().await };
        let found = match self.search(&key, image, Some(tag), None).await {
            Ok(found) => found,
            Err(failure) if fallback::is_away(failure.kind) => return by_protocol().await,
            Err(failure) => return Err(failure),
        };
        // The search may lag behind: the protocol knows whether the tag is there.
        let Some(component) = found.items.first() else { return by_protocol().await };
        let doing = format!("untagging {}:{}", visible(image), visible(tag));
        untag::check_not_the_last(&self.client(at)?, image, tag, &doing).await?;
        let url = self.api.url(&rest(&["components", &component.id]), &[]);
        self.api.call(Method::DELETE, url, None, &doing).await.map(|_| ())
    }
}

#[async_trait]
impl Delete for Nexus {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        let name = repository.repository().unwrap_or_default();
        self.client(repository)?.delete_manifest(name, digest).await
    }
}
