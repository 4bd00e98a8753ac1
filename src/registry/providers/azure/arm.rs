//! The resource manager: tenants, their subscriptions, the registries in these.
//!
//! Source: `azure/arm-all.json` of Microsoft's own descriptions; each file has its own `api-version`.
//!
//! Invariant: each tenant is asked with its own token, and a next page only at the resource manager's own address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;
use url::Url;

use super::entra::{Entra, ForTenant};
use super::refusal;
use super::wire::{List, Registry, Subscription, Tenant, Usage};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::{Limit, Priority, Reply, Request};
use crate::registry::Api;

/// Of tenants, subscriptions and locations.
pub(super) const SUBSCRIPTIONS: &str = "2022-12-01";
/// Of the registries as resources.
pub(super) const REGISTRIES: &str = "2023-07-01";
/// The most pages of one list.
const MOST_PAGES: usize = 100;

/// What the resource manager knows, and what of it was learned so far.
pub(super) struct Arm {
    pub(super) entra: Arc<Entra>,
    clients: Mutex<HashMap<Option<String>, Api>>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    subscriptions: HashMap<String, Subscribed>,
    registries: HashMap<String, Found>,
}

/// A subscription, with its tenant.
#[derive(Debug, Clone)]
pub(super) struct Subscribed {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: Option<String>,
    pub(super) tenant: Option<String>,
    pub(super) tenant_title: String,
}

/// Where a registry is managed.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// `/subscriptions/…/registries/NAME`.
    pub(super) id: String,
    pub(super) tenant: Option<String>,
}

impl Arm {
    pub(super) fn new(entra: Arc<Entra>) -> Self {
        Self { entra, clients: Mutex::default(), known: Mutex::default() }
    }

    /// The tenants to look into: the one that was typed, else every one of the account.
    pub(super) async fn tenants(&self) -> Result<Vec<Tenant>, Failure> {
        if let Some(id) = &self.entra.tenant {
            return Ok(vec![Tenant { tenant_id: id.clone(), ..Tenant::default() }]);
        }
        self.list(None, &["tenants"], SUBSCRIPTIONS, "listing the tenants").await
    }

    /// The subscriptions of a tenant.
    pub(super) async fn subscriptions(&self, tenant: &Tenant) -> Result<Vec<Subscribed>, Failure> {
        let doing = format!("listing the subscriptions of {}", visible(&tenant.title()));
        let id = Some(tenant.tenant_id.as_str()).filter(|id| !id.is_empty());
        let all: Vec<Subscription> = self.list(id, &["subscriptions"], SUBSCRIPTIONS, &doing).await?;
        // What another tenant manages for this one is listed with that one.
        let own = all.into_iter().filter(|s| !s.subscription_id.is_empty());
        let found: Vec<Subscribed> = own.map(|s| subscribed(s, tenant)).collect();
        let known = found.iter().map(|s| (s.id.clone(), s.clone()));
        self.known().subscriptions.extend(known);
        Ok(found)
    }

    /// The registries of a subscription.
    pub(super) async fn registries(&self, of: &Subscribed) -> Result<Vec<Registry>, Failure> {
        let doing = format!("listing the registries of {}", visible(&of.name));
        let path = ["subscriptions", &of.id, "providers", "Microsoft.ContainerRegistry", "registries"];
        let all: Vec<Registry> = self.list(of.tenant.as_deref(), &path, REGISTRIES, &doing).await?;
        let found: Vec<Registry> = all.into_iter().filter(|r| is_host(&r.properties.login_server)).collect();
        let known = found.iter().map(|r| {
            (r.properties.login_server.clone(), Found { id: r.id.clone(), tenant: of.tenant.clone() })
        });
        self.known().registries.extend(known);
        Ok(found)
    }

    /// The subscription with this id, looked for where it is not known yet.
    pub(super) async fn subscription(&self, id: &str) -> Result<Subscribed, Failure> {
        if let Some(known) = self.known_subscription(id) {
            return Ok(known);
        }
        let tenants = self.tenants().await?;
        let asking: Vec<_> = tenants.iter().map(|tenant| self.subscriptions(tenant)).collect();
        let failed = futures_util::future::join_all(asking).await.into_iter().find_map(Result::err);
        self.known_subscription(id).ok_or_else(|| {
            let doing = format!("looking for the subscription {}", visible(id));
            failed.unwrap_or_else(|| {
                Failure::new(FailureKind::NotFound, doing, "the account has none of this id")
            })
        })
    }

    /// Where the registry `server` of a subscription is managed; looked for where it is not known yet.
    pub(super) async fn registry(&self, subscription: &str, server: &str) -> Result<Found, Failure> {
        if let Some(known) = self.known_registry(server) {
            return Ok(known);
        }
        let of = self.subscription(subscription).await?;
        self.registries(&of).await?;
        self.known_registry(server).ok_or_else(|| {
            let doing = format!("looking for the registry {}", visible(server));
            let said = format!("the subscription {} has none of this name", visible(&of.name));
            Failure::new(FailureKind::NotFound, doing, said)
        })
    }

    pub(super) fn known_subscription(&self, id: &str) -> Option<Subscribed> {
        self.known().subscriptions.get(id).cloned()
    }

    pub(super) fn known_registry(&self, server: &str) -> Option<Found> {
        self.known().registries.get(server).cloned()
    }

    /// Nothing is known of a registry that is gone.
    pub(super) fn forget_registry(&self, server: &str) {
        self.known().registries.remove(server);
    }

    /// A registry's own properties.
    pub(super) async fn properties(&self, of: &Found) -> Result<Registry, Failure> {
        let doing = "reading the registry's properties";
        let reply = self.ask(of.tenant.as_deref(), &segments(&of.id), REGISTRIES, doing).await?;
        reply.json(doing)
    }

    /// A registry's own properties, as JSON to be read.
    pub(super) async fn raw_properties(&self, of: &Found) -> Result<String, Failure> {
        let doing = "reading the registry's properties";
        let reply = self.ask(of.tenant.as_deref(), &segments(&of.id), REGISTRIES, doing).await?;
        let value: serde_json::Value = reply.json(doing)?;
        Ok(format!("{value:#}"))
    }

    /// How much of its limits a registry uses.
    pub(super) async fn usages(&self, of: &Found) -> Result<Vec<Usage>, Failure> {
        #[derive(serde::Deserialize)]
        struct Answer {
            value: Option<Vec<Usage>>,
        }
        let doing = "reading how full the registry is";
        let mut path = segments(&of.id);
        path.push("listUsages");
        let reply = self.ask(of.tenant.as_deref(), &path, REGISTRIES, doing).await?;
        Ok(reply.json::<Answer>(doing)?.value.unwrap_or_default())
    }

    /// Every page of a list.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        tenant: Option<&str>,
        path: &[&str],
        version: &str,
        doing: &str,
    ) -> Result<Vec<T>, Failure> {
        self.list_by(tenant, path, &[("api-version", version)], doing).await
    }

    /// Every page of a list that is asked for with more than its version.
    pub(super) async fn list_by<T: DeserializeOwned>(
        &self,
        tenant: Option<&str>,
        path: &[&str],
        query: &[(&str, &str)],
        doing: &str,
    ) -> Result<Vec<T>, Failure> {
        let api = self.client(tenant)?;
        let mut url = api.url(path, query);
        let mut found = Vec::new();
        for _ in 0..MOST_PAGES {
            let mut page: List = get(&api, url.clone(), doing).await?.json(doing)?;
            // A link is always whole; anything else is none.
            let link = page.next_link.take().filter(|link| Url::parse(link).is_ok());
            found.extend(page.rows());
            let Some(next) = link.map(|link| api.next(&url, &link, doing)).transpose()? else { break };
            if next == url {
                break;
            }
            url = next;
        }
        Ok(found)
    }

    async fn ask(
        &self,
        tenant: Option<&str>,
        path: &[&str],
        version: &str,
        doing: &str,
    ) -> Result<Reply, Failure> {
        let api = self.client(tenant)?;
        get(&api, api.url(path, &[("api-version", version)]), doing).await
    }

    /// The client that shows a tenant's token.
    pub(super) fn client(&self, tenant: Option<&str>) -> Result<Api, Failure> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let key = tenant.map(str::to_owned);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let sign_in = Arc::new(ForTenant::new(Arc::clone(&self.entra), tenant));
        let client = self.entra.opening.api(&self.entra.cloud.arm, sign_in)?;
        clients.insert(key, client.clone());
        Ok(client)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn get(api: &Api, url: Url, doing: &str) -> Result<Reply, Failure> {
    let request = Request::get(url, doing).accept("application/json").at(Priority::Listing).compressed();
    let reply = api.http().fetch(&request, Limit::LIST).await?;
    if reply.status.is_success() { Ok(reply) } else { Err(refusal::of_arm(&reply, doing, "Reader")) }
}

fn subscribed(subscription: Subscription, tenant: &Tenant) -> Subscribed {
    let Subscription { subscription_id, display_name, tenant_id, state } = subscription;
    let asked = Some(tenant.tenant_id.clone()).filter(|id| !id.is_empty());
    Subscribed {
        name: display_name.filter(|n| !n.is_empty()).unwrap_or_else(|| subscription_id.clone()),
        id: subscription_id,
        state,
        tenant: asked.or(tenant_id),
        tenant_title: tenant.title(),
    }
}

/// The parts of a resource's id.
pub(super) fn segments(id: &str) -> Vec<&str> {
    id.split('/').filter(|part| !part.is_empty()).collect()
}

/// Whether a login server is a host with or without a port, and nothing that leads elsewhere.
fn is_host(server: &str) -> bool {
    !server.is_empty() && server.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b))
}
