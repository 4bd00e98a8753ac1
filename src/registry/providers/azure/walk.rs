//! Every manifest of a repository, from the bulk list: its tags, its members, who holds it.
//!
//! Invariant: what was not looked at is told.

use std::collections::HashSet;

use super::server::Server;
use super::wire::Manifest;
use crate::domain::{Cursor, Digest, Failure, human};

/// The most pages of a hundred that are gone through.
const MOST_PAGES: usize = 200;

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
    pub(super) fn loose(&self) -> Vec<&Manifest> {
        let members = self.manifests.iter().flat_map(Manifest::members);
        let held: HashSet<&str> = members.map(|m| m.digest.as_str()).collect();
        let is_loose = |m: &&Manifest| m.tags().is_empty() && !held.contains(m.digest.as_str());
        self.manifests.iter().filter(is_loose).collect()
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
