//! What Quay tells of a repository or image beyond the protocol: dates, rights, and what its scanner found.

use async_trait::async_trait;

use super::Quay;
use super::sign_in::Access;
use super::wire::{Repository, Security, Tag};
use crate::domain::detail::Description;
use crate::domain::{Digest, Failure, FailureKind, Locator, NodeKind, human};
use crate::registry::{Describe, findings};

#[async_trait]
impl Describe for Quay {
    async fn describe(&self, at: &Locator) -> Result<Description, Failure> {
        if self.account.access().await? == Access::Registry {
            return Ok(Description::default());
        }
        let repository = at.repository().unwrap_or_default();
        match at.kind() {
            NodeKind::Repository => self.api.repository(repository).await.map(|r| of_repository(&r)),
            NodeKind::Tag => self.describe_tag(repository, at.name()).await,
            NodeKind::Manifest => {
                let mut told = Description::default();
                self.add_findings(repository, &at.name().parse()?, &mut told).await;
                Ok(told)
            }
            _ => Ok(Description::default()),
        }
    }
}

impl Quay {
    async fn describe_tag(&self, repository: &str, name: &str) -> Result<Description, Failure> {
        let list = self.api.tag(repository, name).await?;
        let Some(tag) = list.tags.iter().find(|t| t.name == name) else {
            let doing = format!("reading about {repository}:{name}");
            return Err(Failure::new(FailureKind::NotFound, doing, "there is no such tag"));
        };
        let mut told = of_tag(tag);
        if let Some(digest) = tag.digest() {
            self.add_findings(repository, &digest, &mut told).await;
        }
        Ok(told)
    }

    /// Adds what the scanner found; that it is not known is told too.
    async fn add_findings(&self, repository: &str, digest: &Digest, told: &mut Description) {
        let (line, sections) = match self.api.security(repository, digest).await {
            Ok(report) if report.status == "scanned" => {
                let found = report.findings();
                (findings::summary(&found), findings::by_severity(&found))
            }
            Ok(report) => (not_scanned(&report), Vec::new()),
            Err(failure) if failure.kind == FailureKind::NotFound => ("not scanned".to_owned(), Vec::new()),
            Err(failure) => (failure.said, Vec::new()),
        };
        told.lines.push(("vulnerabilities".to_owned(), line));
        told.sections.extend(sections);
    }
}

/// The status in words: `queued`, `failed`, `unsupported`, `manifest_layer_too_large`.
fn not_scanned(report: &Security) -> String {
    match report.status.as_str() {
        "" => "not scanned".to_owned(),
        status => format!("not scanned ({})", status.replace('_', " ")),
    }
}

fn of_repository(repository: &Repository) -> Description {
    let text = |value: &Option<String>| value.clone().filter(|v| !v.trim().is_empty());
    let rights = [(repository.can_admin, "administer"), (repository.can_write, "write")];
    let right = rights.iter().find(|(has, _)| *has == Some(true)).map(|(_, right)| (*right).to_owned());
    let days = repository.tag_expiration_s.filter(|s| *s > 0).map(|s| s / (24 * 3600));
    described([
        ("about", text(&repository.description)),
        ("visibility", repository.is_public.map(|p| if p { "public" } else { "private" }.to_owned())),
        ("state", text(&repository.state).map(|s| s.to_lowercase().replace('_', " "))),
        ("your right", right),
        ("deleted tags stay", days.map(|d| human::count(d.unsigned_abs(), "day", "days"))),
    ])
}

fn of_tag(tag: &Tag) -> Description {
    described([
        ("pushed", tag.start_ts.map(human::date)),
        ("expires", tag.end_ts.map(human::date)),
        ("index", (tag.is_manifest_list == Some(true)).then(|| "of several platforms".to_owned())),
    ])
}

fn described<const N: usize>(lines: [(&str, Option<String>); N]) -> Description {
    let told = lines.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?)));
    Description { lines: told.collect(), sections: Vec::new() }
}
