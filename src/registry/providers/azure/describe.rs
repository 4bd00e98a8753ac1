//! What Azure tells of a subscription, registry, repository, tag or manifest beyond the protocol.

use async_trait::async_trait;
use serde_json::Value;

use super::Azure;
use super::arm::Subscribed;
use super::wire::{Locks, Manifest, Registry, Repository, Tag, Usage};
use crate::domain::detail::{Description, Section};
use crate::domain::{Digest, Failure, Locator, NodeKind, human};
use crate::registry::Describe;

#[async_trait]
impl Describe for Azure {
    async fn describe(&self, at: &Locator) -> Result<Description, Failure> {
        let repository = at.repository().unwrap_or_default();
        match at.kind() {
            NodeKind::Namespace => Ok(of_subscription(&self.arm.subscription(at.name()).await?)),
            NodeKind::Registry => self.describe_registry(at).await,
            NodeKind::Repository => Ok(of_repository(&self.server(at)?.repository(repository).await?)),
            NodeKind::Tag => Ok(of_tag(&self.server(at)?.tag(repository, at.name()).await?)),
            NodeKind::Manifest => {
                let digest: Digest = at.name().parse()?;
                Ok(of_manifest(&self.server(at)?.manifest(repository, &digest).await?))
            }
            NodeKind::Build => self.describe_build(at).await,
            NodeKind::Run => self.describe_run(at).await,
            _ => Ok(Description::default()),
        }
    }
}

impl Azure {
    async fn describe_registry(&self, at: &Locator) -> Result<Description, Failure> {
        let subscription = at.nearest(NodeKind::Namespace).unwrap_or_default();
        let found = self.arm.registry(subscription, at.name()).await?;
        let (registry, usages) = tokio::join!(self.arm.properties(&found), self.arm.usages(&found));
        let mut told = of_registry(&registry?);
        let lines = match usages {
            Ok(usages) => usages.iter().map(usage_line).collect(),
            Err(failure) => vec![failure.to_string()],
        };
        told.sections.push(Section { title: "Usage".to_owned(), lines });
        Ok(told)
    }
}

fn of_subscription(of: &Subscribed) -> Description {
    described([
        ("id", Some(of.id.clone())),
        ("state", of.state.clone()),
        ("tenant", Some(of.tenant_title.clone())),
        ("tenant id", of.tenant.clone().filter(|id| *id != of.tenant_title)),
    ])
}

fn of_registry(registry: &Registry) -> Description {
    let properties = &registry.properties;
    let mut told = described([
        ("login server", Some(properties.login_server.clone())),
        ("SKU", registry.sku.name.clone()),
        ("location", registry.location.clone()),
        ("state", properties.provisioning_state.clone()),
        ("created", date(properties.creation_date.as_deref())),
        ("admin user", properties.admin_user_enabled.map(|on| if on { "on" } else { "off" }.to_owned())),
        ("public access", properties.public_network_access.clone()),
        ("zone redundancy", properties.zone_redundancy.clone()),
        ("resource group", part_after(&registry.id, "resourceGroups")),
        ("id", Some(registry.id.clone())),
    ]);
    let lines = policies(&properties.policies);
    if !lines.is_empty() {
        told.sections.push(Section { title: "Policies".to_owned(), lines });
    }
    told
}

/// `retention: enabled, 7 days`.
fn policies(all: &Value) -> Vec<String> {
    let line = |(name, policy): (&String, &Value)| {
        let status = policy.get("status")?.as_str()?;
        let days = policy.get("days").and_then(Value::as_u64).map(|n| human::count(n, "day", "days"));
        let days = days.map_or_else(String::new, |days| format!(", {days}"));
        Some(format!("{}: {status}{days}", name.strip_suffix("Policy").unwrap_or(name)))
    };
    all.as_object().into_iter().flatten().filter_map(line).collect()
}

/// `Size: 1.2 GiB of 100.0 GiB`.
fn usage_line(usage: &Usage) -> String {
    let is_size = usage.unit.as_deref().is_some_and(|u| u.eq_ignore_ascii_case("bytes"));
    let shown = |n: u64| if is_size { human::size(n) } else { human::thousands(n) };
    let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    let used = number(usage.current_value).map_or_else(|| "unknown".to_owned(), shown);
    match number(usage.limit) {
        Some(limit) => format!("{}: {used} of {}", usage.name, shown(limit)),
        None => format!("{}: {used}", usage.name),
    }
}

fn of_repository(repository: &Repository) -> Description {
    let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).map(human::thousands);
    described([
        ("tags", count(repository.tag_count)),
        ("manifests", count(repository.manifest_count)),
        ("updated", date(repository.last_update_time.as_deref())),
        ("created", date(repository.created_time.as_deref())),
        ("locked", locked(&repository.changeable_attributes)),
    ])
}

fn of_tag(tag: &Tag) -> Description {
    described([
        ("digest", tag.digest().map(|d| d.to_string())),
        ("pushed", date(tag.last_update_time.as_deref())),
        ("created", date(tag.created_time.as_deref())),
        ("locked", locked(&tag.changeable_attributes)),
    ])
}

fn of_manifest(manifest: &Manifest) -> Description {
    described([
        ("type", manifest.media_type.clone()),
        ("tags", Some(manifest.tags().join(", ")).filter(|t| !t.is_empty())),
        ("size", manifest.size().map(human::size)),
        ("pushed", manifest.time().map(human::date)),
        ("locked", locked(&manifest.changeable_attributes)),
    ])
}

/// What a lock keeps from happening.
fn locked(locks: &Locks) -> Option<String> {
    locks.off().map(|off| format!("{off} is off: Azure refuses it until that is on again"))
}

fn described<const N: usize>(lines: [(&str, Option<String>); N]) -> Description {
    let told = lines.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?)));
    Description { lines: told.filter(|(_, v)| !v.is_empty()).collect(), sections: Vec::new() }
}

fn date(rfc3339: Option<&str>) -> Option<String> {
    rfc3339.and_then(human::timestamp).map(human::date)
}

/// The part of a resource's id after one of that name; resource names do not heed case.
fn part_after(id: &str, name: &str) -> Option<String> {
    let mut parts = id.split('/').skip_while(|part| !part.eq_ignore_ascii_case(name));
    parts.nth(1).map(str::to_owned)
}
