//! `secrets.toml`, for a person who chose a file: one line for each connection.
//!
//! Invariant: readable by its owner alone; a file that cannot be understood is told by its place, without a word of
//! its content, and left as it is.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, value};

use crate::domain::{ConnectionId, Failure, FailureKind, Secret};
use crate::store::config::position;
use crate::store::files::{self, Lock, Worth};

const TABLE: &str = "secrets";
const HEADING: &str =
    "# Passwords and tokens of Tagalong's connections. Keep this file to yourself.\n\n[secrets]\n";

/// The secret of a connection.
pub(super) async fn get(path: &Path, id: &ConnectionId) -> Result<Option<Secret>, Failure> {
    let (path, id) = (path.to_owned(), id.clone());
    off_the_loop(move || {
        let Some(document) = read(&path)? else { return Ok(None) };
        let text = document.get(TABLE).and_then(|t| t.get(&*id.0)).and_then(|item| item.as_str());
        Ok(text.map(Secret::new))
    })
    .await
}

/// Keeps it.
pub(super) async fn put(path: &Path, id: &ConnectionId, secret: Secret) -> Result<(), Failure> {
    edit(path.to_owned(), id.clone(), Some(secret)).await
}

/// Forgets it; does not make the file when there is none.
pub(super) async fn remove(path: &Path, id: &ConnectionId) -> Result<(), Failure> {
    if !path.exists() {
        return Ok(());
    }
    edit(path.to_owned(), id.clone(), None).await
}

async fn edit(path: PathBuf, id: ConnectionId, secret: Option<Secret>) -> Result<(), Failure> {
    off_the_loop(move || {
        let _lock = Lock::take(&path)?;
        let mut document = match read(&path)? {
            Some(document) => document,
            None => parse(&path, HEADING)?,
        };
        let broken = || Failure::new(FailureKind::Invalid, files::reading(&path), "[secrets] is not a table");
        let table = document.entry(TABLE).or_insert_with(toml_edit::table);
        let table = table.as_table_like_mut().ok_or_else(broken)?;
        let changed = match secret {
            Some(secret) => {
                table.insert(&id.0, value(secret.expose()));
                true
            }
            None => table.remove(&id.0).is_some(),
        };
        if !changed {
            return Ok(());
        }
        files::replace(&path, document.to_string().as_bytes(), Worth::Secret)
    })
    .await
}

/// Waiting for a lock and for the disk happens on a thread that may wait.
async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let failed =
        |e: tokio::task::JoinError| Failure::new(FailureKind::Bug, "using the secrets file", e.to_string());
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

fn read(path: &Path) -> Result<Option<DocumentMut>, Failure> {
    let Some(text) = files::read_text(path)? else { return Ok(None) };
    keep_private(path)?;
    parse(path, &text).map(Some)
}

fn parse(path: &Path, text: &str) -> Result<DocumentMut, Failure> {
    text.parse().map_err(|e: toml_edit::TomlError| {
        let place = e.span().map_or_else(|| "it".to_owned(), |span| position(text, span.start));
        let said = format!("{place} is not valid TOML; the file was left as it is");
        Failure::new(FailureKind::Invalid, files::reading(path), said)
    })
}

/// Takes back the rights of others, should somebody have given them.
#[cfg(unix)]
fn keep_private(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let failed = |e: std::io::Error| Failure::io(format!("making {} private", path.display()), &e);
    if std::fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), "others could read the secrets; they no longer can");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)
}

#[cfg(not(unix))]
fn keep_private(_path: &Path) -> Result<(), Failure> {
    Ok(())
}
