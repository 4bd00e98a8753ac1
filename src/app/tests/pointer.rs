//! The mouse.

use super::*;
use crate::app::command::Command;
use crate::app::key::{Gesture, Pane, Target};
use crate::app::modal::FormFocus;

fn click(driver: &mut Driver, target: Target) {
    driver.send(Event::Pointer(Gesture::Click, target));
}

#[test]
fn a_click_selects_a_second_opens_the_right_button_shows_the_menu() {
    let mut driver = Driver::on_a_tag();
    click(&mut driver, Target::Row(4));
    assert_eq!(driver.selected(), Some(tag("app", "latest")));
    driver.send(Event::Pointer(Gesture::RightClick, Target::Row(1)));
    assert!(matches!(driver.top(), Modal::Menu(m) if m.at == repository("app")));
    click(&mut driver, Target::Nothing);
    assert!(driver.app.modals.is_empty(), "a click beside the menu closes it");
    driver.send(Event::Pointer(Gesture::DoubleClick, Target::Row(1)));
    assert_eq!(driver.labels(), ["hub", "app"], "it was open, so it is closed");
}

#[test]
fn a_click_on_an_entry_runs_it() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("m");
    let Modal::Menu(menu) = driver.top() else { panic!("no menu") };
    let position = menu
        .entries
        .iter()
        .position(|e| e.item().is_some_and(|i| i.command == Command::CopyReference))
        .expect("an entry");
    click(&mut driver, Target::Entry(position));
    assert!(driver.effects.iter().any(|e| matches!(e, Effect::Copy { .. })));
}

#[test]
fn a_click_on_a_hint_does_what_it_says() {
    let mut driver = Driver::on_a_tag();
    let position = driver.app.hints().iter().position(|i| i.command == Command::Help).expect("help");
    click(&mut driver, Target::Hint(position));
    assert!(matches!(driver.top(), Modal::Help(_)));
}

#[test]
fn the_wheel_scrolls_what_is_under_it() {
    let mut driver = Driver::on_a_tag();
    driver.send(Event::Pointer(Gesture::WheelDown, Target::Pane(Pane::Details)));
    assert_eq!(driver.app.details.top, 3);
    driver.send(Event::Pointer(Gesture::WheelUp, Target::Pane(Pane::Details)));
    assert_eq!(driver.app.details.top, 0);
    driver.type_keys("m");
    driver.send(Event::Pointer(Gesture::WheelDown, Target::Popup));
    assert!(matches!(driver.top(), Modal::Menu(m) if m.cursor == 1));
}

#[test]
fn a_click_on_a_field_goes_there_and_flips_a_flag() {
    let mut driver = Driver::new(start(Vec::new()));
    driver.type_keys("cask");
    driver.key(Key::Enter);
    click(&mut driver, Target::Entry(3));
    click(&mut driver, Target::Entry(4));
    let Modal::Form(form) = driver.top() else { panic!("no form") };
    assert_eq!(form.focus, FormFocus::Field(3));
    assert_eq!(form.fields[3].input.value(), "true");
}

#[test]
fn a_line_of_the_first_screen_is_chosen() {
    let mut driver = Driver::new(start(Vec::new()));
    click(&mut driver, Target::Entry(0));
    assert!(matches!(driver.top(), Modal::Picker(_)));
}

#[test]
fn positions_that_do_not_exist_do_nothing() {
    let mut driver = Driver::on_a_tag();
    for target in [Target::Row(99), Target::Hint(99), Target::Entry(99), Target::Popup] {
        click(&mut driver, target);
    }
    driver.type_keys("m");
    click(&mut driver, Target::Entry(99));
    assert!(matches!(driver.top(), Modal::Menu(_)));
}
