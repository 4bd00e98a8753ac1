//! The images on this machine, and the popups that lead images from place to place.

use insta::assert_snapshot;

use super::story::Story;
use crate::app::Request;
use crate::app::event::{Event, Reply};
use crate::app::key::Target;
use crate::domain::Facts;
use crate::domain::impact::Impact;
use crate::ui::hit;

/// On a tag that is in the engine.
fn on_image(width: u16, height: u16) -> Story {
    Story::with_images(width, height).keys("jlj")
}

/// On the tag of a registry, with the places on this machine.
fn on_tag(width: u16, height: u16) -> Story {
    Story::with_images(width, height).keys("gljljjjj")
}

#[test]
fn places_wide() {
    assert_snapshot!(Story::with_images(120, 40).picture());
}

#[test]
fn places_narrow() {
    assert_snapshot!(on_image(80, 24).picture());
}

#[test]
fn places_small() {
    assert_snapshot!(Story::with_images(60, 15).picture());
}

#[test]
fn heading() {
    assert_snapshot!(Story::with_images(120, 40).keys("kk").picture());
}

#[test]
fn menu_of_a_local_image() {
    assert_snapshot!(on_image(80, 24).keys("m").picture());
}

#[test]
fn pull_to() {
    assert_snapshot!(on_tag(120, 40).keys("m/pull to⏎").picture());
}

#[test]
fn pull_to_small() {
    assert_snapshot!(on_tag(60, 15).keys("m/pull to⏎⇥").picture());
}

#[test]
fn push_without_a_registry_in_the_name() {
    assert_snapshot!(on_image(80, 24).keys("P").picture());
}

#[test]
fn copy_as() {
    assert_snapshot!(on_tag(120, 40).keys("C⏎").picture());
}

#[test]
fn copy_as_small() {
    assert_snapshot!(on_tag(60, 15).keys("C⏎⌃Acme⇥").picture());
}

#[test]
fn replace() {
    let mut story = on_tag(80, 24);
    story.is_silent = true;
    let mut story = story.keys("C⏎0⏎");
    let at = story.open.iter().position(|(_, r)| matches!(r, Request::Facts { at } if at.name() == "2.4.10"));
    let (task, _) = story.open.remove(at.unwrap());
    let digest = Some(crate::domain::Digest::of(b"another"));
    story.send(Event::Reply(task, Box::new(Reply::Facts(Ok(Facts { digest, ..Facts::default() })))));
    assert_snapshot!(story.picture());
}

#[test]
fn untag_the_last_name() {
    let mut story = on_image(80, 24);
    story.is_silent = true;
    let mut story = story.keys("u");
    let at = story.open.iter().position(|(_, r)| matches!(r, Request::Impact { .. }));
    let (task, _) = story.open.remove(at.unwrap());
    let impact = Impact {
        digest: crate::domain::Digest::of(b"it"),
        tags: vec!["nginx:1.27".to_owned()],
        in_indexes: Vec::new(),
        children: Vec::new(),
        referrers: Vec::new(),
        looked_at: (1, 1),
        unknown: Vec::new(),
    };
    story.send(Event::Reply(task, Box::new(Reply::Impact(Ok(impact)))));
    assert_snapshot!(story.picture());
}

#[test]
fn save_to_an_archive() {
    assert_snapshot!(on_image(80, 24).keys("m/save⏎docker arch⏎").picture());
}

#[test]
fn pull_repository() {
    assert_snapshot!(Story::with_images(80, 24).keys("gljp").picture());
}

#[test]
fn choices_and_answers_are_hit_by_the_mouse() {
    let find = |story: &Story, text: &str| {
        let picture = story.picture();
        let row = picture.lines().position(|line| line.contains(text)).unwrap();
        let line = picture.lines().nth(row).unwrap();
        let column = line.split(text).next().unwrap().chars().count();
        hit(&story.app, story.area, u16::try_from(column).unwrap(), u16::try_from(row).unwrap())
    };
    let prompt = on_tag(80, 24).keys("C⏎");
    assert_eq!(find(&prompt, "platforms "), Target::Entry(0));
    assert_eq!(find(&prompt, "referrers  ‹"), Target::Entry(1));
    let picker = on_tag(80, 24).keys("m/pull to⏎");
    assert_eq!(find(&picker, "platforms "), Target::Entry(5), "after the places and files");
    let question = Story::browsing(80, 24).keys("kkx");
    assert_eq!(find(&question, "Enter  disconnect"), Target::Entry(0));
    assert_eq!(find(&question, "Esc  keep"), Target::Entry(1));
}
