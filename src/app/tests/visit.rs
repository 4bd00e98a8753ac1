//! Going to a place: from the command line, page by page, until it is there.

use super::*;
use crate::domain::connection::ConnectFailure;

fn visiting(place: &str) -> (Driver, TaskId) {
    let place: Place = place.parse().expect("a place");
    let driver = Driver::new(Start { visit: Some(place.clone()), ..start(Vec::new()) });
    let id = driver.task(|r| *r == Request::Visit(place.clone()));
    (driver, id)
}

/// Connected, with the first page of repositories asked for.
fn arrived(at: &Locator) -> Driver {
    let (mut driver, id) = visiting("hub.example/app:2");
    driver.reply(id, Reply::Connected(Ok((connected("hub"), Some(at.clone())))));
    driver
}

fn more(kind: NodeKind, names: &[&str], next: &str) -> Page {
    Page { next: Some(Cursor(next.to_owned())), total: Some(500), ..page(kind, names) }
}

#[test]
fn a_named_repository_is_opened_before_any_catalogue_has_come() {
    let goal = tag("app", "2");
    let mut driver = arrived(&goal);
    let catalogue = driver.task(|r| matches!(r, Request::Children { at, .. } if *at == root()));
    driver.answer_page(&repository("app"), page(NodeKind::Tag, &["2"]));
    assert_eq!(driver.selected(), Some(goal.clone()));
    let many: Vec<String> = (0..200).map(|n| format!("b{n:03}")).chain(["app".to_owned()]).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    driver.reply(catalogue, Reply::Page(Ok(more(NodeKind::Repository, &names, "p2"))));
    assert_eq!(driver.selected(), Some(goal));
    assert_eq!(driver.labels().iter().filter(|l| *l == "app").count(), 1);
    let on = driver.requests().iter().any(|r| matches!(r, Request::Children { .. }));
    assert!(!on, "nobody has asked for the rest of the catalogue");
}

#[test]
fn the_way_leads_through_the_pages_to_the_tag() {
    let goal = tag("app", "2");
    let mut driver = arrived(&goal);
    driver.answer_page(&repository("app"), more(NodeKind::Tag, &["1"], "p2"));
    driver.answer_page(&repository("app"), page(NodeKind::Tag, &["2"]));
    assert_eq!(driver.selected(), Some(goal));
    assert!(driver.app.goal.is_none());
}

#[test]
fn a_repository_that_no_catalogue_lists_is_opened_all_the_same() {
    let goal = tag("app", "2");
    let mut driver = arrived(&goal);
    let catalogue = driver.task(|r| matches!(r, Request::Children { at, .. } if *at == root()));
    driver.answer_page(&repository("app"), page(NodeKind::Tag, &["2"]));
    driver.reply(catalogue, Reply::Page(Err(failure(FailureKind::Unsupported))));
    assert_eq!(driver.selected(), Some(goal));
}

#[test]
fn a_tag_that_is_nowhere_is_told() {
    let mut driver = arrived(&tag("app", "9"));
    driver.answer_page(&repository("app"), page(NodeKind::Tag, &["1"]));
    assert_eq!(driver.notice(), "app:9 was not found.");
    assert_eq!(driver.selected(), Some(repository("app")));
}

#[test]
fn a_manifest_by_digest_is_shown_below_its_repository() {
    let goal = repository("app").child(NodeKind::Manifest, &Digest::of(b"x").to_string());
    let mut driver = arrived(&goal);
    driver.answer_page(&repository("app"), page(NodeKind::Tag, &["1"]));
    assert_eq!(driver.selected(), Some(goal));
}

#[test]
fn moving_gives_the_goal_up() {
    let mut driver = arrived(&tag("app", "2"));
    let listing = driver.task(|r| matches!(r, Request::Children { .. }));
    driver.key(Key::Home);
    driver.reply(listing, Reply::Page(Ok(page(NodeKind::Repository, &["app"]))));
    assert_eq!(driver.selected(), Some(root()));
    assert!(driver.app.goal.is_none());
}

#[test]
fn a_place_that_cannot_be_reached_leads_to_the_first_screen() {
    let (mut driver, id) = visiting("nowhere.example");
    assert!(driver.app.welcome.is_none(), "not while it is being tried");
    let refused = ConnectFailure::Refused { failure: failure(FailureKind::Offline), field: None };
    driver.reply(id, Reply::Connected(Err(refused)));
    assert!(driver.app.welcome.is_some());
    assert!(driver.notice().starts_with("connecting: "));
}

#[test]
fn a_connection_that_is_there_already_is_not_shown_twice() {
    let place: Place = "hub.example/app".parse().expect("a place");
    let mut driver = Driver::new(Start { visit: Some(place), ..start(vec![connected("hub")]) });
    let id = driver.task(|r| matches!(r, Request::Visit(_)));
    driver.reply(id, Reply::Connected(Ok((connected("hub"), Some(repository("app"))))));
    assert_eq!(driver.app.connections.len(), 1);
    driver.answer_page(&root(), page(NodeKind::Repository, &["app"]));
    assert_eq!(driver.selected(), Some(repository("app")));
}

#[test]
fn escape_gives_up_a_connection_that_is_being_made() {
    let (mut driver, id) = visiting("slow.example");
    assert!(driver.key(Key::Esc).contains(&Effect::Cancel(id)));
    assert!(driver.app.welcome.is_some());
    driver.reply(id, Reply::Connected(Ok((connected("slow"), None))));
    assert!(driver.app.connections.is_empty());
}

#[test]
fn escape_gives_up_the_goal_and_its_listing_together() {
    let mut driver = arrived(&tag("app", "2"));
    let listing = driver.task(|r| matches!(r, Request::Children { at, .. } if *at == repository("app")));
    let catalogue = driver.task(|r| matches!(r, Request::Children { at, .. } if *at == root()));
    driver.reply(catalogue, Reply::Page(Ok(page(NodeKind::Repository, &["app"]))));
    assert!(driver.key(Key::Esc).contains(&Effect::Cancel(listing)));
    assert!(!driver.app.is_moving(), "nothing is asked for again");
}
