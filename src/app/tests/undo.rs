//! Undo, and repositories that are made and deleted.

use super::*;
use crate::app::modal::{Act, Consent};
use crate::domain::impact::Impact;
use crate::domain::job::{RemovalFailure, Undo};

fn untied(undo: Undo) -> Driver {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("u");
    let id = driver.task(|r| matches!(r, Request::Impact { .. }));
    let impact = Impact {
        digest: Digest::of(b"x"),
        tags: vec!["1".to_owned()],
        in_indexes: Vec::new(),
        children: Vec::new(),
        referrers: Vec::new(),
        looked_at: (3, 3),
        unknown: Vec::new(),
    };
    driver.reply(id, Reply::Impact(Ok(impact)));
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Untag(_)));
    driver.reply(id, Reply::Removed(vec![(tag("app", "1"), Ok(undo))]));
    driver
}

#[test]
fn what_was_untied_comes_back() {
    let mut driver = untied(Undo::Possible);
    assert_eq!(driver.notice(), "Untied app:1. U undoes.");
    driver.type_keys("U");
    let id = driver.task(|r| *r == Request::Undo(vec![tag("app", "1")]));
    driver.reply(id, Reply::Restored(vec![(tag("app", "1"), Ok(()))]));
    assert_eq!(driver.labels(), ["hub", "app", "1", "2", "latest"]);
    assert_eq!(driver.notice(), "Put app:1 back.");
    driver.type_keys("U");
    assert_eq!(driver.notice(), "There is nothing to put back.");
}

#[test]
fn what_cannot_come_back_is_not_offered() {
    let mut driver = untied(Undo::Impossible);
    assert_eq!(driver.notice(), "Untied app:1.");
    driver.type_keys("U");
    assert!(driver.requests().is_empty());
}

#[test]
fn a_failure_says_why_and_one_that_may_pass_can_be_tried_again() {
    for (kind, again) in
        [(FailureKind::Offline, true), (FailureKind::Conflict, true), (FailureKind::NotFound, false)]
    {
        let mut driver = untied(Undo::Possible);
        driver.type_keys("U");
        let id = driver.task(|r| matches!(r, Request::Undo(_)));
        driver.reply(id, Reply::Restored(vec![(tag("app", "1"), Err(failure(kind)))]));
        assert_eq!(driver.notice(), "doing it: the server said so");
        driver.type_keys("U");
        assert_eq!(driver.requests().iter().any(|r| matches!(r, Request::Undo(_))), again, "{kind:?}");
    }
}

#[test]
fn of_several_the_one_whose_tag_has_moved_is_told_and_stays_to_be_put_back() {
    let mut driver = untied(Undo::Possible);
    driver.type_keys("U");
    let id = driver.task(|r| matches!(r, Request::Undo(_)));
    let moved = Failure::new(FailureKind::Conflict, "putting 1 back", "1 points at something else by now");
    driver.reply(
        id,
        Reply::Restored(vec![
            (tag("app", "2"), Ok(())),
            (tag("app", "1"), Err(moved)),
            (tag("app", "3"), Ok(())),
        ]),
    );
    assert_eq!(driver.notice(), "Put 2 images back, but: putting 1 back: 1 points at something else by now");
    let hint = driver.app.notice.as_ref().and_then(|notice| notice.hint);
    assert_eq!(hint, Some("Move or remove that tag first; then U tries again."));
    driver.type_keys("U");
    driver.task(|r| *r == Request::Undo(vec![tag("app", "1")]));
}

#[test]
fn a_repository_goes_only_after_its_name_was_typed() {
    let mut driver = Driver::on_a_tag();
    driver.go(&repository("app"));
    driver.type_keys("d");
    assert!(matches!(driver.top(), Modal::Confirm(c) if c.consent == Consent::Name("app".to_owned())));
    driver.type_keys("y");
    driver.key(Key::Enter);
    assert!(driver.requests().is_empty());
    driver.key(Key::Backspace);
    driver.type_keys("app");
    driver.key(Key::Enter);
    let id = driver.task(|r| *r == Request::DeleteRepository(repository("app")));
    driver.reply(id, Reply::RepositoryDeleted(repository("app"), Ok(())));
    assert_eq!(driver.labels(), ["hub", "empty"]);
}

#[test]
fn a_server_that_refuses_to_delete_repositories_is_not_asked_again() {
    let mut driver = Driver::on_a_tag();
    driver.go(&repository("app"));
    driver.type_keys("dapp");
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::DeleteRepository(_)));
    let refused = Err(failure(FailureKind::Unsupported));
    driver.reply(id, Reply::RepositoryDeleted(repository("app"), refused));
    driver.type_keys("d");
    assert!(
        !matches!(driver.app.modals.last(), Some(Modal::Confirm(c)) if matches!(c.act, Act::DeleteRepository(_)))
    );
}

#[test]
fn a_repository_is_made_and_gone_to() {
    let mut driver = Driver::on_a_tag();
    driver.go(&root());
    driver.type_keys("m/create");
    driver.key(Key::Enter);
    driver.type_keys("new/app");
    driver.key(Key::Enter);
    let wanted = Request::CreateRepository { parent: root(), name: "new/app".to_owned() };
    let id = driver.task(|r| *r == wanted);
    driver.reply(id, Reply::RepositoryCreated(Ok(repository("new/app"))));
    assert_eq!(driver.selected(), Some(repository("new/app")));
}

#[test]
fn the_answers_of_a_question_can_be_clicked() {
    use crate::app::key::{Gesture, Target};
    let mut driver = Driver::on_a_tag();
    driver.go(&root());
    driver.type_keys("x");
    driver.send(Event::Pointer(Gesture::Click, Target::Entry(1)));
    assert!(driver.app.modals.is_empty() && driver.requests().is_empty());
    driver.type_keys("x");
    driver.send(Event::Pointer(Gesture::Click, Target::Entry(0)));
    driver.task(|r| matches!(r, Request::Disconnect(_)));
}

#[test]
fn ctrl_l_draws_the_screen_anew() {
    assert!(Driver::on_a_tag().key(Key::Ctrl('l')).contains(&Effect::Redraw));
}

#[test]
fn what_went_before_a_failure_comes_back_too() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("u");
    let id = driver.task(|r| matches!(r, Request::Impact { .. }));
    driver.reply(id, Reply::Impact(Err(failure(FailureKind::Server))));
    driver.type_keys("y");
    let id = driver.task(|r| matches!(r, Request::Untag(_)));
    let half = RemovalFailure { failure: failure(FailureKind::Server), undo: Undo::Possible };
    driver.reply(id, Reply::Removed(vec![(tag("app", "1"), Err(half))]));
    assert_eq!(driver.notice(), "doing it: the server said so");
    driver.type_keys("U");
    driver.task(|r| *r == Request::Undo(vec![tag("app", "1")]));
}
