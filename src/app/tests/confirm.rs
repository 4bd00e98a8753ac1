//! Delete and untag: the blast radius, the consent, and what follows.

use super::*;
use crate::app::modal::{Act, Confirm, Consent};
use crate::domain::impact::Impact;
use crate::domain::job::Undo;

fn impact(of: &str, tags: &[&str]) -> Impact {
    Impact {
        digest: Digest::of(of.as_bytes()),
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
        in_indexes: Vec::new(),
        children: Vec::new(),
        referrers: Vec::new(),
        looked_at: (3, 3),
        unknown: Vec::new(),
    }
}

fn confirm(driver: &Driver) -> &Confirm {
    let Modal::Confirm(confirm) = driver.top() else { panic!("no question") };
    confirm
}

/// A question about deleting tag 1, with its blast radius known.
fn asked(impact: Result<Impact, Failure>) -> Driver {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("d");
    let id = driver.task(|r| matches!(r, Request::Impact { .. }));
    driver.reply(id, Reply::Impact(impact));
    driver
}

fn deletes(driver: &Driver) -> Option<Vec<(Locator, Digest)>> {
    driver.requests().iter().find_map(|r| {
        let Request::Delete(all) = r else { return None };
        Some(all.iter().map(|d| (d.at.clone(), d.digest.clone())).collect())
    })
}

#[test]
fn nothing_goes_before_the_blast_radius_is_known() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("d");
    assert!(confirm(&driver).is_looking());
    let id = driver.task(|r| matches!(r, Request::Impact { others, .. } if others.len() == 3));
    for key in [Key::Char('y'), Key::Enter] {
        driver.key(key);
        assert_eq!(deletes(&driver), None);
    }
    driver.reply(id, Reply::Impact(Ok(impact("x", &["1"]))));
    driver.key(Key::Char('y'));
    assert_eq!(deletes(&driver), Some(vec![(tag("app", "1"), Digest::of(b"x"))]));
}

#[test]
fn a_tag_alone_on_its_manifest_needs_enter() {
    let mut driver = asked(Ok(impact("x", &["1"])));
    assert_eq!(confirm(&driver).consent, Consent::Enter);
    driver.key(Key::Enter);
    assert!(deletes(&driver).is_some());
}

#[test]
fn touching_others_needs_a_y() {
    let mut with_children = impact("x", &["1"]);
    with_children.in_indexes.push("latest".to_owned());
    for radius in [impact("x", &["1", "latest"]), with_children] {
        let mut driver = asked(Ok(radius));
        assert_eq!(confirm(&driver).consent, Consent::Yes);
        driver.key(Key::Enter);
        assert_eq!(deletes(&driver), None);
        driver.type_keys("y");
        assert!(deletes(&driver).is_some());
    }
}

#[test]
fn tags_that_nobody_looked_at_need_a_y() {
    let few = Impact { looked_at: (2, 2), ..impact("x", &["1"]) };
    let driver = asked(Ok(few));
    assert_eq!(confirm(&driver).consent, Consent::Yes);
    let shown = confirm(&driver).impacts[0].1.clone().expect("known").expect("found");
    assert_eq!(shown.looked_at, (2, 3), "the repository has three tags");
}

#[test]
fn a_repository_that_is_not_listed_in_full_needs_a_y() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.key(Key::Enter);
    driver.answer_page(&root(), page(NodeKind::Repository, &["app"]));
    driver.go(&repository("app"));
    driver.key(Key::Enter);
    let many: Vec<String> = (0..200).map(|n| format!("t{n:03}")).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    driver.answer_page(
        &repository("app"),
        Page { next: Some(Cursor("2".to_owned())), ..page(NodeKind::Tag, &names) },
    );
    driver.go(&tag("app", "t000"));
    driver.type_keys("d");
    let id = driver.task(|r| matches!(r, Request::Impact { .. }));
    driver.reply(id, Reply::Impact(Ok(Impact { looked_at: (200, 200), ..impact("x", &["t000"]) })));
    assert_eq!(confirm(&driver).consent, Consent::Yes);
}

#[test]
fn escape_keeps_everything_and_gives_the_look_up_up() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("d");
    let id = driver.task(|r| matches!(r, Request::Impact { .. }));
    assert!(driver.key(Key::Esc).contains(&Effect::Cancel(id)));
    assert!(driver.app.modals.is_empty());
}

#[test]
fn nothing_is_deleted_by_a_digest_whose_reach_was_not_looked_up() {
    let mut driver = asked(Err(failure(FailureKind::Offline)));
    assert_eq!(confirm(&driver).consent, Consent::Yes);
    driver.type_keys("y");
    assert_eq!(deletes(&driver), None);
    driver.key(Key::Esc);

    // A digest that a listing told about earlier is no better.
    driver.app.tree.set_facts(&tag("app", "1"), facts("x"));
    driver.type_keys("d");
    let id = driver.task(|r| matches!(r, Request::Impact { .. }));
    driver.reply(id, Reply::Impact(Err(failure(FailureKind::Offline))));
    driver.type_keys("y");
    assert_eq!(deletes(&driver), None);
}

#[test]
fn a_tag_that_has_moved_on_since_the_listing_stays_in_the_tree() {
    let mut driver = Driver::on_a_tag();
    driver.app.tree.set_facts(&tag("app", "latest"), facts("x"));
    driver.type_keys("d");
    let id = driver.task(|r| matches!(r, Request::Impact { known, .. } if known.len() == 1));
    driver.reply(id, Reply::Impact(Ok(impact("x", &["1"]))));
    driver.type_keys("y");
    let id = driver.task(|r| matches!(r, Request::Delete(_)));
    driver.reply(id, Reply::Removed(vec![(tag("app", "1"), Ok(Undo::Possible))]));
    assert_eq!(driver.labels(), ["hub", "app", "2", "latest"]);
}

#[test]
fn every_tag_of_a_deleted_manifest_leaves_the_tree() {
    let mut driver = asked(Ok(impact("x", &["1", "latest"])));
    driver.type_keys("y");
    let id = driver.task(|r| matches!(r, Request::Delete(_)));
    driver.reply(id, Reply::Removed(vec![(tag("app", "1"), Ok(Undo::Possible))]));
    assert_eq!(driver.labels(), ["hub", "app", "2"]);
    assert_eq!(driver.notice(), "Deleted app:1. U undoes.");
}

#[test]
fn u_unties_the_tag_alone_instead() {
    let mut driver = asked(Ok(impact("x", &["1", "latest"])));
    assert!(confirm(&driver).can_untag);
    driver.type_keys("u");
    assert_eq!(confirm(&driver).act, Act::Untag(vec![tag("app", "1")]));
    assert_eq!(confirm(&driver).consent, Consent::Enter);
    driver.key(Key::Enter);
    let id = driver.task(|r| *r == Request::Untag(vec![tag("app", "1")]));
    driver.reply(id, Reply::Removed(vec![(tag("app", "1"), Ok(Undo::Possible))]));
    assert_eq!(driver.labels(), ["hub", "app", "2", "latest"]);
}

#[test]
fn a_refused_delete_is_explained_and_goes_away() {
    let mut driver = asked(Ok(impact("x", &["1"])));
    driver.type_keys("y");
    let id = driver.task(|r| matches!(r, Request::Delete(_)));
    driver.reply(id, Reply::Removed(vec![(tag("app", "1"), Err(failure(FailureKind::Unsupported).into()))]));
    let hint = driver.app.notice.as_ref().and_then(|n| n.hint).unwrap_or_default();
    assert!(hint.contains("storage.delete.enabled"));
    assert_eq!(driver.labels(), ["hub", "app", "1", "2", "latest"], "nothing went");
    driver.type_keys("d");
    assert!(driver.app.modals.is_empty(), "the entry is gone");
}

#[test]
fn of_several_what_failed_is_on_the_bottom_line() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("  u");
    let ids: Vec<TaskId> = driver
        .effects
        .iter()
        .filter_map(|e| if let Effect::Run(id, Request::Impact { .. }) = e { Some(*id) } else { None })
        .collect();
    for (id, name) in ids.into_iter().zip(["1", "2"]) {
        driver.reply(id, Reply::Impact(Ok(impact(name, &[name]))));
    }
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Untag(tags) if tags.len() == 2));
    let results = vec![
        (tag("app", "1"), Err(failure(FailureKind::Forbidden).into())),
        (tag("app", "2"), Ok(Undo::Possible)),
    ];
    driver.reply(id, Reply::Removed(results));
    assert_eq!(driver.labels(), ["hub", "app", "1", "latest"]);
    assert_eq!(driver.notice(), "doing it: the server said so");
    assert!(driver.app.notices.iter().any(|n| n.text == "Untied app:2. U undoes."));
}

#[test]
fn what_is_gone_already_leaves_the_tree_too() {
    let mut driver = asked(Ok(impact("x", &["1"])));
    driver.type_keys("y");
    let id = driver.task(|r| matches!(r, Request::Delete(_)));
    driver.reply(id, Reply::Removed(vec![(tag("app", "1"), Err(failure(FailureKind::NotFound).into()))]));
    assert_eq!(driver.labels(), ["hub", "app", "2", "latest"]);
}

#[test]
fn marked_tags_go_together_and_share_one_request_for_one_manifest() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("  ");
    assert_eq!(driver.app.tree.marked().len(), 2);
    driver.type_keys("d");
    assert_eq!(confirm(&driver).title, "Delete 2 images?");
    let ids: Vec<TaskId> = driver
        .effects
        .iter()
        .filter_map(|e| if let Effect::Run(id, Request::Impact { .. }) = e { Some(*id) } else { None })
        .collect();
    assert_eq!(ids.len(), 2);
    for id in ids {
        driver.reply(id, Reply::Impact(Ok(impact("x", &["1", "2"]))));
    }
    assert_eq!(confirm(&driver).consent, Consent::Enter, "nothing but the marked tags goes");
    driver.key(Key::Enter);
    assert_eq!(deletes(&driver), Some(vec![(tag("app", "1"), Digest::of(b"x"))]));
    let id = driver.task(|r| matches!(r, Request::Delete(_)));
    driver.reply(id, Reply::Removed(vec![(tag("app", "1"), Ok(Undo::Possible))]));
    assert_eq!(driver.labels(), ["hub", "app", "latest"]);
    assert!(driver.app.tree.marked().is_empty());
}

#[test]
fn a_sent_delete_is_not_cancelled_by_the_next() {
    let mut driver = asked(Ok(impact("x", &["1"])));
    driver.type_keys("y");
    driver.go(&tag("app", "2"));
    driver.type_keys("d");
    let id = driver.task(|r| matches!(r, Request::Impact { .. }));
    driver.reply(id, Reply::Impact(Ok(impact("z", &["2"]))));
    let effects = driver.type_keys("y");
    assert!(deletes(&driver).is_some());
    assert!(!effects.iter().any(|e| matches!(e, Effect::Cancel(_))));
}

#[test]
fn of_several_images_those_that_could_not_be_looked_up_stay_and_that_is_said() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("  d");
    let ids: Vec<TaskId> = (0..2)
        .map(|n| {
            let wanted = tag("app", if n == 0 { "1" } else { "2" });
            driver.task(|r| matches!(r, Request::Impact { at, .. } if *at == wanted))
        })
        .collect();
    driver.reply(ids[0], Reply::Impact(Ok(impact("x", &["1"]))));
    driver.reply(ids[1], Reply::Impact(Err(failure(FailureKind::Offline))));
    assert_eq!(confirm(&driver).about, "1 image stays: what goes with it could not be looked up.");
    driver.type_keys("y");
    assert_eq!(deletes(&driver), Some(vec![(tag("app", "1"), Digest::of(b"x"))]));
}

#[test]
fn quitting_asks_while_something_is_being_removed() {
    let mut driver = asked(Ok(impact("x", &["1"])));
    driver.type_keys("y");
    let id = driver.task(|r| matches!(r, Request::Delete(_)));
    assert_eq!(driver.type_keys("q"), []);
    assert_eq!(confirm(&driver).title, "Quit while 1 removal runs?");
    driver.key(Key::Esc);
    driver.reply(id, Reply::Removed(vec![(tag("app", "1"), Ok(Undo::Possible))]));
    assert_eq!(driver.type_keys("q"), [Effect::Quit]);
}

fn dev() -> Locator {
    docker().child(NodeKind::Repository, "hub.example/team/app").child(NodeKind::Tag, "dev")
}

/// A question on the local image, asked with `key`, when it has these names.
fn asked_here(key: &str, names: &[&str]) -> Driver {
    let mut driver = Driver::on_a_local_image();
    driver.type_keys(key);
    let id = driver.task(|r| matches!(r, Request::Impact { .. }));
    driver.reply(id, Reply::Impact(Ok(impact("x", names))));
    driver
}

#[test]
fn the_last_name_of_a_local_image_takes_the_image_along_and_needs_a_y() {
    let mut driver = asked_here("u", &["hub.example/team/app:dev"]);
    let question = confirm(&driver);
    assert_eq!(question.title, "Delete hub.example/team/app:dev?");
    assert_eq!(question.about, "The image goes with its last name and cannot be put back.");
    driver.key(Key::Enter);
    assert!(driver.requests().is_empty());
    driver.type_keys("y");
    driver.task(|r| *r == Request::Untag(vec![dev()]));
}

#[test]
fn a_local_image_with_another_name_stays() {
    let mut driver = asked_here("u", &["hub.example/team/app:dev", "nginx:1"]);
    assert_eq!(confirm(&driver).about, "The manifest and its other tags stay.");
    driver.key(Key::Enter);
    driver.task(|r| *r == Request::Untag(vec![dev()]));
}

#[test]
fn the_only_name_is_not_offered_to_be_untied_instead() {
    assert!(!confirm(&asked_here("d", &["hub.example/team/app:dev"])).can_untag);
    assert!(confirm(&asked_here("d", &["hub.example/team/app:dev", "nginx:1"])).can_untag);
}
