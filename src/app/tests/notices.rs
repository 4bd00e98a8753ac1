//! How long messages stay.

use super::*;
use crate::app::notice::Level;

/// A failure is on the bottom line, and nothing else goes on.
fn failed() -> Driver {
    let mut driver = Driver::on_a_tag();
    driver.send(Event::Opened(Err(failure(FailureKind::Io))));
    assert!(driver.notice().contains("the server said so"));
    driver
}

#[test]
fn a_failure_outlasts_three_keys() {
    let mut driver = failed();
    driver.type_keys("jjk");
    assert!(!driver.notice().is_empty());
    driver.type_keys("j");
    assert_eq!(driver.notice(), "");
}

#[test]
fn escape_takes_a_failure_away_and_nothing_else() {
    let mut driver = failed();
    driver.type_keys(" ");
    driver.key(Key::Esc);
    assert_eq!(driver.notice(), "");
    assert_eq!(driver.app.tree.marked().len(), 1);
    driver.key(Key::Esc);
    assert!(driver.app.tree.marked().is_empty());
}

#[test]
fn a_failure_gives_way_to_what_needs_the_line() {
    for key in ["/", "m", ":"] {
        let mut driver = failed();
        driver.type_keys(key);
        assert_eq!(driver.notice(), "", "{key}");
    }
}

#[test]
fn a_failure_inside_a_popup_lasts_until_the_next_key() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("m");
    driver.send(Event::Opened(Err(failure(FailureKind::Io))));
    assert!(!driver.notice().is_empty());
    driver.key(Key::Down);
    assert_eq!(driver.notice(), "");
}

#[test]
fn what_starts_or_is_refused_is_not_told_as_done() {
    let mut driver = Driver::on_a_tag();
    let level = |driver: &Driver| driver.app.notice.as_ref().map(|n| n.level);
    driver.type_keys("p");
    assert_eq!(level(&driver), Some(Level::Note));
    driver.type_keys("p");
    assert_eq!((level(&driver), driver.notice().contains("already")), (Some(Level::Note), true));
    driver.send(Event::Opened(Ok("https://hub.example".to_owned())));
    assert_eq!(level(&driver), Some(Level::Info));
}
