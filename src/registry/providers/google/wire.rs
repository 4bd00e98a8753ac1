//! What the API and the protocol's list of tags send, as far as they are read.
//!
//! Invariant: everything may be missing; numbers of 64 bits come as texts from the API, and as either in the list.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::manifest::null_is_default as lenient;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, MediaType, human};

/// A list that comes in pages.
pub(super) trait Paged: DeserializeOwned {
    fn next_page_token(&mut self) -> Option<String>;
}

/// A page of the projects.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Projects {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) projects: Vec<Project>,
    next_page_token: Option<String>,
}

/// A project.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Project {
    #[serde(default)]
    pub(super) project_id: String,
    /// What people call it.
    pub(super) display_name: Option<String>,
}

/// A page of the locations.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Locations {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) locations: Vec<Location>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    #[serde(default)]
    pub(super) location_id: String,
}

/// A page of the repositories of a location.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repositories {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) repositories: Vec<Repository>,
    next_page_token: Option<String>,
}

/// A repository.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repository {
    /// `projects/P/locations/L/repositories/R`.
    #[serde(default)]
    pub(super) name: String,
    /// `DOCKER`, or what else it keeps.
    pub(super) format: Option<String>,
    /// `STANDARD_REPOSITORY`, `REMOTE_REPOSITORY`, `VIRTUAL_REPOSITORY`.
    pub(super) mode: Option<String>,
    pub(super) description: Option<String>,
    /// `us-docker.pkg.dev/P/R`.
    pub(super) registry_uri: Option<String>,
    pub(super) size_bytes: Option<Value>,
    pub(super) create_time: Option<String>,
    pub(super) update_time: Option<String>,
    pub(super) docker_config: Option<DockerConfig>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) cleanup_policies: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DockerConfig {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) immutable_tags: bool,
}

impl Repository {
    /// Its name alone.
    pub(super) fn id(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    pub(super) fn keeps_images(&self) -> bool {
        self.format.as_deref() == Some("DOCKER")
    }

    pub(super) fn has_immutable_tags(&self) -> bool {
        self.docker_config.as_ref().is_some_and(|d| d.immutable_tags)
    }

    /// The kind of repository, when it is no plain one: `remote`, `virtual`.
    pub(super) fn kind(&self) -> Option<String> {
        let mode = self.mode.as_deref()?.strip_suffix("_REPOSITORY")?.to_lowercase();
        Some(mode).filter(|m| m != "standard")
    }
}

/// A page of the images of a repository.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Packages {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) packages: Vec<Package>,
    next_page_token: Option<String>,
}

/// An image with all its versions.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Package {
    #[serde(default)]
    name: String,
    pub(super) create_time: Option<String>,
    pub(super) update_time: Option<String>,
}

impl Package {
    /// The image's name; its slashes are escaped in the resource's (discovery document, `Package.name`).
    pub(super) fn image(&self) -> String {
        let last = self.name.rsplit('/').next().unwrap_or_default();
        last.replace("%2F", "/").replace("%2f", "/")
    }
}

/// One manifest, as the API tells of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Image {
    pub(super) image_size_bytes: Option<Value>,
    pub(super) upload_time: Option<String>,
    pub(super) build_time: Option<String>,
    pub(super) update_time: Option<String>,
    pub(super) artifact_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) tags: Vec<String>,
}

/// Something that Google does by itself.
#[derive(Deserialize)]
pub(super) struct Operation {
    /// `projects/P/locations/L/operations/O`.
    #[serde(default)]
    pub(super) name: String,
    #[serde(default, deserialize_with = "lenient")]
    done: bool,
    error: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
}

impl Operation {
    /// How it ended; nothing while it goes on. The codes are those of `google.rpc.Code`.
    pub(super) fn outcome(&self, doing: &str) -> Option<Result<(), Failure>> {
        match &self.error {
            Some(error) if error.code != 0 => {
                let kind = match error.code {
                    5 => FailureKind::NotFound,
                    7 => FailureKind::Forbidden,
                    8 => FailureKind::RateLimited,
                    6 | 9 | 10 => FailureKind::Conflict,
                    _ => FailureKind::Server,
                };
                Some(Err(Failure::new(kind, doing, visible(&error.message))))
            }
            _ => self.done.then_some(Ok(())),
        }
    }
}

impl Paged for Projects {
    fn next_page_token(&mut self) -> Option<String> {
        self.next_page_token.take()
    }
}

impl Paged for Locations {
    fn next_page_token(&mut self) -> Option<String> {
        self.next_page_token.take()
    }
}

impl Paged for Repositories {
    fn next_page_token(&mut self) -> Option<String> {
        self.next_page_token.take()
    }
}

impl Paged for Packages {
    fn next_page_token(&mut self) -> Option<String> {
        self.next_page_token.take()
    }
}

/// The protocol's list of tags with what Google adds to it.
#[derive(Deserialize, Default)]
pub(super) struct TagList {
    /// Names one level further down.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) child: Vec<String>,
    /// Every manifest, by digest.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) manifest: BTreeMap<String, Kept>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) tags: Vec<String>,
}

/// One manifest of the list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kept {
    pub(super) image_size_bytes: Option<Value>,
    pub(super) media_type: Option<String>,
    time_uploaded_ms: Option<Value>,
    time_created_ms: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) tag: Vec<String>,
}

impl Kept {
    pub(super) fn is_index(&self) -> bool {
        self.media_type.as_deref().is_some_and(|t| MediaType::of(t) == MediaType::Index)
    }

    /// Seconds since 1970: uploaded, else created.
    pub(super) fn time(&self) -> Option<i64> {
        let seconds = |ms: &Option<Value>| number(ms.as_ref()).filter(|n| *n > 0).map(|n| n / 1000);
        seconds(&self.time_uploaded_ms)
            .or_else(|| seconds(&self.time_created_ms))
            .and_then(|s| i64::try_from(s).ok())
    }
}

/// A number that may come as a text.
pub(super) fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Seconds since 1970.
pub(super) fn seconds(date: Option<&String>) -> Option<i64> {
    human::timestamp(date?)
}
