//! Opening, closing, cancelling, refreshing; stale replies; facts of what is visible.

use super::*;
use crate::app::effect::Sort;

#[test]
fn opening_asks_for_a_page_and_shows_it() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.key(Key::Enter);
    assert_eq!(driver.requests(), [&Request::Children { at: root(), cursor: None }]);
    driver.answer_page(&root(), page(NodeKind::Repository, &["a", "b"]));
    assert_eq!(driver.labels(), ["hub", "a", "b"]);
}

#[test]
fn a_reply_that_nobody_waits_for_is_dropped() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Children { .. }));
    // Closing the branch gives its listing up.
    let effects = driver.key(Key::Left).to_vec();
    assert!(effects.contains(&Effect::Cancel(id)));
    driver.reply(id, Reply::Page(Ok(page(NodeKind::Repository, &["late"]))));
    driver.key(Key::Right);
    assert!(!driver.labels().contains(&"late".to_owned()));
    // An id that was never issued is nobody's either.
    driver.reply(TaskId(999), Reply::Page(Ok(page(NodeKind::Repository, &["never"]))));
    assert!(!driver.labels().contains(&"never".to_owned()));
}

#[test]
fn a_task_is_answered_once() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Children { .. }));
    driver.reply(id, Reply::Page(Ok(page(NodeKind::Repository, &["a"]))));
    driver.reply(id, Reply::Page(Ok(page(NodeKind::Repository, &["b"]))));
    assert_eq!(driver.labels(), ["hub", "a"]);
}

#[test]
fn escape_cancels_the_listing_of_the_selected_branch() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Children { .. }));
    assert!(driver.key(Key::Esc).contains(&Effect::Cancel(id)));
    assert!(!driver.app.is_moving());
}

#[test]
fn a_failed_listing_is_a_row_that_retries() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Children { .. }));
    driver.reply(id, Reply::Page(Err(failure(FailureKind::Offline))));
    let health = &driver.app.connections.first().expect("one").health;
    assert!(matches!(health, crate::app::state::Health::Failed(f) if f.kind == FailureKind::Offline));
    driver.key(Key::Down);
    driver.key(Key::Enter);
    assert_eq!(driver.requests(), [&Request::Children { at: root(), cursor: None }]);
    driver.answer_page(&root(), page(NodeKind::Repository, &["a"]));
    assert_eq!(driver.labels(), ["hub", "a"]);
    assert_eq!(driver.app.connections.first().expect("one").health, crate::app::state::Health::Fine);
}

#[test]
fn a_task_that_breaks_down_is_a_failure_and_not_for_ever_under_way() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Children { .. }));
    driver.reply(id, Reply::Broken("it panicked".to_owned()));
    assert!(!driver.app.is_moving());
    assert!(driver.labels().len() > 1, "the failure has a row");
}

#[test]
fn refreshing_keeps_the_rows_until_the_new_ones_are_here() {
    let mut driver = Driver::on_a_tag();
    driver.go(&repository("app"));
    driver.type_keys("r");
    assert!(driver.labels().contains(&"latest".to_owned()));
    driver.answer_page(&repository("app"), page(NodeKind::Tag, &["1", "3"]));
    assert_eq!(driver.labels(), ["hub", "app", "1", "3"]);
    assert_eq!(driver.selected(), Some(repository("app")));
}

#[test]
fn refreshing_cancels_the_page_that_is_under_way() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.key(Key::Enter);
    let more = Page { next: Some(Cursor("2".to_owned())), ..page(NodeKind::Repository, &["a"]) };
    driver.answer_page(&root(), more);
    let second = driver.task(|r| matches!(r, Request::Children { cursor: Some(_), .. }));
    let effects = driver.type_keys("r");
    assert!(effects.contains(&Effect::Cancel(second)));
    let first = driver.task(|r| matches!(r, Request::Children { cursor: None, .. }));
    driver.reply(second, Reply::Page(Ok(page(NodeKind::Repository, &["old"]))));
    driver.reply(first, Reply::Page(Ok(page(NodeKind::Repository, &["new"]))));
    assert_eq!(driver.labels(), ["hub", "new"]);
}

#[test]
fn refresh_everything_asks_for_every_open_branch() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("R");
    let asked = |at: &Locator| {
        driver.requests().iter().any(|r| matches!(r, Request::Children { at: a, .. } if a == at))
    };
    assert!(asked(&root()) && asked(&repository("app")));
}

#[test]
fn facts_are_asked_for_eight_at_a_time() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    let tags: Vec<String> = (0..40).map(|i| format!("v{i:02}")).collect();
    let names: Vec<&str> = tags.iter().map(String::as_str).collect();
    driver.open_repository(&["app"], "app", &names);
    let running: Vec<TaskId> = driver
        .effects
        .iter()
        .filter_map(|e| if let Effect::Run(id, Request::Facts { .. }) = e { Some(*id) } else { None })
        .collect();
    assert_eq!(running.len(), 8);
    let first = *running.first().expect("eight");
    driver.reply(first, Reply::Facts(Ok(facts("x"))));
    assert_eq!(driver.requests().len(), 1, "one is done, the next begins");
}

#[test]
fn facts_are_asked_for_visible_tags_alone() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.send(Event::Viewport(Viewport { width: 80, height: 24, tree: 5, ..Viewport::default() }));
    driver.key(Key::Home);
    driver.open_repository(&["app"], "app", &["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    let asked = driver.requests().iter().filter(|r| matches!(r, Request::Facts { .. })).count();
    assert!(asked <= 4, "{asked}");
}

#[test]
fn pages_go_on_as_the_cursor_nears_the_end() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.key(Key::Enter);
    let more = Page { next: Some(Cursor("2".to_owned())), ..page(NodeKind::Repository, &["a", "b"]) };
    driver.answer_page(&root(), more);
    driver.key(Key::End);
    driver.type_keys("k");
    let all: Vec<String> = driver.labels();
    assert!(all.contains(&"b".to_owned()));
    driver.go(&root());
    driver.type_keys("L");
    assert!(driver.app.is_moving(), "the second page is asked for");
}

#[test]
fn the_filter_narrows_and_escape_shows_all_again() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("/late");
    assert_eq!(driver.app.tree.hits(), 1);
    driver.key(Key::Enter);
    assert_eq!(driver.selected(), Some(tag("app", "latest")));
    // Keys are commands again while the filter holds.
    driver.type_keys("y");
    assert!(matches!(driver.effects.first(), Some(Effect::Copy { what: "reference", .. })));
    driver.key(Key::Esc);
    assert!(driver.app.filter.is_none());
    assert_eq!(driver.labels(), ["hub", "app", "1", "2", "latest"]);
}

#[test]
fn the_view_is_kept_for_the_next_start() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("s");
    let wanted = Preferences { sort: Sort::Version, ..Preferences::default() };
    assert!(driver.effects.contains(&Effect::SavePreferences(wanted)));
    driver.type_keys("sss");
    assert_eq!(driver.app.preferences.sort, Sort::Name);
    driver.type_keys("f.");
    let wanted = Preferences { folders: true, hidden_tags: true, ..Preferences::default() };
    assert!(driver.effects.contains(&Effect::SavePreferences(wanted)));
}

#[test]
fn what_is_set_aside_is_shown_where_its_number_stands() {
    let mut driver = Driver::on_a_tag();
    driver.go(&root());
    driver.type_keys("r");
    let empty = Entry { aside: Some("without content"), ..Entry::named(NodeKind::Namespace, "empty") };
    let mut listed = page(NodeKind::Namespace, &["full"]);
    listed.entries.push(empty);
    driver.answer_page(&root(), listed);
    assert_eq!(driver.labels(), ["hub", "full", "1 without content hidden"]);
    driver.type_keys("G");
    driver.key(Key::Enter);
    assert_eq!(driver.labels(), ["hub", "empty", "full"]);
    let wanted = Preferences { hidden_tags: true, ..Preferences::default() };
    assert!(driver.effects.contains(&Effect::SavePreferences(wanted)));
    driver.type_keys(".");
    assert_eq!(driver.labels(), ["hub", "full", "1 without content hidden"]);
}

#[test]
fn every_image_of_a_branch_is_marked_at_once() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("a");
    assert_eq!(driver.app.tree.marked(), [tag("app", "1"), tag("app", "2"), tag("app", "latest")]);
    driver.type_keys("a");
    assert!(driver.app.tree.marked().is_empty());
}

#[test]
fn a_group_of_untagged_manifests_is_opened_and_then_marked() {
    let mut driver = Driver::on_a_tag();
    driver.app.tree.add_child(&repository("app"), NodeKind::Untagged, "untagged");
    let group = repository("app").child(NodeKind::Untagged, "untagged");
    driver.go(&group);
    driver.type_keys("a");
    let manifests = [Digest::of(b"a"), Digest::of(b"b")].map(|digest| digest.to_string());
    let names: Vec<&str> = manifests.iter().map(String::as_str).collect();
    driver.answer_page(&group, page(NodeKind::Manifest, &names));
    assert!(driver.app.tree.marked().is_empty(), "nothing unseen is marked");
    driver.type_keys("a");
    assert_eq!(driver.app.tree.marked_count(), 2);
    driver.type_keys("j");
    driver.type_keys("d");
    let Some(Modal::Confirm(confirm)) = driver.app.modals.last() else { panic!("a question is asked") };
    assert_eq!((confirm.title.as_str(), confirm.impacts.len()), ("Delete 2 images?", 2));
}

#[test]
fn quitting_is_immediate_without_jobs() {
    let mut driver = Driver::on_a_tag();
    assert_eq!(driver.type_keys("q"), [Effect::Quit]);
    let mut driver = Driver::on_a_tag();
    driver.type_keys(":");
    assert_eq!(driver.key(Key::Ctrl('c')), [Effect::Quit]);
}

/// A repository of `many` tags, sorted by time; gives back of how many tags the facts were asked for, all in all.
fn asked_by_time(many: usize) -> (Driver, usize) {
    let names: Vec<String> = (0..many).map(|n| format!("t{n:04}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut driver = Driver::on_a_tag();
    driver.go(&root());
    driver.app.tree.add_child(&root(), NodeKind::Repository, "big");
    driver.go(&repository("big"));
    driver.key(Key::Enter);
    driver.answer_page(&repository("big"), page(NodeKind::Tag, &names));
    let mut asked: std::collections::BTreeMap<TaskId, Locator> = Default::default();
    let mut note = |effects: &[Effect]| {
        for effect in effects {
            if let Effect::Run(id, Request::Facts { at }) = effect {
                asked.insert(*id, at.clone());
            }
        }
        asked.clone()
    };
    note(&driver.effects);
    note(&driver.type_keys("ss"));
    let mut done = std::collections::BTreeSet::new();
    while let Some((id, _)) = note(&driver.effects).into_iter().find(|(id, _)| !done.contains(id)) {
        done.insert(id);
        driver.reply(id, Reply::Facts(Ok(Facts { time: Some(1), ..facts("x") })));
    }
    let names: std::collections::HashSet<Locator> = note(&[]).into_values().collect();
    let of_big = names.iter().filter(|at| at.repository_node() == Some(repository("big"))).count();
    (driver, of_big)
}

#[test]
fn sorting_by_time_asks_for_what_it_does_not_know_up_to_a_bound() {
    assert_eq!(asked_by_time(60).1, 60);
    let many = asked_by_time(900).1;
    assert!((500..600).contains(&many), "{many}");
}

#[test]
fn an_order_by_facts_says_how_many_are_known() {
    let mut driver = Driver::on_a_tag();
    driver.app.tree.set_facts(&tag("app", "1"), facts("x"));
    driver.type_keys("s");
    assert_eq!(driver.notice(), "Tags are sorted by version.");
    driver.type_keys("s");
    assert_eq!(driver.notice(), "Tags are sorted by time, newest first; 1 of 3 known.");
}
