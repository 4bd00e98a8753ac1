//! The tree as the state machine uses it.

use super::*;
use crate::app::effect::Sort;
use crate::app::row::{Row, RowKind, Twig};
use crate::domain::{ConnectionId, Digest, Entry, Facts, Failure, FailureKind, Page};

pub(super) fn connection(id: &str) -> Locator {
    Locator::root(ConnectionId::new(id))
}

pub(super) fn repository(name: &str) -> Locator {
    connection("hub").child(NodeKind::Repository, name)
}

fn page<N: AsRef<str>>(kind: NodeKind, names: &[N], next: Option<&str>) -> Page {
    let entries = names.iter().map(|n| Entry::named(kind, n.as_ref())).collect();
    Page { entries, next: next.map(|c| Cursor(c.to_owned())), ..Page::default() }
}

fn tags<N: AsRef<str>>(names: &[N], next: Option<&str>) -> Page {
    page(NodeKind::Tag, names, next)
}

/// One connection `hub`, open, with these repositories.
fn hub(repositories: &[&str]) -> Tree {
    let mut tree = Tree::new(Preferences::default());
    tree.set_height(10);
    tree.set_connections(&[(ConnectionId::new("hub"), "Hub".to_owned())]);
    assert_eq!(tree.open(0), Some(Want { at: connection("hub"), cursor: None }));
    tree.take_page(&connection("hub"), page(NodeKind::Repository, repositories, None));
    tree
}

/// The connection with one open repository `api` and these tags.
fn api<N: AsRef<str>>(names: &[N]) -> Tree {
    let mut tree = hub(&["api"]);
    assert!(tree.open_at(&repository("api")).is_some());
    tree.take_page(&repository("api"), tags(names, None));
    tree
}

fn tag(name: &str) -> Locator {
    repository("api").child(NodeKind::Tag, name)
}

/// Every row, indented, with its mark: `-` open, `+` closed.
pub(super) fn drawn(tree: &Tree) -> Vec<String> {
    let draw = |row: Row<'_>| {
        let twig = match (row.kind, row.twig) {
            (RowKind::Node(_) | RowKind::Folder, Twig::Open) => "-",
            (RowKind::Node(_) | RowKind::Folder, Twig::Closed) => "+",
            (RowKind::Node(_) | RowKind::Folder, Twig::Leaf) => "",
            _ => "!",
        };
        format!("{}{twig}{}", " ".repeat(usize::from(row.depth)), row.label)
    };
    (0..tree.len()).filter_map(|i| tree.row(i)).map(draw).collect()
}

#[test]
fn rows_appear_page_by_page_in_natural_order() {
    let mut tree = hub(&["api"]);
    assert_eq!(drawn(&tree), ["-Hub", " +api"]);
    let want = tree.open_at(&repository("api")).unwrap();
    assert_eq!(want, Want { at: repository("api"), cursor: None });
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  !loading"]);
    assert!(tree.loading() && tree.row(1).unwrap().loading);
    tree.take_page(&repository("api"), tags(&["v1", "v10", "v2"], Some("2")));
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  v1", "  v2", "  v10", "  !more"]);
    assert_eq!(tree.children_count(&repository("api")), Some((3, true)));
    let more = tree.wants();
    assert_eq!(more, [Want { at: repository("api"), cursor: Some(Cursor("2".into())) }]);
    assert_eq!(tree.wants(), []);
    tree.take_page(&repository("api"), tags(&["v3", "v2"], None));
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  v1", "  v2", "  v3", "  v10"]);
    assert!(!tree.loading());
}
