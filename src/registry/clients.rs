//! Protocol clients for vendors that serve many registries from one address, each below a path of its own.
//!
//! Invariant: one client an address, so that its tokens, pauses and queue are shared by all who ask there.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Distribution, Opening};
use crate::domain::Failure;

/// The clients of one connection, each made when it is first needed.
pub struct Clients {
    opening: Opening,
    made: Mutex<HashMap<String, Distribution>>,
}

impl Clients {
    /// For the connection of `opening`, with its sign-in. Does no I/O.
    #[must_use]
    pub fn new(opening: Opening) -> Self {
        Self { opening, made: Mutex::default() }
    }

    /// The client of the registry at `url`.
    ///
    /// # Errors
    /// `Invalid` when the URL cannot be read.
    pub fn at(&self, url: &str) -> Result<Distribution, Failure> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(url) {
            return Ok(client.clone());
        }
        let client = self.opening.distribution_at(url, self.opening.sign_in_at(url, None))?;
        made.insert(url.to_owned(), client.clone());
        Ok(client)
    }
}
