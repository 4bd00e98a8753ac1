//! Untying tags and deleting repositories by the API, manifests by the protocol.
//!
//! Invariant: the protocol unties a tag only where the API is away, does not know the repository, or does not take the
//! token, as with a deploy token; what the API refuses to a token that it takes is refused.

use async_trait::async_trait;

use super::GitLab;
use super::image::{Image, Rule};
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, FailureKind, Locator};
use crate::registry::{Delete, DeleteRepository, Distribution, Untag, fallback, untag};

#[async_trait]
impl Untag for GitLab {
    async fn untag(&self, at: &Locator) -> Result<(), Failure> {
        let repository = at.repository().unwrap_or_default();
        Distribution::check_tag(repository, at.name())?;
        let doing = format!("untagging {}:{}", visible(repository), visible(at.name()));
        let image = match self.client.image(repository).await {
            Ok(image) => image,
            // A deploy token has no API, and its registry knows what it may.
            Err(failure) if fallback::is_away(failure.kind) || failure.kind == FailureKind::Unauthorized => {
                return untag::by_protocol(&self.distribution, &repository.to_lowercase(), at.name()).await;
            }
            Err(failure) => return Err(failure.while_doing(doing)),
        };
        let deleted = self.client.delete(&image, &["tags", at.name()], &doing).await;
        deleted.map_err(|failure| match failure.kind {
            FailureKind::Forbidden => {
                let said = format!(
                    "{}; if it is a protected tag, the project's settings say who may delete it (Packages and registries, Container registry)",
                    failure.said
                );
                Failure { said, ..failure }
            }
            _ => failure,
        })
    }
}

#[async_trait]
impl Delete for GitLab {
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure> {
        let name = repository.repository().unwrap_or_default().to_lowercase();
        self.distribution.delete_manifest(&name, digest).await
    }
}

#[async_trait]
impl DeleteRepository for GitLab {
    async fn delete_repository(&self, at: &Locator) -> Result<(), Failure> {
        let repository = at.repository().unwrap_or_default();
        let doing = format!("deleting {}", visible(repository));
        let image = self.client.image(repository).await.map_err(|f| f.while_doing(doing.as_str()))?;
        match self.client.delete(&image, &[], &doing).await {
            Err(failure) if failure.kind == FailureKind::Forbidden => {
                Err(self.protected(&image, failure).await)
            }
            Err(failure) => Err(failure),
            Ok(()) => {
                self.client.forget(&image);
                Ok(())
            }
        }
    }
}

impl GitLab {
    /// The same failure, with the rule that protects the repository where there is one.
    async fn protected(&self, image: &Image, failure: Failure) -> Failure {
        let rules = self.client.rules(image.project_id).await.unwrap_or_default();
        let Some(rule) = rules.iter().find(|rule| rule.protects(&image.path)) else { return failure };
        let who = rule.minimum_access_level_for_delete.as_deref().unwrap_or("others");
        let pattern = visible(&rule.repository_path_pattern);
        let said =
            format!("{}; the rule “{pattern}” of the project lets {} delete it", failure.said, visible(who));
        Failure { said, ..failure }
    }
}

impl Rule {
    /// Whether the pattern, in which `*` stands for any text, names `path`.
    fn protects(&self, path: &str) -> bool {
        let mut parts = self.repository_path_pattern.split('*');
        let Some(mut rest) = parts.next().and_then(|start| path.strip_prefix(start)) else { return false };
        let mut is_open = false;
        for part in parts {
            is_open = true;
            if part.is_empty() {
                continue;
            }
            let Some((_, after)) = rest.split_once(part) else { return false };
            rest = after;
            is_open = false;
        }
        rest.is_empty() || is_open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let rule = |pattern: &str| Rule {
            repository_path_pattern: pattern.to_owned(),
            minimum_access_level_for_delete: None,
        };
        for pattern in ["acme/api/prod", "acme/api/*", "*/prod", "acme/*/prod", "*"] {
            assert!(rule(pattern).protects("acme/api/prod"), "{pattern}");
        }
        for pattern in ["acme/api", "acme/x*", "*/test", ""] {
            assert!(!rule(pattern).protects("acme/api/prod"), "{pattern}");
        }
    }
}
