//! Images in and out of an engine: pulled by itself, loaded from a tar, exported into one.

use std::sync::{Arc, Mutex, PoisonError};

use bollard::auth::DockerCredentials;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::{CreateImageOptionsBuilder, ImportImageOptions};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};

use super::Engine;
use super::failure::failed;
use crate::domain::{Credential, Failure, FailureKind, Platform, Reference, text::visible};
use crate::engine::model::{Inspected, PullStep};

impl Engine {
    /// Has the engine pull `reference` by itself, and tells each step. The credential travels in this request and is
    /// kept nowhere. Dropping the future stops the engine's pull.
    ///
    /// # Errors
    /// `Unauthorized`, `NotFound`, `Tls`, `Offline` as the engine's words tell of the registry; `Server` for others.
    pub async fn pull(
        &self,
        reference: &Reference,
        platform: Option<&Platform>,
        credential: &Credential,
        step: &mut (dyn FnMut(PullStep) + Send),
    ) -> Result<Inspected, Failure> {
        let doing = format!("pulling {reference} into {}", self.version().title());
        let repository = format!("{}/{}", reference.host, reference.repository);
        let digest = reference.digest.as_ref().map(ToString::to_string);
        let wanted = digest.or_else(|| reference.tag.clone()).unwrap_or_else(|| "latest".to_owned());
        let mut options = CreateImageOptionsBuilder::new().from_image(&repository).tag(&wanted);
        let platform = platform.map(ToString::to_string);
        if let Some(platform) = &platform {
            options = options.platform(platform);
        }
        let credential = credential_of(credential, &reference.host);
        let mut steps = self.patient().create_image(Some(options.build()), None, credential).boxed();
        while let Some(told) = steps.try_next().await.map_err(|e| failed(&doing, &e))? {
            step(told.into());
        }
        // An engine that stops in the middle may end its answer as if all was well.
        let separator = if reference.digest.is_some() { '@' } else { ':' };
        let name = format!("{repository}{separator}{wanted}");
        self.inspect(&name).await.map_err(|failure| match failure.kind {
            FailureKind::NotFound => {
                Failure::new(FailureKind::Server, doing, "it has ended without the image")
            }
            _ => failure,
        })
    }

    /// Loads the images of a tar, as `docker save` or `podman save` write it; returns what they are called there, or
    /// their ids.
    ///
    /// # Errors
    /// The failure of `tar` itself, where it has one; else what the engine says.
    pub async fn load(
        &self,
        tar: impl Stream<Item = Result<Bytes, Failure>> + Send + 'static,
    ) -> Result<Vec<String>, Failure> {
        let doing = format!("loading into {}", self.version().title());
        let broken = Arc::new(Mutex::new(None));
        let keep = Arc::clone(&broken);
        let body = tar.map_err(move |failure| {
            let said = failure.to_string();
            *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            std::io::Error::other(said)
        });
        let lines = self.patient().import_image_stream(ImportImageOptions::default(), body, None);
        let told: Result<Vec<_>, _> = lines.try_collect().await;
        if let Some(failure) = broken.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(failure);
        }
        let told = told.map_err(|e| failed(&doing, &e))?;
        let names: Vec<String> =
            told.iter().filter_map(|line| line.stream.as_deref()).flat_map(loaded).collect();
        if names.is_empty() {
            return Err(Failure::new(FailureKind::Invalid, doing, "it found no image"));
        }
        Ok(names)
    }

    /// The images of these names or ids in one tar, as `docker save` writes it. A break is a failure.
    #[must_use]
    pub fn export(&self, names: &[String]) -> BoxStream<'static, Result<Bytes, Failure>> {
        let shown: Vec<_> = names.iter().map(|name| visible(name)).collect();
        let doing = format!("exporting {} from {}", shown.join(", "), self.version().title());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let pieces = self.patient().export_images(&names).boxed();
        pieces.map_err(move |e| failed(&doing, &e)).boxed()
    }
}

impl From<CreateImageInfo> for PullStep {
    fn from(info: CreateImageInfo) -> Self {
        let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
        let progress = info.progress_detail.unwrap_or_default();
        Self {
            layer: info.id.map(|id| visible(&id).into_owned()),
            stage: visible(info.status.as_deref().unwrap_or_default().trim()).into_owned(),
            current: count(progress.current),
            total: count(progress.total).filter(|total| *total > 0),
        }
    }
}

/// The header's content (the API's "Authentication").
fn credential_of(credential: &Credential, host: &str) -> Option<DockerCredentials> {
    let address = DockerCredentials { serveraddress: Some(host.to_owned()), ..DockerCredentials::default() };
    let text = |secret: &crate::domain::Secret| Some(secret.expose().to_owned());
    match credential {
        Credential::Anonymous => None,
        Credential::Basic { username, password } => {
            Some(DockerCredentials { username: Some(username.clone()), password: text(password), ..address })
        }
        Credential::IdentityToken(token) => Some(DockerCredentials { identitytoken: text(token), ..address }),
        Credential::Bearer(token) => Some(DockerCredentials { registrytoken: text(token), ..address }),
    }
}

/// The names in `Loaded image: a:1, b:2` or `Loaded image ID: sha256:…`.
fn loaded(line: &str) -> Vec<String> {
    let rest = line.trim().strip_prefix("Loaded image");
    let rest = rest.and_then(|rest| {
        let rest = rest.strip_prefix("(s)").unwrap_or(rest);
        rest.strip_prefix(" ID: ").or_else(|| rest.strip_prefix(": "))
    });
    rest.into_iter().flat_map(|names| names.split(',')).map(|name| name.trim().to_owned()).collect()
}
