//! What is shown beside a tag, with as few requests as can be: a HEAD for the digest, then one request per distinct
//! manifest or configuration, none for what the cache holds.

use super::Workspace;
use super::open::Local;
use super::reader::Reader;
use crate::domain::manifest::{Image, Index};
use crate::domain::{
    Descriptor, Digest, Facts, Failure, ImageConfig, Locator, Manifest, NodeKind, Platform, RawManifest,
    human,
};
use crate::http::Limit;

const CREATED: &str = "org.opencontainers.image.created";

impl Workspace {
    /// The facts of a tag or manifest; where reading it takes from a quota, the digest alone.
    ///
    /// # Errors
    /// `NotFound` when it is gone, and what the transport may say.
    pub async fn facts(&self, at: &Locator) -> Result<Facts, Failure> {
        if let Some(Local::Engine(engine)) = self.local(&at.connection) {
            return engine.facts(at).await;
        }
        let (reader, target) = self.reader_of(at).await?;
        let digest = match at.kind() {
            NodeKind::Manifest => at.name().parse()?,
            _ => reader.resolve(&target).await?,
        };
        if let Some(known) = self.facts.get(&digest) {
            return Ok(known);
        }
        if self.provider(&at.connection)?.counts_reads() {
            return Ok(Facts { digest: Some(digest), ..Facts::default() });
        }
        let raw = self.manifest(&reader, &digest.to_string()).await?;
        let mut facts = blank(&raw);
        match self.gather(&reader, &raw, &mut facts).await {
            Ok(()) => self.facts.put(&digest, &facts),
            // What is known is shown, and the rest is asked for again next time.
            Err(failure) => tracing::debug!(%failure, "some facts are missing"),
        }
        Ok(facts)
    }

    /// A manifest, from the cache when it is asked for by a digest that was seen before.
    pub(super) async fn manifest(&self, reader: &Reader, target: &str) -> Result<RawManifest, Failure> {
        if let Ok(digest) = target.parse::<Digest>()
            && let Some(raw) = self.blobs.get(&digest).and_then(|bytes| cached(bytes, &digest))
        {
            return Ok(raw);
        }
        let raw = reader.manifest(target).await?;
        self.blobs.put(&raw.digest, &raw.bytes);
        Ok(raw)
    }

    /// A configuration's bytes, from the cache when they are there.
    pub(super) async fn config_bytes(
        &self,
        reader: &Reader,
        config: &Descriptor,
    ) -> Result<bytes::Bytes, Failure> {
        if let Some(bytes) = self.blobs.get(&config.digest) {
            return Ok(bytes);
        }
        let bytes = reader.blob(config, Limit::CONFIG.bytes).await?;
        self.blobs.put(&config.digest, &bytes);
        Ok(bytes)
    }

    async fn gather(&self, reader: &Reader, raw: &RawManifest, facts: &mut Facts) -> Result<(), Failure> {
        match raw.parse()? {
            Manifest::Index(index) => {
                facts.platforms = platforms(&index);
                facts.artifact = index.artifact_type.clone();
                facts.time = index.annotations.get(CREATED).and_then(|c| human::timestamp(c));
                if let Some(member) = preferred(&index) {
                    let raw = self.manifest(reader, &member.digest.to_string()).await?;
                    if let Manifest::Image(image) = raw.parse()? {
                        self.add_image(reader, &image, facts).await?;
                    }
                }
            }
            Manifest::Image(image) => self.add_image(reader, &image, facts).await?,
            Manifest::Schema1 => facts.note = Some("schema 1".to_owned()),
        }
        Ok(())
    }

    async fn add_image(&self, reader: &Reader, image: &Image, facts: &mut Facts) -> Result<(), Failure> {
        facts.size = Some(image.layers_size());
        if !image.is_runnable() {
            facts.artifact.get_or_insert_with(|| image.kind().to_owned());
            facts.time =
                facts.time.or_else(|| image.annotations.get(CREATED).and_then(|c| human::timestamp(c)));
            return Ok(());
        }
        let bytes = self.config_bytes(reader, &image.config).await?;
        let config = ImageConfig::parse(&bytes)?;
        let annotated = image.annotations.get(CREATED).and_then(|c| human::timestamp(c));
        facts.time = facts.time.or(annotated).or_else(|| config.created_at());
        if facts.platforms.is_empty() && !config.platform.is_unknown() {
            facts.platforms.push(config.platform);
        }
        Ok(())
    }
}

fn blank(raw: &RawManifest) -> Facts {
    Facts { digest: Some(raw.digest.clone()), media_type: Some(raw.media_type.clone()), ..Facts::default() }
}

/// Cached bytes carry no header: the type is the one in the body, else told by the shape.
fn cached(bytes: bytes::Bytes, digest: &Digest) -> Option<RawManifest> {
    let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    let media_type = value.get("mediaType")?.as_str()?.to_owned();
    Some(RawManifest { bytes, media_type, digest: digest.clone(), claimed: Some(digest.clone()) })
}

/// The platforms of an index, attestations left out.
pub(super) fn platforms(index: &Index) -> Vec<Platform> {
    index.manifests.iter().filter_map(|m| m.platform.clone()).filter(|p| !p.is_unknown()).collect()
}

/// The member to show: the one for this machine, else the first that is an image.
pub(super) fn preferred(index: &Index) -> Option<&Descriptor> {
    let here = Platform::here();
    let images = || index.manifests.iter().filter(|m| !m.is_attestation());
    images().find(|m| m.platform.as_ref().is_some_and(|p| here.accepts(p))).or_else(|| images().next())
}
