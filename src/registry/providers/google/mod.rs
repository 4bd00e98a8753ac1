//! Google Artifact Registry, and gcr.io: projects, locations, repositories and images by its API, tags by the protocol.
//!
//! Sources: the discovery document of `artifactregistry.googleapis.com` v1 (October 2026); for the protocol's list of
//! tags with `manifest` and `child`, go-containerregistry's `pkg/v1/google`; for the codes of refused deletes
//! (`GOOGLE_MANIFEST_DANGLING_TAG`, `…_PARENT_IMAGE`, `…_REFERRING_MANIFEST`) the clean-up tools that meet them.
//!
//! The tree is connection, project, host (a location's, or one of gcr.io), repository, image, tag: a host has a step of
//! its own because references start with it. Projects that are not named in the form are searched for with Cloud Resource
//! Manager (v3, `projects.search`), which a token may not be for: then the sign-in's own project is shown. Vulnerabilities
//! are another API too (`containeranalysis`), and left out.
//!
//! Not confirmed by a contract or a page of Google's: that `tags/list` of a project or repository at `*.pkg.dev` names the
//! level below in `child`, which only stands in for the API where that is not to be had; the pages for people; how the
//! delete of an immutable tag is refused (told by its text). A key signs for the API by itself (`google-cloud-auth`), and
//! that client sees neither the proxy nor the CA file of the connection, because it asks nobody.
//!
//! Invariant: the API is shown a bearer token and a registry a username and password, each at its own host alone.

mod api;
mod blast;
mod change;
mod describe;
mod key;
mod list;
mod places;
mod projects;
mod sign_in;
mod wire;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use url::Url;

use self::api::Client;
use self::places::Place;
use self::sign_in::SignIns;
use crate::domain::connection::{Field, FieldKind, FoundSignIn, ProviderInfo};
use crate::domain::{Cursor, Failure, FailureKind, Locator, NodeKind, Page, text::visible};
use crate::registry::distribution::Distribution;
use crate::registry::opening::{Opening, Surroundings};
use crate::registry::{Account, Blast, Delete, DeleteRepository, Describe, Provider, Untag, forms};

/// Where the API is, unless the form says otherwise.
const API: &str = "https://artifactregistry.googleapis.com";
/// Where the one of projects is, unless the form says otherwise.
const PROJECTS_API: &str = "https://cloudresourcemanager.googleapis.com";
/// Where the registries are; `{host}` stands for one.
const REGISTRY: &str = "https://{host}";
const HOST: &str = "{host}";
/// The host of what is opened by name, unless the form says otherwise.
const DEFAULT_HOST: &str = "us-docker.pkg.dev";
/// The pages for people.
const CONSOLE: &str = "https://console.cloud.google.com/artifacts";

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "google",
    title: "Google Artifact Registry",
    about: "projects of Google Cloud, and gcr.io",
    fields: &[
        Field { id: "sign_in", label: "Sign-in", kind: FieldKind::Choice(sign_in::CHOICES), ..TEXT },
        Field {
            id: "key_file",
            label: "Key file",
            kind: FieldKind::File,
            example: "/path/to/service-account.json, with the sign-in “key file”",
            ..TEXT
        },
        Field { label: "Access token", example: "with the sign-in “access token”", ..forms::PASSWORD },
        Field {
            id: "projects",
            label: "Projects",
            example: "project IDs; empty: those that the sign-in sees",
            ..TEXT
        },
        Field { id: "location", label: "Location", example: "us, europe-west1; empty: all", ..TEXT },
        forms::NAME,
        Field { id: "url", label: "Registry", example: DEFAULT_HOST, advanced: true, ..TEXT },
        Field { id: "api", label: "API address", example: API, advanced: true, ..TEXT },
        Field { id: "projects_api", label: "Projects' API", example: PROJECTS_API, advanced: true, ..TEXT },
        Field { id: "registry", label: "Registry addresses", example: REGISTRY, advanced: true, ..TEXT },
        forms::CA_FILE,
        forms::CLIENT_CERTIFICATE,
        forms::PLAIN_HTTP,
        forms::SKIP_VERIFICATION,
        forms::PROXY,
    ],
    hosts: &["*.pkg.dev", "gcr.io", "*.gcr.io"],
    url: "https://us-docker.pkg.dev",
    username: sign_in::TOKEN_USER,
};

/// An optional line of text.
const TEXT: Field =
    Field { id: "", label: "", kind: FieldKind::Text, example: "", optional: true, advanced: false };

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when an address cannot be read.
pub fn open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    let base = opening.setting("api").unwrap_or(API);
    let home = INFO.serves(opening.connection.host()).then_some(API);
    let sign_ins = SignIns::of(opening);
    let several = |id| {
        let typed = opening.setting(id).unwrap_or_default();
        let mut parts: Vec<String> = Vec::new();
        for part in typed.split([',', ' ']).filter(|p| !p.is_empty()) {
            if !parts.iter().any(|known| known == part) {
                parts.push(part.to_owned());
            }
        }
        parts
    };
    let client = |base: &str, home: Option<&str>, service| -> Result<Client, Failure> {
        let sign_in = sign_ins.for_api(opening.sign_in_at(base, home));
        Ok(Client::new(opening.api(base, sign_in)?, service, Arc::clone(&sign_ins)))
    };
    // A token for an API elsewhere is none for Google's own.
    let projects_base = opening.setting("projects_api").or((base == API).then_some(PROJECTS_API));
    let projects_home = home.and(Some(PROJECTS_API));
    Ok(Arc::new(Google {
        client: client(base, home, api::ARTIFACTS)?,
        of_projects: projects_base.map(|base| client(base, projects_home, api::PROJECTS)).transpose()?,
        registry: opening
            .distribution_at(&opening.connection.url, sign_ins.for_registry(Arc::clone(&opening.sign_in)))?,
        host: opening.connection.host().rsplit('/').next().unwrap_or_default().to_owned(),
        projects: several("projects"),
        locations: several("location"),
        sign_ins,
        registries: Mutex::default(),
        opening: opening.clone(),
    }))
}

/// The sign-in that gcloud keeps, if there is one.
pub fn find(surroundings: &dyn Surroundings) -> BoxFuture<'_, Vec<FoundSignIn>> {
    Box::pin(async move {
        // Asked without a configuration, gcloud begins one in the person's home.
        let folder = surroundings.variable("CLOUDSDK_CONFIG").map(PathBuf::from);
        let folder = folder.unwrap_or_else(|| surroundings.home().join(".config/gcloud"));
        if !tokio::fs::try_exists(&folder).await.unwrap_or_default() {
            return Vec::new();
        }
        let asked = surroundings.ask("gcloud", &["config", "get-value", "core/account"]).await;
        let Ok(Some(account)) = asked else { return Vec::new() };
        vec![FoundSignIn {
            host: DEFAULT_HOST.to_owned(),
            username: Some(visible(account.expose()).into_owned()),
            source: "gcloud".to_owned(),
            provider: Some(INFO.id),
            settings: BTreeMap::from([("sign_in".to_owned(), sign_in::GCLOUD.to_owned())]),
        }]
    })
}

struct Google {
    client: Client,
    /// The API of projects; nothing where only the other one's address is known.
    of_projects: Option<Client>,
    sign_ins: Arc<SignIns>,
    /// The registry of what is opened by name.
    registry: Distribution,
    /// Its host; a mirror of it has that as the last part of its address.
    host: String,
    projects: Vec<String>,
    /// The locations to look in; all of them when there are none.
    locations: Vec<String>,
    /// The registries that were asked so far, by host: each keeps its tokens.
    registries: Mutex<HashMap<String, Distribution>>,
    opening: Opening,
}

impl Google {
    /// The registry that serves `at`.
    fn registry_of(&self, at: &Locator) -> Result<Distribution, Failure> {
        let Some(host) = at.nearest(NodeKind::Registry) else { return Ok(self.registry.clone()) };
        let mut registries = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = registries.get(host) {
            return Ok(known.clone());
        }
        let address = self.opening.setting("registry").unwrap_or(REGISTRY).replace(HOST, host);
        // One sign-in is for all of Google's own hosts.
        let is_google = INFO.serves(host) && INFO.serves(self.opening.connection.host());
        let home = is_google.then(|| REGISTRY.replace(HOST, host));
        let kept = self.opening.sign_in_at(&address, home.as_deref());
        let registry = self.opening.distribution_at(&address, self.sign_ins.for_registry(kept))?;
        registries.insert(host.to_owned(), registry.clone());
        Ok(registry)
    }

    /// Whether the registry of what is opened by name takes the sign-in. Who has none sees what is public, even where
    /// the registry refuses to say more.
    async fn ping(&self) -> Result<Account, Failure> {
        match self.registry.ping().await {
            Err(failure) if self.sign_ins.is_nobody() && is_refused(&failure) => Ok(Account::default()),
            Err(failure) if failure.kind == FailureKind::Unauthorized => {
                let said = format!("{}; {}", failure.said, self.sign_ins.remedy());
                Err(Failure { said, ..failure })
            }
            server => Ok(Account::of(&server?)),
        }
    }
}

fn is_refused(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Unauthorized | FailureKind::Forbidden)
}

/// `BASE/v2/NAME/PARTS…`. A name that would lead elsewhere is refused.
fn protocol_url(registry: &Distribution, name: &str, parts: &[&str], doing: &str) -> Result<Url, Failure> {
    if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        let said = format!("“{}” cannot be part of a repository's address", visible(name));
        return Err(Failure::new(FailureKind::Invalid, doing, said));
    }
    let mut url = registry.http().base().clone();
    url.set_query(None);
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push("v2").extend(name.split('/')).extend(parts);
    }
    Ok(url)
}

#[async_trait]
impl Provider for Google {
    async fn check(&self) -> Result<Account, Failure> {
        let name = self.sign_ins.account().await;
        let Some(project) = self.projects.first() else {
            return Ok(Account { name, ..self.ping().await? });
        };
        let doing = format!("looking at the project {}", visible(project));
        let looked = match self.locations.first() {
            None => self.client.locations(project, &doing).await.map(|_| ()),
            Some(location) => self.client.repositories(project, location, None, &doing).await.map(|_| ()),
        };
        match looked {
            Ok(()) => Ok(Account { name, ..Account::default() }),
            Err(failure) if api::is_away(&failure) => {
                let lines = vec![("API".to_owned(), failure.said)];
                Ok(Account { name, lines, ..self.ping().await? })
            }
            Err(failure) => Err(failure),
        }
    }

    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match at.kind() {
            NodeKind::Connection => self.projects(cursor).await,
            NodeKind::Namespace if at.nearest(NodeKind::Registry).is_some() => self.images(at, cursor).await,
            NodeKind::Namespace => self.hosts(at.name()).await,
            NodeKind::Registry => self.at_host(at, cursor).await,
            NodeKind::Repository => self.tags(at).await,
            NodeKind::Untagged => self.untagged(at).await,
            _ => Ok(Page::default()),
        }
    }

    fn distribution(&self, at: &Locator) -> Option<Distribution> {
        self.registry_of(at).ok()
    }

    fn web(&self, at: &Locator) -> Option<String> {
        let host = at.nearest(NodeKind::Registry).unwrap_or(&self.host);
        let named = at.repository().or_else(|| {
            at.nearest(NodeKind::Registry)?;
            at.nearest(NodeKind::Namespace)
        });
        let mut url: Url = CONSOLE.parse().ok()?;
        let project = match named.map(|name| Place::of(host, name, "")) {
            Some(Ok(place)) => {
                let mut segments = url.path_segments_mut().ok()?;
                segments.extend(["docker", &place.project, &place.location, &place.repository]);
                segments.extend(&place.image);
                if at.kind() == NodeKind::Manifest {
                    segments.push(at.name());
                }
                place.project
            }
            _ => at.nearest(NodeKind::Namespace)?.to_owned(),
        };
        url.query_pairs_mut().append_pair("project", &project);
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
