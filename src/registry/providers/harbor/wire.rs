//! What Harbor's API sends, as far as it is read.
//!
//! Invariant: everything but the name that a row stands for may be missing or null, and numbers may be negative, where
//! Harbor means "no limit" or "not known".

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::manifest::null_is_default as lenient;
use crate::domain::{Platform, human};

/// `GET users/current`.
#[derive(Deserialize)]
pub(super) struct User {
    #[serde(default)]
    pub(super) username: String,
}

/// `GET systeminfo`; without a sign-in it tells less.
#[derive(Deserialize)]
pub(super) struct System {
    harbor_version: Option<String>,
    auth_mode: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    read_only: bool,
}

impl System {
    pub(super) fn lines(self) -> impl Iterator<Item = (String, String)> {
        let line = |label: &str, text: Option<String>| text.map(|t| (label.to_owned(), t));
        let read_only = self.read_only.then(|| "Harbor takes no changes at the moment".to_owned());
        [line("version", self.harbor_version), line("accounts", self.auth_mode), line("read-only", read_only)]
            .into_iter()
            .flatten()
    }
}

/// A project.
#[derive(Deserialize)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) project_id: Option<i64>,
    /// The registry that it is a proxy cache of; 0 for none.
    pub(super) registry_id: Option<i64>,
    pub(super) repo_count: Option<i64>,
    pub(super) creation_time: Option<String>,
    pub(super) owner_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) metadata: BTreeMap<String, Value>,
}

impl Project {
    /// Whether a flag of its metadata is set; Harbor writes them as texts.
    pub(super) fn is(&self, flag: &str) -> bool {
        match self.metadata.get(flag) {
            Some(Value::String(text)) => text == "true",
            Some(Value::Bool(set)) => *set,
            _ => false,
        }
    }

    pub(super) fn is_proxy_cache(&self) -> bool {
        self.registry_id.is_some_and(|id| id > 0)
    }
}

/// `GET projects/{name}/summary`.
#[derive(Deserialize)]
pub(super) struct Summary {
    pub(super) repo_count: Option<i64>,
    pub(super) project_admin_count: Option<i64>,
    pub(super) maintainer_count: Option<i64>,
    pub(super) developer_count: Option<i64>,
    pub(super) guest_count: Option<i64>,
    pub(super) limited_guest_count: Option<i64>,
    pub(super) quota: Option<Quota>,
}

/// What a project may hold and holds, by resource; −1 is no limit.
#[derive(Deserialize)]
pub(super) struct Quota {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) hard: BTreeMap<String, i64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) used: BTreeMap<String, i64>,
}

/// A repository; its name starts with that of the project.
#[derive(Deserialize)]
pub(super) struct Repository {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) artifact_count: Option<i64>,
    pub(super) pull_count: Option<i64>,
    pub(super) creation_time: Option<String>,
    pub(super) update_time: Option<String>,
}

/// An artifact: a manifest with what Harbor knows of it.
#[derive(Deserialize)]
pub(super) struct Artifact {
    pub(super) digest: String,
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    pub(super) kind: String,
    /// The type of the configuration.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) media_type: String,
    pub(super) manifest_media_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) artifact_type: String,
    pub(super) size: Option<i64>,
    pub(super) push_time: Option<String>,
    pub(super) pull_time: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) extra_attrs: BTreeMap<String, Value>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) references: Vec<Reference>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) tags: Vec<Tag>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) labels: Vec<Label>,
    /// By the type of the report.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) scan_overview: BTreeMap<String, Scan>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) accessories: Vec<Accessory>,
}

/// A member of an index.
#[derive(Deserialize)]
pub(super) struct Reference {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) child_digest: String,
    pub(super) platform: Option<Platform>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) annotations: BTreeMap<String, String>,
}

/// A tag.
#[derive(Deserialize)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) push_time: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) immutable: bool,
}

/// A label.
#[derive(Deserialize)]
pub(super) struct Label {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: String,
}

/// A signature, an SBOM, or anything else that is kept beside an artifact.
#[derive(Deserialize)]
pub(super) struct Accessory {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) digest: String,
    pub(super) size: Option<i64>,
    /// `signature.cosign`, `signature.notation`, `sbom.harbor`, …
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    pub(super) kind: String,
}

/// What a scan came to.
#[derive(Deserialize)]
pub(super) struct Scan {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) scan_status: String,
    pub(super) end_time: Option<String>,
    pub(super) scanner: Option<Scanner>,
    pub(super) summary: Option<Findings>,
}

/// How much a scan found.
#[derive(Deserialize)]
pub(super) struct Findings {
    pub(super) total: Option<i64>,
    pub(super) fixable: Option<i64>,
    /// By severity; those with none are left out.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) summary: BTreeMap<String, i64>,
}

/// The scanner.
#[derive(Deserialize)]
pub(super) struct Scanner {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) version: String,
}

/// The report of one scanner (scanner specification 1.2, `HarborVulnerabilityReport`).
#[derive(Deserialize)]
pub(super) struct Report {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) vulnerabilities: Vec<Vulnerability>,
}

/// One vulnerability.
#[derive(Deserialize)]
pub(super) struct Vulnerability {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) package: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) version: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) fix_version: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) severity: String,
}

/// A count or size; what is negative is not known.
pub(super) fn known(number: Option<i64>) -> Option<u64> {
    number.and_then(|n| u64::try_from(n).ok())
}

/// Seconds since 1970; Harbor writes year 1 for "never".
pub(super) fn seconds(date: Option<&String>) -> Option<i64> {
    human::timestamp(date?)
}
