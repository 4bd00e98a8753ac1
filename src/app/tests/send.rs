//! Push, copy and tag: where to, under which names, and what is said before a tag is replaced.

use super::*;
use crate::app::modal::{Act, Purpose};
use crate::domain::job::{Along, Copying, Moved, Seen};
use crate::domain::{ImagePlace, LocalImage, Platform};

fn dev() -> Locator {
    docker().child(NodeKind::Repository, "hub.example/team/app").child(NodeKind::Tag, "dev")
}

fn typed(driver: &Driver) -> &str {
    let Modal::Prompt(prompt) = driver.top() else { panic!("no prompt") };
    prompt.input.value()
}

fn error(driver: &Driver) -> Option<&str> {
    let Modal::Prompt(prompt) = driver.top() else { panic!("no prompt") };
    prompt.error.as_deref()
}

/// Presses Enter at the prompt, and answers what it looks up.
fn look_up(driver: &mut Driver, found: Result<Facts, Failure>) {
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Facts { .. }));
    driver.reply(id, Reply::Facts(found));
}

fn copies(driver: &Driver) -> Vec<Copying> {
    let found = driver.requests().into_iter().find_map(|r| match r {
        Request::Copy { what, .. } => Some(what.clone()),
        _ => None,
    });
    found.unwrap_or_default()
}

#[test]
fn the_host_in_the_name_picks_the_registry_and_the_name_is_filled_in() {
    let mut driver = Driver::on_a_local_image();
    driver.type_keys("P");
    assert_eq!(typed(&driver), "hub.example/team/app:dev");
    look_up(&mut driver, Err(failure(FailureKind::NotFound)));
    let to = root().child(NodeKind::Repository, "team/app").child(NodeKind::Tag, "dev");
    assert_eq!(copies(&driver), [Copying { from: dev(), to, seen: Seen::Nothing }]);
    assert!(driver.app.modals.is_empty(), "the prompt is done with");
    assert_eq!(driver.app.jobs.list[0].title, "hub.example/team/app:dev → hub.example/team/app:dev");
}

#[test]
fn a_tag_that_points_elsewhere_is_replaced_only_after_a_y() {
    let mut driver = Driver::on_a_local_image();
    driver.type_keys("P");
    look_up(&mut driver, Ok(facts("other")));
    assert!(matches!(driver.top(), Modal::Confirm(c) if matches!(c.act, Act::Replace(_))));
    driver.key(Key::Enter);
    assert_eq!(copies(&driver), []);
    driver.key(Key::Esc);
    assert_eq!(typed(&driver), "hub.example/team/app:dev", "what was typed is still there");
    look_up(&mut driver, Ok(facts("other")));
    driver.type_keys("y");
    assert_eq!(copies(&driver)[0].seen, Seen::Digest(Digest::of(b"other")));
}

#[test]
fn a_name_is_checked_as_it_is_typed() {
    let mut driver = Driver::on_a_local_image();
    driver.type_keys("P!");
    assert!(error(&driver).is_some_and(|e| e.contains("A tag has letters")));
    driver.key(Key::Enter);
    assert!(driver.requests().is_empty(), "nothing is asked for a name that cannot be");
    driver.key(Key::Backspace);
    assert_eq!(error(&driver), None);
    driver.key(Key::Ctrl('u'));
    driver.type_keys("other.example/team/app:1");
    assert!(error(&driver).is_some_and(|e| e.contains("other.example")));
}

#[test]
fn without_a_registry_of_that_name_one_is_picked() {
    let mut driver = Driver::on_a_local_image();
    let repository = docker().child(NodeKind::Repository, "docker.io/library/app");
    driver.app.tree.add_child(&docker(), NodeKind::Repository, "docker.io/library/app");
    driver.app.tree.add_child(&repository, NodeKind::Tag, "1");
    driver.go(&repository.child(NodeKind::Tag, "1"));
    driver.type_keys("P");
    assert!(matches!(driver.top(), Modal::Picker(p) if p.title == "Push app:1 to"));
    driver.key(Key::Enter);
    assert_eq!(typed(&driver), "hub.example/app:1");
}

#[test]
fn library_is_left_out_of_docker_hubs_names_alone() {
    let mut driver = Driver::on_a_local_image();
    let repository = docker().child(NodeKind::Repository, "hub.example/library/web");
    driver.app.tree.add_child(&docker(), NodeKind::Repository, "hub.example/library/web");
    driver.app.tree.add_child(&repository, NodeKind::Tag, "1");
    driver.go(&repository.child(NodeKind::Tag, "1"));
    driver.type_keys("P");
    assert_eq!(typed(&driver), "hub.example/library/web:1");
}

#[test]
fn a_copy_goes_with_its_choices_and_what_was_looked_up_can_be_given_up() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("C");
    driver.key(Key::Enter);
    assert_eq!(typed(&driver), "hub.example/app:1");
    driver.type_keys("0");
    for key in [Key::Tab, Key::Right, Key::Tab, Key::Char(' ')] {
        driver.key(key);
    }
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Facts { at } if at.name() == "10"));
    assert!(driver.key(Key::Esc).contains(&Effect::Cancel(id)));
    look_up(&mut driver, Err(failure(FailureKind::NotFound)));
    driver.task(|r| {
        let here = Some(Platform::here());
        matches!(r, Request::Copy { platform, along: Along::Referrers, .. } if *platform == here)
    });
}

#[test]
fn a_failed_look_up_is_said_at_the_prompt() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("C");
    driver.key(Key::Enter);
    driver.type_keys("0");
    look_up(&mut driver, Err(failure(FailureKind::Offline)));
    assert!(error(&driver).is_some_and(|e| e.contains("the server said so")));
    assert!(driver.app.jobs.list.is_empty());
}

#[test]
fn an_image_is_not_copied_onto_itself() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("C");
    driver.key(Key::Enter);
    driver.key(Key::Enter);
    assert!(driver.requests().is_empty());
    assert!(error(&driver).is_some_and(|e| e.contains("the image itself")));
}

#[test]
fn marked_tags_keep_their_names_in_another_repository() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("  C");
    driver.key(Key::Enter);
    assert_eq!(typed(&driver), "hub.example/app");
    driver.type_keys("s");
    driver.key(Key::Enter);
    for name in ["1", "2"] {
        let at = repository("apps").child(NodeKind::Tag, name);
        let id = TaskId(driver.app.waits.ids(|s| *s == crate::app::waits::Slot::Seen(at.clone()))[0].0);
        driver.reply(id, Reply::Facts(Err(failure(FailureKind::NotFound))));
    }
    assert_eq!(copies(&driver).len(), 2);
    assert!(driver.app.tree.marked().is_empty());
}

#[test]
fn after_a_push_the_repository_is_listed_anew_and_enter_goes_there() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("C");
    driver.key(Key::Enter);
    driver.type_keys("0");
    look_up(&mut driver, Err(failure(FailureKind::NotFound)));
    let id = driver.task(|r| matches!(r, Request::Copy { .. }));
    let at = tag("app", "10");
    let moved = Moved {
        location: "hub.example/app:10".to_owned(),
        at: Some(at.clone()),
        images: vec![("10".to_owned(), Digest::of(b"x"))],
        mounted: 4096,
        ..Moved::default()
    };
    driver.reply(id, Reply::Moved(Ok(moved)));
    assert_eq!(driver.notice(), "Copied 1 image to hub.example/app:10 (0 B sent, 4.0 KiB mounted).");
    driver.answer_page(&repository("app"), page(NodeKind::Tag, &["1", "10", "2", "latest"]));
    driver.type_keys("J");
    driver.key(Key::Enter);
    assert_eq!(driver.selected(), Some(at));
}

#[test]
fn after_a_copy_that_failed_the_repository_is_listed_anew_for_what_arrived() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("C");
    driver.key(Key::Enter);
    driver.type_keys("0");
    look_up(&mut driver, Err(failure(FailureKind::NotFound)));
    let id = driver.task(|r| matches!(r, Request::Copy { .. }));
    driver.reply(id, Reply::Moved(Err(failure(FailureKind::Offline))));
    let listed = |r: &Request| matches!(r, Request::Children { at, .. } if *at == repository("app"));
    assert!(driver.requests().into_iter().any(listed));
}

#[test]
fn a_tag_is_another_name_in_the_same_repository_and_a_failure_stays_at_the_prompt() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("t1.0");
    look_up(&mut driver, Err(failure(FailureKind::NotFound)));
    let wanted = Request::Tag { at: tag("app", "1"), name: "1.0".to_owned(), seen: Seen::Nothing };
    let id = driver.task(|r| *r == wanted);
    driver.reply(id, Reply::Tagged(Err(failure(FailureKind::Conflict))));
    assert!(error(&driver).is_some() && typed(&driver) == "1.0");
    look_up(&mut driver, Err(failure(FailureKind::NotFound)));
    let id = driver.task(|r| matches!(r, Request::Tag { .. }));
    assert!(!driver.key(Key::Esc).contains(&Effect::Cancel(id)), "a change that was sent is finished");
    driver.reply(id, Reply::Tagged(Ok(tag("app", "1.0"))));
    assert_eq!(driver.notice(), "Tagged app:1.0.");
}

#[test]
fn a_tag_is_taken_from_another_manifest_only_after_a_y() {
    let mut driver = Driver::on_a_tag();
    driver.app.tree.set_facts(&tag("app", "1"), facts("mine"));
    driver.type_keys("t2");
    look_up(&mut driver, Ok(facts("other")));
    let Modal::Confirm(confirm) = driver.top() else { panic!("no question") };
    assert_eq!(confirm.title, "Replace app:2 on hub?");
    driver.key(Key::Enter);
    assert!(driver.requests().is_empty(), "Enter is not enough");
    driver.key(Key::Esc);
    assert_eq!(typed(&driver), "2", "what was typed is still there");
    look_up(&mut driver, Ok(facts("other")));
    driver.type_keys("y");
    let seen = Seen::Digest(Digest::of(b"other"));
    let id =
        driver.task(|r| *r == Request::Tag { at: tag("app", "1"), name: "2".to_owned(), seen: seen.clone() });
    driver.reply(id, Reply::Tagged(Ok(tag("app", "2"))));
    assert!(driver.app.modals.is_empty(), "the prompt is done with");
}

#[test]
fn a_tag_that_points_there_already_needs_no_question() {
    let mut driver = Driver::on_a_tag();
    driver.app.tree.set_facts(&tag("app", "1"), facts("mine"));
    driver.type_keys("t2");
    look_up(&mut driver, Ok(facts("mine")));
    driver.task(|r| matches!(r, Request::Tag { .. }));
}

#[test]
fn the_look_at_a_tag_can_be_given_up_and_its_failure_is_said_at_the_prompt() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("t2");
    driver.key(Key::Enter);
    let id = driver.task(|r| *r == Request::Facts { at: tag("app", "2") });
    assert!(driver.key(Key::Esc).contains(&Effect::Cancel(id)));
    look_up(&mut driver, Err(failure(FailureKind::Offline)));
    assert!(error(&driver).is_some_and(|e| e.contains("the server said so")));
    driver.key(Key::Backspace);
    driver.type_keys("1");
    driver.key(Key::Enter);
    assert!(driver.requests().is_empty());
    assert!(error(&driver).is_some_and(|e| e.contains("the name it has")));
}

#[test]
fn a_local_name_that_another_image_has_is_taken_only_after_a_y() {
    let mut driver = Driver::on_a_local_image();
    driver.type_keys("t");
    driver.key(Key::Ctrl('u'));
    driver.type_keys("nginx");
    driver.key(Key::Enter);
    let nginx =
        docker().child(NodeKind::Repository, "docker.io/library/nginx").child(NodeKind::Tag, "latest");
    let id = driver.task(|r| *r == Request::Facts { at: nginx.clone() });
    driver.reply(id, Reply::Facts(Ok(facts("other"))));
    let Modal::Confirm(confirm) = driver.top() else { panic!("no question") };
    assert_eq!(confirm.title, "Replace nginx:latest in docker?");
    driver.type_keys("y");
    let seen = Seen::Digest(Digest::of(b"other"));
    driver.task(|r| *r == Request::Tag { at: dev(), name: "nginx".to_owned(), seen: seen.clone() });
}

#[test]
fn a_local_image_gets_a_whole_name() {
    let mut driver = Driver::on_a_local_image();
    driver.type_keys("t");
    assert_eq!(typed(&driver), "hub.example/team/app:dev");
    assert!(matches!(driver.top(), Modal::Prompt(p) if p.purpose == Purpose::Tag(dev())));
}

#[test]
fn pulling_again_asks_the_registry_that_the_name_says() {
    let mut driver = Driver::on_a_local_image();
    driver.type_keys("p");
    let from = root().child(NodeKind::Repository, "team/app").child(NodeKind::Tag, "dev");
    let target = LocalImage::in_place(ImagePlace::Engine(ConnectionId::new("docker")));
    driver.task(|r| *r == Request::Pull { what: vec![from.clone()], target: target.clone(), platform: None });
}
