//! What providers may look at besides the network: variables, the home folder, vendors' own tools.
//!
//! Invariant: a tool gets no terminal and no input, and cannot hold anything up for longer than its patience.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Workspace;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Secret};
use crate::registry::Surroundings;
use crate::store::Env;

const PATIENCE: Duration = Duration::from_secs(10);

/// The surroundings of this process, as its environment describes them.
struct Around {
    env: Env,
    cache: PathBuf,
}

impl Workspace {
    pub(super) fn surroundings(&self) -> Arc<dyn Surroundings> {
        Arc::new(Around { env: self.env.clone(), cache: self.paths.cache.clone() })
    }
}

#[async_trait]
impl Surroundings for Around {
    fn variable(&self, name: &str) -> Option<String> {
        Some(self.env.get(name)?.to_string_lossy().into_owned())
    }

    fn home(&self) -> PathBuf {
        self.env.home().to_owned()
    }

    fn scratch(&self) -> PathBuf {
        self.cache.clone()
    }

    async fn ask(&self, program: &str, arguments: &[&str]) -> Result<Option<Secret>, Failure> {
        let Some(path) = self.env.find_program(program) else { return Ok(None) };
        let doing = format!("asking {program} for a sign-in");
        let mut command = tokio::process::Command::new(path);
        command
            .args(arguments)
            .env_clear()
            .envs(self.env.variables())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let output = tokio::time::timeout(PATIENCE, command.output())
            .await
            .map_err(|_| Failure::new(FailureKind::Timeout, &doing, "it did not answer within 10 s"))?
            .map_err(|e| Failure::io(&doing, &e))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let first = said.lines().find(|l| !l.trim().is_empty()).unwrap_or("it failed and said nothing");
            return Err(Failure::new(FailureKind::Unauthorized, doing, visible(first.trim()).into_owned()));
        }
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(Some(Secret::new(text)).filter(|s| !s.expose().is_empty()))
    }
}
