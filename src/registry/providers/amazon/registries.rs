//! The registries of a connection: which there are, which one a node lies in, and where each one is.
//!
//! Invariant: each registry is opened once, however many nodes of it are asked for.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use futures_util::future::join_all;

use super::keys::Keys;
use super::place::Place;
use super::registry::Registry;
use super::{Amazon, Scope, profiles};
use crate::domain::{Entry, Facts, Failure, FailureKind, Locator, NodeKind, text::visible};
use crate::registry::Opening;

impl Amazon {
    pub(super) fn new(opening: &Opening, scope: Scope) -> Self {
        let keys = Arc::new(Keys::of(opening));
        Self { opening: opening.clone(), keys, scope, first: OnceLock::new(), registries: Mutex::default() }
    }

    /// Whether there is a level for the registries of several regions.
    pub(super) fn has_regions(&self) -> bool {
        matches!(self.scope, Scope::Regions)
    }

    /// The registry at `place`, the same one each time.
    pub(super) fn registry(&self, place: &Place) -> Result<Arc<Registry>, Failure> {
        let mut known = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(registry) = known.iter().find(|r| r.place == *place) {
            return Ok(Arc::clone(registry));
        }
        let registry = Arc::new(Registry::of(&self.opening, Arc::clone(&self.keys), place)?);
        known.push(Arc::clone(&registry));
        Ok(registry)
    }

    /// The registry that `at` lies in, where that can be told without asking anybody.
    pub(super) fn known_registry(&self, at: &Locator) -> Option<Arc<Registry>> {
        let known = || self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        match (at.nearest(NodeKind::Registry), &self.scope) {
            (None, Scope::One(place)) => self.registry(place).ok(),
            (None, Scope::Regions) => self.registry(self.first.get()?).ok(),
            (Some(name), _) => {
                let is_named =
                    |r: &&Arc<Registry>| r.host().as_deref() == Some(name) || r.place.to_string() == name;
                let found = known().iter().find(is_named).cloned();
                found.or_else(|| self.registry(&Place::of_host(name)?).ok())
            }
        }
    }

    /// The registry that `at` lies in.
    ///
    /// # Errors
    /// `Invalid` when no region is set.
    pub(super) async fn registry_of(&self, at: &Locator) -> Result<Arc<Registry>, Failure> {
        if let Some(registry) = self.known_registry(at) {
            return Ok(registry);
        }
        let places = self.places().await?;
        let Some(name) = at.nearest(NodeKind::Registry) else {
            // There is always one: the list is never empty.
            return places.first().map_or_else(|| Err(not_ours(at)), |place| self.registry(place));
        };
        if let Some(place) = places.iter().find(|place| place.to_string() == name) {
            return self.registry(place);
        }
        // An API at another address says by itself what its registry's host is.
        self.rows().await?;
        self.known_registry(at).ok_or_else(|| not_ours(at))
    }

    /// The registries of the connection. The first is the one that a name without a registry means.
    async fn places(&self) -> Result<Vec<Place>, Failure> {
        let places = self.chosen_places().await?;
        if let Some(first) = places.first() {
            self.first.get_or_init(|| first.clone());
        }
        Ok(places)
    }

    /// Those of the regions that were typed, else the profile's or environment's.
    async fn chosen_places(&self) -> Result<Vec<Place>, Failure> {
        if let Scope::One(place) = &self.scope {
            return Ok(vec![place.clone()]);
        }
        let account = self.opening.setting(super::ACCOUNT.id);
        let typed = self.opening.setting(super::REGIONS.id).unwrap_or_default();
        let words: Vec<&str> = typed.split([',', ' ']).filter(|word| !word.is_empty()).collect();
        if !words.is_empty() {
            return words.into_iter().map(|word| Place::of_word(word, account)).collect();
        }
        Ok(vec![Place::of_word(&self.usual_region().await?, account)?])
    }

    /// The region of the profile that was chosen, else the environment's, else the default profile's.
    async fn usual_region(&self) -> Result<String, Failure> {
        let surroundings = self.keys.surroundings();
        let profile = self.keys.profile();
        let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
        let in_environment = variables.into_iter().find_map(|name| surroundings.variable(name));
        if profile.is_none()
            && let Some(region) = in_environment
        {
            return Ok(region);
        }
        let read = profiles::read(surroundings, profile).await?;
        let of_profile = read.get("region").map(str::to_owned);
        of_profile.or(in_environment).ok_or_else(|| {
            let name = visible(&profiles::name(surroundings, profile)).into_owned();
            let said = format!(
                "no region is set: type one such as eu-west-1, or run “aws configure set region eu-west-1 --profile {name}”"
            );
            Failure::new(FailureKind::Invalid, "looking for the region", said)
        })
    }

    /// A row for each registry. One that fails is told by its row; when all fail, that is the failure.
    pub(super) async fn rows(&self) -> Result<Vec<Row>, Failure> {
        let places = self.places().await?;
        let registries = places.iter().map(|place| self.registry(place)).collect::<Result<Vec<_>, _>>()?;
        let asking = registries.into_iter().map(|registry| async move {
            let host = registry.find_host().await;
            Row { registry, host }
        });
        let rows = join_all(asking).await;
        if rows.iter().all(|row| row.host.is_err()) {
            let failures = rows.into_iter().filter_map(|row| row.host.err()).collect();
            return Failure::first_of(failures).map_or(Ok(Vec::new()), Err);
        }
        Ok(rows)
    }
}

/// A registry of the connection: its host, or why it is not known.
pub(super) struct Row {
    pub(super) registry: Arc<Registry>,
    host: Result<String, Failure>,
}

impl Row {
    /// For the tree.
    pub(super) fn entry(self) -> Entry {
        let label = Some(self.registry.place.to_string());
        match self.host {
            Ok(host) => {
                let note = self.registry.account();
                let facts = Some(Box::new(Facts { note, ..Facts::default() }));
                Entry { label, facts, ..Entry::named(NodeKind::Registry, host) }
            }
            Err(failure) => Entry {
                failure: Some(Box::new(failure)),
                ..Entry::named(NodeKind::Registry, self.registry.place.to_string())
            },
        }
    }

    /// For the details of the connection.
    pub(super) fn line(&self) -> (String, String) {
        let state = match &self.host {
            Ok(host) => host.clone(),
            Err(failure) => failure.said.clone(),
        };
        (self.registry.place.to_string(), state)
    }
}

fn not_ours(at: &Locator) -> Failure {
    let name = visible(at.nearest(NodeKind::Registry).unwrap_or_default()).into_owned();
    let said = "it is none of the registries of this connection";
    Failure::new(FailureKind::NotFound, format!("opening the registry {name}"), said)
}
