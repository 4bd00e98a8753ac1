//! A manifest and its configuration, byte for byte.

use super::Workspace;
use super::open::Local;
use crate::domain::detail::Inspection;
use crate::domain::{Digest, Failure, Locator, Manifest, NodeKind};

impl Workspace {
    /// Reads the manifest at `at`, or the one called `member` in the same repository.
    ///
    /// # Errors
    /// `NotFound` when it is gone, and what the transport may say. A configuration that cannot be read is told in the
    /// answer, because the manifest is still worth seeing.
    pub async fn inspect(&self, at: &Locator, member: Option<&Digest>) -> Result<Inspection, Failure> {
        if let Some(Local::Engine(engine)) = self.local(&at.connection) {
            return engine.inspect(at).await;
        }
        let (reader, target) = self.reader_of(at).await?;
        let asked = match (member, at.kind()) {
            (Some(digest), _) => Some(digest.clone()),
            (None, NodeKind::Manifest) => Some(at.name().parse()?),
            (None, _) => None,
        };
        let target = asked.as_ref().map_or(target, Digest::to_string);
        // From the server, not from the cache: this is where digests are compared.
        let manifest = reader.manifest(&target).await?;
        let expected = asked.or_else(|| manifest.claimed.clone());
        let mut inspection = Inspection { manifest, expected, config: None, config_failure: None };
        if let Ok(Manifest::Image(image)) = inspection.manifest.parse() {
            match self.config_bytes(&reader, &image.config).await {
                Ok(bytes) => inspection.config = Some(bytes),
                Err(failure) => inspection.config_failure = Some(failure),
            }
        }
        Ok(inspection)
    }
}
