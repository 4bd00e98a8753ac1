//! The details follow the cursor; notices, pauses and warnings.

use super::*;
use crate::app::details::DetailsState;
use crate::app::key::Pane;
use crate::domain::detail::{Description, Details};

fn details(of: &str) -> Details {
    Details::Repository(Description { lines: vec![("name".to_owned(), of.to_owned())], sections: Vec::new() })
}

#[test]
fn moving_asks_for_a_rest_and_resting_for_the_details() {
    let mut driver = Driver::on_a_tag();
    assert!(driver.key(Key::Down).contains(&Effect::Rest));
    driver.send(Event::Rested);
    let id = driver.task(|r| *r == Request::Details { at: tag("app", "2") });
    driver.reply(id, Reply::Details(Box::new(Ok(details("x")))));
    assert!(matches!(&driver.app.details.state, DetailsState::Ready(d) if **d == details("x")));
    driver.send(Event::Rested);
    assert!(driver.requests().is_empty(), "it is shown already");
}

#[test]
fn the_details_of_the_node_before_are_given_up() {
    let mut driver = Driver::on_a_tag();
    driver.send(Event::Rested);
    let first = driver.task(|r| matches!(r, Request::Details { .. }));
    driver.key(Key::Down);
    assert!(driver.send(Event::Rested).contains(&Effect::Cancel(first)));
    driver.reply(first, Reply::Details(Box::new(Ok(details("late")))));
    assert!(matches!(driver.app.details.state, DetailsState::Loading(None)));
}

#[test]
fn a_refresh_keeps_the_details_until_the_new_ones_are_here() {
    let mut driver = Driver::on_a_tag();
    driver.send(Event::Rested);
    let id = driver.task(|r| matches!(r, Request::Details { .. }));
    driver.reply(id, Reply::Details(Box::new(Ok(details("x")))));
    driver.type_keys("r");
    assert!(matches!(driver.app.details.state, DetailsState::Loading(Some(_))));
    driver.task(|r| matches!(r, Request::Details { .. }));
}

#[test]
fn tags_that_share_the_digest_are_named() {
    let mut driver = Driver::on_a_tag();
    driver.send(Event::Rested);
    for name in ["1", "latest"] {
        driver.app.tree.set_facts(&tag("app", name), facts("x"));
    }
    let id = driver.task(|r| matches!(r, Request::Details { .. }));
    driver.reply(id, Reply::Details(Box::new(Ok(details("x")))));
    assert_eq!(driver.app.details.siblings, ["latest"]);
}

#[test]
fn tab_goes_to_the_details_and_keys_scroll_them() {
    let mut driver = Driver::on_a_tag();
    driver.key(Key::Tab);
    assert_eq!(driver.app.pane, Pane::Details);
    driver.type_keys("jj");
    assert_eq!(driver.app.details.top, 2);
    driver.key(Key::End);
    assert_eq!(driver.app.details.top, 30, "50 lines, 20 visible");
    driver.type_keys("g");
    assert_eq!(driver.app.details.top, 0);
    assert_eq!(driver.selected(), Some(tag("app", "1")), "the cursor stays");
    driver.key(Key::Esc);
    assert_eq!(driver.app.pane, Pane::Tree);
}

#[test]
fn a_warning_is_shown_once_and_is_safe() {
    let mut driver = Driver::on_a_tag();
    for _ in 0..3 {
        driver.send(Event::Warning { host: "h".to_owned(), text: "old\u{1b}[2J".to_owned() });
    }
    assert_eq!(driver.app.notices.len(), 1);
    assert_eq!(driver.notice(), "h says: old␛[2J");
}

#[test]
fn a_pause_counts_down_and_ends() {
    let mut driver = Driver::on_a_tag();
    let waiting = || Event::Waiting { host: "h".to_owned(), said: "too many".to_owned(), seconds: 30 };
    driver.send(waiting());
    driver.send(waiting());
    assert_eq!(driver.app.pauses, [("h".to_owned(), "too many".to_owned(), 1_030)]);
    assert!(driver.app.is_moving());
    driver.send(Event::Tick(1_030));
    assert!(driver.app.pauses.is_empty());
    driver.send(waiting());
    driver.send(Event::Resumed("h".to_owned()));
    assert!(driver.app.pauses.is_empty());
}

#[test]
fn messages_are_bounded() {
    let mut driver = Driver::on_a_tag();
    for i in 0..700 {
        driver.send(Event::Opened(Ok(format!("https://h/{i}"))));
    }
    assert_eq!(driver.app.notices.len(), 500);
    assert_eq!(driver.app.notices.last().map(|n| n.text.as_str()), Some("Opened https://h/699."));
}

#[test]
fn a_failure_of_the_start_is_told() {
    let driver =
        Driver::new(Start { failure: Some(failure(FailureKind::Invalid)), ..start(vec![connected("hub")]) });
    assert_eq!(driver.notice(), "doing it: the server said so");
}

#[test]
fn a_check_that_fails_is_how_the_connection_is() {
    use crate::app::state::Health;
    let mut driver = Driver::on_a_tag();
    driver.go(&root());
    driver.send(Event::Rested);
    let id = driver.task(|r| *r == Request::Details { at: root() });
    let refused = failure(FailureKind::Unauthorized);
    driver.reply(id, Reply::Details(Box::new(Err(refused.clone()))));
    assert_eq!(driver.app.connections[0].health, Health::Failed(refused));
}
