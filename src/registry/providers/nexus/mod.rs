//! Sonatype Nexus Repository 3: its Docker repositories by the REST API, images by the protocol, dates by the search.
//!
//! Sources: "Repositories API", "Search API" and "Components API" of the Nexus Repository documentation, and "Docker
//! Repository Reverse Proxy Strategies" for the protocol at `/repository/NAME`. Sonatype publishes no description of
//! Docker components; a component is read as a tag (`name` the image, `version` the tag) whose assets are its manifest.
//!
//! Not confirmed by any of them, and made to fail into what the server says: that `DELETE manifests/<digest>` drops
//! every tag; that `repositorySettings`, which only administrators may read, tells ports and subdomains as
//! `docker.httpsPort`, `httpPort`, `subdomain` and `pathEnabled` (without it a path is assumed).
//!
//! Invariant: whatever the REST API does not offer to this account is done by the protocol.

mod address;
mod change;
mod list;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use url::Url;

use self::address::Address;
use crate::domain::connection::{Field, FieldKind, ProviderInfo};
use crate::domain::{Cursor, Failure, Locator, NodeKind, Page};
use crate::registry::opening::Opening;
use crate::registry::{Account, Api, Clients, Delete, Distribution, Provider, Untag, fallback, forms};

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "nexus",
    title: "Sonatype Nexus",
    about: "Docker repositories of a Nexus Repository 3",
    fields: &[
        Field {
            id: "url",
            label: "URL",
            kind: FieldKind::Text,
            example: "https://nexus.example, https://host/nexus/repository/NAME",
            optional: false,
            advanced: false,
        },
        forms::USERNAME,
        Field {
            label: "Password or user token",
            example: "of an account that may browse",
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
    let url = &opening.connection.url;
    let url: Url = url.parse().map_err(|e| opening.refused(&format!("“{url}”: {e}")))?;
    let address = Address::read(&url);
    let api = opening.api(&address.base, Arc::clone(&opening.sign_in))?;
    Ok(Arc::new(Nexus {
        address,
        api,
        clients: Clients::new(opening.clone()),
        username: opening.connection.username.clone(),
        keys: Mutex::default(),
    }))
}

struct Nexus {
    address: Address,
    api: Api,
    clients: Clients,
    username: String,
    /// The keys of repositories at ports and subdomains, as the listing told them.
    keys: Mutex<HashMap<String, String>>,
}

impl Nexus {
    /// The key of the repository that a node is or lies in, where it is known.
    fn key(&self, at: &Locator) -> Option<String> {
        let Some(host) = at.nearest(NodeKind::Registry) else { return self.address.key.clone() };
        let known = self.address.key_of(host).map(str::to_owned);
        known.or_else(|| self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(host).cloned())
    }

    /// The client for a node: that of its repository's key, else that of the host that its references name.
    fn client(&self, at: &Locator) -> Result<Distribution, Failure> {
        match (self.key(at), at.nearest(NodeKind::Registry)) {
            (Some(key), _) => self.clients.at(&self.address.registry(&key)),
            (None, Some(host)) => self.clients.at(&self.address.elsewhere(host)),
            (None, None) => self.clients.at(&self.address.base),
        }
    }

    async fn ping(&self, registry: &Distribution) -> Result<Account, Failure> {
        let server = registry.ping().await?;
        let name = Some(self.username.clone()).filter(|name| server.signed_in && !name.is_empty());
        Ok(Account { name, ..Account::of(&server) })
    }
}

#[async_trait]
impl Provider for Nexus {
    async fn check(&self) -> Result<Account, Failure> {
        if let Some(key) = &self.address.key {
            return self.ping(&self.clients.at(&self.address.registry(key))?).await;
        }
        match self.repositories().await {
            Ok((found, server)) => {
                let name = Some(self.username.clone()).filter(|name| !name.is_empty());
                let lines = vec![("repositories".to_owned(), found.len().to_string())];
                Ok(Account { name, server, lines, ..Account::default() })
            }
            Err(failure) if fallback::may_do_without(&failure) => {
                self.ping(&self.clients.at(&self.address.base)?).await.map_err(|_| failure)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match at.kind() {
            NodeKind::Connection => self.registries(cursor).await,
            NodeKind::Registry => self.images(&self.client(at)?, cursor).await,
            NodeKind::Repository => self.tags(at, cursor).await,
            _ => Ok(Page::default()),
        }
    }

    fn distribution(&self, at: &Locator) -> Option<Distribution> {
        self.client(at).ok()
    }

    fn web(&self, at: &Locator) -> Option<String> {
        Some(format!("{}/#browse/browse:{}", self.address.base, self.key(at)?))
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
}
