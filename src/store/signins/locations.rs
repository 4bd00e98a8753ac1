//! Where Docker and Podman keep their auth files (containers-auth.json(5), `docker login`).
//!
//! Invariant: the first location that has a host wins.

use std::path::PathBuf;

use crate::store::Env;

/// A file that may hold sign-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    /// The file.
    pub(super) path: PathBuf,
    /// What is in it.
    pub(super) format: Format,
}

/// The two forms of auth files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `{"auths": {…}, "credsStore": …, "credHelpers": {…}}`.
    Current,
    /// `.dockercfg`: the content of `auths` alone.
    Legacy,
}

impl Location {
    fn current(path: PathBuf) -> Self {
        Self { path, format: Format::Current }
    }
}

/// Every place, the one that wins first.
pub(super) fn all(env: &Env) -> Vec<Location> {
    let mut all = Vec::new();
    all.extend(env.path("REGISTRY_AUTH_FILE").map(|p| Location::current(p.to_owned())));
    all.extend(env.container_runtime().map(|dir| Location::current(dir.join("auth.json"))));
    let config = env.path("XDG_CONFIG_HOME").map_or_else(|| env.home().join(".config"), PathBuf::from);
    all.push(Location::current(config.join("containers/auth.json")));
    all.push(docker(env));
    all.push(Location { path: env.home().join(".dockercfg"), format: Format::Legacy });
    all
}

/// Docker's own file.
pub(super) fn docker(env: &Env) -> Location {
    let folder = env.path("DOCKER_CONFIG").map_or_else(|| env.home().join(".docker"), PathBuf::from);
    Location::current(folder.join("config.json"))
}
