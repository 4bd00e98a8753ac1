//! Packages and their versions as GitHub's API tells them, read leniently.
//!
//! Invariant: a version is the manifest that its name is the digest of.

use serde::Deserialize;

use crate::domain::human::timestamp;
use crate::domain::manifest::null_is_default;
use crate::domain::{Digest, Entry, Facts, NodeKind};

/// A user or an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Account {
    pub(super) login: String,
}

/// A container package: a repository.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    #[serde(default)]
    pub(super) visibility: Option<String>,
    #[serde(default)]
    pub(super) version_count: Option<i64>,
    #[serde(default)]
    pub(super) created_at: Option<String>,
    #[serde(default)]
    pub(super) updated_at: Option<String>,
    #[serde(default)]
    pub(super) repository: Option<Source>,
}

/// The repository of source code that a package belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Source {
    #[serde(default)]
    pub(super) full_name: Option<String>,
}

impl Package {
    pub(super) fn entry(&self, owner: &str) -> Entry {
        let name = format!("{owner}/{}", self.name).to_lowercase();
        let time = self.updated_at.as_deref().and_then(timestamp);
        let facts = Facts { time, note: self.visibility.clone(), ..Facts::default() };
        Entry { facts: Some(Box::new(facts)), ..Entry::named(NodeKind::Repository, name) }
    }
}

/// One version of a package: a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Version {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) created_at: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
struct Metadata {
    #[serde(default, deserialize_with = "null_is_default")]
    container: Container,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
struct Container {
    #[serde(default, deserialize_with = "null_is_default")]
    tags: Vec<String>,
}

impl Version {
    /// Its digest; nothing for a version of another kind of package.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.name.parse().ok()
    }

    pub(super) fn tags(&self) -> &[String] {
        &self.metadata.container.tags
    }

    pub(super) fn time(&self) -> Option<i64> {
        self.created_at.as_deref().and_then(timestamp)
    }

    /// A row for each of its tags.
    pub(super) fn tag_entries(&self) -> impl Iterator<Item = Entry> {
        self.tags().iter().map(|tag| self.entry(NodeKind::Tag, tag))
    }

    /// The row of a version without tags.
    pub(super) fn untagged_entry(&self) -> Option<Entry> {
        let digest = self.digest().filter(|_| self.tags().is_empty())?;
        Some(self.entry(NodeKind::Manifest, &digest.to_string()))
    }

    fn entry(&self, kind: NodeKind, name: &str) -> Entry {
        let facts = Facts { digest: self.digest(), time: self.time(), ..Facts::default() };
        Entry { facts: Some(Box::new(facts)), ..Entry::named(kind, name) }
    }
}
