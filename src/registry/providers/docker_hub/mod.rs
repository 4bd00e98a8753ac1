//! Docker Hub: namespaces, repositories and tags by its web API, content by its registry.
//!
//! `sign_in` logs in to the API, `web_api` has its calls and `wire` what they answer, `rows` makes rows of that, `walk`
//! goes through a whole repository, `remove` deletes and says what goes along, `describe` and `quota` fill the details.
//!
//! What could not be confirmed from Docker's contract is said in `web_api` and `sign_in`. Not confirmed either: which
//! status a token without the needed access gets (401 and 403 are both read so), and that `images` of a tag names the
//! attestations of an index as `unknown`.
//!
//! Invariant: browsing costs no pull: rows come from the bulk lists, digests by HEAD; a manifest is never read here.

mod describe;
mod quota;
mod remove;
mod rows;
mod sign_in;
mod walk;
mod web_api;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;

use self::sign_in::HubSignIn;
use self::web_api::{OFFICIAL, WebApi, parts};
use crate::domain::connection::{Field, FieldKind, ProviderInfo};
use crate::domain::{Credential, Cursor, Failure, FailureKind, Locator, NodeKind, Page};
use crate::http::{FixedSignIn, SignIn};
use crate::registry::opening::Opening;
use crate::registry::paging::Paging;
use crate::registry::plain::Plain;
use crate::registry::{
    Account, Blast, Delete, DeleteRepository, Describe, Distribution, Provider, Untag, fallback, forms,
};

/// Where the API is, unless the connection says otherwise.
const API: &str = "https://hub.docker.com";
/// The pages for people.
const WEB: &str = "https://hub.docker.com";

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "docker_hub",
    title: "Docker Hub",
    about: "docker.io; public images need no account",
    fields: &[
        Field { example: "your Docker ID; leave empty for public images only", ..forms::USERNAME },
        Field {
            label: "Password or token",
            example: "personal access token: hub.docker.com/settings/personal-access-tokens; “Read, Write, Delete” to delete",
            ..forms::PASSWORD
        },
        forms::NAME,
        Field {
            id: "api",
            label: "API address",
            kind: FieldKind::Text,
            example: API,
            optional: true,
            advanced: true,
        },
        Field {
            id: "url",
            label: "Registry address",
            kind: FieldKind::Text,
            example: "https://registry-1.docker.io",
            optional: true,
            advanced: true,
        },
        forms::CA_FILE,
        forms::CLIENT_CERTIFICATE,
        forms::PLAIN_HTTP,
        forms::SKIP_VERIFICATION,
        forms::PROXY,
    ],
    hosts: &["docker.io", "index.docker.io", "registry-1.docker.io"],
    url: "https://registry-1.docker.io",
    ..ProviderInfo::EMPTY
};

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when an address cannot be read.
pub fn open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    let base = opening.setting("api").unwrap_or(API);
    let outside = opening.api(base, Arc::new(FixedSignIn(Credential::Anonymous)))?;
    let own = opening.sign_in_at(base, INFO.serves(opening.connection.host()).then_some(API));
    let sign_in = Arc::new(HubSignIn::new(outside, Arc::clone(&own)));
    let registry = opening.distribution()?;
    Ok(Arc::new(DockerHub {
        api: WebApi(opening.api(base, sign_in)?),
        plain: Plain::new(registry.clone()),
        registry,
        own,
    }))
}

struct DockerHub {
    api: WebApi,
    registry: Distribution,
    plain: Plain,
    own: Arc<dyn SignIn>,
}

impl DockerHub {
    /// The account's name; nothing when nobody signs in.
    async fn username(&self) -> Result<Option<String>, Failure> {
        Ok(self.own.credential().await?.username().map(str::to_owned))
    }

    /// The namespaces of the account, its own first.
    async fn namespaces(&self, username: &str) -> Result<Vec<String>, Failure> {
        let (writable, organisations) = tokio::join!(self.api.namespaces(), self.api.organisations());
        let (writable, organisations) = match (writable, organisations) {
            (Err(failure), Err(_)) => return Err(failure),
            (writable, organisations) => (writable.unwrap_or_default(), organisations.unwrap_or_default()),
        };
        // An account may sign in with its mail address, which is no namespace.
        let own = Some(username.to_ascii_lowercase()).filter(|name| !name.contains('@'));
        let mut found: Vec<String> = Vec::new();
        for name in own.into_iter().chain(writable).chain(organisations) {
            if !name.is_empty() && !found.contains(&name) {
                found.push(name);
            }
        }
        Ok(found)
    }

    async fn list_namespaces(&self) -> Result<Page, Failure> {
        let entries = match self.username().await? {
            Some(username) => {
                let names = self.namespaces(&username).await?;
                names.into_iter().map(|name| rows::namespace(name, None)).collect()
            }
            None => vec![rows::namespace(OFFICIAL.to_owned(), Some("official images"))],
        };
        Ok(Page { entries, ..Page::default() })
    }

    async fn list_repositories(&self, namespace: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let paging = Paging::at(cursor)?;
        match self.api.repositories(namespace, paging.number()).await {
            // "Page not found": repositories went away meanwhile.
            Err(failure) if failure.kind == FailureKind::NotFound && cursor.is_some() => Ok(Page::default()),
            Err(failure) if fallback::is_away(failure.kind) => {
                let said = format!("{}; a repository can still be opened by its name", failure.said);
                Err(Failure { said, ..failure })
            }
            listed => Ok(rows::page(&paging, listed?, |row| rows::repository(namespace, row))),
        }
    }

    async fn list_tags(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let paging = Paging::at(cursor)?;
        match self.api.tags(repository, paging.number()).await {
            Err(failure) if failure.kind == FailureKind::NotFound && cursor.is_some() => Ok(Page::default()),
            listed => Ok(rows::page(&paging, listed?, rows::tag)),
        }
    }
}

#[async_trait]
impl Provider for DockerHub {
    async fn check(&self) -> Result<Account, Failure> {
        let username = self.username().await?;
        let mut lines = Vec::new();
        if let Some(username) = &username {
            match self.namespaces(username).await {
                Ok(names) => lines.push(("namespaces".to_owned(), names.join(", "))),
                Err(failure) if failure.kind == FailureKind::Unauthorized => return Err(failure),
                Err(failure) => lines.push(("API".to_owned(), failure.to_string())),
            }
        }
        let server = self.registry.ping().await?;
        let quota = quota::line(&self.registry).await;
        lines.push(quota.unwrap_or_else(|failure| ("pulls left".to_owned(), failure.to_string())));
        Ok(Account { name: username, lines, ..Account::of(&server) })
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match at.kind() {
            NodeKind::Connection => fallback::children(&self.plain, at, cursor, self.list_namespaces()).await,
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

    fn counts_reads(&self) -> bool {
        true
    }

    fn repository_named(&self, typed: &str) -> String {
        let (namespace, name) = parts(typed);
        format!("{namespace}/{name}")
    }

    fn web(&self, at: &Locator) -> Option<String> {
        Some(match at.kind() {
            NodeKind::Connection => WEB.to_owned(),
            NodeKind::Namespace if at.name() == OFFICIAL => {
                format!("{WEB}/search?image_filter=official&q=")
            }
            NodeKind::Namespace => format!("{WEB}/u/{}", at.name()),
            NodeKind::Repository => page_of(at.name()),
            NodeKind::Tag => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                query.append_pair("name", at.name());
                format!("{}/tags?{}", page_of(at.repository()?), query.finish())
            }
            NodeKind::Manifest => format!("{}/tags", page_of(at.repository()?)),
            _ => return None,
        })
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

fn page_of(repository: &str) -> String {
    match parts(repository) {
        (OFFICIAL, name) => format!("{WEB}/_/{name}"),
        (namespace, name) => format!("{WEB}/r/{namespace}/{name}"),
    }
}
