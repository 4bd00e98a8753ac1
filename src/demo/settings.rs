//! How the registry behaves: what it offers, what it has switched off, and who may come in.
//!
//! Invariant: the default is a friendly server that can do everything and asks nobody for a password.

use std::time::Duration;

use super::faults::{Fault, Match, What};
use crate::domain::Secret;

/// What the registry offers.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The most names on one page of a list, whatever `n` says.
    pub page_size: usize,
    /// Whether repositories can be listed.
    pub catalog: bool,
    /// Whether anything can be deleted; otherwise 405 `UNSUPPORTED`.
    pub delete: bool,
    /// Whether a tag can be deleted by name, where deleting is on at all.
    pub delete_tags: bool,
    /// Whether there is a referrers API; otherwise 404.
    pub referrers: bool,
    /// Whether `Range` is honoured.
    pub ranges: bool,
    /// Who may come in.
    pub auth: Auth,
    /// Faults from the start; more can be injected later.
    pub faults: Vec<Fault>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            page_size: 1000,
            catalog: true,
            delete: true,
            delete_tags: true,
            referrers: true,
            ranges: true,
            auth: Auth::None,
            faults: Vec::new(),
        }
    }
}

impl Settings {
    /// For people who look around: the large sample image comes slowly enough for its pull to be watched.
    #[must_use]
    pub fn to_look_at() -> Self {
        const SPEED: u64 = 6 * 1024 * 1024;
        let large = Match::method("GET", "/v2/media/transcoder/blobs/*");
        Self { faults: vec![Fault::always(large, What::Slow(SPEED))], ..Self::default() }
    }
}

/// Who may come in.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Everybody.
    None,
    /// Whoever sends this with each request.
    Basic {
        /// The account.
        user: String,
        /// Its password.
        password: Secret,
    },
    /// Whoever gets a bearer token with this from the registry's own `/token`.
    Token {
        /// The account.
        user: String,
        /// Its password.
        password: Secret,
        /// How long a token is good.
        lifetime: Duration,
        /// Whether tokens to pull are given without an account.
        anonymous_pull: bool,
    },
}

impl Auth {
    /// Basic sign-in.
    #[must_use]
    pub fn basic(user: &str, password: &str) -> Self {
        Self::Basic { user: user.to_owned(), password: Secret::new(password) }
    }

    /// Bearer tokens that are good for five minutes, for this account alone.
    #[must_use]
    pub fn token(user: &str, password: &str) -> Self {
        Self::Token {
            user: user.to_owned(),
            password: Secret::new(password),
            lifetime: Duration::from_secs(300),
            anonymous_pull: false,
        }
    }
}
