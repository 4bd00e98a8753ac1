//! Groups, projects, tokens and repositories as GitLab's API tells them, read leniently.
//!
//! Invariant: a repository's name in the protocol is its `path`, in lower case.

use serde::Deserialize;

use crate::domain::manifest::null_is_default;
use crate::domain::{Entry, Facts, NodeKind};

/// A group.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Group {
    pub(super) full_path: String,
}

/// A project.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Project {
    pub(super) id: i64,
    pub(super) path_with_namespace: String,
    #[serde(default)]
    pub(super) namespace: Option<Namespace>,
    /// Host and path of its images.
    #[serde(default)]
    pub(super) container_registry_image_prefix: Option<String>,
}

/// What a project lies in.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Namespace {
    pub(super) full_path: String,
}

/// What a token tells of itself.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Token {
    #[serde(default, deserialize_with = "null_is_default")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "null_is_default")]
    pub(super) scopes: Vec<String>,
    #[serde(default)]
    pub(super) expires_at: Option<String>,
}

/// A repository of images.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Image {
    pub(super) id: i64,
    pub(super) project_id: i64,
    /// The part behind the project's path; empty for the project's own.
    #[serde(default, deserialize_with = "null_is_default")]
    name: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) location: Option<String>,
    #[serde(default)]
    pub(super) created_at: Option<String>,
    #[serde(default)]
    pub(super) tags_count: Option<u64>,
    #[serde(default)]
    pub(super) size: Option<u64>,
    #[serde(default)]
    pub(super) status: Option<String>,
}

impl Image {
    /// Its name in the protocol.
    pub(super) fn repository(&self) -> String {
        self.path.to_lowercase()
    }

    /// The path of its project.
    pub(super) fn project(&self) -> &str {
        let below = self.path.strip_suffix(self.name.as_str()).filter(|_| !self.name.is_empty());
        below.and_then(|project| project.strip_suffix('/')).unwrap_or(&self.path)
    }

    pub(super) fn entry(&self) -> Entry {
        let note = self.status.as_deref().map(|status| status.replace('_', " "));
        let facts = Facts { count: self.tags_count, note, ..Facts::default() };
        Entry { facts: Some(Box::new(facts)), ..Entry::named(NodeKind::Repository, self.repository()) }
    }
}

/// A tag by name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Tag {
    pub(super) name: String,
    #[serde(default)]
    pub(super) created_at: Option<String>,
    #[serde(default)]
    pub(super) total_size: Option<u64>,
}

/// Who may delete from the repositories that a pattern names.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Rule {
    #[serde(default, deserialize_with = "null_is_default")]
    pub(super) repository_path_pattern: String,
    #[serde(default)]
    pub(super) minimum_access_level_for_delete: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_the_path_without_the_name() {
        let image = |path: &str, name: &str| Image {
            id: 1,
            project_id: 1,
            name: name.to_owned(),
            path: path.to_owned(),
            location: None,
            created_at: None,
            tags_count: None,
            size: None,
            status: None,
        };
        assert_eq!(image("group/project/releases", "releases").project(), "group/project");
        assert_eq!(image("group/project/a/b", "a/b").project(), "group/project");
        assert_eq!(image("group/project", "").project(), "group/project");
        assert_eq!(image("Group/Project", "").repository(), "group/project");
    }
}
