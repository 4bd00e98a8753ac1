//! Harbor: projects, repositories and artifacts by its own API (`/api/v2.0`), images by the protocol.
//!
//! Sources: Harbor's `api/v2.0/swagger.yaml` (August 2026), the scanner specification 1.2 for the body of the
//! vulnerability report, and Harbor's sources where those are silent: API calls with Basic need no CSRF token, because
//! `middleware/csrf` asks for one only where a session cookie came along, and none is ever sent from here; a robot has
//! no page of its own (`users/current` answers 412); deleting an artifact deletes the children that nothing else holds.
//!
//! The addresses of the pages for people are those of Harbor's portal. An immutable tag is told from other causes of a 412
//! by its text, which Harbor's own API tests hold to (`configured as immutable, cannot be deleted`). Not confirmed: the
//! text for a member of an index; any other is shown as Harbor words it.
//!
//! Invariant: a tag is untied and an artifact deleted by the API alone, because the protocol's delete by tag is refused
//! there; and nothing but the protocol's lists stands in for an API that is not there.

mod blast;
mod change;
mod client;
mod describe;
mod facts;
mod list;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use self::client::Client;
use crate::domain::connection::{Field, FieldKind, ProviderInfo};
use crate::domain::{Cursor, Failure, FailureKind, Locator, NodeKind, Page, text::visible};
use crate::registry::distribution::Distribution;
use crate::registry::opening::Opening;
use crate::registry::{Account, Blast, Delete, DeleteRepository, Describe, Provider, Untag, forms};

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "harbor",
    title: "Harbor",
    about: "projects of a Harbor server, with scans and signatures",
    fields: &[
        Field {
            id: "url",
            label: "URL",
            kind: FieldKind::Text,
            example: "https://harbor.example",
            optional: false,
            advanced: false,
        },
        Field { example: "a user, or a robot with its robot$ in front", ..forms::USERNAME },
        Field {
            label: "Password or CLI secret",
            example: "with OIDC: the CLI secret of the user profile",
            ..forms::PASSWORD
        },
        forms::NAME,
        forms::CA_FILE,
        forms::CLIENT_CERTIFICATE,
        forms::PLAIN_HTTP,
        forms::SKIP_VERIFICATION,
        forms::PROXY,
    ],
    ..ProviderInfo::EMPTY
};

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when the URL cannot be read.
pub fn open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    let api = opening.api(&opening.connection.url, Arc::clone(&opening.sign_in))?;
    Ok(Arc::new(Harbor {
        client: Client::new(api),
        distribution: opening.distribution()?,
        project_ids: Mutex::default(),
    }))
}

struct Harbor {
    client: Client,
    distribution: Distribution,
    /// The numbers of the projects that were listed: pages for people go by them.
    project_ids: Mutex<HashMap<String, i64>>,
}

/// A repository as the API names it: its project, and its name without that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named<'a> {
    project: &'a str,
    name: &'a str,
}

impl<'a> Named<'a> {
    /// Of a repository's name in the protocol, `project/name/…`.
    fn of(repository: &'a str, doing: &str) -> Result<Self, Failure> {
        let (project, name) = repository.split_once('/').ok_or_else(|| {
            let said = format!("“{}” names no project; write it as project/name", visible(repository));
            Failure::new(FailureKind::Invalid, doing, said)
        })?;
        Ok(Self { project, name })
    }

    /// As one segment of an address: slashes are encoded twice (swagger, `repositoryName`), once here and once where
    /// the address is made.
    fn segment(&self) -> String {
        self.name.replace('/', "%2F")
    }
}

#[async_trait]
impl Provider for Harbor {
    async fn check(&self) -> Result<Account, Failure> {
        let server = self.distribution.ping().await.map_err(|f| client::explained(f, ""))?;
        let mut account = Account::of(&server);
        if server.signed_in {
            account.name = self.client.user().await;
        }
        match self.client.system().await {
            Ok(system) => account.lines.extend(system.lines()),
            Err(failure) => {
                let said =
                    format!("not to be had ({}); repositories are listed by the protocol", failure.said);
                account.lines.push(("API".to_owned(), said));
            }
        }
        Ok(account)
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match at.kind() {
            NodeKind::Connection => self.projects(cursor).await,
            NodeKind::Namespace => self.repositories(at.name(), cursor).await,
            NodeKind::Repository => self.tags(at.name(), cursor).await,
            NodeKind::Untagged => self.untagged(at.repository().unwrap_or_default(), cursor).await,
            _ => Ok(Page::default()),
        }
    }

    fn distribution(&self, _at: &Locator) -> Option<Distribution> {
        Some(self.distribution.clone())
    }

    fn web(&self, at: &Locator) -> Option<String> {
        let mut parts = vec!["harbor".to_owned(), "projects".to_owned()];
        let repository = at.repository().and_then(|r| r.split_once('/'));
        let project = repository.map(|(p, _)| p).or_else(|| at.nearest(NodeKind::Namespace));
        if let Some(project) = project {
            let id = *self.project_ids.lock().unwrap_or_else(PoisonError::into_inner).get(project)?;
            parts.extend([id.to_string(), "repositories".to_owned()]);
        }
        if let Some((_, name)) = repository {
            parts.extend([name.to_owned(), "artifacts-tab".to_owned()]);
        }
        if at.kind() == NodeKind::Manifest {
            parts.extend(["artifacts".to_owned(), at.name().to_owned()]);
        }
        let mut url = self.distribution.http().base().clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(parts);
        Some(url.into())
    }

    fn has_web(&self) -> bool {
        true
    }

    fn untag(&self) -> Option<&dyn Untag> {
        Some(self)
    }

    fn delete(&self) -> Option<&dyn Delete> {
        Some(self)
    }

    fn delete_repository(&self) -> Option<&dyn DeleteRepository> {
        Some(self)
    }

    fn describe(&self) -> Option<&dyn Describe> {
        Some(self)
    }

    fn blast(&self) -> Option<&dyn Blast> {
        Some(self)
    }
}
