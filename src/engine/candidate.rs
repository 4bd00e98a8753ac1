//! Where an engine may be: what the person has chosen, then the usual sockets.
//!
//! Invariant: looks at the variables and the home folder that it is given, and connects to nothing.

use std::path::{Path, PathBuf};

use super::address::{Address, TlsFiles};
use super::context;

/// A place where an engine may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// A name for people, no two the same: `docker`, `podman`, `colima`, or the context's.
    pub name: String,
    /// How it is reached.
    pub address: Address,
    /// Whether the person has named it.
    pub chosen: Chosen,
}

/// Whether a person has named an engine, so that they want to know when it does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// By a variable or a Docker context.
    ByPerson,
    /// It is one of the usual sockets.
    Usual,
}

/// Every place where an engine may be, what the person has chosen first; two paths to one socket are one. Reads the
/// Docker CLI's context files, so it blocks.
#[must_use]
pub fn candidates(variable: &dyn Fn(&str) -> Option<String>, home: &Path) -> Vec<Candidate> {
    let mut all = Vec::new();
    if cfg!(feature = "engine") {
        all.extend(chosen_docker(variable, home));
        all.extend(by_variable("podman", variable("CONTAINER_HOST"), None));
        all.extend(usual(variable, home));
    }
    distinct(all)
}

/// `DOCKER_HOST`, else the current context, as the Docker CLI decides.
fn chosen_docker(variable: &dyn Fn(&str) -> Option<String>, home: &Path) -> Option<Candidate> {
    let config = variable("DOCKER_CONFIG").map_or_else(|| home.join(".docker"), PathBuf::from);
    if let Some(host) = variable("DOCKER_HOST") {
        let is_tls = variable("DOCKER_TLS_VERIFY").is_some() || variable("DOCKER_CERT_PATH").is_some();
        let folder = variable("DOCKER_CERT_PATH").map_or(config, PathBuf::from);
        return by_variable("docker", Some(host), is_tls.then(|| TlsFiles::in_folder(&folder)));
    }
    let name = variable("DOCKER_CONTEXT").or_else(|| context::current(&config))?;
    let address = context::address(&config, &name)?;
    Some(Candidate { name, address, chosen: Chosen::ByPerson })
}

fn by_variable(name: &str, value: Option<String>, tls: Option<TlsFiles>) -> Option<Candidate> {
    let address = Address::parse(&value?, tls)?;
    Some(Candidate { name: name.to_owned(), address, chosen: Chosen::ByPerson })
}

/// The sockets of Docker, Docker Desktop, Colima, Rancher Desktop, OrbStack and Podman, with root's rights and without.
fn usual(variable: &dyn Fn(&str) -> Option<String>, home: &Path) -> Vec<Candidate> {
    if cfg!(windows) {
        let pipe = |name: &str, path: &str| Candidate {
            name: name.to_owned(),
            address: Address::Pipe(path.to_owned()),
            chosen: Chosen::Usual,
        };
        return vec![
            pipe("docker", "//./pipe/docker_engine"),
            pipe("podman", "//./pipe/podman-machine-default"),
        ];
    }
    let runtime = variable("XDG_RUNTIME_DIR").map(PathBuf::from);
    let in_runtime = |path: &str| runtime.as_ref().map(|folder| folder.join(path));
    [
        ("docker", Some(PathBuf::from("/var/run/docker.sock"))),
        ("docker", in_runtime("docker.sock")),
        ("docker", Some(home.join(".docker/run/docker.sock"))),
        ("docker", Some(home.join(".docker/desktop/docker.sock"))),
        ("colima", Some(home.join(".colima/default/docker.sock"))),
        ("rancher", Some(home.join(".rd/docker.sock"))),
        ("orbstack", Some(home.join(".orbstack/run/docker.sock"))),
        ("podman", in_runtime("podman/podman.sock")),
        ("podman", Some(PathBuf::from("/run/podman/podman.sock"))),
    ]
    .into_iter()
    .filter_map(|(name, path)| {
        let address = Address::Unix(path?);
        Some(Candidate { name: name.to_owned(), address, chosen: Chosen::Usual })
    })
    .collect()
}

/// One candidate for each address; names that are taken get a number.
fn distinct(all: Vec<Candidate>) -> Vec<Candidate> {
    let mut seen = Vec::new();
    let mut kept: Vec<Candidate> = Vec::new();
    for mut candidate in all {
        let address = candidate.address.resolved();
        if seen.contains(&address) {
            continue;
        }
        seen.push(address);
        let taken = |name: &str| kept.iter().any(|k| k.name == name);
        if taken(&candidate.name) {
            let numbered = (2..).map(|n| format!("{}-{n}", candidate.name)).find(|name| !taken(name));
            candidate.name = numbered.unwrap_or_default();
        }
        kept.push(candidate);
    }
    kept
}

#[cfg(test)]
mod tests;
