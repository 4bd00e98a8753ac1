//! `config.toml`: the connections, and what the screen remembers.
//!
//! Invariant: a file that cannot be understood is told and kept; an edit writes only what it changed, so comments and
//! keys of other versions stay.

mod merge;

use std::path::Path;

use serde::{Deserialize, Serialize};
use toml_edit::DocumentMut;

use super::files::{self, Lock, Worth};
use super::paths::Paths;
use crate::domain::{Connection, ConnectionId, Digest, Failure, FailureKind};

/// What `config.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Config {
    /// `[[connection]]`, in the order of the file; new ones go last.
    #[serde(default, rename = "connection")]
    pub connections: Vec<Connection>,
    /// `[ui]`.
    #[serde(default, rename = "ui")]
    pub settings: Ui,
}

/// What the screen remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ui {
    /// How tags are sorted: `name`, `version`, `newest` or `size`; nothing when never chosen.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sort: String,
    /// Whether repository names with `/` are shown as folders.
    pub folders: bool,
    /// Whether what is hidden otherwise is shown: referrer tags, digests among the tags, places without content.
    pub hidden_tags: bool,
    /// Where the last pull was sent by hand: the identity of a place on this machine; nothing when never chosen.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pull_to: String,
}

impl Config {
    /// The connection with this id.
    #[must_use]
    pub fn connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|c| c.id == *id)
    }

    /// An id that no connection has or had: the name, made plain, and a few digits that time and chance decide.
    #[must_use]
    pub fn fresh_id(&self, name: &str) -> ConnectionId {
        let plain = plain_name(name);
        let mut seed = format!("{name} {} {:?}", std::process::id(), std::time::SystemTime::now());
        loop {
            let digest = Digest::of(seed.as_bytes());
            let id = ConnectionId::new(&format!("{plain}-{}", digest.short(6)));
            if self.connection(&id).is_none() {
                return id;
            }
            seed = digest.to_string();
        }
    }
}

/// At most 24 lower-case letters, digits and single dashes.
fn plain_name(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    let plain: String = words.collect::<Vec<_>>().join("-").chars().take(24).collect();
    match plain.trim_end_matches('-') {
        "" => "registry".to_owned(),
        plain => plain.to_owned(),
    }
}

/// Reads `config.toml`; without one there is nothing connected.
///
/// # Errors
/// `Invalid`, with line and column, for a file that cannot be understood; `Io`.
pub fn load(paths: &Paths) -> Result<Config, Failure> {
    match files::read_text(&paths.config_file)? {
        Some(text) => parse(&text).map_err(|said| broken(&paths.config_file, &said)),
        None => Ok(Config::default()),
    }
}

/// Changes `config.toml` under its lock: what is there now is read, changed, and what differs is written.
/// Returns what the file says afterwards.
///
/// # Errors
/// `Invalid` for a file that cannot be understood (it is left alone) and for a change that would make it so;
/// `Conflict` when another running copy holds it; `Io`.
pub fn edit(paths: &Paths, change: impl FnOnce(&mut Config)) -> Result<Config, Failure> {
    let file = &paths.config_file;
    let _lock = Lock::take(file)?;
    let text = files::read_text(file)?.unwrap_or_default();
    let old = parse(&text).map_err(|said| broken(file, &said))?;
    let mut new = old.clone();
    change(&mut new);
    if new == old {
        return Ok(old);
    }
    let changed = merged(&text, &old, &new).map_err(|said| refused(file, &said))?;
    let written = parse(&changed).map_err(|said| refused(file, &said))?;
    files::replace(file, changed.as_bytes(), Worth::Lasting)?;
    Ok(written)
}

fn broken(file: &Path, said: &str) -> Failure {
    let said = format!("{said}; the file was left as it is, correct it and start again");
    Failure::new(FailureKind::Invalid, files::reading(file), said)
}

fn refused(file: &Path, said: &str) -> Failure {
    Failure::new(FailureKind::Invalid, format!("changing {}", file.display()), said)
}

fn parse(text: &str) -> Result<Config, String> {
    let config: Config = toml_edit::de::from_str(text).map_err(|e| described(text, e.span(), e.message()))?;
    let mut ids: Vec<_> = config.connections.iter().map(|c| &c.id).collect();
    ids.sort();
    match ids.iter().zip(ids.iter().skip(1)).find(|(a, b)| a == b) {
        Some((twice, _)) => Err(format!("two connections have the id “{twice}”")),
        None => Ok(config),
    }
}

fn merged(text: &str, old: &Config, new: &Config) -> Result<String, String> {
    let mut document: DocumentMut =
        text.parse().map_err(|e: toml_edit::TomlError| described(text, e.span(), e.message()))?;
    let (old, new) = (toml_edit::ser::to_document(old), toml_edit::ser::to_document(new));
    let (old, new) = (old.map_err(|e| e.to_string())?, new.map_err(|e| e.to_string())?);
    merge::apply(&mut document, old.as_table(), new.as_table());
    Ok(document.to_string())
}

/// `line 3, column 5: what is wrong`.
fn described(text: &str, span: Option<std::ops::Range<usize>>, message: &str) -> String {
    let message = crate::domain::text::visible(message.trim()).replace('␊', ", ");
    match span {
        Some(span) => format!("{}: {message}", position(text, span.start)),
        None => message,
    }
}

/// `line 3, column 5` of a byte offset.
pub(super) fn position(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

#[cfg(test)]
mod tests;
