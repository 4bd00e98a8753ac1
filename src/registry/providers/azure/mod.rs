//! Azure: subscriptions, the registries in them, their repositories, tags and untagged manifests; or one registry alone.
//!
//! `source` says where the sign-in comes from, `entra` has its tokens, `code` the sign-in by a code, `principal` that of an
//! application and `assertion` what it signs; `arm` asks the resource manager, `exchange` makes a registry's password of a
//! token, `server` asks one registry; `browse` makes rows of that, `walk` goes through a repository, `act` changes it,
//! `describe` fills the details, `refusal` reads what is refused; `operation` changes what the resource manager manages and
//! waits for it, `groups` knows where things can be put, `tasks` has the builds of a registry and `storage` their sources
//! and logs, `offers` is what only Azure has.
//!
//! Not confirmed by a description: whether a registry takes tokens for the resource manager depends on its policy
//! (`azureADAuthenticationAsArmPolicy`), and those with it off refuse the exchange; the texts by which a firewall is known;
//! that what is locked is refused with 405; how many seconds a registry's access token lives, which it does not say.
//!
//! Invariant: opening asks nobody, and a token of Entra goes to the resource manager and registries of its cloud alone.

mod act;
mod arm;
mod assertion;
mod browse;
mod claims;
mod cloud;
mod code;
mod describe;
mod entra;
mod exchange;
mod groups;
mod offers;
mod operation;
mod principal;
mod refusal;
mod server;
mod source;
mod storage;
mod tasks;
mod token;
mod walk;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::domain::connection::{Field, FieldKind, ProviderInfo};
use crate::domain::text::visible;
use crate::domain::{Cursor, Failure, FailureKind, Locator, NodeKind, Page};
use crate::http::SignIn;
use crate::registry::opening::Opening;
use crate::registry::{
    Account, Blast, Delete, DeleteRepository, Describe, Distribution, Extras, Provider, Untag, forms,
};

use arm::Arm;
use claims::Claims;
use entra::Entra;
use exchange::ForRegistry;
use server::Server;
use source::Source;
use walk::Recent;

pub use source::find;

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "azure",
    title: "Azure",
    about: "Azure Container Registry: every subscription, or one registry",
    fields: &[
        Field { id: "sign_in", label: "Sign in with", kind: FieldKind::Choice(source::CHOICES), ..TEXT },
        Field {
            id: "tenant",
            label: "Tenant",
            example: "ID or domain; empty: all, or AZURE_TENANT_ID",
            ..TEXT
        },
        Field {
            label: "Client ID or user",
            example: "of a registry or service principal; empty: AZURE_CLIENT_ID",
            ..forms::USERNAME
        },
        Field { label: "Secret", example: "password; empty: AZURE_CLIENT_SECRET", ..forms::PASSWORD },
        Field {
            id: principal::CERTIFICATE,
            label: "Certificate",
            kind: FieldKind::File,
            example: "PEM with its key; empty: AZURE_CLIENT_CERTIFICATE_PATH",
            ..TEXT
        },
        Field { id: "url", label: "One registry", example: "NAME.azurecr.io; empty: all", ..TEXT },
        forms::NAME,
        Field { id: "cloud", label: "Cloud", kind: FieldKind::Choice(cloud::CHOICES), ..ADVANCED },
        Field { id: "client", label: "App of the code", example: "empty: the Azure CLI", ..ADVANCED },
        Field {
            id: "authority",
            label: "Authority",
            example: "https://login.microsoftonline.com, or AZURE_AUTHORITY_HOST",
            ..ADVANCED
        },
        Field { id: "arm", label: "Resource manager", example: "https://management.azure.com", ..ADVANCED },
        Field { id: "portal", label: "Portal", example: "https://portal.azure.com", ..ADVANCED },
        forms::CA_FILE,
        forms::CLIENT_CERTIFICATE,
        forms::PLAIN_HTTP,
        forms::SKIP_VERIFICATION,
        forms::PROXY,
    ],
    hosts: &["*.azurecr.io", "*.azurecr.cn", "*.azurecr.us"],
    url: cloud::EVERYWHERE,
    ..ProviderInfo::EMPTY
};

const TEXT: Field =
    Field { id: "", label: "", kind: FieldKind::Text, example: "", optional: true, advanced: false };
const ADVANCED: Field = Field { advanced: true, ..TEXT };

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when an address cannot be read.
pub fn open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    let is_one = opening.connection.url.trim_end_matches('/') != cloud::EVERYWHERE;
    let source = Source::of(opening, is_one);
    let arm = Arc::new(Arm::new(Entra::of(opening, source)?));
    let one = is_one.then(|| one_registry(opening, source, &arm)).transpose()?;
    Ok(Arc::new(Azure {
        opening: opening.clone(),
        source,
        arm,
        one,
        servers: Mutex::default(),
        recent: Recent::default(),
    }))
}

/// The registry of a connection that leads to one alone.
fn one_registry(opening: &Opening, source: Source, arm: &Arc<Arm>) -> Result<Server, Failure> {
    let sign_in: Arc<dyn SignIn> = match source {
        Source::Registry => Arc::clone(&opening.sign_in),
        _ => Arc::new(ForRegistry::new(Arc::clone(arm), opening.connection.host(), None)?),
    };
    Ok(Server::new(distribution(opening, &opening.connection.url, sign_in)?))
}

/// The protocol client of a registry.
fn distribution(opening: &Opening, url: &str, sign_in: Arc<dyn SignIn>) -> Result<Distribution, Failure> {
    opening.explained_distribution_at(url, sign_in, refusal::of_registry)
}

/// A connection to Azure, opened.
struct Azure {
    opening: Opening,
    source: Source,
    arm: Arc<Arm>,
    /// The only registry, where the connection leads to one.
    one: Option<Server>,
    /// Those that were needed so far, by their hosts.
    servers: Mutex<HashMap<String, Server>>,
    /// The repository that was gone through last.
    recent: Recent,
}

impl Azure {
    /// The registry that `at` lies in.
    ///
    /// # Errors
    /// `NotFound` above all registries; `Invalid` when its address cannot be read.
    fn server(&self, at: &Locator) -> Result<Server, Failure> {
        if let Some(one) = &self.one {
            return Ok(one.clone());
        }
        let (Some(host), Some(subscription)) =
            (at.nearest(NodeKind::Registry), at.nearest(NodeKind::Namespace))
        else {
            let doing = format!("looking for the registry of {}", visible(at.name()));
            return Err(Failure::new(FailureKind::NotFound, doing, "choose a registry first"));
        };
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = servers.get(host) {
            return Ok(server.clone());
        }
        let sign_in = Arc::new(ForRegistry::new(Arc::clone(&self.arm), host, Some(subscription))?);
        let url = self.arm.entra.cloud.registry(host);
        let server = Server::new(distribution(&self.opening, &url, sign_in)?);
        servers.insert(host.to_owned(), server.clone());
        Ok(server)
    }

    /// Nothing is kept of a registry that is gone.
    fn forget(&self, host: &str) {
        self.arm.forget_registry(host);
        self.servers.lock().unwrap_or_else(PoisonError::into_inner).remove(host);
    }

    /// Who signs in, as the token tells.
    async fn account(&self) -> Result<Option<String>, Failure> {
        if self.source == Source::Registry {
            return Ok(self.opening.sign_in.credential().await?.username().map(str::to_owned));
        }
        code::sign_in(&self.arm.entra).await?;
        let token = self.arm.entra.token(None, None).await?;
        Ok(Claims::of(token.expose()).name())
    }
}

#[async_trait]
impl Provider for Azure {
    async fn check(&self) -> Result<Account, Failure> {
        let name = self.account().await?;
        if let Some(one) = &self.one {
            let server = one.distribution.ping().await?;
            let secret = self.arm.entra.brought();
            return Ok(Account { name, secret, ..Account::of(&server) });
        }
        let page = match self.subscriptions().await {
            Err(failure) if failure.kind != FailureKind::NotFound => return Err(failure),
            page => page,
        };
        let told = page.map_or_else(
            |none| none.said,
            |page| {
                let named = page.entries.iter().filter(|e| e.failure.is_none());
                let names: Vec<String> = named.filter_map(|e| e.label.clone()).collect();
                names.join(", ")
            },
        );
        let lines = vec![("subscriptions".to_owned(), told)];
        // Each tenant's token may have brought another.
        let secret = self.arm.entra.brought();
        Ok(Account { name, secret, lines, ..Account::default() })
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match at.kind() {
            NodeKind::Connection if self.one.is_none() => self.subscriptions().await,
            NodeKind::Namespace => self.registries(at.name()).await,
            NodeKind::Connection => self.repositories(&self.server(at)?, at, cursor).await,
            NodeKind::Registry => {
                let mut page = self.repositories(&self.server(at)?, at, cursor).await?;
                page.entries.extend(cursor.is_none().then(Self::builds_row));
                Ok(page)
            }
            NodeKind::Repository => self.tags(&self.server(at)?, at, cursor).await,
            NodeKind::Untagged => self.untagged(&self.server(at)?, at).await,
            NodeKind::Builds => self.builds(at, cursor).await,
            NodeKind::Build => self.build_runs(at, cursor).await,
            _ => Ok(Page::default()),
        }
    }

    fn distribution(&self, at: &Locator) -> Option<Distribution> {
        self.server(at).ok().map(|server| server.distribution)
    }

    fn web(&self, at: &Locator) -> Option<String> {
        if self.one.is_some() {
            return None;
        }
        let portal = &self.arm.entra.cloud.portal;
        let page = |tenant: Option<String>, id: &str| {
            format!("{portal}/#@{}/resource{id}", tenant.unwrap_or_default())
        };
        match (at.nearest(NodeKind::Registry), at.nearest(NodeKind::Namespace)) {
            (Some(host), _) => self.arm.known_registry(host).map(|found| page(found.tenant, &found.id)),
            (None, Some(id)) => {
                let of = self.arm.known_subscription(id)?;
                Some(page(of.tenant, &format!("/subscriptions/{id}")))
            }
            (None, None) => Some(portal.clone()),
        }
    }

    fn has_web(&self) -> bool {
        self.one.is_none()
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

    fn extras(&self) -> Option<&dyn Extras> {
        Some(self)
    }
}
