//! What Harbor tells of a project, a repository and an artifact beyond the protocol.
//!
//! Invariant: what could not be asked is a line of its own and hides nothing else.

use async_trait::async_trait;

use super::wire::{
    Artifact, Project, Quota, Report, Repository, Scan, Summary, Vulnerability, known, seconds,
};
use super::{Harbor, Named};
use crate::domain::detail::Description;
use crate::domain::{Failure, Locator, NodeKind, human, text::visible};
use crate::registry::Describe;
use crate::registry::findings::{self, Finding, SEVERITIES};

type Lines = Vec<(String, String)>;

#[async_trait]
impl Describe for Harbor {
    async fn describe(&self, at: &Locator) -> Result<Description, Failure> {
        match at.kind() {
            NodeKind::Namespace => self.project(at.name()).await,
            NodeKind::Repository => self.repository(at.name()).await,
            NodeKind::Tag | NodeKind::Manifest => {
                self.artifact(at.repository().unwrap_or_default(), at.name()).await
            }
            _ => Ok(Description::default()),
        }
    }
}

impl Harbor {
    async fn project(&self, name: &str) -> Result<Description, Failure> {
        let doing = format!("reading the project {}", visible(name));
        let (project, summary) =
            tokio::join!(self.client.project(name, &doing), self.client.summary(name, &doing));
        let mut lines = project_lines(&project?);
        match summary {
            Ok(summary) => lines.extend(summary_lines(&summary)),
            Err(failure) => lines.push(("quota".to_owned(), failure.said)),
        }
        Ok(Description { lines, sections: Vec::new() })
    }

    async fn repository(&self, name: &str) -> Result<Description, Failure> {
        let doing = format!("reading the repository {}", visible(name));
        let repository = self.client.repository(Named::of(name, &doing)?, &doing).await?;
        Ok(Description { lines: repository_lines(&repository), sections: Vec::new() })
    }

    async fn artifact(&self, repository: &str, reference: &str) -> Result<Description, Failure> {
        let doing = format!("reading what Harbor knows of {}", visible(reference));
        let of = Named::of(repository, &doing)?;
        let artifact = self.client.artifact(of, reference, &doing).await?;
        let mut described = Description { lines: artifact_lines(&artifact), sections: Vec::new() };
        if artifact.scan().is_some() {
            let doing = format!("reading the vulnerabilities of {}", visible(reference));
            match self.client.vulnerabilities(of, reference, &doing).await {
                Ok(reports) => {
                    let found: Vec<Finding> = reports.into_iter().flat_map(Report::findings).collect();
                    described.sections = findings::by_severity(&found);
                }
                Err(failure) => described.lines.push(("vulnerability list".to_owned(), failure.said)),
            }
        }
        Ok(described)
    }
}

impl Scan {
    fn is_done(&self) -> bool {
        self.scan_status.eq_ignore_ascii_case("success")
    }
}

/// Adds a line for what is known.
fn push(lines: &mut Lines, label: &str, text: Option<impl Into<String>>) {
    lines.extend(text.map(Into::into).filter(|t: &String| !t.is_empty()).map(|t| (label.to_owned(), t)));
}

fn date(text: Option<&String>) -> Option<String> {
    seconds(text).map(human::date)
}

fn project_lines(project: &Project) -> Lines {
    let mut lines = Lines::new();
    let seen = if project.is("public") { "everybody" } else { "its members" };
    push(&mut lines, "seen by", Some(seen));
    push(&mut lines, "owner", project.owner_name.clone());
    push(&mut lines, "created", date(project.creation_time.as_ref()));
    push(&mut lines, "proxy cache", project.is_proxy_cache().then_some("of another registry"));
    push(&mut lines, "scans", project.is("auto_scan").then_some("every image that is pushed"));
    let signed = project.is("enable_content_trust") || project.is("enable_content_trust_cosign");
    push(&mut lines, "pulls need", signed.then_some("a signature"));
    let severity = project.metadata.get("severity").and_then(|s| s.as_str()).unwrap_or("any");
    let stopped = project.is("prevent_vul");
    push(
        &mut lines,
        "pulls are stopped",
        stopped.then(|| format!("by vulnerabilities from severity {severity} on")),
    );
    lines
}

fn summary_lines(summary: &Summary) -> Lines {
    let mut lines = Lines::new();
    let repositories = known(summary.repo_count).map(human::thousands);
    push(&mut lines, "repositories", repositories);
    push(&mut lines, "storage", summary.quota.as_ref().and_then(Quota::storage));
    let roles = [
        (summary.project_admin_count, "administrator", "administrators"),
        (summary.maintainer_count, "maintainer", "maintainers"),
        (summary.developer_count, "developer", "developers"),
        (summary.guest_count, "guest", "guests"),
        (summary.limited_guest_count, "limited guest", "limited guests"),
    ];
    let held = |(n, one, many)| known(n).filter(|n| *n > 0).map(|n| human::count(n, one, many));
    let members: Vec<String> = roles.into_iter().filter_map(held).collect();
    push(&mut lines, "members", Some(members.join(", ")));
    lines
}

impl Quota {
    /// `1.2 GiB of 10 GiB`.
    fn storage(&self) -> Option<String> {
        let used = known(self.used.get("storage").copied()).map(human::size)?;
        Some(match known(self.hard.get("storage").copied()) {
            Some(limit) => format!("{used} of {}", human::size(limit)),
            None => format!("{used}, no limit"),
        })
    }
}

fn repository_lines(repository: &Repository) -> Lines {
    let mut lines = Lines::new();
    push(&mut lines, "about", repository.description.clone());
    push(&mut lines, "artifacts", known(repository.artifact_count).map(human::thousands));
    push(&mut lines, "pulls", known(repository.pull_count).map(human::thousands));
    push(&mut lines, "created", date(repository.creation_time.as_ref()));
    push(&mut lines, "changed", date(repository.update_time.as_ref()));
    lines
}

fn artifact_lines(artifact: &Artifact) -> Lines {
    let mut lines = Lines::new();
    push(&mut lines, "pushed", date(artifact.push_time.as_ref()));
    push(&mut lines, "last pulled", date(artifact.pull_time.as_ref()));
    let names = |of: Vec<&str>| Some(of.join(", "));
    push(&mut lines, "tags", names(artifact.tags.iter().map(|t| t.name.as_str()).collect()));
    let immutable = artifact.tags.iter().filter(|t| t.immutable).map(|t| t.name.as_str()).collect();
    push(&mut lines, "immutable", names(immutable));
    push(&mut lines, "labels", names(artifact.labels.iter().map(|l| l.name.as_str()).collect()));
    push(&mut lines, "signature", artifact.is_signed().then_some("yes"));
    let scanned = artifact.scan().map_or_else(|| "not scanned".to_owned(), scan_line);
    push(&mut lines, "vulnerabilities", Some(scanned));
    lines
}

/// `2 critical, 1 low; 2 of 3 can be fixed; Trivy 0.50, 2024-05-14 10:57 UTC`.
fn scan_line(scan: &Scan) -> String {
    let Some(found) = scan.summary.as_ref().filter(|_| scan.is_done()) else {
        return format!("the scan is not finished ({})", scan.scan_status.to_lowercase());
    };
    let (total, fixable) = (known(found.total).unwrap_or_default(), known(found.fixable).unwrap_or_default());
    let mut parts = vec![findings::counted(SEVERITIES.map(|s| found.of(s)), total, fixable)];
    let scanner = scan.scanner.as_ref().map(|s| format!("{} {}", s.name, s.version).trim().to_owned());
    let by: Vec<String> = scanner.into_iter().chain(date(scan.end_time.as_ref())).collect();
    parts.extend(Some(by.join(", ")).filter(|b| !b.is_empty()));
    parts.join("; ")
}

impl Report {
    fn findings(self) -> impl Iterator<Item = Finding> {
        self.vulnerabilities.into_iter().map(Vulnerability::finding)
    }
}

impl Vulnerability {
    fn finding(self) -> Finding {
        Finding {
            severity: self.severity,
            id: self.id,
            package: self.package,
            version: self.version,
            fix: Some(self.fix_version).filter(|v| !v.is_empty()),
        }
    }
}
