//! Docker's credential helpers: programs named `docker-credential-…` that keep sign-ins by server URL
//! (docker/docker-credential-helpers, "Development").
//!
//! Invariant: a secret goes in through standard input and comes out through standard output, never as an argument,
//! and no helper can hold the program up or ask on its terminal.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::env::Env;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Secret};

const PATIENCE: Duration = Duration::from_secs(10);
/// The domain below which this program keeps its own secrets in a helper. No registry can have such a host (RFC 2606);
/// a host because some helpers refuse other schemes than `https` and some compare hosts alone.
pub(super) const OWN_DOMAIN: &str = ".tagalong.invalid";
const PREFIX: &str = "docker-credential-";

/// A helper that is there.
#[derive(Debug, Clone)]
pub(super) struct CredentialHelper {
    program: PathBuf,
    name: String,
    env: Env,
    patience: Duration,
}

/// What `get` answers and `store` takes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    #[serde(rename = "ServerURL", default)]
    server: std::borrow::Cow<'a, str>,
    username: std::borrow::Cow<'a, str>,
    secret: std::borrow::Cow<'a, str>,
}

impl CredentialHelper {
    /// The helper that Docker calls `name` (`pass`, `desktop`); nothing when it is not on the `PATH`.
    pub(super) fn find(env: &Env, name: &str) -> Option<Self> {
        let is_file_name = !name.is_empty() && !name.contains(['/', '\\', '\0']);
        let program = env.find_program(&program_name(name)).filter(|_| is_file_name)?;
        Some(Self { program, name: program_name(name), env: env.clone(), patience: PATIENCE })
    }

    /// The failure that says which helper is not there.
    pub(super) fn missing(name: &str, configured_in: &str) -> Failure {
        let program = program_name(name);
        let said = format!("{configured_in} names {program}, which is not on the PATH");
        Failure::new(FailureKind::Io, "reading a stored sign-in", visible(&said))
    }

    /// The program's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Username and secret that are kept for `server`.
    pub(super) async fn get(&self, server: &str) -> Result<Option<(String, Secret)>, Failure> {
        let doing = format!("asking {} for the sign-in of {}", self.name, visible(server));
        let output = self.run("get", server.as_bytes(), &doing).await?;
        if says_not_found(&output) {
            return Ok(None);
        }
        let answer = succeeded(output, &doing)?;
        let entry: Entry<'_> = serde_json::from_slice(&answer).map_err(|_| not_understood(&doing))?;
        if entry.secret.is_empty() {
            return Ok(None);
        }
        Ok(Some((entry.username.into_owned(), Secret::new(entry.secret))))
    }

    /// Keeps username and secret for `server`.
    pub(super) async fn store(&self, server: &str, username: &str, secret: &Secret) -> Result<(), Failure> {
        let doing = format!("keeping a secret with {}", self.name);
        let entry =
            Entry { server: server.into(), username: username.into(), secret: secret.expose().into() };
        let input = serde_json::to_vec(&entry).map_err(|_| {
            Failure::new(FailureKind::Bug, doing.as_str(), "the entry cannot be written as JSON")
        })?;
        succeeded(self.run("store", &input, &doing).await?, &doing).map(drop)
    }

    /// Forgets what is kept for `server`; fine when there is nothing.
    pub(super) async fn erase(&self, server: &str) -> Result<(), Failure> {
        let doing = format!("removing a secret from {}", self.name);
        let output = self.run("erase", server.as_bytes(), &doing).await?;
        if says_not_found(&output) {
            return Ok(());
        }
        succeeded(output, &doing).map(drop)
    }

    /// Every server URL with its username.
    pub(super) async fn list(&self) -> Result<BTreeMap<String, String>, Failure> {
        let doing = format!("listing the sign-ins of {}", self.name);
        let answer = succeeded(self.run("list", b"", &doing).await?, &doing)?;
        let list: Option<_> = serde_json::from_slice(&answer).map_err(|_| not_understood(&doing))?;
        Ok(list.unwrap_or_default())
    }

    async fn run(&self, action: &str, input: &[u8], doing: &str) -> Result<Output, Failure> {
        let mut command = Command::new(&self.program);
        command.arg(action).env_clear().envs(self.env.variables());
        // Without a terminal and in a group of its own, a helper cannot ask on the screen that Tagalong draws on.
        command.env_remove("GPG_TTY");
        #[cfg(unix)]
        command.process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let child = command.spawn().map_err(|e| Failure::io(doing, &e))?;
        match tokio::time::timeout(self.patience, exchange(child, input)).await {
            Ok(output) => output.map_err(|e| Failure::io(doing, &e)),
            Err(_) => {
                let said = format!("no answer within {:?}", self.patience);
                Err(Failure::new(FailureKind::Timeout, doing, said))
            }
        }
    }
}

fn program_name(name: &str) -> String {
    format!("{PREFIX}{name}")
}

async fn exchange(mut child: Child, input: &[u8]) -> std::io::Result<Output> {
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input).await {
            // It may answer without reading everything.
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => return Err(e),
            _ => drop(stdin),
        }
    }
    child.wait_with_output().await
}

fn says_not_found(output: &Output) -> bool {
    !output.status.success() && String::from_utf8_lossy(&output.stdout).contains("credentials not found")
}

fn succeeded(output: Output, doing: &str) -> Result<Vec<u8>, Failure> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    // Helpers tell errors on standard output; those that crash do it on the other.
    let told = if output.stdout.trim_ascii().is_empty() { &output.stderr } else { &output.stdout };
    let told: String = String::from_utf8_lossy(told).trim().chars().take(300).collect();
    let said = if told.is_empty() { output.status.to_string() } else { visible(&told).into_owned() };
    Err(Failure::new(FailureKind::Io, doing, said))
}

fn not_understood(doing: &str) -> Failure {
    Failure::new(FailureKind::Invalid, doing, "the answer is not the JSON that a credential helper gives")
}

#[cfg(test)]
pub(super) mod fake;
#[cfg(test)]
mod tests;
