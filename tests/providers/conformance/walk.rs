//! The whole tree, page by page.
//!
//! Invariant: a listing that does not end fails the test instead of holding it up.

use std::collections::HashSet;
use std::time::Duration;

use tagalong::domain::{Cursor, Entry, Facts, Locator, NodeKind, Page};
use tagalong::registry::Provider;

/// How long a listing may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// Pages without an entry that a listing may have.
const EMPTY_PAGES: usize = 3;

/// A node that was found.
pub(super) struct Node {
    pub(super) at: Locator,
    pub(super) facts: Option<Box<Facts>>,
}

/// Every node below `root`.
pub(super) async fn walk(provider: &dyn Provider, root: &Locator) -> Vec<Node> {
    let mut found = Vec::new();
    let mut branches = vec![root.clone()];
    while let Some(branch) = branches.pop() {
        for entry in list(provider, &branch).await {
            assert!(entry.failure.is_none(), "{}: {:?}", entry.name, entry.failure);
            assert!(fits(branch.kind(), entry.kind), "{:?} below {:?}", entry.kind, branch.kind());
            let at = branch.child(entry.kind, &entry.name);
            if !matches!(entry.kind, NodeKind::Tag | NodeKind::Manifest) {
                branches.push(at.clone());
            }
            found.push(Node { at, facts: entry.facts });
        }
    }
    found
}

/// Whether the one may lie below the other.
fn fits(above: NodeKind, below: NodeKind) -> bool {
    match above {
        NodeKind::Repository => {
            matches!(below, NodeKind::Tag | NodeKind::Manifest | NodeKind::Untagged)
        }
        NodeKind::Untagged => below == NodeKind::Manifest,
        NodeKind::Connection | NodeKind::Namespace | NodeKind::Registry => matches!(
            below,
            NodeKind::Namespace | NodeKind::Registry | NodeKind::Repository | NodeKind::Builds
        ),
        NodeKind::Builds => matches!(below, NodeKind::Build | NodeKind::Run),
        NodeKind::Build => below == NodeKind::Run,
        NodeKind::Tag | NodeKind::Manifest | NodeKind::Run => false,
    }
}

/// All children of a node: each once, in pages that end, each of which can be asked for again.
pub(super) async fn list(provider: &dyn Provider, at: &Locator) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let (mut cursor, mut empty, mut total) = (None, 0, None);
    loop {
        let page = ask(provider, at, cursor.as_ref()).await;
        if cursor.is_some() {
            let again = ask(provider, at, cursor.as_ref()).await;
            assert_eq!(page.entries, again.entries, "a position in the list of {at:?}, used twice");
        }
        empty += usize::from(page.entries.is_empty());
        assert!(empty <= EMPTY_PAGES, "the list of {at:?} goes on without bringing anything");
        total = total.or(page.total);
        entries.extend(page.entries);
        let Some(next) = page.next else { break };
        assert_ne!(Some(&next), cursor.as_ref(), "the list of {at:?} stands still");
        cursor = Some(next);
    }
    let mut names = HashSet::new();
    for entry in &entries {
        assert!(!entry.name.is_empty(), "an entry of {at:?} without a name");
        assert!(names.insert((entry.kind, &entry.name)), "{:?} is twice in the list of {at:?}", entry.name);
    }
    if let Some(total) = total {
        assert_eq!(total, entries.len() as u64, "the number of entries that the list of {at:?} told");
    }
    entries
}

async fn ask(provider: &dyn Provider, at: &Locator, cursor: Option<&Cursor>) -> Page {
    let asked = tokio::time::timeout(PATIENCE, provider.children(at, cursor)).await;
    asked.expect("a page").unwrap_or_else(|failure| panic!("the list of {at:?}: {}", failure.sentence()))
}
