//! One registry: its API, the address of its host once that is known, and the protocol client there.
//!
//! Invariant: a registry has one protocol client, so that its password is asked for once in its lifetime.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::calls::Calls;
use super::keys::Keys;
use super::place::{Endpoint, PUBLIC_HOST, Place};
use super::token::{self, Password};
use crate::domain::Failure;
use crate::http::SignIn;
use crate::registry::{Distribution, Opening};

/// A registry of an account in a region, or the public one.
pub(super) struct Registry {
    pub(super) place: Place,
    pub(super) calls: Arc<Calls>,
    opening: Opening,
    home: Mutex<Option<Home>>,
}

/// Where a registry's host is.
#[derive(Clone)]
struct Home {
    /// Host and port: what references start with.
    host: String,
    distribution: Distribution,
}

impl Registry {
    /// The registry at `place`. No I/O.
    ///
    /// # Errors
    /// `Invalid` when an address that was set cannot be read.
    pub(super) fn of(opening: &Opening, keys: Arc<Keys>, place: &Place) -> Result<Self, Failure> {
        let calls = Arc::new(Calls::of(opening, keys, place)?);
        let registry = Self { place: place.clone(), calls, opening: opening.clone(), home: Mutex::default() };
        // An API at another address may know its registry by another host; that is learned from it.
        if let Some(url) = place_url(place, opening) {
            registry.settle(&url)?;
        }
        Ok(registry)
    }

    /// The sign-in to its host.
    pub(super) fn sign_in(&self) -> Arc<dyn SignIn> {
        Arc::new(Password::new(Arc::clone(&self.calls), self.place.clone()))
    }

    /// Its host, where that is known by now.
    pub(super) fn host(&self) -> Option<String> {
        self.home().map(|home| home.host)
    }

    /// The protocol client at its host, where that is known by now.
    pub(super) fn distribution(&self) -> Option<Distribution> {
        self.home().map(|home| home.distribution)
    }

    /// Asks the API where the registry is, which shows too that the sign-in works there. Returns its host.
    ///
    /// # Errors
    /// What AWS says.
    pub(super) async fn find_host(&self) -> Result<String, Failure> {
        let token = token::ask(&self.calls, &self.place).await?;
        let url = token.proxy_endpoint.unwrap_or_else(|| format!("https://{PUBLIC_HOST}"));
        self.settle(&url)
    }

    fn settle(&self, url: &str) -> Result<String, Failure> {
        let host = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/').to_owned();
        let mut home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        if home.as_ref().is_none_or(|home| home.host != host) {
            let distribution = self.opening.distribution_at(url, self.sign_in())?;
            *home = Some(Home { host: host.clone(), distribution });
        }
        Ok(host)
    }

    fn home(&self) -> Option<Home> {
        // A change is a single write, so a poisoned value is still whole.
        self.home.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The account, as far as it was set or its host tells it.
    pub(super) fn account(&self) -> Option<String> {
        let by_host = || Place::of_host(&self.host()?)?.account().map(str::to_owned);
        self.place.account().map(str::to_owned).or_else(by_host)
    }

    /// The body of a call about the repository `name` (as the protocol calls it), with `more` in it. An account that was
    /// set is named, so that registries of other accounts can be reached.
    pub(super) fn about(&self, name: &str, more: Value) -> Value {
        let mut body = Map::new();
        body.insert("repositoryName".to_owned(), json!(self.name_at_home(name)));
        if let Some(account) = self.place.account() {
            body.insert("registryId".to_owned(), json!(account));
        }
        if let Value::Object(more) = more {
            body.extend(more);
        }
        Value::Object(body)
    }

    /// The body of a call about the whole registry.
    pub(super) fn about_all(&self, more: Value) -> Value {
        let mut body = match more {
            Value::Object(more) => more,
            _ => Map::new(),
        };
        if let Some(account) = self.place.account() {
            body.insert("registryId".to_owned(), json!(account));
        }
        Value::Object(body)
    }

    /// A repository's name in the API: the public registry's protocol puts the owner's alias before it.
    pub(super) fn name_at_home<'a>(&self, name: &'a str) -> &'a str {
        match self.place {
            Place::Private { .. } => name,
            Place::Public => name.split_once('/').map_or(name, |(_, rest)| rest),
        }
    }

    /// A repository's name in the protocol, from its name in the API and its address.
    pub(super) fn name_in_protocol(&self, name: &str, uri: Option<&str>) -> String {
        let by_address = || uri?.split_once('/').map(|(_, path)| path.to_owned());
        match self.place {
            Place::Private { .. } => name.to_owned(),
            Place::Public => by_address().unwrap_or_else(|| name.to_owned()),
        }
    }
}

/// The address of the registry's host, where it follows from its place.
fn place_url(place: &Place, opening: &Opening) -> Option<String> {
    match place {
        Place::Public => Some(format!("https://{PUBLIC_HOST}")),
        // The connection names the host itself.
        Place::Private { .. } if Place::of_host(opening.connection.host()).as_ref() == Some(place) => {
            Some(opening.connection.url.clone())
        }
        Place::Private { region, account: Some(account), endpoint: Endpoint::Usual } => {
            Some(region.registry(account))
        }
        Place::Private { .. } => None,
    }
}
