//! The Docker CLI's contexts: `config.json` names the current one, `contexts/meta/ID/meta.json` says where it is, and
//! `contexts/tls/ID/docker/` holds its certificates. An ID is the SHA-256 of the context's name (docker/cli,
//! `cli/context/store`).
//!
//! Invariant: only read, never written.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::address::{Address, TlsFiles};
use crate::domain::Digest;

/// The context that stands for no context.
const DEFAULT: &str = "default";

/// The name of the current context; nothing when it is the default one.
pub(super) fn current(config: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Config {
        #[serde(rename = "currentContext", default)]
        current: Option<String>,
    }
    let bytes = fs::read(config.join("config.json")).ok()?;
    let read: Config = serde_json::from_slice(&bytes).ok()?;
    read.current.filter(|name| !name.is_empty() && name != DEFAULT)
}

/// Where the engine of a context is.
pub(super) fn address(config: &Path, name: &str) -> Option<Address> {
    #[derive(Deserialize)]
    struct Meta {
        #[serde(rename = "Endpoints")]
        endpoints: Endpoints,
    }
    #[derive(Deserialize)]
    struct Endpoints {
        docker: Endpoint,
    }
    #[derive(Deserialize)]
    struct Endpoint {
        #[serde(rename = "Host")]
        host: String,
    }
    let id = Digest::of(name.as_bytes());
    let contexts = config.join("contexts");
    let bytes = fs::read(contexts.join("meta").join(id.hex()).join("meta.json")).ok()?;
    let meta: Meta = serde_json::from_slice(&bytes).ok()?;
    let tls = contexts.join("tls").join(id.hex()).join("docker");
    let tls = tls.is_dir().then(|| TlsFiles::in_folder(&tls));
    Address::parse(&meta.endpoints.docker.host, tls)
}
