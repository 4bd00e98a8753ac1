//! Checking a connection: the token, what it may do, and where the registry is.
//!
//! Invariant: a connection is taken when the registry takes the sign-in; an API that refuses a token which the registry
//! takes is that of a deploy token, and is told.

use super::GitLab;
use super::image::Token;
use super::refusal::{lacks, refused_token};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::registry::Account;
use crate::registry::distribution::Server;

type Line = (String, String);

impl GitLab {
    pub(super) async fn account(&self) -> Result<Account, Failure> {
        if !self.client.is_signed_in().await? {
            return self.anonymous().await;
        }
        match self.token().await {
            Ok(token) => {
                let (url, server) = self.registry().await?;
                let name = self.username().or(Some(token.name.clone()).filter(|name| !name.is_empty()));
                let lines = self.rights(&token);
                Ok(Account { name, lines, url: Some(url), ..Account::of(&server) })
            }
            Err(failure) if failure.kind == FailureKind::Unauthorized => self.without_api(&failure).await,
            Err(failure) if is_no_api(failure.kind) => {
                let (url, server) = self.likely_registry().await?;
                let lines = vec![line("API", &format!("does not answer: {}", failure.said))];
                Ok(Account { name: self.username(), lines, url: Some(url), ..Account::of(&server) })
            }
            Err(failure) => Err(failure),
        }
    }

    /// Public images are open to everybody, though the registry answers its ping with a question.
    async fn anonymous(&self) -> Result<Account, Failure> {
        let lines = vec![line("repositories", "the public ones alone, without a token")];
        match self.likely_registry().await {
            Ok((url, server)) => Ok(Account { lines, url: Some(url), ..Account::of(&server) }),
            Err(f) if matches!(f.kind, FailureKind::Unauthorized | FailureKind::Forbidden) => {
                Ok(Account { lines, ..Account::default() })
            }
            Err(failure) => Err(failure),
        }
    }

    /// The token's own word. Older servers have none; there, a token that may ask for the version is good. So is one
    /// whose scopes are only those of the registry.
    async fn token(&self) -> Result<Token, Failure> {
        match self.client.token().await {
            Err(failure) if failure.kind == FailureKind::NotFound => {
                self.client.version().await.map(|()| Token::default())
            }
            Err(failure) if failure.kind == FailureKind::Forbidden => Ok(Token::default()),
            other => other,
        }
    }

    /// A deploy token, or a wrong one: the registry knows.
    async fn without_api(&self, refused: &Failure) -> Result<Account, Failure> {
        match self.likely_registry().await {
            Ok((url, server)) => {
                let lines =
                    vec![line("token", "a deploy token, which lists nothing: use “Open repository…”")];
                Ok(Account { name: self.username(), lines, url: Some(url), ..Account::of(&server) })
            }
            // The registry's words tell passwords with a second factor from wrong ones.
            Err(failure) if failure.kind == FailureKind::Unauthorized => {
                let said = format!("{}; {}", failure.said, refused_token(&self.addresses));
                Err(Failure { said, ..failure })
            }
            Err(_) => Err(refused.clone()),
        }
    }

    /// The registry that GitLab tells of, else the likeliest, with what it answers.
    async fn registry(&self) -> Result<(String, Server), Failure> {
        match self.told_registry().await {
            Some(url) => self.ping(&url).await.map(|server| (url, server)),
            None => self.likely_registry().await,
        }
    }

    /// The registry's address from a project, or from one of its repositories.
    async fn told_registry(&self) -> Option<String> {
        let projects = self.client.some_projects().await.ok()?;
        let prefix = projects.iter().find_map(|p| p.container_registry_image_prefix.as_deref());
        if let Some(url) = prefix.and_then(|prefix| self.addresses.registry_of(prefix)) {
            return Some(url);
        }
        for project in projects.iter().take(3) {
            let path = project.id.to_string();
            let Ok(turned) = self.client.images_of(super::address::Kind::Project, &path, None).await else {
                continue;
            };
            let location = turned.items.iter().find_map(|image| image.location.as_deref());
            if let Some(url) = location.and_then(|location| self.addresses.registry_of(location)) {
                return Some(url);
            }
        }
        None
    }

    /// The first of the likely addresses at which a registry takes the sign-in.
    async fn likely_registry(&self) -> Result<(String, Server), Failure> {
        let mut first = None;
        for url in self.addresses.likely_registries() {
            match self.ping(&url).await {
                Ok(server) => return Ok((url, server)),
                Err(failure) => {
                    first.get_or_insert(failure);
                }
            }
        }
        Err(first.unwrap_or_else(|| self.opening.refused("the address of the GitLab names no host")))
    }

    async fn ping(&self, url: &str) -> Result<Server, Failure> {
        self.opening.distribution_at(url, self.opening.sign_in_at(url, None))?.ping().await
    }

    fn rights(&self, token: &Token) -> Vec<Line> {
        if token.scopes.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![line("token scopes", &token.scopes.join(", "))];
        if !token.scopes.iter().any(|scope| scope == "api" || scope == "read_api") {
            lines.push(line("repositories", &format!("not listed: {}", lacks(&self.addresses, "read_api"))));
        }
        lines.extend(token.expires_at.as_deref().map(|date| line("expires", date)));
        lines
    }

    /// The account's name, where it is not the one that goes with any token.
    fn username(&self) -> Option<String> {
        let name = self.opening.connection.username.as_str();
        (!name.is_empty() && name != super::INFO.username).then(|| name.to_owned())
    }
}

/// Failures that mean "there is no such API here" rather than "the token is wrong".
pub(super) fn is_no_api(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::NotFound | FailureKind::Unsupported | FailureKind::Invalid)
}

fn line(label: &str, value: &str) -> Line {
    (label.to_owned(), visible(value).into_owned())
}
