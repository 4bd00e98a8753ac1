//! Every manifest of a repository, from the bulk list: its tags, its members, who holds it.
//!
//! Invariant: what was not looked at is told; nothing is called loose before everything was looked at.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::server::Server;
use super::wire::Manifest;
use crate::domain::{Cursor, Digest, Failure, FailureKind, Locator, human};

/// The most pages of a hundred that are gone through.
const MOST_PAGES: usize = 500;
/// How long a walk is good for further questions.
const FRESH: Duration = Duration::from_secs(30);

/// The walk that was taken last: questions about many manifests of one repository share it.
#[derive(Default)]
pub(super) struct Recent(Mutex<Option<Taken>>);

struct Taken {
    repository: Locator,
    at: Instant,
    walk: Arc<Walk>,
}

impl Recent {
    /// A walk through the repository at `repository` that is not older than half a minute. Those who ask meanwhile wait
    /// for the same one.
    pub(super) async fn walk(&self, server: &Server, repository: &Locator) -> Result<Arc<Walk>, Failure> {
        let mut held = self.0.lock().await;
        if let Some(taken) = held.as_ref().filter(|t| t.repository == *repository && t.at.elapsed() < FRESH) {
            return Ok(Arc::clone(&taken.walk));
        }
        let (at, walk) = (Instant::now(), Walk::take(server, repository.name()).await?);
        let walk = Arc::new(walk);
        *held = Some(Taken { repository: repository.clone(), at, walk: Arc::clone(&walk) });
        Ok(walk)
    }

    /// Has the next question look anew: something was changed, or a person wants to see what is there now.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

/// The manifests of a repository.
pub(super) struct Walk {
    pub(super) manifests: Vec<Manifest>,
    is_whole: bool,
}

impl Walk {
    /// Goes through the list.
    pub(super) async fn take(server: &Server, repository: &str) -> Result<Self, Failure> {
        let mut walk = Self { manifests: Vec::new(), is_whole: false };
        let mut cursor: Option<Cursor> = None;
        for _ in 0..MOST_PAGES {
            let turned = server.manifests(repository, cursor.as_ref()).await?;
            walk.manifests.extend(turned.items);
            cursor = turned.next;
            if cursor.is_none() {
                walk.is_whole = true;
                break;
            }
        }
        Ok(walk)
    }

    /// That there are more manifests than were looked at.
    pub(super) fn cut_short(&self) -> Option<String> {
        let seen = human::count(self.manifests.len() as u64, "manifest was", "manifests were");
        (!self.is_whole).then(|| format!("only the newest {seen} looked at"))
    }

    /// The manifests without a tag that lie in no index.
    ///
    /// # Errors
    /// `Unsupported` when an index that was not looked at may hold one of them.
    pub(super) fn loose(&self) -> Result<Vec<&Manifest>, Failure> {
        if let Some(cut) = self.cut_short() {
            let said = format!("{cut}, so which of them an index holds cannot be told, and none is offered");
            return Err(Failure::new(FailureKind::Unsupported, "listing the untagged manifests", said));
        }
        let members = self.manifests.iter().flat_map(Manifest::members);
        let held: HashSet<&str> = members.map(|m| m.digest.as_str()).collect();
        let is_loose = |m: &&Manifest| m.tags().is_empty() && !held.contains(m.digest.as_str());
        Ok(self.manifests.iter().filter(is_loose).collect())
    }

    /// The indexes that hold `digest`, by their tags; one without a tag by its digest.
    pub(super) fn holders_of(&self, digest: &str) -> Vec<String> {
        let holds = |m: &&Manifest| m.members().iter().any(|member| member.digest == digest);
        let holding = self.manifests.iter().filter(holds);
        let named =
            |m: &Manifest| if m.tags().is_empty() { vec![m.digest.clone()] } else { m.tags().to_vec() };
        holding.flat_map(named).collect()
    }

    /// How many tags were looked at.
    pub(super) fn tags(&self) -> u64 {
        self.manifests.iter().map(|m| m.tags().len() as u64).sum()
    }
}

/// Whether a manifest refers to another one, as signatures do.
pub(super) async fn is_referrer(server: &Server, repository: &str, digest: &str) -> Result<bool, Failure> {
    let digest: Digest = digest.parse()?;
    let manifest = server.distribution.manifest(repository, &digest.to_string()).await?;
    Ok(manifest.parse()?.subject().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_loose_before_everything_was_looked_at() {
        let manifests = || vec![Manifest::default()];
        let whole = Walk { manifests: manifests(), is_whole: true };
        assert_eq!(whole.loose().unwrap().len(), 1);
        let failure = Walk { manifests: manifests(), is_whole: false }.loose().err().unwrap();
        assert_eq!(failure.kind, FailureKind::Unsupported);
        assert!(failure.said.contains("only the newest 1 manifest was looked at"), "{failure}");
    }
}
