//! Registries as targets: which ones there are, what their hosts are, and which of them a name begins with.
//!
//! Invariant: a registry is a connection, or a node of kind [`NodeKind::Registry`] below one; nothing else is known of it.

use crate::app::state::App;
use crate::domain::reference::{is_repository, is_tag};
use crate::domain::{Capabilities, Locator, NodeKind, Reference};

impl App {
    /// The registries where all of `needed` is possible: connections, and the registries below them that are loaded,
    /// which stand for theirs.
    pub(super) fn registries(&self, needed: Capabilities) -> Vec<Locator> {
        let able = |at: &Locator| self.can(at).contains(needed) && !self.is_here(at);
        let below: Vec<Locator> =
            self.tree.places().filter(|at| at.kind() == NodeKind::Registry && able(at)).collect();
        let stands_alone = |at: &Locator| !below.iter().any(|b| b.connection == at.connection);
        let roots = self.connections.iter().map(|c| Locator::root(c.id().clone()));
        let mut all: Vec<Locator> = roots.filter(|at| able(at) && stands_alone(at)).collect();
        all.extend(below);
        all
    }

    /// What references to a registry begin with.
    pub(super) fn registry_host(&self, at: &Locator) -> String {
        at.nearest(NodeKind::Registry).map_or_else(|| self.host_of(at), str::to_owned)
    }

    /// The registry that a reference leads to, and the repository's name there.
    pub(super) fn registry_of(
        &self,
        reference: &Reference,
        needed: Capabilities,
    ) -> Option<(Locator, String)> {
        self.registry_with_prefix(&format!("{}/{}", reference.host, reference.repository), needed)
    }

    /// The registry whose host `text` begins with, and what follows it. A host may have a path; the longest one counts.
    pub(super) fn registry_with_prefix(&self, text: &str, needed: Capabilities) -> Option<(Locator, String)> {
        let rest_of = |at: &Locator| {
            let host = self.registry_host(at);
            let rest = text.strip_prefix(&host)?.strip_prefix('/')?;
            Some((host.len(), rest.to_owned()))
        };
        let found = self.registries(needed).into_iter().filter_map(|at| rest_of(&at).map(|rest| (at, rest)));
        let longest = found.max_by_key(|(_, (len, _))| *len);
        longest.map(|(at, (_, rest))| (at, rest))
    }

    /// The node of a repository: where the tree shows it, else below the namespace that its name begins with.
    pub(super) fn repository_below(&self, registry: &Locator, name: &str) -> Locator {
        let mut namespace: Option<Locator> = None;
        for at in self.tree.places().filter(|at| at.is_within(registry)) {
            match at.kind() {
                NodeKind::Repository if at.name() == name => return at,
                NodeKind::Namespace if is_below(name, at.name()) => namespace = Some(at),
                _ => {}
            }
        }
        namespace.as_ref().unwrap_or(registry).child(NodeKind::Repository, name)
    }
}

fn is_below(name: &str, namespace: &str) -> bool {
    name.strip_prefix(namespace).is_some_and(|rest| rest.starts_with('/'))
}

/// What is wrong with a repository's name, as a sentence.
pub(super) fn check_repository(name: &str) -> Result<(), String> {
    if is_repository(name) {
        return Ok(());
    }
    Err("A repository has lower-case letters and digits, with . _ - / between them.".to_owned())
}

/// What is wrong with a tag, as a sentence.
pub(super) fn check_tag(tag: &str) -> Result<(), String> {
    if is_tag(tag) {
        return Ok(());
    }
    Err(match tag {
        "" => "A tag is missing, as in name:1.0.".to_owned(),
        _ => "A tag has letters, digits, and . _ - after the first, at most 128.".to_owned(),
    })
}

/// `repository:tag`, both checked.
pub(super) fn split_tag(text: &str) -> Result<(&str, &str), String> {
    let (repository, tag) = text.rsplit_once(':').unwrap_or((text, ""));
    check_repository(repository)?;
    check_tag(tag)?;
    Ok((repository, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_only_when_both_parts_are_fine() {
        assert_eq!(split_tag("acme/api:1.0"), Ok(("acme/api", "1.0")));
        for wrong in ["", "acme/api", "acme/api:", "Acme:1", "acme:1 0", ":1", "acme/:1"] {
            assert!(split_tag(wrong).is_err(), "{wrong}");
        }
        assert!(is_below("acme/api", "acme") && !is_below("acmeapi", "acme") && !is_below("acme", "acme"));
    }
}
