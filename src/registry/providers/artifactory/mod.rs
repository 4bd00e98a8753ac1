//! JFrog Artifactory: its Docker and OCI repositories by the REST API, images by the protocol, dates and digests by AQL.
//!
//! Sources: JFrog REST APIs ("Get Repositories", "List Docker Repositories", "List Docker Images", "Delete Item",
//! "Folder Info", "Artifactory Query Language") and "Docker Repository URL Formats" of the Artifactory documentation.
//! JFrog publishes no machine-readable description.
//!
//! Not confirmed by any of them, and made to fail into what the server says: the status of a delete (any 2xx counts);
//! that `DELETE manifests/<digest>` drops every tag; the address of the pages for people, which is that of the user
//! interface of version 7; that repositories of the
//! package type OCI are served below `api/docker/KEY` too; that the SHA-256 of `manifest.json` and `list.manifest.json` is the manifest's digest, which
//! follows from their being stored byte for byte.
//!
//! Invariant: a folder is deleted only when it is known to hold one tag, or one image and no other below it.

mod address;
mod change;
mod list;

use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use self::address::{Address, METHODS, Method};
use crate::domain::connection::{Field, FieldKind, ProviderInfo};
use crate::domain::{Cursor, Failure, Locator, NodeKind, Page};
use crate::registry::opening::Opening;
use crate::registry::{
    Account, Api, Clients, Delete, DeleteRepository, Distribution, Provider, Untag, fallback, forms,
};

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "artifactory",
    title: "JFrog Artifactory",
    about: "Docker and OCI repositories of an Artifactory",
    fields: &[
        Field {
            id: "url",
            label: "URL",
            kind: FieldKind::Text,
            example: "https://acme.jfrog.io, https://host/artifactory/api/docker/KEY",
            optional: false,
            advanced: false,
        },
        forms::USERNAME,
        Field {
            label: "Identity token or password",
            example: "user profile, “Generate an Identity Token”",
            ..forms::PASSWORD
        },
        Field {
            id: "method",
            label: "Images are at",
            kind: FieldKind::Choice(&METHODS),
            example: "HOST/KEY/image, KEY.HOST/image or, for one repository, HOST/image",
            optional: true,
            advanced: true,
        },
        forms::NAME,
        forms::CA_FILE,
        forms::CLIENT_CERTIFICATE,
        forms::PLAIN_HTTP,
        forms::SKIP_VERIFICATION,
        forms::PROXY,
    ],
    hosts: &["*.jfrog.io"],
    ..ProviderInfo::EMPTY
};

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when the URL cannot be read.
pub fn open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    let url = &opening.connection.url;
    let url: Url = url.parse().map_err(|e| opening.refused(&format!("“{url}”: {e}")))?;
    let address = Address::read(&url, Method::of(opening.setting("method")));
    let api = opening.api(&address.api, Arc::clone(&opening.sign_in))?;
    let username = opening.connection.username.clone();
    Ok(Arc::new(Artifactory { address, api, clients: Clients::new(opening.clone()), username }))
}

struct Artifactory {
    address: Address,
    api: Api,
    clients: Clients,
    username: String,
}

impl Artifactory {
    /// The registry that Docker sees at the host itself.
    fn at_host(&self) -> Result<Distribution, Failure> {
        self.clients.at(&self.address.origin)
    }

    /// The client for a node: that of its repository's key, else that of the host.
    fn client(&self, at: &Locator) -> Result<Distribution, Failure> {
        let above = at.nearest(NodeKind::Registry).and_then(|host| self.address.key_of(host));
        match above.or(self.address.key.as_deref()) {
            Some(key) => self.clients.at(&self.address.registry(key)),
            None => self.at_host(),
        }
    }

    /// What a check tells where the protocol answered.
    async fn ping(&self, registry: &Distribution) -> Result<Account, Failure> {
        let server = registry.ping().await?;
        let name = Some(self.username.clone()).filter(|name| server.signed_in && !name.is_empty());
        Ok(Account { name, ..Account::of(&server) })
    }
}

#[async_trait]
impl Provider for Artifactory {
    async fn check(&self) -> Result<Account, Failure> {
        if let Some(key) = &self.address.key {
            return self.ping(&self.clients.at(&self.address.registry(key))?).await;
        }
        if self.address.method == Method::Single {
            return self.ping(&self.at_host()?).await;
        }
        match self.keys().await {
            Ok((keys, server)) => {
                let name = Some(self.username.clone()).filter(|name| !name.is_empty());
                let lines = vec![("repositories".to_owned(), keys.len().to_string())];
                Ok(Account { name, server, lines, ..Account::default() })
            }
            Err(failure) if fallback::may_do_without(&failure) => {
                self.ping(&self.at_host()?).await.map_err(|_| failure)
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
        let above = at.nearest(NodeKind::Registry);
        let mut url: Url = self.address.origin.parse().ok()?;
        let (key, image) = match at.repository() {
            Some(name) => self.address.spot(above, name).map(|spot| (spot.key, spot.image))?,
            None => (self.address.key_of(above?)?, ""),
        };
        let tag = Some(at.name()).filter(|_| at.kind() == NodeKind::Tag);
        let path = image.split('/').chain(tag).filter(|part| !part.is_empty());
        url.path_segments_mut().ok()?.extend(["ui", "repos", "tree", "General", key]).extend(path);
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
}
