//! One registry's own API: lists in bulk, attributes, deletes.
//!
//! Source: `azure/acr-data-plane.json` of Microsoft's own descriptions; the scopes are those of the Azure command line.
//!
//! Invariant: every call names the scope of its own repository, so registries that give rights by repository work too.

use bytes::Bytes;
use serde_json::json;

use crate::domain::text::visible;
use crate::domain::{Cursor, Digest, Failure, FailureKind};
use crate::http::header::HeaderValue;
use crate::http::{Limit, Method, Priority, Reply, Request};
use crate::registry::paging::{Turn, Turned};
use crate::registry::{Api, Distribution};

use super::wire::{Listed, Locks, Manifest, NewLocks, OneManifest, OneTag, Repository, Tag};

/// How many rows a page has.
const PAGE: &str = "100";
/// The registry ends its lists with a `Link`; a page is never guessed.
const NEVER: usize = usize::MAX;

/// What of a repository has attributes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of<'a> {
    Repository,
    Tag(&'a str),
    Manifest(&'a Digest),
}

/// A registry. Cheap to clone.
#[derive(Clone)]
pub(super) struct Server {
    api: Api,
    pub(super) distribution: Distribution,
}

impl Server {
    /// Over the protocol client, with its tokens and pauses.
    pub(super) fn new(distribution: Distribution) -> Self {
        Self { api: Api::new(distribution.http().clone()), distribution }
    }

    /// A page of the repositories.
    pub(super) async fn repositories(&self, cursor: Option<&Cursor>) -> Result<Turned<String>, Failure> {
        let doing = "listing the repositories";
        let first = self.api.url(&["acr", "v1", "_catalog"], &[("n", PAGE)]);
        let call = Call { doing, scope: "registry:catalog:*".to_owned() };
        self.page(Turn::at(first, cursor)?, call, Listed::repositories, String::clone).await
    }

    /// A page of the tags, the newest first.
    pub(super) async fn tags(
        &self,
        repository: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Turned<Tag>, Failure> {
        let doing = format!("listing the tags of {}", visible(repository));
        let path = path(repository, &["_tags"], &doing)?;
        let first = self.api.url(&path, &[("n", PAGE), ("orderby", "timedesc")]);
        self.page(Turn::at(first, cursor)?, reading(repository, &doing), Listed::tags, |t| t.name.clone())
            .await
    }

    /// The tags of one manifest.
    pub(super) async fn tags_of(&self, repository: &str, digest: &Digest) -> Result<Vec<Tag>, Failure> {
        let doing = format!("listing the tags of {}@{digest}", visible(repository));
        let path = path(repository, &["_tags"], &doing)?;
        let url = self.api.url(&path, &[("n", PAGE), ("digest", &digest.to_string())]);
        let reply = self.send(Request::get(url, &doing), reading(repository, &doing)).await?;
        Ok(reply.json::<Listed>(&doing)?.tags())
    }

    /// A page of the manifests, the newest first.
    pub(super) async fn manifests(
        &self,
        repository: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Turned<Manifest>, Failure> {
        let doing = format!("listing the manifests of {}", visible(repository));
        let path = path(repository, &["_manifests"], &doing)?;
        let first = self.api.url(&path, &[("n", PAGE), ("orderby", "timedesc")]);
        let turn = Turn::at(first, cursor)?;
        self.page(turn, reading(repository, &doing), Listed::manifests, |m| m.digest.clone()).await
    }

    /// A repository's attributes.
    pub(super) async fn repository(&self, repository: &str) -> Result<Repository, Failure> {
        let doing = format!("reading about {}", visible(repository));
        let reply = self.attributes(repository, &[], &doing).await?;
        reply.json(&doing)
    }

    /// A tag's attributes.
    pub(super) async fn tag(&self, repository: &str, tag: &str) -> Result<Tag, Failure> {
        let doing = format!("reading about {}:{}", visible(repository), visible(tag));
        let reply = self.attributes(repository, &["_tags", tag], &doing).await?;
        Ok(reply.json::<OneTag>(&doing)?.tag)
    }

    /// A manifest's attributes.
    pub(super) async fn manifest(&self, repository: &str, digest: &Digest) -> Result<Manifest, Failure> {
        let doing = format!("reading about {}@{digest}", visible(repository));
        let reply = self.attributes(repository, &["_manifests", &digest.to_string()], &doing).await?;
        Ok(reply.json::<OneManifest>(&doing)?.manifest)
    }

    /// The locks of a repository, or of something in it.
    pub(super) async fn locks(&self, repository: &str, of: Of<'_>) -> Result<Locks, Failure> {
        Ok(match of {
            Of::Repository => self.repository(repository).await?.changeable_attributes,
            Of::Tag(tag) => self.tag(repository, tag).await?.changeable_attributes,
            Of::Manifest(digest) => self.manifest(repository, digest).await?.changeable_attributes,
        })
    }

    /// Sets and lifts locks.
    pub(super) async fn set_locks(
        &self,
        repository: &str,
        of: Of<'_>,
        locks: &NewLocks,
    ) -> Result<(), Failure> {
        let doing = format!("setting the locks of {}", visible(repository));
        let digest = if let Of::Manifest(digest) = of { digest.to_string() } else { String::new() };
        let rest = match of {
            Of::Repository => Vec::new(),
            Of::Tag(tag) => vec!["_tags", tag],
            Of::Manifest(_) => vec!["_manifests", &digest],
        };
        let url = self.api.url(&path(repository, &rest, &doing)?, &[]);
        let body = Bytes::from(json!(locks).to_string());
        let request =
            Request::new(Method::PATCH, url, &doing).body(HeaderValue::from_static("application/json"), body);
        let scope = format!("repository:{repository}:metadata_write,metadata_read");
        self.send(request, Call { doing: &doing, scope }).await.map(|_| ())
    }

    async fn attributes(&self, repository: &str, rest: &[&str], doing: &str) -> Result<Reply, Failure> {
        let url = self.api.url(&path(repository, rest, doing)?, &[]);
        self.send(Request::get(url, doing), reading(repository, doing)).await
    }

    /// Removes a tag.
    pub(super) async fn delete_tag(&self, repository: &str, tag: &str) -> Result<(), Failure> {
        let doing = format!("untagging {}:{}", visible(repository), visible(tag));
        let path = path(repository, &["_tags", tag], &doing)?;
        self.delete(repository, &path, &doing).await
    }

    /// Deletes a manifest, and with it every tag of it.
    pub(super) async fn delete_manifest(&self, repository: &str, digest: &Digest) -> Result<(), Failure> {
        let doing = format!("deleting {}@{digest}", visible(repository));
        let digest = digest.to_string();
        let mut path = path(repository, &["manifests", &digest], &doing)?;
        path.splice(..2, ["v2"]);
        self.delete(repository, &path, &doing).await
    }

    /// Deletes a repository.
    pub(super) async fn delete_repository(&self, repository: &str) -> Result<(), Failure> {
        let doing = format!("deleting the repository {}", visible(repository));
        let path = path(repository, &[], &doing)?;
        self.delete(repository, &path, &doing).await
    }

    async fn delete(&self, repository: &str, path: &[&str], doing: &str) -> Result<(), Failure> {
        let request = Request::new(Method::DELETE, self.api.url(path, &[]), doing);
        let scope = format!("repository:{repository}:delete,metadata_read");
        self.send(request, Call { doing, scope }).await.map(|_| ())
    }

    async fn page<T>(
        &self,
        turn: Turn,
        call: Call<'_>,
        rows: impl Fn(Listed) -> Vec<T>,
        name: impl Fn(&T) -> String,
    ) -> Result<Turned<T>, Failure> {
        let doing = call.doing;
        let request = Request::get(turn.url().clone(), doing).at(Priority::Listing).compressed();
        let reply = self.send(request, call).await?;
        let mut turned = turn.read(&reply, rows(reply.json(doing)?), NEVER, name);
        turned.warnings.extend(reply.warnings());
        Ok(turned)
    }

    async fn send(&self, request: Request, call: Call<'_>) -> Result<Reply, Failure> {
        let request = request.accept("application/json").scope(call.scope);
        self.api.http().fetch(&request, Limit::LIST).await?.success(call.doing)
    }
}

/// What a call is for, and what its token has to be for.
struct Call<'a> {
    doing: &'a str,
    scope: String,
}

fn reading<'a>(repository: &str, doing: &'a str) -> Call<'a> {
    Call { doing, scope: format!("repository:{repository}:metadata_read") }
}

/// `acr/v1/REPOSITORY/REST…`. A name that would lead elsewhere is refused.
fn path<'a>(repository: &'a str, rest: &[&'a str], doing: &str) -> Result<Vec<&'a str>, Failure> {
    let inside: Vec<&str> = repository.split('/').chain(rest.iter().copied()).collect();
    if inside.iter().any(|part| matches!(*part, "" | "." | "..")) {
        let said = "its name cannot be part of an address";
        return Err(Failure::new(FailureKind::Invalid, doing, said));
    }
    Ok(["acr", "v1"].into_iter().chain(inside).collect())
}
