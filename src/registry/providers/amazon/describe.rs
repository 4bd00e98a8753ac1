//! What AWS tells of registries, repositories and images beyond the protocol: settings, dates, scan findings.
//!
//! Invariant: what is missing for the findings (a scan, a permission) is a line of its own; the rest is shown all the same.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::Amazon;
use super::place::Place;
use super::registry::Registry;
use super::wire::{EnhancedFinding, Finding, Findings, Image, Images, Repositories, Scan};
use crate::domain::detail::{Description, Section};
use crate::domain::{Failure, Locator, NodeKind, human, text::visible};
use crate::registry::Describe;

/// Severities, the worst first.
const SEVERITIES: [&str; 7] =
    ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED", "UNDEFINED"];
/// How many findings are asked for: AWS gives no more in one answer.
const FINDINGS: u32 = 1000;

type Lines = Vec<(String, String)>;

#[async_trait]
impl Describe for Amazon {
    async fn describe(&self, at: &Locator) -> Result<Description, Failure> {
        let name = at.repository().unwrap_or_default();
        match at.kind() {
            NodeKind::Registry => Ok(registry_lines(self.registry_of(at).await?.as_ref())),
            NodeKind::Repository => self.repository(self.registry_of(at).await?.as_ref(), name).await,
            NodeKind::Tag => {
                self.image(self.registry_of(at).await?.as_ref(), name, json!({ "imageTag": at.name() })).await
            }
            NodeKind::Manifest => {
                self.image(self.registry_of(at).await?.as_ref(), name, json!({ "imageDigest": at.name() }))
                    .await
            }
            _ => Ok(Description::default()),
        }
    }
}

impl Amazon {
    async fn repository(&self, registry: &Registry, name: &str) -> Result<Description, Failure> {
        let doing = format!("asking AWS about the repository {}", visible(name));
        let body = registry.about_all(json!({ "repositoryNames": [registry.name_at_home(name)] }));
        let answer: Repositories = registry.calls.read("DescribeRepositories", &body, &doing).await?;
        let mut lines = Lines::new();
        if let Some(repository) = answer.repositories.into_iter().next() {
            let is_private = matches!(registry.place, Place::Private { .. });
            let scanned =
                if repository.is_scanned() { "on every push" } else { "by hand, or as the registry is set" };
            add(&mut lines, "created", repository.created_at.map(|t| human::date(t.0)));
            add(&mut lines, "mutability", repository.image_tag_mutability.as_deref().map(mutability));
            add(&mut lines, "scanned", is_private.then(|| scanned.to_owned()));
            let encryption = repository.encryption_configuration.and_then(|e| e.encryption_type);
            add(&mut lines, "encryption", encryption);
            add(&mut lines, "address", repository.repository_uri);
            add(&mut lines, "ARN", repository.repository_arn);
        }
        Ok(Description { lines, sections: Vec::new() })
    }

    async fn image(&self, registry: &Registry, name: &str, id: Value) -> Result<Description, Failure> {
        let doing = format!("asking AWS about an image of {}", visible(name));
        let body = registry.about(name, json!({ "imageIds": [id] }));
        let answer: Images = registry.calls.read("DescribeImages", &body, &doing).await?;
        let mut lines = Lines::new();
        let Some(image) = answer.image_details.into_iter().next() else { return Ok(Description::default()) };
        image_lines(&mut lines, &image);
        let mut sections = Vec::new();
        if let (Place::Private { .. }, Some(digest)) = (&registry.place, &image.image_digest) {
            sections = self.findings(registry, name, digest, &mut lines).await;
        }
        Ok(Description { lines, sections })
    }

    /// The findings of the last scan by severity; how the scan went is added to `lines`.
    async fn findings(
        &self,
        registry: &Registry,
        name: &str,
        digest: &str,
        lines: &mut Lines,
    ) -> Vec<Section> {
        let doing = format!("reading the scan findings of {}", visible(name));
        let body =
            registry.about(name, json!({ "imageId": { "imageDigest": digest }, "maxResults": FINDINGS }));
        let scan: Scan = match registry.calls.read("DescribeImageScanFindings", &body, &doing).await {
            Ok(scan) => scan,
            Err(refused) => {
                let said = match refused.code.as_str() {
                    "ScanNotFoundException" => "this image was never scanned".to_owned(),
                    _ => refused.failure.said,
                };
                add(lines, "scan", Some(said));
                return Vec::new();
            }
        };
        let status = scan.image_scan_status.map(|s| {
            let words = s.status.unwrap_or_default().to_lowercase().replace('_', " ");
            s.description.filter(|d| !d.is_empty()).map_or(words.clone(), |d| format!("{words}: {d}"))
        });
        add(lines, "scan", status);
        let Some(findings) = scan.image_scan_findings else { return Vec::new() };
        add(lines, "scanned", findings.image_scan_completed_at.map(|t| human::date(t.0)));
        let groups = by_severity(&findings);
        add(lines, "vulnerabilities", Some(summary(&groups)));
        groups.into_iter().map(Group::section).collect()
    }
}

fn registry_lines(registry: &Registry) -> Description {
    let mut lines = Lines::new();
    add(&mut lines, "region", Some(registry.place.region().to_owned()));
    add(&mut lines, "account", registry.account());
    add(&mut lines, "host", registry.host());
    Description { lines, sections: Vec::new() }
}

fn image_lines(lines: &mut Lines, image: &Image) {
    add(lines, "pushed", image.image_pushed_at.map(|t| human::date(t.0)));
    add(lines, "last pulled", image.last_recorded_pull_time.map(|t| human::date(t.0)));
    add(lines, "tags", Some(image.image_tags.join(", ")).filter(|tags| !tags.is_empty()));
    add(lines, "refers to", image.subject_manifest_digest.clone());
    let status = image.image_status.as_deref().filter(|status| *status != "ACTIVE");
    add(lines, "state", status.map(str::to_lowercase));
}

fn add(lines: &mut Lines, label: &str, value: Option<String>) {
    lines.extend(value.map(|value| (label.to_owned(), value)));
}

fn mutability(setting: &str) -> String {
    match setting {
        "MUTABLE" => "tags can be moved".to_owned(),
        "IMMUTABLE" => "tags are immutable".to_owned(),
        "IMMUTABLE_WITH_EXCLUSION" => "tags are immutable, with exceptions".to_owned(),
        "MUTABLE_WITH_EXCLUSION" => "tags can be moved, with exceptions".to_owned(),
        other => other.to_lowercase(),
    }
}

/// What was found of one severity. AWS may count more than it lists.
struct Group {
    severity: String,
    count: u64,
    lines: Vec<String>,
}

impl Group {
    /// `2 critical`.
    fn words(&self) -> String {
        format!("{} {}", human::thousands(self.count), self.severity.to_lowercase())
    }

    fn section(mut self) -> Section {
        let listed = self.lines.len() as u64;
        if self.count > listed {
            self.lines.push(format!("and {} more", human::thousands(self.count - listed)));
        }
        let mut title = self.severity.to_lowercase();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Section { title: format!("{title} ({})", human::thousands(self.count)), lines: self.lines }
    }
}

/// What was found, the worst first.
fn by_severity(findings: &Findings) -> Vec<Group> {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let basic = findings.findings.iter().map(|f| (f.severity.as_deref(), basic_line(f)));
    let enhanced = findings.enhanced_findings.iter().map(|f| (f.severity.as_deref(), enhanced_line(f)));
    for (severity, line) in basic.chain(enhanced) {
        found.entry(severity.unwrap_or("UNDEFINED")).or_default().push(line);
    }
    let counted = findings.finding_severity_counts.keys().map(String::as_str);
    let mut named: Vec<&str> = found.keys().copied().chain(counted).collect();
    let place = |severity: &str| SEVERITIES.iter().position(|s| *s == severity).unwrap_or(SEVERITIES.len());
    named.sort_by_key(|severity| (place(severity), severity.to_string()));
    named.dedup();
    let group = |severity: &str| {
        let lines = found.remove(severity).unwrap_or_default();
        let counted = findings.finding_severity_counts.get(severity).copied().unwrap_or_default();
        Group { severity: severity.to_owned(), count: counted.max(lines.len() as u64), lines }
    };
    named.into_iter().map(group).collect()
}

/// `2 critical, 1 low`.
fn summary(groups: &[Group]) -> String {
    match groups {
        [] => "none found".to_owned(),
        found => found.iter().map(Group::words).collect::<Vec<_>>().join(", "),
    }
}

/// `CVE-2024-1 openssl 3.0.1`, as the basic scanner tells it in attributes.
fn basic_line(finding: &Finding) -> String {
    let attribute = |key: &str| finding.attributes.iter().find(|a| a.key == key)?.value.clone();
    let parts = [finding.name.clone(), attribute("package_name"), attribute("package_version")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// `CVE-2024-1 openssl 3.0.1, fixed in 3.0.2`, as Amazon Inspector tells it.
fn enhanced_line(finding: &EnhancedFinding) -> String {
    let details = finding.package_vulnerability_details.as_ref();
    let package = details.and_then(|d| d.vulnerable_packages.first());
    let name = details.and_then(|d| d.vulnerability_id.clone()).or_else(|| finding.title.clone());
    let fixed = package.and_then(|p| p.fixed_in_version.clone()).filter(|v| v != "NotAvailable");
    let parts = [name, package.and_then(|p| p.name.clone()), package.and_then(|p| p.version.clone())];
    let line = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    match (fixed, finding.fix_available.as_deref()) {
        (Some(version), _) => format!("{line}, fixed in {version}"),
        (None, Some("NO")) => format!("{line}, not fixed yet"),
        (None, _) => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_grouped_the_worst_first() {
        let findings: Findings = serde_json::from_value(json!({
            "findingSeverityCounts": { "LOW": 1, "CRITICAL": 2, "MEDIUM": 7 },
            "findings": [
                { "name": "CVE-1", "severity": "LOW", "attributes": [{ "key": "package_name", "value": "zlib" }] },
            ],
            "enhancedFindings": [
                { "severity": "CRITICAL", "packageVulnerabilityDetails": { "vulnerabilityId": "CVE-2", "vulnerablePackages": [
                    { "name": "openssl", "version": "3.0.1", "fixedInVersion": "3.0.2" } ] } },
                { "severity": "CRITICAL", "title": "a key in a layer", "fixAvailable": "NO" },
            ],
        }))
        .unwrap();
        let groups = by_severity(&findings);
        assert_eq!(summary(&groups), "2 critical, 7 medium, 1 low");
        assert_eq!(summary(&[]), "none found");
        let sections: Vec<(String, Vec<String>)> =
            groups.into_iter().map(Group::section).map(|s| (s.title, s.lines)).collect();
        let lines = |lines: &[&str]| lines.iter().map(|&l| l.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            sections,
            [
                (
                    "Critical (2)".to_owned(),
                    lines(&["CVE-2 openssl 3.0.1, fixed in 3.0.2", "a key in a layer, not fixed yet"])
                ),
                ("Medium (7)".to_owned(), lines(&["and 7 more"])),
                ("Low (1)".to_owned(), lines(&["CVE-1 zlib"])),
            ]
        );
    }
}
