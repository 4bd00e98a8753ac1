//! The palette.

use super::*;
use crate::app::command::Command;
use crate::app::modal::{Pick, Picker};

fn picker(driver: &Driver) -> &Picker {
    let Modal::Picker(picker) = driver.top() else { panic!("no palette") };
    picker
}

fn picks(driver: &Driver) -> Vec<&Pick> {
    let picker = picker(driver);
    picker.hits.iter().map(|(i, _)| &picker.choices[*i].pick).collect()
}

#[test]
fn commands_and_places_are_found_by_name() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys(":copy dig");
    assert_eq!(picks(&driver).first(), Some(&&Pick::Command(Command::CopyDigest)));
    driver.key(Key::Ctrl('u'));
    driver.type_keys("app");
    assert!(picks(&driver).contains(&&Pick::Go(repository("app"))));
}

#[test]
fn a_command_runs_on_the_selected_node() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys(":full tag");
    driver.key(Key::Enter);
    let text = "hub.example/app:1".to_owned();
    assert!(driver.effects.contains(&Effect::Copy { what: "reference", text }));
}

#[test]
fn a_place_is_gone_to() {
    let mut driver = Driver::on_a_tag();
    driver.app.tree.first();
    driver.type_keys(":app");
    driver.key(Key::Enter);
    assert_eq!(driver.selected(), Some(repository("app")));
}

#[test]
fn a_typed_reference_is_offered() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys(":other.example/team/app:1");
    let place: Place = "other.example/team/app:1".parse().expect("a place");
    assert_eq!(picks(&driver).last(), Some(&&Pick::Visit(place.clone())));
    driver.key(Key::End);
    driver.key(Key::Enter);
    driver.task(|r| *r == Request::Visit(place.clone()));
}

#[test]
fn what_does_not_apply_is_not_offered() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys(":");
    let all = picks(&driver);
    assert!(!all.contains(&&Pick::Command(Command::Disconnect)));
    assert!(!all.contains(&&Pick::Command(Command::Palette)));
    assert!(all.contains(&&Pick::Command(Command::Quit)));
}
