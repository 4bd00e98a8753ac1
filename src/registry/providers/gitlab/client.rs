//! GitLab's API: tokens, groups, projects, and the registry below them.
//!
//! Invariant: a path is asked for as what it is. Until that is known, it is asked for as a group, and as a project when
//! there is no such group.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use url::Url;

use super::address::{self, Addresses, Kind};
use super::image::{Group, Image, Project, Rule, Tag, Token};
use super::refusal;
use crate::domain::text::visible;
use crate::domain::{Credential, Cursor, Failure, FailureKind};
use crate::http::{Limit, Method, Priority, Reply, Request, SignIn};
use crate::registry::api::Api;
use crate::registry::bearer::AsBearer;
use crate::registry::opening::Opening;
use crate::registry::paging::{Turn, Turned};

/// Items asked for at a time; GitLab's most.
const PAGE: usize = 100;
const PER_PAGE: (&str, &str) = ("per_page", "100");
/// How many repositories' numbers are kept; beyond that, they are looked for.
const MOST_KNOWN: usize = 20_000;

/// The API.
pub(super) struct Client {
    api: Api,
    addresses: Addresses,
    sign_in: Arc<dyn SignIn>,
    /// Asked once: keyrings and tools take their time.
    signed_in: OnceCell<bool>,
    /// Whether it has answered to the token.
    was_let_in: AtomicBool,
    kinds: Mutex<HashMap<String, Kind>>,
    /// The repositories that were listed, by their names in the protocol.
    known: Mutex<HashMap<String, Image>>,
}

impl Client {
    pub(super) fn new(opening: &Opening, addresses: &Addresses) -> Result<Self, Failure> {
        let base = addresses.api();
        let sign_in = opening.sign_in_at(&base, address::home_of(opening.connection.host()));
        let api = opening.api(&base, Arc::new(AsBearer(Arc::clone(&sign_in))))?;
        let (kinds, known) = (Mutex::default(), Mutex::default());
        let (signed_in, was_let_in) = (OnceCell::new(), AtomicBool::default());
        Ok(Self { api, addresses: addresses.clone(), sign_in, signed_in, was_let_in, kinds, known })
    }

    /// Whether the token is one for the API, because it has answered to it before.
    pub(super) fn was_let_in(&self) -> bool {
        self.was_let_in.load(Ordering::Relaxed)
    }

    /// Whether there is a token.
    pub(super) async fn is_signed_in(&self) -> Result<bool, Failure> {
        let ask = async || Ok(self.sign_in.credential().await? != Credential::Anonymous);
        self.signed_in.get_or_try_init(ask).await.copied()
    }

    /// What the token tells of itself.
    pub(super) async fn token(&self) -> Result<Token, Failure> {
        let doing = "asking GitLab for the token's rights";
        self.get(self.api.url(&["personal_access_tokens", "self"], &[]), doing).await?.json(doing)
    }

    /// Asks for the version, which every token may.
    pub(super) async fn version(&self) -> Result<(), Failure> {
        self.get(self.api.url(&["version"], &[]), "asking GitLab for its version").await.map(|_| ())
    }

    /// A page of the top-level groups that the account is a member of; of the public ones where there is no account.
    pub(super) async fn groups(&self, cursor: Option<&Cursor>) -> Result<Turned<Group>, Failure> {
        let mut query = vec![("top_level_only", "true"), PER_PAGE];
        query.extend(self.is_signed_in().await?.then_some(("min_access_level", "10")));
        let turned: Turned<Group> = self
            .page(self.api.url(&["groups"], &query), cursor, "listing the groups", |g: &Group| {
                g.full_path.clone()
            })
            .await?;
        for group in &turned.items {
            self.learn(&group.full_path, Kind::Group);
        }
        Ok(turned)
    }

    /// A page of the projects that the account is a member of; of the public ones where there is no account.
    pub(super) async fn projects(&self, cursor: Option<&Cursor>) -> Result<Turned<Project>, Failure> {
        let order = [("order_by", "id"), ("sort", "asc"), ("pagination", "keyset")];
        let mut query = [[("simple", "true"), PER_PAGE].as_slice(), &order].concat();
        query.extend(self.is_signed_in().await?.then_some(("membership", "true")));
        self.projects_at(self.api.url(&["projects"], &query), cursor, "listing the projects").await
    }

    /// A page of the projects below a group.
    pub(super) async fn projects_of(
        &self,
        group: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Turned<Project>, Failure> {
        let query = [("include_subgroups", "true"), ("with_shared", "false"), ("simple", "true"), PER_PAGE];
        let doing = format!("listing the projects of {}", visible(group));
        self.projects_at(self.api.url(&["groups", group, "projects"], &query), cursor, &doing).await
    }

    async fn projects_at(
        &self,
        url: Url,
        cursor: Option<&Cursor>,
        doing: &str,
    ) -> Result<Turned<Project>, Failure> {
        let name = |p: &Project| p.path_with_namespace.clone();
        let turned = self.page(url, cursor, doing, name).await?;
        for project in &turned.items {
            self.learn(&project.path_with_namespace, Kind::Project);
        }
        Ok(turned)
    }

    /// A few projects with everything that is told of them.
    pub(super) async fn some_projects(&self) -> Result<Vec<Project>, Failure> {
        let doing = "asking GitLab where its registry is";
        let query = [("membership", "true"), ("order_by", "last_activity_at"), ("per_page", "20")];
        self.get(self.api.url(&["projects"], &query), doing).await?.json(doing)
    }

    /// A page of the repositories below a group or project, which are remembered.
    pub(super) async fn images(&self, path: &str, cursor: Option<&Cursor>) -> Result<Turned<Image>, Failure> {
        let kinds = self.kind(path).map_or(vec![Kind::Group, Kind::Project], |kind| vec![kind]);
        let mut refused = None;
        for kind in kinds {
            match self.images_of(kind, path, cursor).await {
                Err(failure) if failure.kind == FailureKind::NotFound => {
                    refused.get_or_insert(failure);
                }
                Ok(turned) => {
                    self.learn(path, kind);
                    return Ok(turned);
                }
                other => return other,
            }
        }
        let nothing =
            || Failure::new(FailureKind::NotFound, "listing repositories", "there is no such group");
        Err(refused.unwrap_or_else(nothing))
    }

    pub(super) async fn images_of(
        &self,
        kind: Kind,
        path: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Turned<Image>, Failure> {
        let doing = format!("listing the repositories of {}", visible(path));
        let url = match kind {
            Kind::Group => self.api.url(&["groups", path, "registry", "repositories"], &[PER_PAGE]),
            Kind::Project => {
                let query = [("tags_count", "true"), PER_PAGE];
                self.api.url(&["projects", path, "registry", "repositories"], &query)
            }
        };
        let turned = self.page(url, cursor, &doing, |image: &Image| image.path.clone()).await?;
        let mut known = locked(&self.known);
        if known.len() > MOST_KNOWN {
            known.clear();
        }
        known.extend(turned.items.iter().map(|image| (image.repository(), image.clone())));
        Ok(turned)
    }

    /// A repository by its name in the protocol: one that was listed, else what the project has whose path it begins
    /// with. No project lies below another, so the first that there is settles it.
    pub(super) async fn image(&self, repository: &str) -> Result<Image, Failure> {
        if let Some(image) = self.known(repository) {
            return Ok(image);
        }
        let mut path = repository;
        while path.contains('/') {
            let mut cursor = None;
            loop {
                match self.images_of(Kind::Project, path, cursor.as_ref()).await {
                    Err(failure) if failure.kind == FailureKind::NotFound => break,
                    Err(failure) => return Err(failure),
                    Ok(turned) => match (self.known(repository), turned.next) {
                        (Some(image), _) => return Ok(image),
                        (None, None) => return Err(no_such(repository)),
                        (None, next) => cursor = next,
                    },
                }
            }
            path = path.rsplit_once('/').map_or("", |(above, _)| above);
        }
        Err(no_such(repository))
    }

    /// A repository that was listed.
    pub(super) fn known(&self, repository: &str) -> Option<Image> {
        locked(&self.known).get(&repository.to_lowercase()).cloned()
    }

    /// A repository with its counts.
    pub(super) async fn counted(&self, image: &Image) -> Result<Image, Failure> {
        let doing = format!("asking GitLab for {}", visible(&image.path));
        let query = [("tags_count", "true"), ("size", "true")];
        let path = ["registry", "repositories", &image.id.to_string()];
        self.get(self.api.url(&path, &query), &doing).await?.json(&doing)
    }

    /// A page of the tags' names.
    pub(super) async fn tags(&self, image: &Image, cursor: Option<&Cursor>) -> Result<Turned<Tag>, Failure> {
        let doing = format!("listing the tags of {}", visible(&image.path));
        self.page(self.image_url(image, &["tags"], &[PER_PAGE]), cursor, &doing, |t: &Tag| t.name.clone())
            .await
    }

    /// A tag with its date and size.
    pub(super) async fn tag(&self, image: &Image, tag: &str) -> Result<Tag, Failure> {
        let doing = format!("asking GitLab for {}:{}", visible(&image.path), visible(tag));
        self.get(self.image_url(image, &["tags", tag], &[]), &doing).await?.json(&doing)
    }

    /// Who may delete from the repositories of a project.
    pub(super) async fn rules(&self, project: i64) -> Result<Vec<Rule>, Failure> {
        let doing = "asking GitLab for the protection rules";
        let path = ["projects", &project.to_string(), "registry", "protection", "repository", "rules"];
        self.get(self.api.url(&path, &[]), doing).await?.json(doing)
    }

    /// Deletes a repository, or what is at `path` below it.
    pub(super) async fn delete(&self, image: &Image, path: &[&str], doing: &str) -> Result<(), Failure> {
        let request = Request::new(Method::DELETE, self.image_url(image, path, &[]), doing);
        self.send(&request.accept("application/json")).await.map(|_| ())
    }

    /// Forgets a repository that is gone.
    pub(super) fn forget(&self, image: &Image) {
        locked(&self.known).remove(&image.repository());
    }

    /// What a path is, as far as it is known.
    pub(super) fn kind(&self, path: &str) -> Option<Kind> {
        locked(&self.kinds).get(&path.to_lowercase()).copied()
    }

    /// Whether a listed group holds what lies at `path`.
    pub(super) fn is_in_a_group(&self, path: &str) -> bool {
        let path = path.to_lowercase();
        let kinds = locked(&self.kinds);
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.filter_map(|end| path.get(..end)).any(|above| kinds.get(above) == Some(&Kind::Group))
    }

    fn learn(&self, path: &str, kind: Kind) {
        locked(&self.kinds).insert(path.to_lowercase(), kind);
    }

    fn image_url(&self, image: &Image, path: &[&str], query: &[(&str, &str)]) -> Url {
        let (project, id) = (image.project_id.to_string(), image.id.to_string());
        let mut whole = vec!["projects", &project, "registry", "repositories", &id];
        whole.extend(path);
        self.api.url(&whole, query)
    }

    async fn page<T: DeserializeOwned>(
        &self,
        first: Url,
        cursor: Option<&Cursor>,
        doing: &str,
        name: impl Fn(&T) -> String,
    ) -> Result<Turned<T>, Failure> {
        let turn = Turn::at(first, cursor)?;
        let reply = self.get(turn.url().clone(), doing).await?;
        Ok(turn.read(&reply, reply.json(doing)?, PAGE, name))
    }

    async fn get(&self, url: Url, doing: &str) -> Result<Reply, Failure> {
        let request = Request::get(url, doing).accept("application/json").at(Priority::Listing).compressed();
        self.send(&request).await
    }

    async fn send(&self, request: &Request) -> Result<Reply, Failure> {
        let reply = self.api.http().fetch(request, Limit::LIST).await?;
        if reply.status.is_success() {
            self.was_let_in.fetch_or(reply.signed_in, Ordering::Relaxed);
            return Ok(reply);
        }
        Err(refusal::explain(&self.addresses, &reply, request.doing()))
    }
}

fn no_such(repository: &str) -> Failure {
    let doing = format!("looking for {}", visible(repository));
    Failure::new(FailureKind::NotFound, doing, "no project has this repository, or the token does not see it")
}

/// A poisoned lock still holds usable values: every one is replaced whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
