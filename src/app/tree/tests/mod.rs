//! The tree as the state machine uses it.

mod against_model;
mod facts;
mod model;

use super::*;
use crate::app::effect::Sort;
use crate::app::row::{Row, RowKind, Twig};
use crate::domain::{ConnectionId, Digest, Entry, Facts, Failure, FailureKind, Page};

fn connection(id: &str) -> Locator {
    Locator::root(ConnectionId::new(id))
}

fn repository(name: &str) -> Locator {
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
    tree.set_connections(&[(ConnectionId::new("hub"), "Hub".to_owned())], &[]);
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
fn drawn(tree: &Tree) -> Vec<String> {
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

#[test]
fn the_group_of_what_has_no_tag_is_not_counted() {
    let mut tree = hub(&["api"]);
    assert!(tree.open_at(&repository("api")).is_some());
    let mut listed = tags(&["v1", "v2"], None);
    listed.entries.push(Entry::named(NodeKind::Untagged, "untagged"));
    for _ in 0..2 {
        tree.take_page(&repository("api"), listed.clone());
        assert_eq!(drawn(&tree), ["-Hub", " -api", "  +untagged", "  v1", "  v2"]);
        assert_eq!(tree.children_count(&repository("api")), Some((2, false)));
        assert!(tree.refresh(&repository("api")).is_some());
    }
}

#[test]
fn what_was_taken_away_is_counted_no_more_while_a_refresh_is_on_its_way() {
    let mut tree = hub(&["api"]);
    assert!(tree.open_at(&repository("api")).is_some());
    tree.take_page(&repository("api"), Page { total: Some(2), ..tags(&["v1", "v2"], None) });
    tree.remove(&tag("v1"));
    assert!(tree.refresh(&repository("api")).is_some());
    assert_eq!(tree.children_count(&repository("api")), Some((1, false)));
}

#[test]
fn two_connections_keep_their_order_and_what_is_loaded() {
    let mut tree = hub(&["api"]);
    let roots = [("zeta", "Zeta"), ("hub", "Hub two"), ("alpha", "")];
    let roots = roots.map(|(id, label)| (ConnectionId::new(id), label.to_owned()));
    tree.set_connections(&roots, &[]);
    assert_eq!(drawn(&tree), ["+Zeta", "-Hub two", " +api", "+alpha"]);
    assert_eq!(tree.selection(), Selection::Node(connection("hub")));
    tree.set_connections(&[], &[]);
    assert_eq!((tree.len(), tree.cursor(), tree.selection()), (0, 0, Selection::Nothing));
    assert!(tree.is_empty() && tree.window().is_empty());
}

#[test]
fn a_failed_listing_is_a_row_that_can_be_retried() {
    let mut tree = hub(&["api"]);
    tree.open_at(&repository("api")).unwrap();
    tree.fail(&repository("api"), Failure::new(FailureKind::Forbidden, "listing tags", "no \u{1b}right"));
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  !listing tags: no ␛right"]);
    assert_eq!(tree.selection_at(2), Selection::Failed(repository("api")));
    assert_eq!(tree.wants(), [], "a failure is not retried by itself");
    assert!(tree.retry(&repository("api")).is_some());
    assert_eq!(tree.retry(&repository("api")), None);
    tree.take_page(&repository("api"), tags::<&str>(&[], None));
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  !empty"]);
}

#[test]
fn a_later_page_that_fails_goes_on_from_there() {
    let mut tree = hub(&["api"]);
    tree.open_at(&repository("api")).unwrap();
    tree.take_page(&repository("api"), tags(&["1"], Some("2")));
    assert_eq!(tree.wants().len(), 1);
    tree.fail(&repository("api"), Failure::new(FailureKind::Server, "listing", "500"));
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  1", "  !listing: 500"]);
    let again = tree.retry(&repository("api")).unwrap();
    assert_eq!(again.cursor, Some(Cursor("2".into())));
}

#[test]
fn a_cancelled_listing_keeps_its_rows_and_asks_for_nothing() {
    let mut tree = hub(&["api"]);
    tree.open_at(&repository("api")).unwrap();
    tree.take_page(&repository("api"), tags(&["1"], Some("2")));
    assert_eq!(tree.wants().len(), 1);
    tree.cancel(&repository("api"));
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  1", "  !more"]);
    assert_eq!(tree.wants(), []);
    tree.load_all(&repository("api"));
    assert_eq!(tree.wants().len(), 1);
}

#[test]
fn a_failed_entry_is_a_failed_row() {
    let mut tree = hub(&[]);
    let failure = Failure::new(FailureKind::Forbidden, "listing", "403");
    let entry = Entry { failure: Some(Box::new(failure)), ..Entry::named(NodeKind::Registry, "eu") };
    tree.refresh(&connection("hub"));
    tree.take_page(&connection("hub"), Page { entries: vec![entry], ..Page::default() });
    assert_eq!(drawn(&tree), ["-Hub", " !eu: listing: 403"]);
    assert_eq!(tree.selection_at(1), Selection::Failed(connection("hub")));
    assert!(tree.retry(&connection("hub")).is_some());
}

#[test]
fn a_refresh_keeps_rows_cursor_and_open_branches() {
    let mut tree = api(&["1", "2", "3", "4"]);
    assert!(tree.reveal(&tag("3")));
    tree.refresh(&repository("api")).unwrap();
    assert_eq!(tree.refresh(&repository("api")), None, "it is under way");
    assert!(tree.row(3).unwrap().stale && tree.len() == 6);
    tree.take_page(&repository("api"), tags(&["0", "1"], Some("2")));
    assert_eq!(tree.selection(), Selection::More(repository("api")), "its node may still come");
    assert_eq!(tree.wants().len(), 1, "as many as there were are asked for");
    tree.take_page(&repository("api"), tags(&["3", "5"], None));
    assert_eq!(tree.selection(), Selection::Node(tag("3")));
    tree.refresh(&connection("hub")).unwrap();
    tree.take_page(&connection("hub"), page(NodeKind::Repository, &["a", "api"], None));
    assert_eq!(drawn(&tree), ["-Hub", " +a", " -api", "  0", "  1", "  3", "  5"]);
    assert_eq!(tree.selection(), Selection::Node(tag("3")));
}

#[test]
fn the_window_is_as_high_as_it_is_and_follows_the_cursor() {
    let mut tree = api(&(0..100).map(|n| n.to_string()).collect::<Vec<_>>());
    tree.move_to(9);
    assert_eq!(tree.top(), 2);
    assert_eq!(tree.window().len(), 10);
    tree.scroll(3);
    assert_eq!((tree.top(), tree.cursor()), (5, 9));
    tree.scroll(10);
    assert_eq!((tree.top(), tree.cursor()), (15, 17));
    tree.scroll(1000);
    assert_eq!((tree.top(), tree.cursor()), (92, 94));
    tree.last();
    assert_eq!((tree.top(), tree.cursor()), (92, 101));
    tree.page(-1);
    assert_eq!(tree.cursor(), 92);
    tree.first();
    assert_eq!((tree.top(), tree.cursor()), (0, 0));
    tree.move_by(-1);
    assert_eq!(tree.cursor(), 0);
    tree.set_height(0);
    tree.move_by(3);
    assert_eq!((tree.cursor(), tree.window().len()), (3, 0));
}

#[test]
fn rows_that_come_above_do_not_move_the_window() {
    let mut tree = hub(&["api"]);
    tree.open_at(&repository("api")).unwrap();
    let names: Vec<String> = (50..100).map(|n| n.to_string()).collect();
    tree.take_page(&repository("api"), tags(&names, Some("2")));
    tree.move_to(20);
    let (node, line) = (tree.selection(), tree.cursor() - tree.top());
    tree.take_page(&repository("api"), tags(&(0..50).map(|n| n.to_string()).collect::<Vec<_>>(), None));
    assert_eq!((tree.selection(), tree.cursor() - tree.top()), (node, line));
    assert_eq!(tree.cursor(), 70);
}

#[test]
fn the_parent_of_a_row_is_its_folder_or_branch() {
    let mut tree = hub(&["team/web/api", "x"]);
    tree.set_folders(true);
    assert_eq!(drawn(&tree), ["-Hub", " +team", " +x"]);
    assert!(tree.reveal(&repository("team/web/api")));
    assert_eq!(drawn(&tree), ["-Hub", " -team", "  -web", "   +api", " +x"]);
    for (row, text) in [(2, "web"), (1, "team"), (0, "Hub"), (0, "Hub")] {
        tree.to_parent();
        assert_eq!((tree.cursor(), &*tree.row(row).unwrap().label), (row, text));
    }
    tree.close(1);
    assert_eq!(drawn(&tree), ["-Hub", " +team", " +x"]);
    assert_eq!(tree.selection_at(1), Selection::Folder { under: connection("hub"), path: "team".into() });
}

#[test]
fn closing_a_branch_takes_the_cursor_to_it() {
    let mut tree = api(&["1", "2"]);
    tree.last();
    tree.close(1);
    assert_eq!((tree.cursor(), drawn(&tree)), (1, vec!["-Hub".to_owned(), " +api".to_owned()]));
    assert_eq!(tree.open(1), None, "its tags are still there");
    assert_eq!(tree.len(), 4);
}

#[test]
fn removing_gives_the_cursor_to_the_next_row() {
    let mut tree = api(&["1", "2", "3"]);
    assert!(tree.reveal(&tag("2")));
    tree.toggle_mark();
    assert_eq!(tree.marked(), [tag("2")]);
    assert!(tree.row(3).unwrap().marked);
    tree.remove(&tag("2"));
    assert_eq!((tree.selection(), tree.marked()), (Selection::Node(tag("3")), vec![]));
    tree.remove(&tag("1"));
    assert_eq!(tree.selection(), Selection::Node(tag("3")));
    assert!(!tree.reveal(&tag("1")));
}

#[test]
fn hidden_tags_are_shown_when_asked_for() {
    let referrer = format!("sha256-{}.sig", "a".repeat(64));
    let mut tree = api(&[&referrer, "1"]);
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  1"]);
    tree.set_hidden(true);
    assert_eq!(tree.len(), 4);
    tree.set_hidden(false);
    tree.remove(&tag("1"));
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  !empty"]);
}

#[test]
fn what_a_provider_sets_aside_is_counted_until_asked_for() {
    let aside =
        |name: &str| Entry { aside: Some("without content"), ..Entry::named(NodeKind::Namespace, name) };
    let namespace = |name: &str| connection("hub").child(NodeKind::Namespace, name);
    let mut tree = hub(&[]);
    assert!(tree.refresh(&connection("hub")).is_some());
    let entries = vec![aside("a"), Entry::named(NodeKind::Namespace, "b"), aside("c")];
    tree.take_page(&connection("hub"), Page { entries, ..Page::default() });
    assert_eq!(drawn(&tree), ["-Hub", " +b", " !2 without content hidden"]);
    assert_eq!(tree.children_count(&connection("hub")), Some((3, false)), "they are there");
    assert!(tree.reveal(&namespace("b")));
    tree.move_by(1);
    assert_eq!(tree.selection(), Selection::Aside(connection("hub")));
    tree.set_filter("a");
    assert!(!drawn(&tree).iter().any(|row| row.contains("hidden")), "a filter speaks of what is shown");
    tree.set_filter("");
    tree.set_hidden(true);
    assert_eq!(drawn(&tree), ["-Hub", " +a", " +b", " +c"]);
    tree.set_hidden(false);
    tree.remove(&namespace("a"));
    tree.remove(&namespace("b"));
    assert_eq!(drawn(&tree), ["-Hub", " !1 without content hidden"]);
    assert!(tree.refresh(&connection("hub")).is_some());
    tree.take_page(&connection("hub"), page(NodeKind::Namespace, &["a", "c"], None));
    assert_eq!(drawn(&tree), ["-Hub", " +a", " +c"], "they have content by now");
}

#[test]
fn all_images_of_a_branch_are_marked_and_unmarked() {
    let referrer = format!("sha256-{}.sig", "a".repeat(64));
    let mut tree = api(&["1", "2", &referrer, "3"]);
    assert_eq!(tree.toggle_all_marks(&repository("api")), 3, "not what is hidden");
    tree.clear_marks();
    tree.set_filter("2");
    assert_eq!(tree.toggle_all_marks(&repository("api")), 1, "not what the filter leaves out");
    tree.set_filter("");
    assert_eq!((tree.toggle_all_marks(&repository("api")), tree.marked()[0].clone()), (3, tag("2")));
    assert_eq!(tree.toggle_all_marks(&repository("api")), 0);
    assert_eq!(tree.toggle_all_marks(&repository("none")), 0);
}

#[test]
fn a_filter_goes_through_every_open_branch() {
    let mut tree = api(&["1.0", "latest", "1.0-slim"]);
    tree.move_to(1);
    tree.set_filter("10");
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  1.0", "  1.0-slim"]);
    assert_eq!((tree.hits(), tree.selection()), (2, Selection::Node(tag("1.0"))));
    assert_eq!(tree.row(2).unwrap().hits, [0, 2]);
    tree.set_filter("api");
    assert_eq!(drawn(&tree), ["-Hub", " -api", "  1.0", "  1.0-slim", "  latest"]);
    tree.set_filter("zzz");
    assert!(tree.is_empty());
    tree.set_filter("");
    assert_eq!((tree.len(), tree.hits()), (5, 0));
}

#[test]
fn a_filter_and_a_sort_want_every_page_of_what_is_open() {
    let mut tree = hub(&["api", "other"]);
    tree.open_at(&repository("api")).unwrap();
    let many: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    tree.take_page(&repository("api"), tags(&many, Some("2")));
    assert_eq!(tree.wants(), [], "the end is far away");
    tree.set_filter("7");
    assert_eq!(tree.wants().len(), 1);
    tree.take_page(&repository("api"), tags(&["777", "888"], Some("3")));
    assert_eq!(tree.hits(), 5 + 90 + 1, "the hits of a new page are there at once");
    tree.set_filter("");
    assert_eq!(tree.wants(), []);
    tree.set_sort(Sort::Version);
    assert_eq!(tree.wants().len(), 1);
    assert_eq!(&*tree.row(2).unwrap().label, "888");
}

#[test]
fn a_bookmark_is_there_once() {
    let mut tree = Tree::new(Preferences::default());
    tree.set_connections(&[(ConnectionId::new("hub"), "Hub".to_owned())], &[]);
    for name in ["acme/b", "acme/a", "acme/b"] {
        tree.add_child(&connection("hub"), NodeKind::Repository, name);
    }
    assert!(tree.open(0).is_some(), "the listing is still to come");
    tree.take_page(&connection("hub"), page(NodeKind::Repository, &["acme/b", "acme/c"], None));
    assert_eq!(drawn(&tree), ["-Hub", " +acme/a", " +acme/b", " +acme/c"]);
    let places: Vec<Locator> = tree.places().collect();
    assert_eq!(places.len(), 4);
    assert!(places.contains(&repository("acme/c")));
}

#[test]
fn a_name_in_its_namespace_is_short() {
    let mut tree = hub(&[]);
    tree.refresh(&connection("hub"));
    tree.take_page(&connection("hub"), page(NodeKind::Namespace, &["acme"], None));
    let acme = connection("hub").child(NodeKind::Namespace, "acme");
    tree.open_at(&acme).unwrap();
    tree.take_page(&acme, page(NodeKind::Repository, &["acme/api", "acme/x\u{202e}"], None));
    assert_eq!(drawn(&tree), ["-Hub", " -acme", "  +api", "  +x<U+202E>"]);
    assert_eq!(tree.selection_at(2), Selection::Node(acme.child(NodeKind::Repository, "acme/api")));
}
