//! What the web API answers, read leniently: `docker/hub-v2.json` of Docker's documentation, and where that is wrong
//! (`images` is a list, `v2` a boolean), what Docker's hub-tool reads.
//!
//! Invariant: one odd row never spoils its page.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::{Digest, Platform, human};

/// One page of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct List {
    pub(super) count: Option<i64>,
    pub(super) next: Option<String>,
    results: Option<Vec<Value>>,
}

impl List {
    /// The rows that could be read, and how many could not.
    pub(super) fn rows<T: DeserializeOwned>(&mut self) -> (Vec<T>, usize) {
        let all = self.results.take().unwrap_or_default();
        let had = all.len();
        let rows: Vec<T> = all.into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect();
        let dropped = had - rows.len();
        (rows, dropped)
    }

    pub(super) fn has_more(&self) -> bool {
        self.next.as_deref().is_some_and(|next| !next.is_empty())
    }

    pub(super) fn total(&self) -> Option<u64> {
        u64::try_from(self.count?).ok()
    }
}

/// An organisation of the account.
#[derive(Debug, Deserialize)]
pub(super) struct Organisation {
    pub(super) orgname: String,
}

/// What the account may push to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Namespaces {
    pub(super) namespaces: Option<Vec<String>>,
}

/// A repository, in a list or alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Repository {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) status_description: Option<String>,
    pub(super) is_private: Option<bool>,
    pub(super) star_count: Option<i64>,
    pub(super) pull_count: Option<i64>,
    pub(super) last_updated: Option<String>,
    pub(super) date_registered: Option<String>,
    pub(super) storage_size: Option<i64>,
}

/// A tag.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) digest: Option<String>,
    pub(super) media_type: Option<String>,
    pub(super) full_size: Option<i64>,
    pub(super) last_updated: Option<String>,
    pub(super) last_updater_username: Option<String>,
    pub(super) tag_last_pushed: Option<String>,
    pub(super) tag_last_pulled: Option<String>,
    pub(super) tag_status: Option<String>,
    images: Value,
}

/// One platform's image of a tag.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Image {
    pub(super) architecture: Option<String>,
    pub(super) os: Option<String>,
    pub(super) variant: Option<String>,
    pub(super) os_version: Option<String>,
    pub(super) digest: Option<String>,
    pub(super) size: Option<i64>,
}

impl Tag {
    /// The digest that the tag points at, where the list tells it.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.digest.as_deref()?.parse().ok()
    }

    /// Seconds since 1970 when it was pushed.
    pub(super) fn time(&self) -> Option<i64> {
        self.tag_last_pushed.as_deref().or(self.last_updated.as_deref()).and_then(human::timestamp)
    }

    /// Its images; the contract declares one object, the API sends a list.
    pub(super) fn images(&self) -> Vec<Image> {
        let read = |value: &Value| serde_json::from_value(value.clone()).ok();
        match &self.images {
            Value::Array(all) => all.iter().filter_map(read).collect(),
            one @ Value::Object(_) => read(one).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

impl Image {
    pub(super) fn digest(&self) -> Option<Digest> {
        self.digest.as_deref()?.parse().ok()
    }

    pub(super) fn size(&self) -> Option<u64> {
        positive(self.size)
    }

    pub(super) fn platform(&self) -> Platform {
        let text = |value: &Option<String>| value.clone().filter(|v| !v.is_empty());
        Platform {
            os: text(&self.os).unwrap_or_default(),
            architecture: text(&self.architecture).unwrap_or_default(),
            variant: text(&self.variant),
            os_version: text(&self.os_version),
        }
    }
}

/// A count or size; nothing for the zeros and odd numbers that stand for "not known".
pub(super) fn positive(number: Option<i64>) -> Option<u64> {
    u64::try_from(number?).ok().filter(|n| *n > 0)
}
