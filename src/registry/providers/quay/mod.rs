//! Quay: quay.io, and Quay on one's own servers.
//!
//! `sign_in` finds out what the sign-in is good for, `web_api` has the calls and `wire` what they answer, `rows` makes
//! rows of that, `remove` and `describe` are the facets.
//!
//! Quay's description declares no bodies: every field of an answer, and that tags come newest first, is read from Quay's
//! sources (`endpoints/api`, `data/model/oci/tag.py`). Namespaces have no page that works for persons and organisations
//! alike, so they have none here.
//!
//! Invariant: without an OAuth token the protocol alone is spoken; the token server is never asked for the scope
//! `delete`, which breaks its tokens.

mod describe;
mod remove;
mod rows;
mod sign_in;
mod web_api;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;

use self::sign_in::{Access, Account as Own, AtApi, AtRegistry, OAUTH_USER};
use self::web_api::WebApi;
use crate::domain::connection::{Field, FieldKind, ProviderInfo};
use crate::domain::{Cursor, Entry, Failure, FailureKind, Locator, NodeKind, Page};
use crate::registry::opening::Opening;
use crate::registry::paging::Paging;
use crate::registry::plain::Plain;
use crate::registry::{
    Account, Delete, DeleteRepository, Describe, Distribution, Provider, Untag, fallback, forms,
};

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "quay",
    title: "Quay",
    about: "quay.io, or Quay on your own servers",
    fields: &[
        Field {
            id: "url",
            label: "Host",
            kind: FieldKind::Text,
            example: "quay.io",
            optional: true,
            advanced: false,
        },
        Field {
            label: "Robot or user",
            example: "acme+builder; leave empty with an OAuth token, or for public images only",
            ..forms::USERNAME
        },
        Field {
            label: "Token",
            example: "robot token, or OAuth token (organisation, Applications, Generate Token: user:read, repo:read, repo:write, repo:admin)",
            ..forms::PASSWORD
        },
        forms::NAME,
        Field {
            id: "namespaces",
            label: "Further namespaces",
            kind: FieldKind::Text,
            example: "prometheus, coreos",
            optional: true,
            advanced: true,
        },
        Field {
            id: "api",
            label: "API address",
            kind: FieldKind::Text,
            example: "the host",
            optional: true,
            advanced: true,
        },
        forms::CA_FILE,
        forms::CLIENT_CERTIFICATE,
        forms::PLAIN_HTTP,
        forms::SKIP_VERIFICATION,
        forms::PROXY,
    ],
    hosts: &["quay.io"],
    url: "https://quay.io",
    username: OAUTH_USER,
};

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when an address cannot be read.
pub fn open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    let web = opening.connection.url.trim_end_matches('/').to_owned();
    let account = Own::new(opening);
    let api = opening.setting("api").unwrap_or(&web);
    let kept = opening.sign_in_at(api, None);
    let at_api = Arc::new(AtApi { account: Arc::clone(&account), kept });
    let registry = opening.distribution_at(&web, Arc::new(AtRegistry(Arc::clone(&account))))?;
    let typed = opening.setting("namespaces").unwrap_or_default();
    let namespaces = typed.split([',', ' ']).filter(|n| !n.is_empty()).map(str::to_owned).collect();
    Ok(Arc::new(Quay {
        api: WebApi(opening.api(api, at_api)?),
        plain: Plain::new(registry.clone()),
        registry,
        account,
        namespaces,
        web,
    }))
}

struct Quay {
    api: WebApi,
    registry: Distribution,
    plain: Plain,
    account: Arc<Own>,
    /// Namespaces that the person named.
    namespaces: Vec<String>,
    /// The host of API, registry and pages.
    web: String,
}

impl Quay {
    /// The namespaces of the account, and those that the person named.
    async fn list_namespaces(&self, access: Access) -> Result<Page, Failure> {
        let told = match access {
            Access::OAuth => self.api.user().await.map(|user| user.namespaces()),
            Access::Anonymous | Access::Registry => Err(nobody()),
        };
        let mut warnings = Vec::new();
        let mut names = match told {
            Ok(names) => names,
            Err(failure) if self.namespaces.is_empty() => return Err(failure),
            Err(failure) => {
                warnings.extend((access == Access::OAuth).then(|| failure.to_string()));
                Vec::new()
            }
        };
        for name in &self.namespaces {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let entries = names.into_iter().map(|name| Entry::named(NodeKind::Namespace, name)).collect();
        Ok(Page { entries, warnings, ..Page::default() })
    }

    async fn list_repositories(&self, namespace: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let paging = Paging::at(cursor)?;
        let list = self.api.repositories(namespace, paging.asked()).await?;
        let named = list.repositories.iter().filter(|r| !r.name.is_empty());
        let entries = named.map(|r| rows::repository(namespace, r)).collect();
        let next = list.next_page.filter(|token| !token.is_empty());
        Ok(paging.finish(Page { entries, ..Page::default() }, next))
    }

    async fn list_tags(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let paging = Paging::at(cursor)?;
        let list = self.api.tags(repository, paging.number()).await?;
        let entries = list.tags.iter().filter(|t| !t.name.is_empty()).map(rows::tag).collect();
        let next = list.has_additional.then(|| (paging.number() + 1).to_string());
        Ok(paging.finish(Page { entries, ..Page::default() }, next))
    }

    /// What the API tells of the account: its name, and lines for the details.
    async fn about_account(&self) -> (Option<String>, Vec<(String, String)>) {
        match self.api.user().await {
            Ok(user) => {
                let names = user.namespaces().join(", ");
                (Some(user.username), vec![("namespaces".to_owned(), names)])
            }
            Err(failure) => (None, vec![("namespaces".to_owned(), failure.to_string())]),
        }
    }
}

fn nobody() -> Failure {
    let said = "Quay lists no namespaces without an OAuth token; name some in the connection's settings";
    Failure::new(FailureKind::Unsupported, "listing the namespaces", said)
}

#[async_trait]
impl Provider for Quay {
    async fn check(&self) -> Result<Account, Failure> {
        let access = self.account.access().await?;
        // The registry says whether the token is good at all; the API says 401 for a missing scope too.
        let server = self.registry.ping().await?;
        let (name, lines) = match access {
            Access::OAuth => self.about_account().await,
            Access::Anonymous => (None, Vec::new()),
            Access::Registry => {
                let name = self.account.own().await?.username().map(str::to_owned);
                let less =
                    "the registry alone; dates, findings and deleting repositories need an OAuth token";
                (name, vec![("sign-in for".to_owned(), less.to_owned())])
            }
        };
        Ok(Account { name, lines, ..Account::of(&server) })
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let access = self.account.access().await?;
        if access == Access::Registry {
            return self.plain.children(at, cursor).await;
        }
        match at.kind() {
            NodeKind::Connection if access == Access::Anonymous => self.list_namespaces(access).await,
            NodeKind::Connection => {
                fallback::children(&self.plain, at, cursor, self.list_namespaces(access)).await
            }
            NodeKind::Namespace => self.list_repositories(at.name(), cursor).await,
            NodeKind::Repository => {
                fallback::children(&self.plain, at, cursor, self.list_tags(at.name(), cursor)).await
            }
            _ => Ok(Page::default()),
        }
    }

    fn distribution(&self, _at: &Locator) -> Option<Distribution> {
        Some(self.registry.clone())
    }

    fn web(&self, at: &Locator) -> Option<String> {
        let page = || Some(format!("{}/repository/{}", self.web, at.repository()?));
        match at.kind() {
            NodeKind::Connection => Some(self.web.clone()),
            NodeKind::Repository => page(),
            NodeKind::Tag => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                query.append_pair("tab", "tags").append_pair("tag", at.name());
                Some(format!("{}?{}", page()?, query.finish()))
            }
            NodeKind::Manifest => Some(format!("{}/manifest/{}", page()?, at.name())),
            _ => None,
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
