//! The shapes of the two APIs' answers, as far as they are read.
//!
//! Source: the service descriptions `ecr-2015-09-21` and `ecr-public-2020-10-30`. Times are seconds since 1970 with a
//! fraction, as JSON 1.1 writes them.
//!
//! Invariant: no member is required that the description does not promise.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::domain::human;

/// A time in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time(pub(super) i64);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(d)?;
        #[expect(clippy::cast_possible_truncation, reason = "a fraction of a second is not shown")]
        let seconds = value.as_f64().map(|seconds| seconds as i64);
        let written = || value.as_str().and_then(human::timestamp);
        seconds.or_else(written).map(Self).ok_or_else(|| serde::de::Error::custom("this is no time"))
    }
}

/// Answer of `GetAuthorizationToken`: the private API gives a list, the public one a single entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Authorization {
    pub(super) authorization_data: OneOrMany,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    Many(Vec<Token>),
    One(Token),
}

impl Authorization {
    pub(super) fn first(self) -> Option<Token> {
        match self.authorization_data {
            OneOrMany::Many(list) => list.into_iter().next(),
            OneOrMany::One(token) => Some(token),
        }
    }
}

/// A password for the registry's host.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Token {
    /// `AWS:password` in base64.
    pub(super) authorization_token: Option<String>,
    pub(super) expires_at: Option<Time>,
    /// The registry's address; the public API leaves it out.
    pub(super) proxy_endpoint: Option<String>,
}

/// What it holds is secret.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("proxy_endpoint", &self.proxy_endpoint).finish_non_exhaustive()
    }
}

/// Answer of `DescribeRepositories`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repositories {
    #[serde(default)]
    pub(super) repositories: Vec<Repository>,
    pub(super) next_token: Option<String>,
}

/// Answer of `CreateRepository`.
#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub(super) repository: Option<Repository>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repository {
    pub(super) repository_name: Option<String>,
    pub(super) repository_uri: Option<String>,
    pub(super) repository_arn: Option<String>,
    pub(super) created_at: Option<Time>,
    pub(super) image_tag_mutability: Option<String>,
    pub(super) image_scanning_configuration: Option<Scanning>,
    pub(super) encryption_configuration: Option<Encryption>,
}

impl Repository {
    /// Whether tags stay as they are once they are set, some of them excepted.
    pub(super) fn is_immutable(&self) -> bool {
        self.image_tag_mutability.as_deref().is_some_and(|m| m.starts_with("IMMUTABLE"))
    }

    /// Whether each push is scanned.
    pub(super) fn is_scanned(&self) -> bool {
        self.image_scanning_configuration.as_ref().and_then(|s| s.scan_on_push).unwrap_or_default()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scanning {
    scan_on_push: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Encryption {
    pub(super) encryption_type: Option<String>,
}

/// Answer of `DescribeImages`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Images {
    #[serde(default)]
    pub(super) image_details: Vec<Image>,
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Image {
    pub(super) image_digest: Option<String>,
    #[serde(default)]
    pub(super) image_tags: Vec<String>,
    pub(super) image_size_in_bytes: Option<i64>,
    pub(super) image_pushed_at: Option<Time>,
    pub(super) image_manifest_media_type: Option<String>,
    pub(super) artifact_media_type: Option<String>,
    pub(super) last_recorded_pull_time: Option<Time>,
    pub(super) subject_manifest_digest: Option<String>,
    pub(super) image_status: Option<String>,
}

/// Answer of `BatchDeleteImage`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deleted {
    #[serde(default)]
    pub(super) failures: Vec<ImageFailure>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageFailure {
    pub(super) failure_code: Option<String>,
    pub(super) failure_reason: Option<String>,
}

/// Answer of `DescribeImageScanFindings`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scan {
    pub(super) image_scan_status: Option<ScanStatus>,
    pub(super) image_scan_findings: Option<Findings>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ScanStatus {
    pub(super) status: Option<String>,
    pub(super) description: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Findings {
    pub(super) image_scan_completed_at: Option<Time>,
    #[serde(default)]
    pub(super) finding_severity_counts: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) findings: Vec<Finding>,
    #[serde(default)]
    pub(super) enhanced_findings: Vec<EnhancedFinding>,
}

/// A finding of the basic scanner.
#[derive(Debug, Deserialize)]
pub(super) struct Finding {
    pub(super) name: Option<String>,
    pub(super) severity: Option<String>,
    #[serde(default)]
    pub(super) attributes: Vec<Attribute>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Attribute {
    pub(super) key: String,
    pub(super) value: Option<String>,
}

/// A finding of Amazon Inspector.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnhancedFinding {
    pub(super) title: Option<String>,
    pub(super) severity: Option<String>,
    pub(super) fix_available: Option<String>,
    pub(super) package_vulnerability_details: Option<Vulnerability>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Vulnerability {
    pub(super) vulnerability_id: Option<String>,
    #[serde(default)]
    pub(super) vulnerable_packages: Vec<VulnerablePackage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VulnerablePackage {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) fixed_in_version: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_numbers_or_text() {
        let read = |text: &str| serde_json::from_str::<Time>(text).map(|t| t.0).ok();
        assert_eq!(read("1700000000.5"), Some(1_700_000_000));
        assert_eq!(read("1700000000"), Some(1_700_000_000));
        assert_eq!(read("\"2023-11-14T22:13:20Z\""), Some(1_700_000_000));
        assert_eq!(read("true"), None);
    }

    #[test]
    fn a_token_is_one_or_a_list_and_never_shown() {
        let read = |text: &str| serde_json::from_str::<Authorization>(text).unwrap().first();
        let many = read(r#"{"authorizationData":[{"authorizationToken":"QVdTOng="}]}"#).unwrap();
        assert_eq!(many.authorization_token.as_deref(), Some("QVdTOng="));
        assert!(!format!("{many:?}").contains("QVdT"));
        assert!(read(r#"{"authorizationData":{"expiresAt":1}}"#).is_some());
        assert!(read(r#"{"authorizationData":[]}"#).is_none());
    }
}
