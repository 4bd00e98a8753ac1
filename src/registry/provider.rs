//! The seam between the tree and the registries: what a provider has to do, and what it may be able to do.
//!
//! Invariant: a capability exists when its code exists. It is computed from the facets that a provider returns and
//! is declared nowhere else.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::distribution::{Distribution, Server};
use crate::domain::asked::{Asked, Outcome};
use crate::domain::detail::Description;
use crate::domain::extra::{Choice, Extra};
use crate::domain::impact::Impact;
use crate::domain::{Capabilities, Cursor, Digest, Failure, Locator, Page, Secret};
use crate::http::SignIn;

/// What a check of a connection found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// The account as the server knows it; nothing for an anonymous connection.
    pub name: Option<String>,
    /// What the server is, as far as its headers tell.
    pub server: Option<String>,
    /// Further lines for the details: label and value.
    pub lines: Vec<(String, String)>,
    /// The registry's own address, where the check found it to be another than the one it was asked at.
    pub url: Option<String>,
    /// The secret to keep in the place of what was typed (or of nothing): a refresh token that the sign-in has brought.
    pub secret: Option<Secret>,
}

impl Account {
    /// What a ping told.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        let software = server.software.clone().or_else(|| server.version.clone());
        Self { server: software, ..Self::default() }
    }
}

/// A kind of registry, opened for one connection. Making one does no I/O; the first request does.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Asks the server whether the connection works with its sign-in.
    ///
    /// # Errors
    /// `Unauthorized`, `Tls`, `Offline`, `Invalid` (not a registry) and what the transport may say.
    async fn check(&self) -> Result<Account, Failure>;

    /// One page of the children of `at`; `cursor` is the `next` of the page before. What the children are
    /// (namespaces, repositories, tags) is the provider's business.
    ///
    /// # Errors
    /// Whatever the transport may say; `Unsupported` when this server cannot list here.
    async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure>;

    /// The protocol client that serves `at`; nothing for what is no registry.
    fn distribution(&self, at: &Locator) -> Option<Distribution>;

    /// The V2 name of the repository that a person calls `typed`, which may be in mixed case: a vendor that compares
    /// names in lower case gives that.
    fn repository_named(&self, typed: &str) -> String {
        typed.to_owned()
    }

    /// Whether reading a manifest takes from a quota, so that it is done only where a person asks for it.
    fn counts_reads(&self) -> bool {
        false
    }

    /// The page for people that shows `at`.
    fn web(&self, _at: &Locator) -> Option<String> {
        None
    }

    /// Whether this provider has pages for people at all.
    fn has_web(&self) -> bool {
        false
    }

    /// Removing one tag while its manifest stays.
    fn untag(&self) -> Option<&dyn Untag> {
        None
    }

    /// Deleting manifests.
    fn delete(&self) -> Option<&dyn Delete> {
        None
    }

    /// Deleting whole repositories.
    fn delete_repository(&self) -> Option<&dyn DeleteRepository> {
        None
    }

    /// Making repositories.
    fn create_repository(&self) -> Option<&dyn CreateRepository> {
        None
    }

    /// What the vendor tells of repositories and images beyond the protocol.
    fn describe(&self) -> Option<&dyn Describe> {
        None
    }

    /// The blast radius from the vendor's own data; without it, it is worked out by the protocol.
    fn blast(&self) -> Option<&dyn Blast> {
        None
    }

    /// What only this vendor offers.
    fn extras(&self) -> Option<&dyn Extras> {
        None
    }

    /// What can be done there: the facets above, and what every registry can.
    fn capabilities(&self) -> Capabilities {
        let of = |has: bool, capability| if has { capability } else { Capabilities::NONE };
        REGISTRY
            | of(self.untag().is_some(), Capabilities::UNTAG)
            | of(self.delete().is_some(), Capabilities::DELETE)
            | of(self.delete_repository().is_some(), Capabilities::DELETE_REPOSITORY)
            | of(self.create_repository().is_some(), Capabilities::CREATE_REPOSITORY)
            | of(self.has_web(), Capabilities::WEB)
    }
}

/// What every registry can.
const REGISTRY: Capabilities = Capabilities::LIST
    .with(Capabilities::READ)
    .with(Capabilities::OPEN_BY_NAME)
    .with(Capabilities::PULL)
    .with(Capabilities::PUSH)
    .with(Capabilities::TAG);

/// The facet of providers that can untie one tag.
#[async_trait]
pub trait Untag: Send + Sync {
    /// Removes the tag at `at`; the manifest and its other tags stay.
    ///
    /// # Errors
    /// `Unsupported` when the server has it switched off; `NotFound` when the tag is gone already.
    async fn untag(&self, at: &Locator) -> Result<(), Failure>;
}

/// The facet of providers that can delete.
#[async_trait]
pub trait Delete: Send + Sync {
    /// Deletes the manifest `digest` of the repository at `repository`, with every tag of it.
    ///
    /// # Errors
    /// `Unsupported` when the server has it switched off; `NotFound` when it is gone already.
    async fn delete_manifest(&self, repository: &Locator, digest: &Digest) -> Result<(), Failure>;

    /// The same for a person who was shown `tags`. Where tags have to be removed one by one for it, only these are.
    ///
    /// # Errors
    /// As [`delete_manifest`](Self::delete_manifest); `Conflict` when the manifest has further tags by now.
    async fn delete_shown(
        &self,
        repository: &Locator,
        digest: &Digest,
        _tags: &[String],
    ) -> Result<(), Failure> {
        self.delete_manifest(repository, digest).await
    }
}

/// The facet of providers whose API can delete a whole repository.
#[async_trait]
pub trait DeleteRepository: Send + Sync {
    /// Deletes the repository at `at` with everything in it.
    ///
    /// # Errors
    /// `Forbidden`, `Conflict` (locked, immutable), `NotFound` when it is gone already.
    async fn delete_repository(&self, at: &Locator) -> Result<(), Failure>;
}

/// The facet of providers where a repository has to, or can, be made before a push.
#[async_trait]
pub trait CreateRepository: Send + Sync {
    /// Makes the repository `name` below `parent` (a connection, namespace or registry), and returns its node.
    ///
    /// # Errors
    /// `Conflict` when it exists; `Invalid` for a name against the vendor's rules; `Forbidden`.
    async fn create_repository(&self, parent: &Locator, name: &str) -> Result<Locator, Failure>;
}

/// The facet of providers that know more of a node than the protocol tells.
#[async_trait]
pub trait Describe: Send + Sync {
    /// What the vendor tells of the namespace, repository, tag or manifest at `at`; empty where it tells nothing.
    ///
    /// # Errors
    /// Whatever the vendor's API says.
    async fn describe(&self, at: &Locator) -> Result<Description, Failure>;
}

/// The facet of providers that know from their own data what goes with a manifest.
#[async_trait]
pub trait Blast: Send + Sync {
    /// What deleting the manifest of the tag or manifest at `at` would touch.
    ///
    /// # Errors
    /// When the manifest itself cannot be read; what else stays unknown is told in the answer.
    async fn impact(&self, at: &Locator) -> Result<Impact, Failure>;
}

/// The facet of providers that offer more than every registry does.
#[async_trait]
pub trait Extras: Send + Sync {
    /// What is offered; the same for as long as the connection is open.
    fn list(&self) -> &'static [Extra];

    /// The values that a field may have, with what was filled in before it.
    ///
    /// # Errors
    /// Whatever the vendor's API says.
    async fn choices(&self, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure>;

    /// Whether what was typed into a field can stay so.
    ///
    /// # Errors
    /// `Invalid` or `Conflict`, with the reason as a sentence; whatever the vendor's API says.
    async fn check(&self, asked: &Asked, field: &str) -> Result<(), Failure>;

    /// What would be done, line by line, before it is.
    ///
    /// # Errors
    /// `Invalid` for a form that cannot be carried out; whatever the vendor's API says.
    async fn summary(&self, asked: &Asked) -> Result<Vec<String>, Failure>;

    /// Does it. Long operations tell their stages, and can be left: stopping ends the waiting, not the operation.
    ///
    /// # Errors
    /// Whatever the vendor's API says, with what was made until then; `Cancelled` when the waiting was given up.
    async fn run(&self, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure>;
}

/// What an extra that runs can reach.
pub struct Running<'a> {
    /// Told of each stage ("creating the registry"), and of lines of a log as they come.
    pub stages: &'a dyn Stages,
    /// Ends the waiting.
    pub stop: &'a CancellationToken,
    /// How whoever fetches the image that the node is signs in at its registry, as a container engine does; nothing when
    /// it is no image.
    pub sign_in: Option<Arc<dyn SignIn>>,
}

/// Who is told how far something long is. Must return at once.
pub trait Stages: Send + Sync {
    /// It does this now.
    fn enter(&self, stage: &str);
    /// A line of its log.
    fn line(&self, text: &str);
}
