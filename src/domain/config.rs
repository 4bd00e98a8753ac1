//! Image configurations, read leniently: what an image runs, and how it was made.
//!
//! Source: OCI image-spec `config.md`. Every field may be missing or null.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::failure::{Failure, FailureKind};
use super::manifest::null_is_default;
use super::platform::Platform;

/// The configuration of an image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct ImageConfig {
    /// When it was made, RFC 3339.
    #[serde(default)]
    pub created: Option<String>,
    /// Who made it.
    #[serde(default)]
    pub author: Option<String>,
    /// Platform: architecture, os, variant.
    #[serde(flatten)]
    pub platform: Platform,
    /// What it runs with.
    #[serde(default, deserialize_with = "null_is_default")]
    pub config: Runtime,
    /// How it was made, base first.
    #[serde(default, deserialize_with = "null_is_default")]
    pub history: Vec<History>,
}

/// The part of the configuration that a container engine uses.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Runtime {
    /// User.
    #[serde(default, deserialize_with = "null_is_default")]
    pub user: String,
    /// Exposed ports, such as `8080/tcp`.
    #[serde(default, deserialize_with = "null_is_default")]
    pub exposed_ports: BTreeMap<String, serde_json::Value>,
    /// Environment, `NAME=value`.
    #[serde(default, deserialize_with = "null_is_default")]
    pub env: Vec<String>,
    /// Entry point.
    #[serde(default, deserialize_with = "null_is_default")]
    pub entrypoint: Vec<String>,
    /// Command.
    #[serde(default, deserialize_with = "null_is_default")]
    pub cmd: Vec<String>,
    /// Volumes.
    #[serde(default, deserialize_with = "null_is_default")]
    pub volumes: BTreeMap<String, serde_json::Value>,
    /// Working directory.
    #[serde(default, deserialize_with = "null_is_default")]
    pub working_dir: String,
    /// Labels.
    #[serde(default, deserialize_with = "null_is_default")]
    pub labels: BTreeMap<String, String>,
}

/// One step of the history.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct History {
    /// When, RFC 3339.
    #[serde(default)]
    pub created: Option<String>,
    /// The command.
    #[serde(default, deserialize_with = "null_is_default")]
    pub created_by: String,
    /// Whether the step made no layer.
    #[serde(default, deserialize_with = "null_is_default")]
    pub empty_layer: bool,
    /// A comment.
    #[serde(default, deserialize_with = "null_is_default")]
    pub comment: String,
}

impl ImageConfig {
    /// Reads a configuration blob.
    ///
    /// # Errors
    /// `Invalid` when it is not a JSON object of this shape.
    pub fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(bytes)
            .map_err(|e| Failure::new(FailureKind::Invalid, "reading the image configuration", e.to_string()))
    }

    /// When it was made, in seconds since 1970; nothing for the "zero" dates of reproducible builds.
    #[must_use]
    pub fn created_at(&self) -> Option<i64> {
        super::human::timestamp(self.created.as_deref()?)
    }
}
