//! What Artifact Registry tells of a repository, an image and a manifest beyond the protocol.
//!
//! Invariant: an API that is not to be had is a line, and no failure.

use async_trait::async_trait;

use super::Google;
use super::api::is_away;
use super::places::Place;
use super::wire::{Image, Package, Repository, number, seconds};
use crate::domain::detail::Description;
use crate::domain::{Failure, Locator, NodeKind, human, text::visible};
use crate::registry::Describe;

type Lines = Vec<(String, String)>;

#[async_trait]
impl Describe for Google {
    async fn describe(&self, at: &Locator) -> Result<Description, Failure> {
        let told = match at.kind() {
            NodeKind::Namespace if at.nearest(NodeKind::Registry).is_some() => self.repository(at).await,
            NodeKind::Repository => self.image(at).await,
            NodeKind::Tag | NodeKind::Manifest => self.manifest(at).await,
            _ => Ok(Lines::new()),
        };
        let lines = match told {
            Err(failure) if is_away(&failure) => vec![("API".to_owned(), failure.said)],
            told => told?,
        };
        Ok(Description { lines, sections: Vec::new() })
    }
}

impl Google {
    fn place(&self, at: &Locator, name: &str, doing: &str) -> Result<Place, Failure> {
        Place::of(at.nearest(NodeKind::Registry).unwrap_or(&self.host), name, doing)
    }

    async fn repository(&self, at: &Locator) -> Result<Lines, Failure> {
        let doing = format!("reading the repository {}", visible(at.name()));
        let of = self.place(at, at.name(), &doing)?;
        Ok(repository_lines(&self.client.repository(&of, &doing).await?))
    }

    async fn image(&self, at: &Locator) -> Result<Lines, Failure> {
        let doing = format!("reading what Google knows of {}", visible(at.name()));
        let of = self.place(at, at.name(), &doing)?;
        let Some(image) = &of.image else { return Ok(Lines::new()) };
        Ok(package_lines(&self.client.package(&of, image, &doing).await?))
    }

    async fn manifest(&self, at: &Locator) -> Result<Lines, Failure> {
        let name = at.repository().unwrap_or_default();
        let doing = format!("reading what Google knows of {}", visible(at.name()));
        let of = self.place(at, name, &doing)?;
        let Some(image) = &of.image else { return Ok(Lines::new()) };
        let digest = match at.kind() {
            NodeKind::Manifest => at.name().to_owned(),
            _ => self.registry_of(at)?.resolve(name, at.name()).await?.digest.to_string(),
        };
        Ok(image_lines(&self.client.image(&of, &format!("{image}@{digest}"), &doing).await?))
    }
}

fn push(lines: &mut Lines, label: &str, text: Option<impl Into<String>>) {
    lines.extend(text.map(Into::into).filter(|t: &String| !t.is_empty()).map(|t| (label.to_owned(), t)));
}

fn date(text: Option<&String>) -> Option<String> {
    seconds(text).map(human::date)
}

fn repository_lines(repository: &Repository) -> Lines {
    let mut lines = Lines::new();
    push(&mut lines, "about", repository.description.clone());
    push(&mut lines, "kind", repository.kind());
    push(&mut lines, "size", number(repository.size_bytes.as_ref()).map(human::size));
    push(&mut lines, "tags", repository.has_immutable_tags().then_some("cannot be moved or deleted"));
    let policies = Some(repository.cleanup_policies.len() as u64).filter(|n| *n > 0);
    push(&mut lines, "clean-up", policies.map(|n| human::count(n, "policy", "policies")));
    push(&mut lines, "created", date(repository.create_time.as_ref()));
    push(&mut lines, "changed", date(repository.update_time.as_ref()));
    lines
}

fn package_lines(package: &Package) -> Lines {
    let mut lines = Lines::new();
    push(&mut lines, "created", date(package.create_time.as_ref()));
    push(&mut lines, "changed", date(package.update_time.as_ref()));
    lines
}

fn image_lines(image: &Image) -> Lines {
    let mut lines = Lines::new();
    push(&mut lines, "uploaded", date(image.upload_time.as_ref()));
    push(&mut lines, "built", date(image.build_time.as_ref()));
    push(&mut lines, "changed", date(image.update_time.as_ref()));
    push(&mut lines, "size", number(image.image_size_bytes.as_ref()).map(human::size));
    push(&mut lines, "artifact", image.artifact_type.clone());
    push(&mut lines, "tags", Some(image.tags.join(", ")));
    lines
}
