//! GitHub's container registry: owner (the user, organisations) → repository (a package) → tag.
//!
//! What is confirmed, and by what:
//! * Lists, dates, visibility and deletes are those of GitHub's own description of its packages API; a package version
//!   is a manifest, its `name` the digest, `metadata.container.tags` its tags. Deleting a version leaves the members of
//!   an index behind, untagged. A deleted version or package can be restored for 30 days (`POST …/restore`); it is
//!   said where something is deleted, and done on GitHub's pages.
//! * The description has no paging headers and no `container` example; `Link` and the newest-first order of versions are
//!   what GitHub's own tools rely on. What was pushed just now is looked for on the first page; where another version is looked for, 20 pages
//!   are read, and that there are more is told.
//! * The API cannot take one tag of several. It is taken by putting a stand-in over it and deleting the stand-in's
//!   version, as the cleaning tools for ghcr.io do (dataaxiom/ghcr-cleanup-action); the registry itself answers 405 to
//!   every delete. GitHub keeps the last tagged version of a package, so the last tag is refused before anything moves.
//! * `_catalog` with `last=<owner>/` is what the VS Code extension lists with; it is undocumented, and used only where
//!   the packages API does not answer for an owner.
//! * Hosts of Enterprise (`containers.HOST`, API at `HOST/api/v3`; `containers.NAME.ghe.com`, API at `api.NAME.ghe.com`)
//!   are GitHub's documentation; older Enterprise servers have no packages API, and are listed by the catalogue.
//!
//! Invariant: names of owners and packages are compared, and put into references, in lower case.

mod account;
mod address;
mod blast;
mod browse;
mod client;
mod describe;
mod package;
mod refusal;
mod remove;
mod scopes;
mod sign_in;

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::connection::{Field, FieldKind, ProviderInfo};
use crate::domain::{Cursor, Failure, Locator, NodeKind, Page};
use crate::registry::opening::Opening;
use crate::registry::provider::{Blast, Describe};
use crate::registry::{Account, Delete, DeleteRepository, Distribution, Provider, Untag, forms};

use address::Addresses;
use client::Client;

pub use sign_in::find;

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "github",
    title: "GitHub",
    about: "ghcr.io, and the container registry of GitHub Enterprise",
    fields: &[
        Field { id: "username", label: "Username", example: "your GitHub name", ..TEXT },
        Field {
            id: "password",
            label: "Token (classic)",
            kind: FieldKind::Secret,
            example: "read:packages (write:, delete:packages); github.com/settings/tokens",
            ..TEXT
        },
        Field {
            id: "sign_in",
            label: "Sign in with",
            kind: FieldKind::Choice(&[sign_in::TOKEN, sign_in::GH]),
            ..TEXT
        },
        forms::NAME,
        Field { id: "url", label: "Registry", example: "https://ghcr.io, containers.HOST", ..ADVANCED },
        Field { id: "api", label: "API address", example: "https://api.github.com, HOST/api/v3", ..ADVANCED },
        forms::CA_FILE,
        forms::CLIENT_CERTIFICATE,
        forms::SKIP_VERIFICATION,
        forms::PROXY,
    ],
    hosts: &["ghcr.io", "*.ghe.com"],
    url: "https://ghcr.io",
    username: "",
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
    let url = &opening.connection.url;
    let distribution = opening.distribution_at(url, sign_in::at_registry(opening, &addresses))?;
    let client = Client::new(opening, &addresses, sign_in::at_api(opening, &addresses))?;
    let username = opening.connection.username.clone();
    Ok(Arc::new(GitHub { username, addresses, client, distribution, members: blast::Members::default() }))
}

/// A connection to GitHub, opened.
struct GitHub {
    username: String,
    addresses: Addresses,
    client: Client,
    distribution: Distribution,
    members: blast::Members,
}

#[async_trait]
impl Provider for GitHub {
    async fn check(&self) -> Result<Account, Failure> {
        self.account().await
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match at.kind() {
            NodeKind::Connection => self.owners(cursor).await,
            NodeKind::Namespace => self.repositories(at.name(), cursor).await,
            NodeKind::Repository => self.tags(at.name(), cursor).await,
            NodeKind::Untagged => self.untagged(at.repository().unwrap_or_default(), cursor).await,
            _ => Ok(Page::default()),
        }
    }

    fn distribution(&self, _at: &Locator) -> Option<Distribution> {
        Some(self.distribution.clone())
    }

    /// GitHub compares names in lower case, and its registry has them so.
    fn repository_named(&self, typed: &str) -> String {
        typed.to_lowercase()
    }

    fn web(&self, at: &Locator) -> Option<String> {
        match at.kind() {
            NodeKind::Connection => Some(self.addresses.web.clone()),
            NodeKind::Namespace => {
                let wanted = self.client.single_sign_on(at.name());
                Some(wanted.unwrap_or_else(|| self.addresses.owner(at.name(), self.client.route(at.name()))))
            }
            _ => {
                let (owner, package) = browse::split(at.repository()?)?;
                self.addresses.package(&owner, &package, self.client.route(&owner))
            }
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

    fn blast(&self) -> Option<&dyn Blast> {
        Some(self)
    }
}
