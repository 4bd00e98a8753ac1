//! What the details pane and `tagalong inspect` tell of a node.

use super::Workspace;
use super::facts::preferred;
use super::open::Local;
use super::reader::Reader;
use crate::domain::detail::{ConnectionDetails, Description, Details, ImageDetails, ShownImage};
use crate::domain::manifest::Image;
use crate::domain::{
    Connection, Failure, ImageConfig, Locator, Manifest, NodeKind, Platform, RawManifest, text::visible,
};
use crate::store::signins;

impl Workspace {
    /// The details of a node.
    ///
    /// # Errors
    /// `NotFound` when it is gone, and what the transport may say.
    pub async fn details(&self, at: &Locator) -> Result<Details, Failure> {
        match at.kind() {
            NodeKind::Connection => self.connection_details(at).await.map(Details::Connection),
            NodeKind::Tag | NodeKind::Manifest => {
                self.image_details(at).await.map(|d| Details::Image(Box::new(d)))
            }
            // Name, address and counts are in the tree already; vendors that know more add to it.
            _ => self
                .described(at)
                .await
                .unwrap_or_else(|| Ok(Description::default()))
                .map(Details::Repository),
        }
    }

    /// The details of a node that a cursor passes by: where reading a manifest takes from a quota, what the vendor tells
    /// of it, and no more.
    ///
    /// # Errors
    /// As [`details`](Self::details).
    pub async fn glance(&self, at: &Locator) -> Result<Details, Failure> {
        let is_image = matches!(at.kind(), NodeKind::Tag | NodeKind::Manifest);
        if !is_image || !self.provider(&at.connection)?.counts_reads() {
            return self.details(at).await;
        }
        let mut told = self.described(at).await.unwrap_or_else(|| Ok(Description::default()))?;
        let why = "not read, because that takes from the quota of pulls; inspecting it reads it";
        told.lines.push(("manifest".to_owned(), why.to_owned()));
        Ok(Details::Repository(told))
    }

    /// What the vendor tells of `at`; nothing when it tells nothing of anything.
    async fn described(&self, at: &Locator) -> Option<Result<Description, Failure>> {
        let provider = self.provider(&at.connection).ok()?;
        Some(provider.describe()?.describe(at).await)
    }

    async fn connection_details(&self, at: &Locator) -> Result<ConnectionDetails, Failure> {
        let connection = self.connection(&at.connection)?;
        let account = self.provider(&at.connection)?.check().await?;
        let mut lines = Vec::new();
        lines.extend(self.stored_account(&connection).await);
        lines.extend(account.name.map(|n| ("signed in".to_owned(), visible(&n).into_owned())));
        lines.extend(account.server.map(|s| ("server".to_owned(), visible(&s).into_owned())));
        lines.extend(account.lines);
        Ok(ConnectionDetails { lines })
    }

    /// Which sign-in of Docker or Podman is used, for a connection that has none of its own.
    async fn stored_account(&self, connection: &Connection) -> Option<(String, String)> {
        if !connection.username.is_empty() || self.local(&connection.id).is_some() {
            return None;
        }
        let (credential, source) = signins::credential(&self.env, connection.host()).await.ok()??;
        let name = credential.username().map_or_else(|| "a token".to_owned(), |n| visible(n).into_owned());
        Some(("signed in".to_owned(), format!("{name}, from {source}")))
    }

    async fn image_details(&self, at: &Locator) -> Result<ImageDetails, Failure> {
        if let Some(Local::Engine(engine)) = self.local(&at.connection) {
            return engine.details(at).await;
        }
        let (reader, target) = self.reader_of(at).await?;
        let raw = self.manifest(&reader, &target).await?;
        let mismatch = raw
            .claimed
            .as_ref()
            .filter(|c| **c != raw.digest)
            .map(|c| format!("the server says {c}, the bytes are {}", raw.digest));
        let parsed = raw.parse()?;
        let (described, referrers) = tokio::join!(self.described(at), reader.referrers(&raw.digest));
        let mut details = ImageDetails {
            digest: raw.digest.clone(),
            engine_id: None,
            media_type: raw.media_type.clone(),
            manifest_size: raw.bytes.len() as u64,
            artifact: None,
            index: None,
            shown: None,
            annotations: Vec::new(),
            referrers,
            pushed: None,
            described,
            warnings: mismatch.into_iter().collect(),
        };
        self.fill(&reader, &raw, parsed, &mut details).await;
        Ok(details)
    }

    async fn fill(&self, reader: &Reader, raw: &RawManifest, parsed: Manifest, details: &mut ImageDetails) {
        match parsed {
            Manifest::Index(index) => {
                details.annotations = index.annotations.clone().into_iter().collect();
                details.artifact = index.artifact_type.clone();
                if let Some(member) = preferred(&index) {
                    let (digest, platform) = (member.digest.clone(), member.platform.clone());
                    let member = self.manifest(reader, &digest.to_string()).await;
                    match member.and_then(|raw| Ok((raw.parse()?, raw))) {
                        Ok((Manifest::Image(image), raw)) => {
                            self.show(reader, &raw, *image, platform, details).await;
                        }
                        Ok(_) => {}
                        Err(failure) => details.warnings.push(failure.to_string()),
                    }
                }
                details.index = Some(*index);
            }
            Manifest::Image(image) => {
                details.annotations = image.annotations.clone().into_iter().collect();
                details.artifact = (!image.is_runnable()).then(|| image.kind().to_owned());
                self.show(reader, raw, *image, None, details).await;
            }
            Manifest::Schema1 => {}
        }
    }

    /// Adds an image; a configuration that cannot be read is told, and the layers are shown all the same.
    async fn show(
        &self,
        reader: &Reader,
        raw: &RawManifest,
        image: Image,
        platform: Option<Platform>,
        details: &mut ImageDetails,
    ) {
        let mut config = None;
        if image.is_runnable() {
            let bytes = self.config_bytes(reader, &image.config).await;
            match bytes.and_then(|b| ImageConfig::parse(&b)) {
                Ok(read) => config = Some(read),
                Err(failure) => details.warnings.push(failure.to_string()),
            }
        }
        let own = config.as_ref().map(|c| c.platform.clone()).filter(|p| !p.is_unknown());
        details.shown = Some(ShownImage {
            digest: raw.digest.clone(),
            platform: platform.or(own),
            config,
            layers: image.layers,
        });
    }
}
