//! What stands beside a row, from what the listing already told.
//!
//! Invariant: pure functions of Harbor's answers.

use super::wire::{Artifact, Findings, Project, Reference, Repository, Scan, Tag, known, seconds};
use crate::domain::{Descriptor, Facts, Platform, human};
use crate::registry::findings::SEVERITIES;

/// How many labels are named in a row.
const LABELS: usize = 2;

impl Project {
    pub(super) fn facts(&self) -> Facts {
        let notes = [self.is("public").then_some("public"), self.is_proxy_cache().then_some("proxy cache")];
        Facts { count: known(self.repo_count), note: joined(notes.into_iter().flatten()), ..Facts::default() }
    }
}

impl Repository {
    pub(super) fn facts(&self) -> Facts {
        let artifacts = known(self.artifact_count).map(|n| human::count(n, "artifact", "artifacts"));
        Facts { time: seconds(self.update_time.as_ref()), note: artifacts, ..Facts::default() }
    }
}

impl Artifact {
    /// The facts of the artifact, seen as `tag` where it is listed under one.
    pub(super) fn facts(&self, tag: Option<&Tag>) -> Facts {
        let pushed = tag.and_then(|t| t.push_time.as_ref()).or(self.push_time.as_ref());
        Facts {
            digest: self.digest.parse().ok(),
            media_type: self.manifest_media_type.clone(),
            artifact: self.artifact(),
            size: known(self.size),
            time: seconds(pushed),
            platforms: self.platforms(),
            note: self.note(tag),
            ..Facts::default()
        }
    }

    /// The artifact's type, when it is no image.
    fn artifact(&self) -> Option<String> {
        let is_image = self.kind.is_empty() || self.kind == "IMAGE";
        let named = [&self.artifact_type, &self.media_type, &self.kind];
        (!is_image).then(|| named.into_iter().find(|t| !t.is_empty()).cloned()).flatten()
    }

    fn platforms(&self) -> Vec<Platform> {
        if !self.references.is_empty() {
            let members = self.references.iter().filter_map(|r| r.platform.clone());
            return members.filter(|p| !p.is_unknown()).collect();
        }
        let attribute = |name| self.extra_attrs.get(name).and_then(|v| v.as_str()).unwrap_or_default();
        let platform = Platform {
            os: attribute("os").to_owned(),
            architecture: attribute("architecture").to_owned(),
            ..Platform::default()
        };
        if platform.os.is_empty() || platform.architecture.is_empty() { Vec::new() } else { vec![platform] }
    }

    /// Locks, signatures, findings and labels in a few words.
    fn note(&self, tag: Option<&Tag>) -> Option<String> {
        let immutable = tag.is_some_and(|t| t.immutable).then(|| "immutable".to_owned());
        let signed = self.is_signed().then(|| "signed".to_owned());
        let worst = self.findings().and_then(Findings::worst);
        let labels = self.labels.iter().take(LABELS).map(|l| l.name.clone());
        joined([immutable, signed, worst].into_iter().flatten().chain(labels))
    }

    pub(super) fn is_signed(&self) -> bool {
        self.accessories.iter().any(|a| a.kind.starts_with("signature."))
    }

    /// The scan that is known best.
    pub(super) fn scan(&self) -> Option<&Scan> {
        self.scan_overview
            .values()
            .find(|s| s.summary.is_some())
            .or_else(|| self.scan_overview.values().next())
    }

    fn findings(&self) -> Option<&Findings> {
        self.scan()?.summary.as_ref()
    }

    /// Its members, when it is an index.
    pub(super) fn members(&self) -> Vec<Descriptor> {
        self.references.iter().filter_map(Reference::descriptor).collect()
    }
}

impl Reference {
    fn descriptor(&self) -> Option<Descriptor> {
        let mut member = Descriptor::new("", self.child_digest.parse().ok()?, 0);
        member.platform.clone_from(&self.platform);
        member.annotations.clone_from(&self.annotations);
        Some(member)
    }
}

impl Findings {
    /// How many there are of one severity.
    pub(super) fn of(&self, severity: &str) -> u64 {
        let found = self.summary.iter().find(|(name, _)| name.eq_ignore_ascii_case(severity));
        known(found.map(|(_, count)| *count)).unwrap_or_default()
    }

    /// The worst severity there is, as `2 critical`.
    fn worst(&self) -> Option<String> {
        let worst = SEVERITIES.iter().find(|s| self.of(s) > 0)?;
        Some(format!("{} {}", self.of(worst), worst.to_lowercase()))
    }
}

fn joined(notes: impl Iterator<Item = impl Into<String>>) -> Option<String> {
    let notes: Vec<String> = notes.map(Into::into).filter(|n: &String| !n.is_empty()).collect();
    (!notes.is_empty()).then(|| notes.join(", "))
}
