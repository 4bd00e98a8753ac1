//! Pulls and the jobs pane.

use super::*;
use crate::app::jobs::{Job, JobEnd};
use crate::app::key::Pane;
use crate::app::modal::Weighing;
use crate::domain::job::{Moved, Part, PartState, Progress, Weight};

fn pulled() -> Moved {
    Moved {
        location: "oci:/store:app".to_owned(),
        images: vec![("app:1".to_owned(), Digest::of(b"x"))],
        moved: 2048,
        mounted: 0,
        at: None,
        reused: 0,
        ..Moved::default()
    }
}

fn pulling() -> (Driver, TaskId) {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("p");
    let id = driver.task(|r| matches!(r, Request::Pull { what, .. } if *what == [tag("app", "1")]));
    (driver, id)
}

fn job(driver: &Driver) -> &Job {
    driver.app.jobs.list.first().expect("a job")
}

#[test]
fn a_pull_is_a_job_whose_end_says_where_the_image_is() {
    let (mut driver, id) = pulling();
    assert_eq!(job(&driver).title, "app:1 → store");
    driver.reply(id, Reply::Moved(Ok(pulled())));
    assert_eq!(driver.notice(), "Pulled 1 image to oci:/store:app (2.0 KiB fetched).");
    assert_eq!(job(&driver).end, Some(JobEnd::Done(pulled())));
    driver.type_keys("Jy");
    let text = "oci:/store:app".to_owned();
    assert!(driver.effects.contains(&Effect::Copy { what: "location", text }));
}

#[test]
fn the_speed_is_smoothed_over_seconds() {
    let (mut driver, id) = pulling();
    let sample = |fetched| sample(fetched, PartState::Running);
    driver.send(Event::Progress(id, sample(50)));
    assert_eq!(job(&driver).speed, None);
    driver.send(Event::Tick(1_001));
    driver.send(Event::Progress(id, sample(100)));
    assert_eq!(job(&driver).speed, Some(100.0));
    driver.send(Event::Tick(1_002));
    driver.send(Event::Progress(id, sample(150)));
    assert_eq!(job(&driver).speed, Some(80.0));
    driver.send(Event::Tick(1_003));
    driver.send(Event::Progress(id, sample(150)));
    assert_eq!(job(&driver).speed, Some(0.0), "it stands still");
}

fn sample(fetched: u64, state: PartState) -> Progress {
    let part = Part { name: "a layer".to_owned(), total: 1_000, done: fetched, state };
    Progress { fetched, parts: vec![part], ..Progress::default() }
}

#[test]
fn what_waits_has_no_speed_and_begins_anew_when_bytes_flow_again() {
    let (mut driver, id) = pulling();
    driver.send(Event::Tick(1_001));
    driver.send(Event::Progress(id, sample(100, PartState::Running)));
    assert!(job(&driver).speed.is_some());
    driver.send(Event::Tick(1_005));
    driver.send(Event::Progress(id, sample(100, PartState::Retrying("it broke off".to_owned()))));
    assert_eq!(job(&driver).speed, None);
    assert!(job(&driver).progress.is_retrying());
    driver.send(Event::Tick(1_006));
    driver.send(Event::Progress(id, sample(300, PartState::Running)));
    assert_eq!(job(&driver).speed, Some(200.0), "of the second since then");
}

#[test]
fn the_same_pull_does_not_run_twice() {
    let (mut driver, _) = pulling();
    driver.type_keys("p");
    assert!(driver.requests().is_empty());
    assert_eq!(driver.app.jobs.list.len(), 1);
}

#[test]
fn a_job_is_asked_to_stop_once_and_tried_again() {
    let (mut driver, id) = pulling();
    driver.type_keys("J");
    assert_eq!(driver.app.pane, Pane::Jobs);
    assert_eq!(driver.type_keys("d"), [Effect::Stop(id)]);
    assert!(job(&driver).stopping);
    assert_eq!(driver.type_keys("x"), [], "it was asked already");
    driver.reply(id, Reply::Moved(Err(Failure::cancelled("pulling"))));
    driver.type_keys("r");
    let again = driver.task(|r| matches!(r, Request::Pull { .. }));
    assert!(again > id && job(&driver).end.is_none() && job(&driver).task == again);
    driver.reply(again, Reply::Moved(Ok(pulled())));
    driver.type_keys("c");
    assert!(driver.app.jobs.list.is_empty());
    assert_eq!(driver.app.pane, Pane::Tree);
}

#[test]
fn escape_leaves_the_jobs_and_stops_none() {
    let (mut driver, _) = pulling();
    driver.type_keys("J");
    assert_eq!(driver.key(Key::Esc), []);
    assert_eq!(driver.app.pane, Pane::Tree);
    assert!(!job(&driver).stopping);
}

#[test]
fn finished_jobs_are_cleared_one_by_one_without_acting_in_the_tree() {
    let (mut driver, first) = pulling();
    driver.type_keys("jp");
    let second = driver.task(|r| matches!(r, Request::Pull { .. }));
    driver.reply(first, Reply::Moved(Ok(pulled())));
    driver.reply(second, Reply::Moved(Ok(pulled())));
    driver.type_keys("Jd");
    assert_eq!((driver.app.jobs.list.len(), driver.app.pane), (1, Pane::Jobs));
    driver.type_keys("x");
    assert_eq!((driver.app.jobs.list.len(), driver.app.pane), (0, Pane::Tree));
    assert!(driver.app.modals.is_empty(), "nothing is asked about the tag under the cursor");
}

#[test]
fn jobs_do_not_cancel_each_other() {
    let (mut driver, id) = pulling();
    driver.type_keys("jp");
    assert!(!driver.effects.contains(&Effect::Cancel(id)));
    assert_eq!(driver.app.jobs.running(), 2);
}

#[test]
fn keys_move_among_the_jobs_and_not_in_the_tree() {
    let (mut driver, _) = pulling();
    driver.type_keys("jpJ");
    assert_eq!(driver.app.jobs.cursor, 1);
    driver.type_keys("g");
    assert_eq!(driver.app.jobs.cursor, 0);
    driver.key(Key::PageDown);
    assert_eq!(driver.app.jobs.cursor, 1);
    driver.type_keys("k");
    assert_eq!(driver.app.jobs.cursor, 0);
    assert_eq!(driver.selected(), Some(tag("app", "2")));
}

#[test]
fn quitting_asks_while_jobs_run() {
    let (mut driver, _) = pulling();
    assert_eq!(driver.type_keys("q"), []);
    assert!(matches!(driver.top(), Modal::Confirm(c) if c.title == "Quit while 1 job runs?"));
    driver.key(Key::Esc);
    driver.type_keys("q");
    assert_eq!(driver.key(Key::Enter), [Effect::Quit]);
}

#[test]
fn pressed_twice_ctrl_c_leaves_all_the_same() {
    let (mut driver, _) = pulling();
    driver.key(Key::Ctrl('c'));
    assert_eq!(driver.key(Key::Ctrl('c')), [Effect::Quit]);
}

#[test]
fn a_whole_repository_asks_with_its_tags() {
    let mut driver = Driver::on_a_tag();
    driver.go(&repository("app"));
    driver.type_keys("p");
    assert!(matches!(driver.top(), Modal::Confirm(c) if c.title == "Pull app, 3 tags?"));
    let id = driver.task(|r| *r == Request::Weigh(vec![repository("app")]));
    driver.key(Key::Enter);
    assert!(driver.notice().starts_with("Still counting"), "the size is to be seen before");
    let weight = Weight { images: 3, blobs: 5, bytes: 1 << 20, unknown: 0 };
    driver.reply(id, Reply::Weighed(Ok(weight)));
    assert!(matches!(driver.top(), Modal::Confirm(c) if c.weight == Some(Weighing::Known(weight))));
    driver.key(Key::Enter);
    driver.task(|r| matches!(r, Request::Pull { what, .. } if *what == [repository("app")]));
}

#[test]
fn marked_tags_are_pulled_by_one_job() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("  p");
    driver.task(|r| matches!(r, Request::Pull { what, .. } if what.len() == 2));
    assert!(driver.app.tree.marked().is_empty());
}

#[test]
fn without_jobs_the_pane_is_not_entered() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("J");
    assert_eq!(driver.app.pane, Pane::Tree);
    assert!(driver.notice().contains("no jobs"));
}
