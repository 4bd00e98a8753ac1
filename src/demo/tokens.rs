//! Bearer tokens: what each one allows, and until when.
//!
//! Invariant: a token that is out of date allows nothing and is forgotten.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::random::uuid;

/// A right, as it is written in a challenge: `repository:acme/api:pull,push`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    /// `repository` or `registry`.
    pub(super) kind: String,
    /// The repository, or `catalog`.
    pub(super) name: String,
    /// `pull`, `push`, `delete` or `*`.
    pub(super) actions: Vec<String>,
}

impl Scope {
    /// Rights to a repository.
    pub(super) fn repository(name: &str, actions: &[&str]) -> Self {
        let actions = actions.iter().map(|&action| action.to_owned()).collect();
        Self { kind: "repository".to_owned(), name: name.to_owned(), actions }
    }

    /// Whether whoever has this right may do everything that `wanted` says.
    pub(super) fn covers(&self, wanted: &Self) -> bool {
        let may = |action: &String| self.actions.iter().any(|have| have == "*" || have == action);
        self.kind == wanted.kind && self.name == wanted.name && wanted.actions.iter().all(may)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.kind, self.name, self.actions.join(","))
    }
}

impl FromStr for Scope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, rest) = text.split_once(':').ok_or(())?;
        let (name, actions) = rest.rsplit_once(':').ok_or(())?;
        let actions = actions.split(',').map(str::to_owned).collect();
        Ok(Self { kind: kind.to_owned(), name: name.to_owned(), actions })
    }
}

/// Every token that was given out.
#[derive(Default)]
pub(super) struct Tokens(Mutex<Given>);

#[derive(Default)]
struct Given {
    access: HashMap<String, Grant>,
    refresh: HashSet<String>,
}

struct Grant {
    scopes: Vec<Scope>,
    until: Instant,
}

impl Tokens {
    /// Gives out a token for these rights.
    pub(super) fn grant(&self, scopes: Vec<Scope>, lifetime: Duration) -> String {
        let token = uuid();
        let now = Instant::now();
        let mut given = self.lock();
        given.access.retain(|_, grant| grant.until > now);
        given.access.insert(token.clone(), Grant { scopes, until: now + lifetime });
        token
    }

    /// What a token allows; nothing when it is unknown or out of date.
    pub(super) fn scopes(&self, token: &str) -> Option<Vec<Scope>> {
        let given = self.lock();
        let grant = given.access.get(token).filter(|grant| grant.until > Instant::now())?;
        Some(grant.scopes.clone())
    }

    /// Gives out a refresh token, which is as good as the password.
    pub(super) fn grant_refresh(&self) -> String {
        let token = uuid();
        self.lock().refresh.insert(token.clone());
        token
    }

    /// Whether this is a refresh token that was given out.
    pub(super) fn knows_refresh(&self, token: &str) -> bool {
        self.lock().refresh.contains(token)
    }

    fn lock(&self) -> MutexGuard<'_, Given> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_what_it_names_and_no_more() {
        let have: Scope = "repository:a/b:pull,push".parse().unwrap();
        assert_eq!(have.to_string(), "repository:a/b:pull,push");
        assert!(have.covers(&Scope::repository("a/b", &["pull"])));
        assert!(!have.covers(&Scope::repository("a/b", &["pull", "delete"])));
        assert!(!have.covers(&Scope::repository("a", &["pull"])));
        assert!("repository".parse::<Scope>().is_err());
    }

    #[test]
    fn a_token_ends() {
        let tokens = Tokens::default();
        let short = tokens.grant(Vec::new(), Duration::ZERO);
        let long = tokens.grant(Vec::new(), Duration::from_secs(60));
        assert_eq!(tokens.scopes(&short), None);
        assert_eq!(tokens.scopes(&long), Some(Vec::new()));
    }
}
