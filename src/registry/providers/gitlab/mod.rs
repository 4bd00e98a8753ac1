//! GitLab's container registry, gitlab.com or self-managed: group or project → repository → tag.
//!
//! What is confirmed, and by what:
//! * Lists, details and deletes are those of GitLab's own description of its API. It says 204 for every delete, its
//!   documentation and code say 200 and 202 for some: any 2xx is taken. Its list of a group's repositories has no
//!   `tags_count`; that of a project has.
//! * Without a token, public groups and projects are listed. Who may list the repositories of a group or project is left
//!   to their policies (GitLab's code has no sign-in before them): those of a public project are open, those of a group
//!   are for its members, so the projects of a group stand in for them there.
//! * Groups are listed at the top level, and a group's repositories are those of its subgroups too; projects come after
//!   them, those that no listed group holds. Deleting a tag by the API unties it, and leaves the manifest and its other
//!   tags (GitLab's code; the description does not say).
//! * `Authorization: Bearer` takes personal, project and group tokens (GitLab's documentation of its REST API). A deploy
//!   token has no API: its repositories are opened by name and spoken to by the protocol.
//! * Names of tags are read by the protocol, a thousand at a time with every kind of token; the API's list, a hundred
//!   at a time, is read where the registry refuses. Neither has dates or sizes, which are asked for the visible rows.
//! * Manifests are deleted by digest with the protocol: the API cannot. Which sign-in may do so is not documented.
//! * Where the registry is, is read from `container_registry_image_prefix` of a project, else from the `location` of a
//!   repository; without either it is looked for at `registry.HOST` and `HOST:5050`, as GitLab's packages set it up.
//! * Protected tags are told by the description as 403 alone, so that is said of any 403.
//!
//! Invariant: a path with slashes is one part of an address (`group%2Fproject`), and names are put into references in
//! lower case, as GitLab's registry knows them.

mod account;
mod address;
mod browse;
mod client;
mod describe;
mod image;
mod refusal;
mod remove;

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::connection::{Field, FieldKind, ProviderInfo};
use crate::domain::{Cursor, Failure, Locator, NodeKind, Page};
use crate::registry::opening::Opening;
use crate::registry::provider::Describe;
use crate::registry::{Account, Delete, DeleteRepository, Distribution, Provider, Untag, forms};

use address::Addresses;
use client::Client;

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "gitlab",
    title: "GitLab",
    about: "gitlab.com or a server of one's own",
    fields: &[
        Field { id: "api", label: "URL", example: "gitlab.com", ..TEXT },
        Field {
            id: "password",
            label: "Token",
            kind: FieldKind::Secret,
            example: "personal, group or project: read_api, read_registry (api to delete); or deploy",
            ..TEXT
        },
        Field { id: "username", label: "Username", example: "of a deploy token; else any", ..TEXT },
        forms::NAME,
        Field { id: "url", label: "Registry", example: "found by itself", ..ADVANCED },
        forms::CA_FILE,
        forms::CLIENT_CERTIFICATE,
        forms::PLAIN_HTTP,
        forms::SKIP_VERIFICATION,
        forms::PROXY,
    ],
    hosts: &["registry.gitlab.com"],
    url: "https://registry.gitlab.com",
    username: "token",
};

const TEXT: Field =
    Field { id: "", label: "", kind: FieldKind::Text, example: "", optional: true, advanced: false };
const ADVANCED: Field = Field { advanced: true, ..TEXT };

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when an address cannot be read.
pub fn open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    let addresses = Addresses::of(opening);
    let client = Client::new(opening, &addresses)?;
    let distribution = opening.distribution()?;
    Ok(Arc::new(GitLab { opening: opening.clone(), addresses, client, distribution }))
}

/// A connection to a GitLab, opened.
struct GitLab {
    opening: Opening,
    addresses: Addresses,
    client: Client,
    distribution: Distribution,
}

#[async_trait]
impl Provider for GitLab {
    async fn check(&self) -> Result<Account, Failure> {
        self.account().await
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match at.kind() {
            NodeKind::Connection => self.namespaces(cursor).await,
            NodeKind::Namespace => self.repositories(at.name(), cursor).await,
            NodeKind::Repository => self.tags(at.name(), cursor).await,
            _ => Ok(Page::default()),
        }
    }

    fn distribution(&self, _at: &Locator) -> Option<Distribution> {
        Some(self.distribution.clone())
    }

    /// A project may be called in mixed case; its path in the registry is in lower case.
    fn repository_named(&self, typed: &str) -> String {
        typed.to_lowercase()
    }

    fn web(&self, at: &Locator) -> Option<String> {
        match at.kind() {
            NodeKind::Connection => Some(self.addresses.web().to_owned()),
            NodeKind::Namespace => Some(self.addresses.namespace(at.name(), self.client.kind(at.name()))),
            _ => Some(self.addresses.repository(&self.client.known(at.repository()?)?)),
        }
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
}
