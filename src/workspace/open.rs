//! Connections and the providers behind them, opened when first needed.
//!
//! Invariant: opening does no I/O; the first request does.

use std::borrow::Cow;
use std::sync::Arc;

use super::Workspace;
use super::sign_in::StoredSignIn;
use crate::domain::connection::Connected;
use crate::domain::{Capabilities, Connection, ConnectionId, Failure, FailureKind, Locator};
use crate::http::SignIn;
use crate::images::{EngineImages, Store};
use crate::registry::catalog;
use crate::registry::{Distribution, Opening, Provider};
use crate::store::config;

/// A connection of this run.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) provider: Arc<dyn Provider>,
    /// Whether it stands in the configuration.
    pub(super) kept: bool,
    /// Its place in the tree.
    pub(super) order: usize,
    /// What it is beyond a provider, when it lies on this machine.
    pub(super) local: Option<Local>,
}

/// A place on this machine.
#[derive(Clone)]
pub(super) enum Local {
    /// The local store.
    Store(Arc<Store>),
    /// An engine.
    Engine(Arc<EngineImages>),
}

impl Opened {
    pub(super) fn is_local(&self) -> bool {
        self.local.is_some()
    }

    fn connected(&self) -> Connected {
        let mut capabilities = self.provider.capabilities();
        if self.kept {
            capabilities |= Capabilities::KEPT;
        }
        Connected {
            connection: self.connection.clone(),
            provider_title: self.title(),
            capabilities,
            extras: self.provider.extras().map_or(&[], |e| e.list()),
            warning: warning(&self.connection),
            failure: match &self.local {
                Some(Local::Engine(engine)) => engine.failure().cloned(),
                Some(Local::Store(_)) | None => None,
            },
        }
    }

    fn title(&self) -> Cow<'static, str> {
        match &self.local {
            Some(Local::Store(_)) => "OCI layout".into(),
            Some(Local::Engine(engine)) => engine.title().into(),
            None => catalog::find(&self.connection.provider).map_or("Unknown", |p| p.title).into(),
        }
    }
}

fn warning(connection: &Connection) -> Option<String> {
    if connection.options.skip_verification {
        return Some("the server's certificate is not verified".to_owned());
    }
    (connection.options.plain_http && connection.url.starts_with("http:"))
        .then(|| "plain HTTP: names and passwords can be read on the way".to_owned())
}

impl Workspace {
    /// Reads the configuration and opens what it names. One connection that cannot be opened does not hide the others:
    /// the first such failure is returned when all have been tried.
    pub(super) fn load(&mut self) -> Result<(), Failure> {
        let config = config::load(&self.paths)?;
        let results: Vec<_> = config.connections.into_iter().map(|c| self.admit(c, true)).collect();
        results.into_iter().collect::<Result<Vec<_>, _>>().map(|_| ())
    }

    /// Opens `connection`, or opens it anew with other settings.
    pub(super) fn admit(&self, connection: Connection, kept: bool) -> Result<Connected, Failure> {
        let provider = self.open(&connection)?;
        Ok(self.admit_opened(connection, provider, kept))
    }

    pub(super) fn admit_opened(
        &self,
        connection: Connection,
        provider: Arc<dyn Provider>,
        kept: bool,
    ) -> Connected {
        let mut all = self.connections();
        let next = all.values().map(|o| o.order + 1).max().unwrap_or_default();
        let order = all.get(&connection.id).map_or(next, |o| o.order);
        let opened = Opened { connection, provider, kept, order, local: None };
        let connected = opened.connected();
        all.insert(connected.connection.id.clone(), opened);
        connected
    }

    /// Opens a place on this machine, or opens it anew, at this position among them.
    pub(super) fn admit_local(&self, connection: Connection, local: Local, order: usize) {
        let provider: Arc<dyn Provider> = match &local {
            Local::Store(store) => Arc::clone(store) as Arc<dyn Provider>,
            Local::Engine(engine) => Arc::clone(engine) as Arc<dyn Provider>,
        };
        let mut all = self.connections();
        // An identity that somebody has written into the configuration is that connection's.
        if all.get(&connection.id).is_none_or(Opened::is_local) {
            let opened = Opened { connection, provider, kept: false, order, local: Some(local) };
            all.insert(opened.connection.id.clone(), opened);
        }
    }

    /// Opens a connection with the sign-in that is stored for it.
    pub(super) fn open(&self, connection: &Connection) -> Result<Arc<dyn Provider>, Failure> {
        let sign_in = StoredSignIn::new(connection, Arc::clone(&self.secrets), self.env.clone());
        self.open_with(connection, Arc::new(sign_in))
    }

    /// Opens a connection with another sign-in than the stored one.
    pub(super) fn open_with(
        &self,
        connection: &Connection,
        sign_in: Arc<dyn SignIn>,
    ) -> Result<Arc<dyn Provider>, Failure> {
        catalog::open(&Opening {
            connection: connection.clone(),
            sign_in,
            observer: Arc::clone(&self.observer),
            surroundings: self.surroundings(),
        })
    }

    /// The connections to registries, in the order of the tree.
    #[must_use]
    pub fn connected(&self) -> Vec<Connected> {
        self.shown(|opened| !opened.is_local())
    }

    pub(super) fn shown(&self, wanted: impl Fn(&Opened) -> bool) -> Vec<Connected> {
        let all = self.connections();
        let mut list: Vec<&Opened> = all.values().filter(|o| wanted(o)).collect();
        list.sort_by_key(|o| o.order);
        list.into_iter().map(Opened::connected).collect()
    }

    /// The connection called `id`.
    ///
    /// # Errors
    /// `NotFound` when it was disconnected meanwhile.
    pub fn connection(&self, id: &ConnectionId) -> Result<Connection, Failure> {
        self.connections().get(id).map(|o| o.connection.clone()).ok_or_else(|| gone(id))
    }

    pub(super) fn provider(&self, id: &ConnectionId) -> Result<Arc<dyn Provider>, Failure> {
        self.connections().get(id).map(|o| Arc::clone(&o.provider)).ok_or_else(|| gone(id))
    }

    /// What `id` is beyond a provider, when it is a place on this machine.
    pub(super) fn local(&self, id: &ConnectionId) -> Option<Local> {
        self.connections().get(id)?.local.clone()
    }

    /// The protocol client and the repository's name behind a node.
    pub(super) fn content_of(&self, at: &Locator) -> Result<(Distribution, String), Failure> {
        let provider = self.provider(&at.connection)?;
        let doing = || format!("reading {}", at.name());
        let repository = at
            .repository()
            .ok_or_else(|| Failure::new(FailureKind::Bug, doing(), "it lies in no repository"))?;
        let distribution = provider
            .distribution(at)
            .ok_or_else(|| Failure::new(FailureKind::Unsupported, doing(), "it has no content to read"))?;
        Ok((distribution, repository.to_owned()))
    }
}

fn gone(id: &ConnectionId) -> Failure {
    Failure::new(FailureKind::NotFound, format!("using the connection {id}"), "it was disconnected")
}
