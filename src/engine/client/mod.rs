//! An engine that answers.
//!
//! Invariant: every request names the version of the API that was agreed on, so that the answers stay as they are read
//! here. Dropping a future or a stream ends its request.

mod answer;
mod failure;
mod images;
mod moving;

use std::sync::Arc;
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::address::Address;
use super::candidate::Candidate;
use super::model::Version;
use crate::domain::{Failure, FailureKind, human};
use failure::failed;

/// The newest API that is spoken here, and the oldest: Docker Engine 27 and 1.13.
const NEWEST: (u32, u32) = (1, 47);
const OLDEST: (u32, u32) = (1, 25);
/// How long an engine may think about a question, in seconds.
const PATIENCE: u64 = 60;
/// How long it may be silent while it loads or packs an image, or waits for an event.
const LONG_PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// The largest answer that is read into memory, in bytes: a list of some 50,000 images.
const ANSWER_LIMIT: usize = 64 << 20;

/// An engine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
    version: Arc<Version>,
    address: Arc<Address>,
}

impl Engine {
    /// Connects to the engine at `candidate`, and agrees on a version of the API.
    ///
    /// # Errors
    /// `Offline` when nothing listens there; `Forbidden` without the right to its socket; `Tls`; `Unsupported` when it
    /// is too old or too new.
    pub async fn connect(candidate: &Candidate) -> Result<Self, Failure> {
        let doing = format!("connecting to the engine {}", candidate.address.shown());
        let docker = open(&candidate.address).map_err(|e| failed(&doing, &e))?;
        let told = get(&docker, "/version", &doing).await?;
        let told: answer::Version = answer::read(&told, &doing)?;
        let api = told.agree().map_err(|said| Failure::new(FailureKind::Unsupported, &doing, said))?;
        let docker = pinned(docker, &api);
        let about = get(&docker, &format!("/v{api}/info"), &doing).await?;
        let about: answer::About = answer::read(&about, &doing)?;
        let kind = told.kind();
        let identity = about.identity(kind, &candidate.address);
        let version = Version { kind, number: told.number.unwrap_or_default(), api, identity };
        Ok(Self { docker, version: Arc::new(version), address: Arc::new(candidate.address.clone()) })
    }

    /// What it is.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// How it is reached.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Something for each change of its images, until it goes away.
    #[must_use]
    pub fn events(&self) -> BoxStream<'static, Result<(), Failure>> {
        let filters = std::collections::HashMap::from([("type", vec!["image"])]);
        let options = bollard::query_parameters::EventsOptionsBuilder::new().filters(&filters).build();
        let doing = format!("listening to {}", self.version.title());
        let events = self.patient().events(Some(options)).map_err(move |e| failed(&doing, &e));
        let is_change = |action: Option<&str>| !matches!(action, Some("push" | "save"));
        events
            .try_filter_map(move |event| async move { Ok(is_change(event.action.as_deref()).then_some(())) })
            .boxed()
    }

    /// The answer to a question, byte for byte. `path` begins with a slash, without the version of the API.
    async fn ask(&self, path: &str, doing: &str) -> Result<Bytes, Failure> {
        get(&self.docker, &format!("/v{}{path}", self.version.api), doing).await
    }

    /// The same engine, given time.
    fn patient(&self) -> Docker {
        self.docker.clone().with_timeout(LONG_PATIENCE)
    }
}

fn open(address: &Address) -> Result<Docker, bollard::errors::Error> {
    let api = API_DEFAULT_VERSION;
    match address {
        #[cfg(unix)]
        Address::Unix(path) => Docker::connect_with_unix(&path.to_string_lossy(), PATIENCE, api),
        #[cfg(windows)]
        Address::Pipe(path) => Docker::connect_with_named_pipe(path, PATIENCE, api),
        Address::Tcp(host, None) => Docker::connect_with_http(host, PATIENCE, api),
        Address::Tcp(host, Some(tls)) => {
            Docker::connect_with_ssl(host, &tls.key, &tls.certificate, &tls.ca, PATIENCE, api)
        }
        Address::Ssh(host) => Docker::connect_with_ssh(&format!("ssh://{host}"), PATIENCE, api, None),
        other => Err(bollard::errors::Error::UnsupportedURISchemeError { uri: other.shown() }),
    }
}

/// The client with a version in the path of every request, which it leaves out by itself, and with the credential in
/// the alphabet that engines read: base64 for URLs.
fn pinned(docker: Docker, api: &str) -> Docker {
    let version = format!("/v{api}");
    docker.with_request_modifier(move |mut request| {
        if let Some(value) = request.headers_mut().get_mut("x-registry-auth") {
            let text = value.to_str().unwrap_or_default().replace('+', "-").replace('/', "_");
            if let Ok(readable) = text.parse() {
                *value = readable;
                value.set_sensitive(true);
            }
        }
        let path = request.uri().path_and_query().map(|p| format!("{version}{p}"));
        with_path(request, &path.unwrap_or_default())
    })
}

/// The answer to a GET. What the client reads into types of its own is read as bytes here: by its one call that gives
/// the body as it comes, sent to another path.
async fn get(docker: &Docker, path: &str, doing: &str) -> Result<Bytes, Failure> {
    let path = path.to_owned();
    let docker = docker.clone().with_request_modifier(move |request| with_path(request, &path));
    let mut pieces = docker.export_image("_").boxed();
    let mut answer = BytesMut::new();
    while let Some(piece) = pieces.try_next().await.map_err(|e| failed(doing, &e))? {
        answer.extend_from_slice(&piece);
        if answer.len() > ANSWER_LIMIT {
            let said = format!("its answer has more than {}", human::size(ANSWER_LIMIT as u64));
            return Err(Failure::new(FailureKind::Invalid, doing, said));
        }
    }
    Ok(answer.freeze())
}

/// The request, to another path. One that is no path leaves it as it is.
fn with_path(mut request: BollardRequest, path: &str) -> BollardRequest {
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = path.parse().ok().or(parts.path_and_query);
    if let Ok(uri) = parts.try_into() {
        *request.uri_mut() = uri;
    }
    request
}

#[cfg(test)]
mod tests;
