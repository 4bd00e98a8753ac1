//! Where a node is: a connection and the steps below it.
//!
//! Invariant: levels are decided by the provider; nobody counts steps, everybody asks for their kind.

use std::sync::Arc;

use super::connection::ConnectionId;
use super::digest::Digest;
pub use super::node::NodeKind;
use super::reference::Reference;

/// One step below a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What it is.
    pub kind: NodeKind,
    /// Its name; see [`NodeKind`] for what the name has to be.
    pub name: Arc<str>,
}

/// The path of a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Locator {
    /// The connection.
    pub connection: ConnectionId,
    /// The steps below it; none for the connection itself.
    pub steps: Vec<Step>,
}

impl Locator {
    /// The connection's own node.
    #[must_use]
    pub fn root(connection: ConnectionId) -> Self {
        Self { connection, steps: Vec::new() }
    }

    /// The node one step further down.
    #[must_use]
    pub fn child(&self, kind: NodeKind, name: &str) -> Self {
        let mut steps = self.steps.clone();
        steps.push(Step { kind, name: name.into() });
        Self { connection: self.connection.clone(), steps }
    }

    /// The node above; nothing above a connection.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.steps.split_last()?;
        Some(Self { connection: self.connection.clone(), steps: above.to_vec() })
    }

    /// What kind of node this is.
    #[must_use]
    pub fn kind(&self) -> NodeKind {
        self.steps.last().map_or(NodeKind::Connection, |s| s.kind)
    }

    /// The last step's name; empty for the connection.
    #[must_use]
    pub fn name(&self) -> &str {
        self.steps.last().map_or("", |s| &s.name)
    }

    /// The name of the nearest step of `kind`, from here upwards.
    #[must_use]
    pub fn nearest(&self, kind: NodeKind) -> Option<&str> {
        self.steps.iter().rev().find(|s| s.kind == kind).map(|s| &*s.name)
    }

    /// The V2 name of the repository that this node is or lies in.
    #[must_use]
    pub fn repository(&self) -> Option<&str> {
        self.nearest(NodeKind::Repository)
    }

    /// The node of the repository that this node is or lies in.
    #[must_use]
    pub fn repository_node(&self) -> Option<Self> {
        let at = self.steps.iter().rposition(|s| s.kind == NodeKind::Repository)?;
        Some(Self {
            connection: self.connection.clone(),
            steps: self.steps.iter().take(at + 1).cloned().collect(),
        })
    }

    /// Whether `self` is `other` or lies below it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.connection == other.connection && self.steps.starts_with(&other.steps)
    }

    /// The reference of a repository, tag or manifest. `host` is the connection's host; a step of kind
    /// [`NodeKind::Registry`] overrides it. An empty `host` stands for this machine, where the repository's name holds
    /// the host. A repository's reference has neither tag nor digest.
    #[must_use]
    pub fn reference(&self, host: &str) -> Option<Reference> {
        let name = self.repository()?;
        let (host, repository) = match self.nearest(NodeKind::Registry).unwrap_or(host) {
            "" => name.split_once('/')?,
            host => (host, name),
        };
        let (host, repository) = (host.to_owned(), repository.to_owned());
        let mut reference = Reference { host, repository, tag: None, digest: None };
        match self.kind() {
            NodeKind::Tag => reference.tag = Some(self.name().to_owned()),
            NodeKind::Manifest => reference.digest = Some(self.name().parse::<Digest>().ok()?),
            _ => {}
        }
        Some(reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_this_machine_the_repository_holds_the_host() {
        let at = |repository, tag| {
            let root = Locator::root(ConnectionId::new("docker"));
            root.child(NodeKind::Repository, repository).child(NodeKind::Tag, tag)
        };
        let shown = |at: &Locator| at.reference("").map(|r| r.to_string());
        assert_eq!(shown(&at("docker.io/library/nginx", "1.27")), Some("nginx:1.27".to_owned()));
        assert_eq!(shown(&at("127.0.0.1:5000/acme/api", "2")), Some("127.0.0.1:5000/acme/api:2".to_owned()));
        assert_eq!(shown(&at("nameless", "2")), None);
    }
}
