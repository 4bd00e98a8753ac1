//! The first screen.

use super::*;
use crate::app::modal::FormFocus;
use crate::domain::connection::{ConnectFailure, FoundSignIn};

fn found() -> FoundSignIn {
    FoundSignIn::stored("ghcr.io".to_owned(), Some("me".to_owned()), "config.json".to_owned())
}

fn first_screen() -> Driver {
    let mut driver = Driver::new(start(Vec::new()));
    let id = driver.task(|r| *r == Request::FindSignIns);
    driver.reply(id, Reply::SignIns(vec![found()]));
    driver
}

#[test]
fn a_digit_takes_a_sign_in_over() {
    let mut driver = first_screen();
    driver.type_keys("1");
    let id = driver.task(|r| *r == Request::TakeOver(found()));
    assert!(driver.app.welcome.as_ref().is_some_and(|w| w.busy.is_some()));
    driver.reply(id, Reply::Connected(Ok((connected("hub"), None))));
    assert!(driver.app.welcome.is_none());
    // It is opened at once, with the cursor on it.
    assert_eq!(driver.selected(), Some(root()));
    assert!(driver.requests().contains(&&Request::Children { at: root(), cursor: None }));
}

#[test]
fn a_refused_sign_in_is_told_on_the_first_screen() {
    let mut driver = first_screen();
    driver.type_keys("1");
    let id = driver.task(|r| matches!(r, Request::TakeOver(_)));
    let refused = ConnectFailure::Refused { failure: failure(FailureKind::Unauthorized), field: None };
    driver.reply(id, Reply::Connected(Err(refused)));
    let welcome = driver.app.welcome.as_ref().expect("the first screen");
    assert!(welcome.busy.is_none());
    assert!(welcome.failure.as_ref().is_some_and(|f| f.kind == FailureKind::Unauthorized));
}

#[test]
fn a_provider_that_asks_nothing_has_a_line_of_its_own() {
    let mut driver = first_screen();
    driver.key(Key::Up);
    driver.key(Key::Enter);
    let Some(Request::Connect(draft)) = driver.requests().first().copied() else { panic!("no connect") };
    assert_eq!((draft.provider.as_str(), draft.values.len()), ("plain", 0));
}

#[test]
fn connect_is_the_first_line_and_its_key_works() {
    let mut driver = first_screen();
    driver.key(Key::Enter);
    assert!(matches!(driver.top(), Modal::Picker(_)));
    driver.key(Key::Esc);
    driver.type_keys("c");
    let Modal::Picker(picker) = driver.top() else { panic!("no picker") };
    assert_eq!(picker.choices.len(), 3, "two providers and the sign-in");
}

#[test]
fn with_a_connection_there_is_no_first_screen() {
    let driver = Driver::new(start(vec![connected("hub")]));
    assert!(driver.app.welcome.is_none());
    assert!(driver.requests().is_empty(), "nothing is asked of the network at the start");
}

#[test]
fn escape_gives_up_what_is_being_connected_to() {
    let mut driver = first_screen();
    driver.type_keys("1");
    let id = driver.task(|r| matches!(r, Request::TakeOver(_)));
    assert!(driver.key(Key::Esc).contains(&Effect::Cancel(id)));
    assert!(driver.app.welcome.as_ref().is_some_and(|w| w.busy.is_none()));
}

#[test]
fn a_refused_sign_in_goes_on_in_the_form() {
    let mut driver = first_screen();
    driver.type_keys("1");
    let id = driver.task(|r| matches!(r, Request::TakeOver(_)));
    let refused = ConnectFailure::Refused { failure: failure(FailureKind::Unauthorized), field: None };
    driver.reply(id, Reply::Connected(Err(refused)));
    let Modal::Form(form) = driver.top() else { panic!("no form") };
    let typed = |id: &str| form.fields.iter().find(|f| f.field.id == id).map(|f| f.input.value().to_owned());
    assert_eq!((typed("url").as_deref(), typed("username").as_deref()), (Some("ghcr.io"), Some("me")));
    assert!(form.advanced && !form.checking && form.failure.is_some());
    assert_eq!(form.focus, FormFocus::Field(2), "the password");
    assert!(driver.app.notices.iter().any(|n| n.text.contains("the server said so")));
    driver.type_keys("secret");
    driver.key(Key::Ctrl('s'));
    driver.task(|r| matches!(r, Request::Connect(d) if d.value("url") == "ghcr.io"));
}

#[test]
fn a_refused_sign_in_does_not_open_a_form_over_another_popup() {
    let mut driver = first_screen();
    driver.type_keys("1");
    let id = driver.task(|r| matches!(r, Request::TakeOver(_)));
    driver.type_keys("?");
    let refused = ConnectFailure::Refused { failure: failure(FailureKind::Tls), field: None };
    driver.reply(id, Reply::Connected(Err(refused)));
    assert!(matches!(driver.top(), Modal::Help(_)));
    assert!(driver.notice().contains("the server said so"));
}
