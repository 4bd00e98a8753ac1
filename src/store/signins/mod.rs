//! The sign-ins that `docker login` and `podman login` stored on this machine.
//!
//! Invariant: nothing here writes; a file that cannot be understood does not hide the others.

mod auth_file;
mod helper;
mod keys;
mod locations;

use std::collections::BTreeSet;

use auth_file::AuthFile;

use super::env::Env;
use crate::domain::connection::FoundSignIn;
use crate::domain::{Credential, Failure};

/// What was found, and what stood in the way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// One for each host, from the file that wins.
    pub sign_ins: Vec<FoundSignIn>,
    /// Files and helpers that could not be read.
    pub warnings: Vec<Failure>,
}

impl Found {
    /// Adds what `other` found for further hosts.
    pub fn extend(&mut self, other: Self) {
        let mut hosts: BTreeSet<_> = self.sign_ins.iter().map(|s| s.host.clone()).collect();
        self.sign_ins.extend(other.sign_ins.into_iter().filter(|s| hosts.insert(s.host.clone())));
        self.warnings.extend(other.warnings);
    }
}

/// The hosts that the auth files name. Reads files and starts nothing.
#[must_use]
pub fn find(env: &Env) -> Found {
    let mut found = Found::default();
    for location in locations::all(env) {
        match AuthFile::read(&location, env) {
            Ok(Some(file)) => found.extend(Found { sign_ins: file.sign_ins(), warnings: Vec::new() }),
            Ok(None) => {}
            Err(failure) => found.warnings.push(failure),
        }
    }
    found
}

/// The hosts in the credential helpers that the auth files name as their store. Starts those programs.
pub async fn find_in_helpers(env: &Env) -> Found {
    let mut found = Found::default();
    for location in locations::all(env) {
        // A file that cannot be read is told by `find`.
        let Ok(Some(file)) = AuthFile::read(&location, env) else { continue };
        found.extend(helper::list(env, &file).await);
    }
    found
}

/// What is stored for `host` (which may have a path: the longest stored prefix wins), with where it was found, for
/// people.
///
/// # Errors
/// When nothing usable was found and a file or helper that may have it failed: `Invalid` (not JSON, not base64), `Io`
/// (helper missing or failing), `Timeout`. The caller may go on without a sign-in and show it as a warning.
pub async fn credential(env: &Env, host: &str) -> Result<Option<(Credential, String)>, Failure> {
    let Some(wanted) = keys::normalised(host) else { return Ok(None) };
    let mut missed = None;
    for location in locations::all(env) {
        match in_file(env, &location, &wanted).await {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) => {}
            Err(failure) => {
                tracing::warn!(%failure, "a stored sign-in could not be read");
                missed.get_or_insert(failure);
            }
        }
    }
    missed.map_or(Ok(None), Err)
}

/// The helper that Docker is configured with for everything (`credsStore`), such as `pass`.
#[must_use]
pub(super) fn docker_store(env: &Env) -> Option<String> {
    let file = AuthFile::read(&locations::docker(env), env).ok()??;
    file.store().map(str::to_owned)
}

async fn in_file(
    env: &Env,
    location: &locations::Location,
    wanted: &str,
) -> Result<Option<(Credential, String)>, Failure> {
    let Some(file) = AuthFile::read(location, env)? else { return Ok(None) };
    match helper::ask(env, &file, wanted).await {
        Ok(Some(found)) => Ok(Some(found)),
        asked => match file.credential(wanted)? {
            Some(credential) => Ok(Some((credential, file.shown().to_owned()))),
            None => asked,
        },
    }
}

#[cfg(test)]
mod tests;
