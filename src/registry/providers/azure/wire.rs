//! What the resource manager and registries answer, read leniently: `azure/arm-*.json` and `azure/acr-data-plane.json` of
//! Microsoft's own descriptions.
//!
//! Invariant: one odd row never spoils its page.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{Digest, Platform, human};

/// One page of a list of the resource manager.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct List {
    value: Option<Vec<Value>>,
    #[serde(rename = "nextLink")]
    pub(super) next_link: Option<String>,
}

impl List {
    /// The rows that could be read.
    pub(super) fn rows<T: DeserializeOwned>(self) -> Vec<T> {
        readable(self.value)
    }
}

fn readable<T: DeserializeOwned>(rows: Option<Vec<Value>>) -> Vec<T> {
    rows.unwrap_or_default().into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect()
}

/// A tenant.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Tenant {
    pub(super) tenant_id: String,
    pub(super) display_name: Option<String>,
    pub(super) default_domain: Option<String>,
}

impl Tenant {
    /// As people call it.
    pub(super) fn title(&self) -> String {
        let mut named = [&self.display_name, &self.default_domain].into_iter().flatten();
        named.find(|n| !n.is_empty()).unwrap_or(&self.tenant_id).clone()
    }
}

/// A subscription.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Subscription {
    pub(super) subscription_id: String,
    pub(super) display_name: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) state: Option<String>,
}

/// A resource group.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) location: String,
}

/// A location.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Location {
    pub(super) name: String,
    pub(super) display_name: Option<String>,
    metadata: Option<LocationMetadata>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LocationMetadata {
    region_type: Option<String>,
    region_category: Option<String>,
}

impl Location {
    /// Whether things can be put there: a “logical” one is a group of others.
    pub(super) fn is_physical(&self) -> bool {
        self.said(|m| &m.region_type).is_none_or(|kind| kind.eq_ignore_ascii_case("physical"))
    }

    /// Whether Azure recommends it.
    pub(super) fn is_recommended(&self) -> bool {
        self.said(|m| &m.region_category).is_some_and(|c| c.eq_ignore_ascii_case("recommended"))
    }

    /// As people call it.
    pub(super) fn title(&self) -> &str {
        self.display_name.as_deref().filter(|n| !n.is_empty()).unwrap_or(&self.name)
    }

    fn said(&self, what: impl Fn(&LocationMetadata) -> &Option<String>) -> Option<&str> {
        self.metadata.as_ref().and_then(|m| what(m).as_deref())
    }
}

/// A registry as a resource.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Registry {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) location: Option<String>,
    pub(super) sku: Sku,
    pub(super) properties: Properties,
}

/// What a registry costs, by name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sku {
    pub(super) name: Option<String>,
}

/// A registry's properties.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Properties {
    pub(super) login_server: String,
    pub(super) creation_date: Option<String>,
    pub(super) provisioning_state: Option<String>,
    pub(super) admin_user_enabled: Option<bool>,
    pub(super) public_network_access: Option<String>,
    pub(super) zone_redundancy: Option<String>,
    /// Each policy with its `status`, and the days of the retention.
    pub(super) policies: Value,
}

/// How much of a limit is used.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Usage {
    pub(super) name: String,
    pub(super) limit: Option<i64>,
    pub(super) current_value: Option<i64>,
    pub(super) unit: Option<String>,
}

/// What may be done with a repository, tag or manifest; what is not said may be done.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Locks {
    delete_enabled: Option<bool>,
    write_enabled: Option<bool>,
    list_enabled: Option<bool>,
    read_enabled: Option<bool>,
}

impl Locks {
    /// Whether deleting or writing is switched off.
    pub(super) fn is_locked(&self) -> bool {
        !self.may_delete() || !self.may_write()
    }

    /// Whether it may be deleted.
    pub(super) fn may_delete(&self) -> bool {
        self.delete_enabled != Some(false)
    }

    /// Whether it may be overwritten.
    pub(super) fn may_write(&self) -> bool {
        self.write_enabled != Some(false)
    }

    /// What is switched off, by Azure's names; nothing when all is on.
    pub(super) fn off(&self) -> Option<String> {
        let all = [
            ("deleteEnabled", self.delete_enabled),
            ("writeEnabled", self.write_enabled),
            ("readEnabled", self.read_enabled),
            ("listEnabled", self.list_enabled),
        ];
        let off: Vec<&str> = all.into_iter().filter(|(_, on)| *on == Some(false)).map(|(n, _)| n).collect();
        (!off.is_empty()).then(|| off.join(", "))
    }
}

/// What may be done from now on; what is not said stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewLocks {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delete_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) write_enabled: Option<bool>,
}

/// A page of one of a registry's own lists.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Listed {
    repositories: Option<Vec<Value>>,
    tags: Option<Vec<Value>>,
    manifests: Option<Vec<Value>>,
}

impl Listed {
    pub(super) fn repositories(self) -> Vec<String> {
        readable(self.repositories)
    }

    pub(super) fn tags(self) -> Vec<Tag> {
        readable(self.tags)
    }

    pub(super) fn manifests(self) -> Vec<Manifest> {
        readable(self.manifests)
    }
}

/// A repository's attributes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Repository {
    pub(super) created_time: Option<String>,
    pub(super) last_update_time: Option<String>,
    pub(super) manifest_count: Option<i64>,
    pub(super) tag_count: Option<i64>,
    pub(super) changeable_attributes: Locks,
}

/// A tag.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) digest: Option<String>,
    pub(super) created_time: Option<String>,
    pub(super) last_update_time: Option<String>,
    pub(super) changeable_attributes: Locks,
}

/// A tag asked for alone.
#[derive(Debug, Default, Deserialize)]
pub(super) struct OneTag {
    #[serde(default)]
    pub(super) tag: Tag,
}

/// A manifest asked for alone.
#[derive(Debug, Default, Deserialize)]
pub(super) struct OneManifest {
    #[serde(default)]
    pub(super) manifest: Manifest,
}

/// A manifest.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) digest: String,
    image_size: Option<i64>,
    pub(super) created_time: Option<String>,
    pub(super) last_update_time: Option<String>,
    architecture: Option<String>,
    os: Option<String>,
    pub(super) media_type: Option<String>,
    pub(super) config_media_type: Option<String>,
    pub(super) references: Option<Vec<Member>>,
    pub(super) tags: Option<Vec<String>>,
    pub(super) changeable_attributes: Locks,
}

/// A member of an index.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Member {
    pub(super) digest: String,
    architecture: Option<String>,
    os: Option<String>,
}

impl Tag {
    pub(super) fn digest(&self) -> Option<Digest> {
        self.digest.as_deref()?.parse().ok()
    }

    /// Seconds since 1970 when it was put last.
    pub(super) fn time(&self) -> Option<i64> {
        self.last_update_time.as_deref().or(self.created_time.as_deref()).and_then(human::timestamp)
    }
}

impl Manifest {
    pub(super) fn size(&self) -> Option<u64> {
        u64::try_from(self.image_size?).ok().filter(|n| *n > 0)
    }

    pub(super) fn time(&self) -> Option<i64> {
        self.created_time.as_deref().or(self.last_update_time.as_deref()).and_then(human::timestamp)
    }

    pub(super) fn tags(&self) -> &[String] {
        self.tags.as_deref().unwrap_or_default()
    }

    pub(super) fn members(&self) -> &[Member] {
        self.references.as_deref().unwrap_or_default()
    }

    /// The platforms, those of attestations left out.
    pub(super) fn platforms(&self) -> Vec<Platform> {
        let own = platform(self.os.as_deref(), self.architecture.as_deref());
        let members = self.members().iter().filter_map(Member::platform);
        members.chain(own).filter(|p| !p.is_unknown()).collect()
    }
}

impl Member {
    pub(super) fn platform(&self) -> Option<Platform> {
        platform(self.os.as_deref(), self.architecture.as_deref())
    }
}

fn platform(os: Option<&str>, architecture: Option<&str>) -> Option<Platform> {
    let text = |value: Option<&str>| value.filter(|v| !v.is_empty()).map(str::to_owned);
    Some(Platform { os: text(os)?, architecture: text(architecture)?, ..Platform::default() })
}
