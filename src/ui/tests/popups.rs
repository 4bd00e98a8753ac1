//! Every popup, wide and small.

use insta::assert_snapshot;

use super::samples;
use super::story::Story;
use crate::app::Event;
use crate::app::event::Reply;
use crate::domain::{Failure, FailureKind};
use crate::ui::{ColorDepth, Palette};

/// On the tag that others share.
fn on_tag(width: u16, height: u16) -> Story {
    Story::browsing(width, height).keys("jjj")
}

#[test]
fn menu() {
    assert_snapshot!(on_tag(120, 40).keys("mj").picture());
}

#[test]
fn menu_small() {
    assert_snapshot!(on_tag(60, 15).keys("m").picture());
}

#[test]
fn menu_narrowed() {
    assert_snapshot!(on_tag(80, 24).keys("m/dig").picture());
}

#[test]
fn picker() {
    assert_snapshot!(Story::browsing(80, 24).keys("c").picture());
}

#[test]
fn palette() {
    assert_snapshot!(Story::browsing(120, 40).keys(":api").picture());
}

#[test]
fn palette_small() {
    assert_snapshot!(Story::browsing(60, 15).keys(":").picture());
}

/// The form of a registry by its address.
fn form(width: u16, height: u16) -> Story {
    Story::browsing(width, height).keys("cgeneric⏎")
}

#[test]
fn form_empty() {
    assert_snapshot!(form(120, 40).picture());
}

#[test]
fn form_refused() {
    let story = form(120, 40).keys("registry.example⇥kim⇥secret⇥⇥⏎");
    assert!(!story.picture().contains("secret"));
    assert_snapshot!(story.picture());
}

#[test]
fn an_example_that_is_too_long_for_its_line_stands_below_the_fields() {
    let story = form(80, 24);
    assert!(!story.picture().contains("delete, write"));
    let story = story.keys("⇥⇥");
    assert!(story.picture().contains("delete, write"), "{}", story.picture());
}

#[test]
fn form_refused_small() {
    assert_snapshot!(form(60, 15).keys("registry.example⇥kim⇥secret⇥⇥⏎").picture());
}

#[test]
fn form_of_a_stored_sign_in_that_needs_a_certificate() {
    let mut story = Story::new(Vec::new(), 60, 15).keys("1");
    let (task, _) = story.open.pop().unwrap();
    let failure = Failure::new(FailureKind::Tls, "connecting to docker.io", "unknown issuer");
    let refused = crate::app::event::ConnectFailure::Refused { failure, field: Some("ca_file") };
    story.send(Event::Reply(task, Box::new(Reply::Connected(Err(refused)))));
    assert_snapshot!(story.picture());
}

#[test]
fn form_with_options() {
    assert_snapshot!(form(60, 15).keys("⇥⇥⇥⏎⇥⇥ ").picture());
}

#[test]
fn form_of_a_known_connection() {
    let story = Story::new(samples::connections(), 80, 24).keys("e");
    assert_snapshot!(story.picture_in(Palette::Light, ColorDepth::None));
}

#[test]
fn prompt() {
    assert_snapshot!(Story::new(samples::connections(), 80, 24).keys("m/open⏎acme/api").picture());
}

#[test]
fn confirm_delete() {
    assert_snapshot!(on_tag(120, 40).keys("d").picture());
}

#[test]
fn confirm_delete_small() {
    assert_snapshot!(on_tag(60, 15).keys("d").picture());
}

#[test]
fn confirm_delete_of_marked() {
    assert_snapshot!(Story::browsing(80, 24).keys("j j j d").picture());
}

#[test]
fn confirm_untag() {
    assert_snapshot!(on_tag(80, 24).keys("u").picture_in(Palette::Light, ColorDepth::TrueColor));
}

#[test]
fn confirm_quit() {
    assert_snapshot!(on_tag(80, 24).keys("pq").picture());
}

#[test]
fn inspect() {
    assert_snapshot!(on_tag(120, 40).keys("i").picture());
}

#[test]
fn inspect_manifest_searched() {
    assert_snapshot!(on_tag(80, 24).keys("i2/linux").picture());
}

#[test]
fn inspect_small() {
    assert_snapshot!(on_tag(60, 15).keys("ij").picture_in(Palette::Dark, ColorDepth::None));
}

#[test]
fn help() {
    assert_snapshot!(Story::browsing(120, 40).keys("?").picture());
}

#[test]
fn help_small() {
    assert_snapshot!(Story::browsing(60, 15).keys("?j").picture());
}

#[test]
fn log() {
    let mut story = Story::browsing(80, 24);
    story.send(Event::Copied { what: "reference".to_owned(), way: Ok("terminal (OSC 52)".to_owned()) });
    story.send(Event::Warning { host: "lab.example".to_owned(), text: "this server is old".to_owned() });
    let failure = Failure::new(
        FailureKind::Unsupported,
        "deleting acme/api:2.4.1",
        "405 UNSUPPORTED: the operation is unsupported",
    );
    story.send(Event::Opened(Err(failure)));
    assert_snapshot!(story.keys("!").picture());
}

#[test]
fn log_of_nothing() {
    let mut story = Story::new(Vec::new(), 60, 15);
    story.send(Event::Reply(crate::app::TaskId(u64::MAX), Box::new(Reply::Broken("late".to_owned()))));
    assert_snapshot!(story.keys("!").picture());
}
