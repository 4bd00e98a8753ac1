//! What a provider is opened with, and the clients that are made of it.
//!
//! Invariant: opening does no I/O; what lies outside the network (programs, variables) is reached through
//! [`Surroundings`] alone; a sign-in that was stored for one host is shown to no other ([`Opening::sign_in_at`]).

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use super::api::Api;
use super::distribution::Distribution;
use crate::domain::{Connection, Failure, FailureKind, Secret};
use crate::http::{Explain, Http, Observer, Settings, Shown, SignIn, Timings, as_it_is};

/// What a provider is opened with. Cheap to clone.
#[derive(Clone)]
pub struct Opening {
    /// The connection.
    pub connection: Connection,
    /// How it signs in: what was typed, else what Docker or Podman stored for its host.
    pub sign_in: Arc<dyn SignIn>,
    /// Who is told of pauses and warnings.
    pub observer: Arc<dyn Observer>,
    /// Vendors' tools and variables.
    pub surroundings: Arc<dyn Surroundings>,
}

/// What a provider may look at besides the network.
#[async_trait]
pub trait Surroundings: Send + Sync {
    /// A variable of the environment; an empty one counts as missing.
    fn variable(&self, name: &str) -> Option<String>;

    /// The person's home folder.
    fn home(&self) -> PathBuf;

    /// Where a typed path leads; one that starts with `~/` leads below the home folder.
    fn path(&self, typed: &str) -> PathBuf {
        typed.strip_prefix("~/").map_or_else(|| PathBuf::from(typed), |rest| self.home().join(rest))
    }

    /// A folder for large files that are needed for a while. It may not be there yet.
    fn scratch(&self) -> PathBuf {
        std::env::temp_dir()
    }

    /// What `program` prints, without the white space around it; nothing when it is not installed. It cannot ask
    /// anything and has ten seconds.
    ///
    /// # Errors
    /// `Unauthorized` with what the program said when it failed; `Timeout`; `Io`.
    async fn ask(&self, program: &str, arguments: &[&str]) -> Result<Option<Secret>, Failure>;
}

impl Opening {
    /// A value of the provider's own field, trimmed; nothing when it was left empty.
    #[must_use]
    pub fn setting(&self, id: &str) -> Option<&str> {
        self.connection.settings.get(id).map(|v| v.trim()).filter(|v| !v.is_empty())
    }

    /// The sign-in as far as it may be shown at `url`. What Docker or Podman stored is for the connection's own host: it
    /// goes to that one, and to `home`, which is what the vendor itself has for that host. What was typed goes wherever
    /// the connection leads.
    #[must_use]
    pub fn sign_in_at(&self, url: &str, home: Option<&str>) -> Arc<dyn SignIn> {
        let host = host_of(url);
        let is_known = host.is_some()
            && (host == host_of(&self.connection.url) || home.is_some_and(|home| host == host_of(home)));
        let typed = if is_known { None } else { self.sign_in.typed() };
        typed.unwrap_or_else(|| Arc::clone(&self.sign_in))
    }

    /// The protocol client at the connection's address.
    ///
    /// # Errors
    /// `Invalid` when the URL cannot be read.
    pub fn distribution(&self) -> Result<Distribution, Failure> {
        self.distribution_at(&self.connection.url, Arc::clone(&self.sign_in))
    }

    /// A protocol client at another address, or with another sign-in.
    ///
    /// # Errors
    /// `Invalid` when the URL cannot be read.
    pub fn distribution_at(&self, url: &str, sign_in: Arc<dyn SignIn>) -> Result<Distribution, Failure> {
        self.explained_distribution_at(url, sign_in, as_it_is)
    }

    /// The same, for a vendor that says more of a registry's refusals than that does.
    ///
    /// # Errors
    /// `Invalid` when the URL cannot be read.
    pub fn explained_distribution_at(
        &self,
        url: &str,
        sign_in: Arc<dyn SignIn>,
        explain: Explain,
    ) -> Result<Distribution, Failure> {
        let settings = self.settings(url, sign_in, Shown::WhenAsked)?;
        Ok(Distribution::new(Http::new(Settings { explain, ..settings })))
    }

    /// A client of the vendor's API at `base`, which shows its sign-in with every request.
    ///
    /// # Errors
    /// `Invalid` when the URL cannot be read.
    pub fn api(&self, base: &str, sign_in: Arc<dyn SignIn>) -> Result<Api, Failure> {
        Ok(Api::new(Http::new(self.settings(base, sign_in, Shown::Always)?)))
    }

    fn settings(&self, url: &str, sign_in: Arc<dyn SignIn>, shown: Shown) -> Result<Settings, Failure> {
        let base = Url::parse(url).map_err(|e| self.refused(&format!("“{url}”: {e}")))?;
        Ok(Settings {
            base,
            options: self.connection.options.clone(),
            sign_in,
            shown,
            observer: Arc::clone(&self.observer),
            timings: Timings::default(),
            explain: as_it_is,
        })
    }

    /// The failure of a connection that cannot be opened as it is written.
    #[must_use]
    pub fn refused(&self, why: &str) -> Failure {
        let doing = format!("opening the connection {}", self.connection.name);
        Failure::new(FailureKind::Invalid, doing, why)
    }
}

/// The name of the machine in an address; a port more or less is the same machine.
fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}
