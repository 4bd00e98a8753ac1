//! What GitLab tells of a repository or a tag beyond the protocol.
//!
//! Invariant: nothing is told where the API does not know the repository.

use async_trait::async_trait;

use super::GitLab;
use crate::domain::detail::Description;
use crate::domain::human;
use crate::domain::{Failure, Locator, NodeKind};
use crate::registry::provider::Describe;

#[async_trait]
impl Describe for GitLab {
    async fn describe(&self, at: &Locator) -> Result<Description, Failure> {
        let Some(repository) = at.repository() else { return Ok(Description::default()) };
        let Ok(image) = self.client.image(repository).await else { return Ok(Description::default()) };
        let date = |text: Option<String>| text.as_deref().and_then(human::timestamp).map(human::date);
        match at.kind() {
            NodeKind::Repository => {
                let image = self.client.counted(&image).await?;
                Ok(lines([
                    ("tags", image.tags_count.map(human::thousands)),
                    ("size", image.size.map(human::size)),
                    ("created", date(image.created_at.clone())),
                    ("project", Some(image.project().to_owned())),
                    ("status", image.status.as_deref().map(|status| status.replace('_', " "))),
                ]))
            }
            NodeKind::Tag => {
                let tag = self.client.tag(&image, at.name()).await?;
                Ok(lines([("created", date(tag.created_at)), ("size", tag.total_size.map(human::size))]))
            }
            _ => Ok(Description::default()),
        }
    }
}

fn lines<const N: usize>(lines: [(&str, Option<String>); N]) -> Description {
    let lines = lines.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect();
    Description { lines, sections: Vec::new() }
}
