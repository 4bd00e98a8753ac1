//! Checking a connection: the account, what its token may do, and whether the registry takes it.
//!
//! Invariant: a token that cannot work with packages is refused with the name of the scope that it lacks.

use super::GitHub;
use super::scopes::{DELETE, READ, Scopes, WRITE};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::Reply;
use crate::registry::Account;

impl GitHub {
    pub(super) async fn account(&self) -> Result<Account, Failure> {
        if !self.client.is_signed_in().await? {
            return self.anonymous().await;
        }
        let (user, reply) = match self.client.user().await {
            Ok(told) => told,
            Err(failure) if is_no_api(failure.kind) => return self.registry_only(&failure).await,
            Err(failure) => return Err(failure),
        };
        let mut lines = self.rights(&user.login, &reply).await?;
        lines.extend(reply.named("github-authentication-token-expiration").map(|date| line("expires", date)));
        let server = self.distribution.ping().await?;
        Ok(Account { name: Some(user.login), lines, ..Account::of(&server) })
    }

    /// Public images are open to everybody, though the registry answers its ping with a question.
    async fn anonymous(&self) -> Result<Account, Failure> {
        let lines =
            vec![line("repositories", "listed for a token only; “Open repository…” opens public ones")];
        match self.distribution.ping().await {
            Ok(server) => Ok(Account { lines, ..Account::of(&server) }),
            Err(f) if matches!(f.kind, FailureKind::Unauthorized | FailureKind::Forbidden) => {
                Ok(Account { lines, ..Account::default() })
            }
            Err(failure) => Err(failure),
        }
    }

    /// What there is without the API: the registry, and its catalogue.
    async fn registry_only(&self, why: &Failure) -> Result<Account, Failure> {
        let server = self.distribution.ping().await?;
        let name = Some(self.username.clone()).filter(|name| !name.is_empty());
        let lines = vec![line("packages API", &format!("does not answer: {}", why.said))];
        Ok(Account { name, lines, ..Account::of(&server) })
    }

    /// What the token may do. One whose scopes are not told is tried.
    async fn rights(&self, login: &str, reply: &Reply) -> Result<Vec<(String, String)>, Failure> {
        let doing = "checking the token";
        let Some(scopes) = Scopes::of(reply) else {
            self.client.packages(&login.to_lowercase(), None).await.map_err(|f| f.while_doing(doing))?;
            return Ok(vec![line("token", "its scopes are not told; it can list packages")]);
        };
        if !scopes.has(READ) {
            let said = self.client.asker().lacks(&scopes, READ);
            return Err(Failure::new(FailureKind::Forbidden, doing, said));
        }
        let missing: Vec<&str> = [WRITE, DELETE].into_iter().filter(|s| !scopes.has(s)).collect();
        let mut lines = vec![line("token scopes", &scopes.list())];
        if !missing.is_empty() {
            lines.push(line("not in the token", &missing.join(", ")));
        }
        Ok(lines)
    }
}

/// Failures that mean "there is no such API here" rather than "the token is wrong".
pub(super) fn is_no_api(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::NotFound | FailureKind::Unsupported | FailureKind::Invalid)
}

fn line(label: &str, value: &str) -> (String, String) {
    (label.to_owned(), visible(value).into_owned())
}
