//! Connections and the forms that make them, as data.
//!
//! Invariant: a `Connection` never holds a secret; those travel in a [`Draft`] and are kept elsewhere.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::capability::Capabilities;
use super::extra::Extra;
use super::failure::Failure;
pub use super::form::{Field, FieldKind};
use super::secret::Secret;

/// The stable identity of a connection: made once, kept in the configuration, never reused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(pub Arc<str>);

impl ConnectionId {
    /// From its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A registry as the person has set it up, as kept in `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Its identity.
    pub id: ConnectionId,
    /// Its name on the screen.
    pub name: String,
    /// The provider's id, such as `generic`.
    pub provider: String,
    /// Base URL, `https://host[:port][/prefix]`.
    pub url: String,
    /// The account; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub username: String,
    /// Options of every connection.
    #[serde(default, skip_serializing_if = "Options::is_default")]
    pub options: Options,
    /// Values of the provider's own fields that are not secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// Repositories opened by name, for servers without a catalogue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bookmarks: Vec<String>,
}

impl Connection {
    /// Host and port, with a path prefix where there is one: what references start with.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        match rest.trim_end_matches('/') {
            "registry-1.docker.io" => super::reference::DOCKER_HUB,
            host => host,
        }
    }
}

/// Options that every connection has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// A PEM file with further certificate authorities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// A PEM file with the client's certificate chain and key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<String>,
    /// Speak plain HTTP to a host that is not loopback.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub plain_http: bool,
    /// Do not verify the server's certificate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skip_verification: bool,
    /// A proxy, `http://…`, `https://…` or `socks5h://…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

impl Options {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a provider is, for the picker and the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderInfo {
    /// Its id in the configuration.
    pub id: &'static str,
    /// Its name on the screen.
    pub title: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// Its prompts, in order.
    pub fields: &'static [Field],
    /// The hosts that are known to be of this kind, `*.` in front for every host below one: what is connected to by
    /// name, or by a stored sign-in, is opened with this provider.
    pub hosts: &'static [&'static str],
    /// The address of the registry where the form does not ask for it, or it was left empty; empty when it has to be typed.
    pub url: &'static str,
    /// The account where none is typed, for vendors whose tokens go with a fixed name; empty for none.
    pub username: &'static str,
}

impl ProviderInfo {
    /// Nothing in it; to be filled with `..ProviderInfo::EMPTY`.
    pub const EMPTY: Self =
        Self { id: "", title: "", about: "", fields: &[], hosts: &[], url: "", username: "" };

    /// Whether `host` is known to be of this kind.
    #[must_use]
    pub fn serves(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| match known.strip_prefix("*.") {
            Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
            None => *known == host,
        })
    }
}

/// A filled-in form, on its way to be checked and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The connection that is edited; nothing for a new one.
    pub editing: Option<ConnectionId>,
    /// The provider's id.
    pub provider: String,
    /// What was typed, by field id; secrets too.
    pub values: BTreeMap<String, Secret>,
    /// Where the secret is to be kept when neither keyring nor helper is there.
    pub keep: KeepSecret,
}

impl Draft {
    /// What was typed into a field, trimmed unless it is the password.
    #[must_use]
    pub fn value(&self, id: &str) -> &str {
        let raw = self.values.get(id).map_or("", Secret::expose);
        if id == "password" { raw } else { raw.trim() }
    }
}

/// Where a secret goes when the system has neither keyring nor helper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepSecret {
    /// Not asked yet: if there is no keyring and no helper, ask.
    #[default]
    Ask,
    /// Until the program ends.
    Memory,
    /// In a file that only its owner can read.
    File,
}

/// A connection as the tree shows it, with what can be done there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// The connection.
    pub connection: Connection,
    /// The provider's title; of an engine, its name and version ("Docker Engine 27.3").
    pub provider_title: Cow<'static, str>,
    /// What can be done there.
    pub capabilities: Capabilities,
    /// What only its vendor offers.
    pub extras: &'static [Extra],
    /// What is dangerous about it, such as verification being off.
    pub warning: Option<String>,
    /// Why nothing can be asked there now: an engine that went away. It comes back by itself.
    pub failure: Option<Failure>,
}

/// A sign-in that Docker or Podman stored on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSignIn {
    /// The host it is for, normalised (`docker.io`, `ghcr.io`).
    pub host: String,
    /// The account, where known without opening the store.
    pub username: Option<String>,
    /// Where it was found, for people: `~/.docker/config.json`.
    pub source: String,
    /// The provider whose own tool keeps it; nothing for what Docker and Podman stored.
    pub provider: Option<&'static str>,
    /// The values of that provider's fields that make it use this sign-in (`sign_in` = `gh`, `profile` = `work`).
    pub settings: BTreeMap<String, String>,
}

impl FoundSignIn {
    /// One that Docker or Podman stored.
    #[must_use]
    pub fn stored(host: String, username: Option<String>, source: String) -> Self {
        Self { host, username, source, provider: None, settings: BTreeMap::new() }
    }
}

/// Why a connection was not kept.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectFailure {
    /// The server, or the check of the form, said no. The field that is to blame, where one is.
    Refused {
        /// What happened.
        failure: Failure,
        /// The id of the field to go to.
        field: Option<&'static str>,
    },
    /// Everything works, but there is neither a keyring nor a credential helper: the person has to choose.
    NoPlaceForSecret,
}
