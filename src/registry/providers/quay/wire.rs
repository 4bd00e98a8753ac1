//! What the API answers. Its description declares no bodies; these are read from quay/quay `endpoints/api/*.py` and the
//! mocks of its own pages.
//!
//! Invariant: everything that may be missing may be missing.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{Digest, Platform};
use crate::registry::findings::Finding;

/// `user/`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub(super) username: String,
    organizations: Vec<Organisation>,
}

#[derive(Debug, Deserialize)]
struct Organisation {
    name: String,
}

impl User {
    /// The account's own namespace, and its organisations.
    pub(super) fn namespaces(&self) -> Vec<String> {
        let organisations = self.organizations.iter().map(|o| o.name.clone());
        let own = Some(self.username.clone()).filter(|name| !name.is_empty());
        own.into_iter().chain(organisations).collect()
    }
}

/// `repository`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Repositories {
    pub(super) repositories: Vec<Repository>,
    pub(super) next_page: Option<String>,
}

/// A repository, in the list or alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Repository {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) is_public: Option<bool>,
    pub(super) state: Option<String>,
    /// Seconds since 1970.
    pub(super) last_modified: Option<i64>,
    /// Seconds until a deleted tag is gone for good.
    pub(super) tag_expiration_s: Option<i64>,
    pub(super) can_write: Option<bool>,
    pub(super) can_admin: Option<bool>,
}

/// `repository/…/tag/`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tags {
    pub(super) tags: Vec<Tag>,
    pub(super) has_additional: bool,
}

/// A tag.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tag {
    pub(super) name: String,
    manifest_digest: Option<String>,
    pub(super) is_manifest_list: Option<bool>,
    pub(super) size: Option<i64>,
    /// Seconds since 1970.
    pub(super) start_ts: Option<i64>,
    /// Seconds since 1970 when it expires.
    pub(super) end_ts: Option<i64>,
    manifest_list: Value,
}

impl Tag {
    pub(super) fn digest(&self) -> Option<Digest> {
        self.manifest_digest.as_deref()?.parse().ok()
    }

    /// The platforms of an index, attestations left out; newer servers send the index along.
    pub(super) fn platforms(&self) -> Vec<Platform> {
        let members = self.manifest_list.get("manifests").and_then(Value::as_array);
        let platform = |member: &Value| serde_json::from_value(member.get("platform")?.clone()).ok();
        let all = members.into_iter().flatten().filter_map(platform);
        all.filter(|p: &Platform| !p.is_unknown()).collect()
    }
}

/// `repository/…/manifest/…/security`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Security {
    pub(super) status: String,
    data: Value,
}

impl Security {
    /// What was found, each vulnerability of each package once, the packages in the order of their names.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let features = self.data.pointer("/Layer/Features").and_then(Value::as_array);
        let mut found: Vec<Finding> = features.into_iter().flatten().flat_map(findings_of).collect();
        found.sort();
        found.dedup();
        found
    }
}

fn findings_of(feature: &Value) -> Vec<Finding> {
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let finding = |vulnerability: &Value| Finding {
        severity: text(vulnerability, "Severity"),
        id: text(vulnerability, "Name"),
        package: text(feature, "Name"),
        version: text(feature, "Version"),
        fix: Some(text(vulnerability, "FixedBy")).filter(|v| !v.is_empty()),
    };
    let all = feature.get("Vulnerabilities").and_then(Value::as_array);
    all.into_iter().flatten().map(finding).collect()
}
