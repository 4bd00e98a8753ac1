//! What Docker Hub tells of a repository or tag beyond the protocol.

use async_trait::async_trait;

use super::DockerHub;
use super::wire::{Image, Repository, Tag, positive};
use crate::domain::detail::{Description, Section};
use crate::domain::{Failure, Locator, NodeKind, human};
use crate::registry::Describe;

#[async_trait]
impl Describe for DockerHub {
    async fn describe(&self, at: &Locator) -> Result<Description, Failure> {
        let repository = at.repository().unwrap_or_default();
        match at.kind() {
            NodeKind::Repository => self.api.repository(repository).await.map(|r| of_repository(&r)),
            NodeKind::Tag => self.api.tag(repository, at.name()).await.map(|t| of_tag(&t)),
            _ => Ok(Description::default()),
        }
    }
}

fn of_repository(repository: &Repository) -> Description {
    let text = |value: &Option<String>| value.clone().filter(|v| !v.is_empty());
    let count = |number| positive(number).map(human::thousands);
    let visibility = repository.is_private.map(|p| if p { "private" } else { "public" }.to_owned());
    described([
        ("about", text(&repository.description).map(|t| in_one_line(&t))),
        ("visibility", visibility),
        ("pulls", count(repository.pull_count)),
        ("stars", count(repository.star_count)),
        ("updated", date(repository.last_updated.as_deref())),
        ("made", date(repository.date_registered.as_deref())),
        ("storage", positive(repository.storage_size).map(human::size)),
        ("status", text(&repository.status_description)),
    ])
}

fn of_tag(tag: &Tag) -> Description {
    let text = |value: &Option<String>| value.clone().filter(|v| !v.is_empty());
    let mut told = described([
        ("digest", tag.digest().map(|d| d.to_string())),
        ("type", text(&tag.media_type)),
        ("pushed", date(tag.tag_last_pushed.as_deref().or(tag.last_updated.as_deref()))),
        ("pushed by", text(&tag.last_updater_username)),
        ("last pulled", date(tag.tag_last_pulled.as_deref())),
        ("size", positive(tag.full_size).map(human::size)),
        ("status", text(&tag.tag_status)),
    ]);
    let lines: Vec<String> =
        tag.images().iter().filter(|i| !i.platform().is_unknown()).map(line_of).collect();
    if !lines.is_empty() {
        let title = human::count(lines.len() as u64, "platform", "platforms");
        told.sections.push(Section { title, lines });
    }
    told
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `linux/arm64/v8  41.2 MiB  sha256:…`.
fn line_of(image: &Image) -> String {
    let size = image.size().map(human::size);
    let parts = [Some(image.platform().to_string()), size, image.digest().map(|d| d.to_string())];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

fn described<const N: usize>(lines: [(&str, Option<String>); N]) -> Description {
    let told = lines.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?)));
    Description { lines: told.collect(), sections: Vec::new() }
}

fn date(rfc3339: Option<&str>) -> Option<String> {
    rfc3339.and_then(human::timestamp).map(human::date)
}
