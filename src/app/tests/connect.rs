//! Connecting, editing, disconnecting.

use super::*;
use crate::app::modal::{Form, FormFocus, PickerPurpose};
use crate::domain::Secret;
use crate::domain::connection::{ConnectFailure, Draft, KeepSecret};
use crate::domain::extra::SignInCode;

fn form(driver: &Driver) -> &Form {
    let form = driver.app.modals.iter().find_map(|m| if let Modal::Form(f) = m { Some(f) } else { None });
    form.expect("a form")
}

fn value<'a>(form: &'a Form, id: &str) -> &'a str {
    form.fields.iter().find(|f| f.field.id == id).map_or("?", |f| f.input.value())
}

fn focused(form: &Form) -> &'static str {
    match form.focus {
        FormFocus::Field(i) => form.fields.get(i).map_or("?", |f| f.field.id),
        FormFocus::Options => "options",
        FormFocus::Submit => "submit",
    }
}

/// The form of the asking provider, filled in and sent.
fn sent() -> (Driver, TaskId) {
    let mut driver = Driver::new(start(Vec::new()));
    driver.type_keys("c");
    driver.type_keys("ask");
    driver.key(Key::Enter);
    driver.type_keys("hub.example");
    driver.key(Key::Enter);
    driver.type_keys("me");
    driver.key(Key::Enter);
    driver.type_keys("secret");
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Connect(_)));
    (driver, id)
}

fn draft(driver: &Driver) -> Draft {
    let draft =
        driver.requests().iter().find_map(|r| if let Request::Connect(d) = r { Some(d) } else { None });
    draft.expect("a draft").clone()
}

#[test]
fn typing_narrows_the_providers_and_the_prompts_follow_in_order() {
    let (mut driver, id) = sent();
    let draft = draft(&driver);
    assert_eq!(
        (draft.value("url"), draft.value("username"), draft.value("password")),
        ("hub.example", "me", "secret")
    );
    assert!(form(&driver).checking);
    driver.reply(id, Reply::Connected(Ok((connected("hub"), None))));
    assert!(driver.app.modals.is_empty());
    assert_eq!(driver.selected(), Some(root()));
    assert_eq!(driver.notice(), "Connected to hub.");
}

#[test]
fn a_refusal_stays_in_the_form_with_everything_typed() {
    let (mut driver, id) = sent();
    let refused =
        ConnectFailure::Refused { failure: failure(FailureKind::Unauthorized), field: Some("password") };
    driver.reply(id, Reply::Connected(Err(refused)));
    let form = form(&driver);
    assert!(!form.checking);
    assert!(form.failure.is_some());
    assert_eq!(
        (value(form, "url"), value(form, "password"), focused(form)),
        ("hub.example", "secret", "password")
    );
}

#[test]
fn the_field_to_blame_is_unfolded() {
    let (mut driver, id) = sent();
    let refused = ConnectFailure::Refused { failure: failure(FailureKind::Tls), field: Some("proxy") };
    driver.reply(id, Reply::Connected(Err(refused)));
    assert!(form(&driver).advanced);
    assert_eq!(focused(form(&driver)), "proxy");
}

#[test]
fn escape_first_cancels_the_check_and_then_closes() {
    let (mut driver, id) = sent();
    driver.type_keys("ignored while checking");
    assert!(driver.key(Key::Esc).contains(&Effect::Cancel(id)));
    assert_eq!(value(form(&driver), "password"), "secret");
    // The late answer changes nothing.
    driver.reply(id, Reply::Connected(Ok((connected("hub"), None))));
    assert!(driver.app.connections.is_empty());
    driver.key(Key::Esc);
    assert!(driver.app.modals.is_empty());
}

#[test]
fn what_is_missing_or_wrong_is_said_at_its_field() {
    let mut driver = Driver::new(start(Vec::new()));
    driver.type_keys("cask");
    driver.key(Key::Enter);
    driver.key(Key::Ctrl('s'));
    assert!(driver.requests().is_empty());
    let error = |d: &Driver| form(d).fields.first().and_then(|f| f.error.clone()).unwrap_or_default();
    assert_eq!(error(&driver), "URL is needed.");
    driver.type_keys("ftp://x");
    assert_eq!(error(&driver), "", "typing takes the error away");
    driver.key(Key::Ctrl('s'));
    assert!(error(&driver).contains("ftp://"));
}

#[test]
fn options_unfold_and_hold_flags_and_choices() {
    let mut driver = Driver::new(start(Vec::new()));
    driver.type_keys("cask");
    driver.key(Key::Enter);
    driver.type_keys("h:1");
    for _ in 0..3 {
        driver.key(Key::Tab);
    }
    assert_eq!(focused(form(&driver)), "options");
    driver.key(Key::Enter);
    driver.key(Key::Down);
    driver.type_keys(" ");
    driver.key(Key::Down);
    driver.key(Key::Down);
    driver.key(Key::Right);
    driver.key(Key::Tab);
    assert_eq!(focused(form(&driver)), "submit");
    driver.key(Key::Enter);
    let draft = draft(&driver);
    assert_eq!((draft.value("plain_http"), draft.value("mode")), ("true", "two"));
}

#[test]
fn without_a_place_for_the_secret_the_person_chooses() {
    let (mut driver, id) = sent();
    driver.reply(id, Reply::Connected(Err(ConnectFailure::NoPlaceForSecret)));
    assert!(matches!(driver.top(), Modal::Picker(p) if p.purpose == PickerPurpose::KeepSecret));
    driver.key(Key::Down);
    driver.key(Key::Enter);
    let draft = draft(&driver);
    assert_eq!((draft.keep, draft.value("password")), (KeepSecret::File, "secret"));
    assert!(form(&driver).checking);
}

#[test]
fn editing_shows_the_values_and_leaves_the_password_alone() {
    let mut edited = connected("hub");
    edited.connection.username = "me".to_owned();
    edited.connection.options.plain_http = true;
    let mut driver = Driver::new(start(vec![edited]));
    driver.type_keys("e");
    let shown = form(&driver);
    assert_eq!((value(shown, "url"), value(shown, "username")), ("https://hub.example", "me"));
    assert!(shown.advanced, "an option is set, so the options are unfolded");
    let password = shown.fields.iter().find(|f| f.field.id == "password").expect("a password");
    assert_eq!((password.placeholder, password.input.value()), ("unchanged", ""));
    driver.key(Key::Ctrl('s'));
    let draft = draft(&driver);
    assert_eq!((draft.editing.as_ref(), draft.value("password")), (Some(&ConnectionId::new("hub")), ""));
    let id = driver.task(|r| matches!(r, Request::Connect(_)));
    let mut renamed = connected("hub");
    renamed.connection.name = "other".to_owned();
    driver.reply(id, Reply::Connected(Ok((renamed, None))));
    assert_eq!(driver.app.connections.len(), 1);
    assert_eq!(driver.labels().first().map(String::as_str), Some("other"));
}

#[test]
fn disconnecting_asks_and_gives_everything_of_it_up() {
    let mut driver = Driver::new(start(vec![connected("hub"), connected("two")]));
    driver.key(Key::Enter);
    let listing = driver.task(|r| matches!(r, Request::Children { .. }));
    driver.type_keys("x");
    driver.key(Key::Enter);
    let id = driver.task(|r| *r == Request::Disconnect(ConnectionId::new("hub")));
    let effects = driver.reply(id, Reply::Disconnected(ConnectionId::new("hub"), Ok(()))).to_vec();
    assert!(effects.contains(&Effect::Cancel(listing)));
    assert_eq!(driver.labels(), ["two"]);
    assert_eq!(driver.notice(), "Disconnected hub.");
}

#[test]
fn after_the_last_disconnect_the_first_screen_is_back() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.type_keys("xy");
    let id = driver.task(|r| matches!(r, Request::Disconnect(_)));
    driver.reply(id, Reply::Disconnected(ConnectionId::new("hub"), Ok(())));
    assert!(driver.app.welcome.is_some());
}

#[test]
fn what_is_typed_never_shows_in_debug_output() {
    let (driver, _) = sent();
    let shown = format!("{:?}", driver.app);
    assert!(shown.contains("FormField") && !shown.contains("secret\""));
    assert_eq!(format!("{:?}", Secret::new("secret")), "Secret(…)");
}

#[test]
fn pasted_text_goes_to_the_field_with_the_cursor() {
    let mut driver = Driver::new(start(Vec::new()));
    driver.type_keys("cask");
    driver.key(Key::Enter);
    driver.send(Event::Paste("hub.example:5000\nsecond line".to_owned()));
    assert_eq!(value(form(&driver), "url"), "hub.example:5000");
}

#[test]
fn a_repository_is_opened_by_name_and_kept() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.type_keys("m/open rep");
    driver.key(Key::Enter);
    driver.type_keys("Not A Name");
    driver.key(Key::Enter);
    assert!(driver.requests().is_empty());
    driver.key(Key::Ctrl('u'));
    driver.type_keys("team/app");
    driver.key(Key::Enter);
    let wanted =
        Request::Bookmark { connection: ConnectionId::new("hub"), repository: "team/app".to_owned() };
    let id = driver.task(|r| *r == wanted);
    driver.reply(id, Reply::Bookmarked(Err(failure(FailureKind::NotFound))));
    assert!(matches!(driver.top(), Modal::Prompt(p) if p.error.is_some() && !p.busy));
    driver.key(Key::Enter);
    let id = driver.task(|r| *r == wanted);
    driver.reply(id, Reply::Bookmarked(Ok(repository("team/app"))));
    assert!(driver.app.modals.is_empty());
    let bookmarks = &driver.app.connections.first().expect("one").connected.connection.bookmarks;
    assert_eq!(bookmarks, &["team/app"]);
}

/// A kept connection with an account, opened; its listing is under way.
fn opened_with_an_account(username: &str) -> (Driver, TaskId) {
    let mut hub = connected("hub");
    hub.connection.username = username.to_owned();
    let mut driver = Driver::new(start(vec![hub]));
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Children { .. }));
    (driver, id)
}

#[test]
fn a_password_that_was_not_kept_is_asked_for_again_once() {
    let (mut driver, id) = opened_with_an_account("me");
    driver.reply(id, Reply::Page(Err(failure(FailureKind::Unauthorized))));
    assert_eq!(focused(form(&driver)), "password");
    assert!(form(&driver).failure.is_some());
    driver.key(Key::Esc);
    driver.type_keys("r");
    let id = driver.task(|r| matches!(r, Request::Children { .. }));
    driver.reply(id, Reply::Page(Err(failure(FailureKind::Unauthorized))));
    assert!(driver.app.modals.is_empty(), "asked once");
}

#[test]
fn nobody_is_asked_for_a_password_without_an_account_or_for_another_reason() {
    let (mut driver, id) = opened_with_an_account("");
    driver.reply(id, Reply::Page(Err(failure(FailureKind::Unauthorized))));
    assert!(driver.app.modals.is_empty());
    let (mut driver, id) = opened_with_an_account("me");
    driver.reply(id, Reply::Page(Err(failure(FailureKind::Offline))));
    assert!(driver.app.modals.is_empty());
    let (mut driver, id) = opened_with_an_account("me");
    driver.type_keys("?");
    driver.reply(id, Reply::Page(Err(failure(FailureKind::Unauthorized))));
    assert!(matches!(driver.top(), Modal::Help(_)), "what the person looks at stays on top");
}

#[test]
fn a_code_for_a_vendors_page_is_shown_copied_and_its_page_opened() {
    let (mut driver, _) = sent();
    let code = SignInCode {
        code: "ABCD-EFGH".to_owned(),
        page: "https://vendor.example/device".to_owned(),
        said: String::new(),
    };
    driver.send(Event::SignInCode(Some(code.clone())));
    assert_eq!(form(&driver).code, Some(code));
    driver.type_keys("yo");
    assert!(driver.effects.contains(&Effect::Copy { what: "code", text: "ABCD-EFGH".to_owned() }));
    assert!(driver.effects.contains(&Effect::Open("https://vendor.example/device".to_owned())));
    driver.send(Event::SignInCode(None));
    assert_eq!(form(&driver).code, None);
    driver.send(Event::SignInCode(Some(SignInCode {
        code: "late".to_owned(),
        page: "https://vendor.example".to_owned(),
        said: String::new(),
    })));
    driver.key(Key::Esc);
    assert_eq!(form(&driver).code, None, "given up");
}

#[test]
fn the_name_that_a_vendor_gives_to_every_token_is_no_account() {
    let driver = Driver::on_a_tag();
    let mut connection = connected("hub").connection;
    for (username, account) in [("kim", Some("kim")), ("", None), ("any-token", None)] {
        connection.username = username.to_owned();
        assert_eq!(driver.app.account_of(&connection), account);
    }
}
