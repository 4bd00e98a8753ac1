//! What only one vendor offers: where it appears, its form, its question, and what comes of it.

use super::*;
use crate::app::effect::FormQuestion;
use crate::app::modal::{Check, Entry as MenuEntry, Form, FormFocus, PickerPurpose};
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Choice, Choices, Extra, ExtraField, Makes, Touch, When, Whose};

const FIELD: ExtraField = ExtraField {
    field: field("", "", FieldKind::Text),
    choices: Choices::Typed,
    after: &[],
    checked: false,
    when: When::Always,
};

const fn needed(id: &'static str, label: &'static str) -> Field {
    Field { optional: false, ..field(id, label, FieldKind::Text) }
}

static EXTRAS: &[Extra] = &[
    Extra {
        id: "make",
        label: "Create Registry…",
        on: &[NodeKind::Connection, NodeKind::Repository],
        of: Whose::Own,
        touch: Touch::Writes,
        begins: Begins::WithForm(&[
            ExtraField { field: needed("account", "Account"), choices: Choices::Listed, ..FIELD },
            ExtraField {
                field: needed("group", "Group"),
                choices: Choices::ListedOrNew,
                after: &["account"],
                ..FIELD
            },
            ExtraField { field: needed("place", "Place"), when: When::New("group"), ..FIELD },
            ExtraField { field: needed("name", "Name"), choices: Choices::Suggested, checked: true, ..FIELD },
        ]),
        makes: Some(Makes::Registry),
    },
    Extra {
        id: "drop",
        label: "Delete Registry…",
        on: &[NodeKind::Repository],
        of: Whose::Own,
        touch: Touch::Writes,
        begins: Begins::AfterName,
        makes: None,
    },
    Extra {
        id: "read",
        label: "View Properties",
        on: &[NodeKind::Repository],
        of: Whose::Own,
        touch: Touch::Reads,
        begins: Begins::AtOnce,
        makes: None,
    },
    Extra {
        id: "deploy",
        label: "Deploy…",
        on: &[NodeKind::Tag],
        of: Whose::Every,
        touch: Touch::Writes,
        begins: Begins::AfterYes,
        makes: None,
    },
];

/// A connection whose vendor offers all of these.
pub(super) fn offering(name: &str) -> Connected {
    Connected { extras: EXTRAS, ..connected(name) }
}

pub(super) fn choices(values: &[&str]) -> Vec<Choice> {
    let choice = |v: &&str| Choice { value: (*v).to_owned(), label: format!("{v}!"), note: String::new() };
    values.iter().map(choice).collect()
}

fn driver() -> Driver {
    let mut driver = Driver::new(start(vec![offering("hub"), connected("two")]));
    driver.open_repository(&["app"], "app", &["1"]);
    driver
}

fn form(driver: &Driver) -> &Form {
    let found = driver.app.modals.iter().rev().find_map(|m| match m {
        Modal::Form(form) => Some(form),
        _ => None,
    });
    found.expect("a form")
}

fn value(driver: &Driver, id: &str) -> String {
    form(driver).field(id).expect("the field").input.value().to_owned()
}

fn focus(driver: &Driver) -> &'static str {
    match form(driver).focus {
        FormFocus::Field(i) => form(driver).fields[i].field.id,
        _ => "",
    }
}

fn offered(driver: &mut Driver, at: &Locator) -> Vec<&'static str> {
    driver.go(at);
    driver.type_keys("m");
    let Modal::Menu(menu) = driver.top() else { panic!("no menu") };
    let labels = menu.entries.iter().filter_map(|entry| match entry {
        MenuEntry::Extra(offered) => Some(offered.extra.label),
        MenuEntry::Item(_) => None,
    });
    let labels = labels.collect();
    driver.key(Key::Esc);
    labels
}

/// Opens the menu of a node and takes the entry with this name.
fn take(driver: &mut Driver, at: &Locator, label: &str) {
    driver.go(at);
    driver.type_keys("m/");
    driver.type_keys(label);
    driver.key(Key::Enter);
}

fn question(driver: &Driver, wanted: FormQuestion) -> (TaskId, Asked) {
    let found = driver.effects.iter().find_map(|e| match e {
        Effect::Run(id, Request::AskExtra(asked, q)) if *q == wanted => Some((*id, asked.clone())),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{wanted:?} is not asked: {:?}", driver.effects))
}

fn answer_choices(driver: &mut Driver, field: &'static str, values: &[&str]) {
    let (id, _) = question(driver, FormQuestion::Choices(field));
    driver.reply(id, Reply::Choices(Ok(choices(values))));
}

#[test]
fn what_a_vendor_offers_is_in_the_menus_of_its_nodes_and_of_every_registry_where_it_says_so() {
    let mut driver = driver();
    assert_eq!(
        offered(&mut driver, &repository("app")),
        ["Create Registry…", "Delete Registry…", "View Properties"]
    );
    assert_eq!(offered(&mut driver, &root()), ["Create Registry…"]);
    assert_eq!(offered(&mut driver, &tag("app", "1")), ["Deploy…"]);
    let two = Locator::root(ConnectionId::new("two"));
    assert_eq!(offered(&mut driver, &two), Vec::<&str>::new());
    driver.go(&two);
    driver.key(Key::Enter);
    driver.answer_page(&two, page(NodeKind::Repository, &["web"]));
    let web = two.child(NodeKind::Repository, "web");
    assert_eq!(offered(&mut driver, &web), Vec::<&str>::new());
    driver.go(&web);
    driver.key(Key::Enter);
    driver.answer_page(&web, page(NodeKind::Tag, &["1"]));
    assert_eq!(offered(&mut driver, &web.child(NodeKind::Tag, "1")), ["Deploy…"]);
}

#[test]
fn a_run_that_only_reads_offers_what_only_reads() {
    let mut driver = Driver::new(Start { read_only: true, ..start(vec![offering("hub")]) });
    driver.open_repository(&["app"], "app", &["1"]);
    assert_eq!(offered(&mut driver, &repository("app")), ["View Properties"]);
}

#[test]
fn values_are_asked_for_when_what_they_depend_on_is_there() {
    let mut driver = driver();
    take(&mut driver, &root(), "Create Registry");
    assert_eq!(focus(&driver), "account");
    // Two fields depend on nothing; the group waits for the account.
    let asks = |d: &Driver| {
        let mut ids: Vec<&str> = d
            .requests()
            .iter()
            .filter_map(|r| match r {
                Request::AskExtra(_, FormQuestion::Choices(id)) => Some(*id),
                _ => None,
            })
            .collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(asks(&driver), ["account", "name"]);
    let (name, _) = question(&driver, FormQuestion::Choices("name"));
    answer_choices(&mut driver, "account", &["a", "b"]);
    assert_eq!(value(&driver, "account"), "a", "the first one stands there");
    let (group, asked) = question(&driver, FormQuestion::Choices("group"));
    assert_eq!(asked.value("account"), "a");
    driver.reply(name, Reply::Choices(Ok(choices(&["suggested"]))));
    assert_eq!(value(&driver, "name"), "suggested");
    // Another account: the answer for the old one is not wanted any more.
    driver.key(Key::Right);
    assert_eq!(value(&driver, "account"), "b");
    assert!(driver.effects.contains(&Effect::Cancel(group)));
    let (_, asked) = question(&driver, FormQuestion::Choices("group"));
    assert_eq!(asked.value("account"), "b");
    driver.reply(group, Reply::Choices(Ok(choices(&["old"]))));
    assert!(form(&driver).field("group").unwrap().listed().is_empty());
}

/// The form with everything listed and a new group.
fn filled() -> Driver {
    let mut driver = driver();
    take(&mut driver, &root(), "Create Registry");
    let (name, _) = question(&driver, FormQuestion::Choices("name"));
    answer_choices(&mut driver, "account", &["a", "b"]);
    answer_choices(&mut driver, "group", &["g1", "g2"]);
    driver.reply(name, Reply::Choices(Ok(Vec::new())));
    driver.key(Key::Tab);
    driver.key(Key::Enter);
    assert!(matches!(driver.top(), Modal::Picker(p) if p.purpose == PickerPurpose::NewValue("group")));
    driver.type_keys("fresh");
    driver.key(Key::Enter);
    driver
}

#[test]
fn a_new_name_brings_the_fields_that_only_a_new_one_needs() {
    let mut driver = filled();
    assert_eq!(value(&driver, "group"), "fresh");
    assert_eq!(focus(&driver), "place");
    // Back to one that exists: the field goes again.
    driver.key(Key::BackTab);
    driver.type_keys("g");
    driver.key(Key::Enter);
    assert_eq!((value(&driver, "group").as_str(), focus(&driver)), ("g1", "name"));
}

#[test]
fn what_is_typed_is_checked_after_a_rest_and_its_error_stands_below() {
    let mut driver = filled();
    driver.type_keys("here");
    driver.key(Key::Tab);
    driver.type_keys("myname");
    assert!(driver.effects.contains(&Effect::Rest));
    driver.send(Event::Rested);
    let (id, asked) = question(&driver, FormQuestion::Check("name"));
    assert_eq!(asked.value("name"), "myname");
    let taken = Failure::new(FailureKind::Conflict, "checking", "the name is taken");
    driver.reply(id, Reply::Checked(Err(taken)));
    assert_eq!(form(&driver).field("name").unwrap().error.as_deref(), Some("the name is taken"));
    driver.type_keys("2");
    assert_eq!(form(&driver).field("name").unwrap().error, None);
    driver.send(Event::Rested);
    let (id, _) = question(&driver, FormQuestion::Check("name"));
    driver.reply(id, Reply::Checked(Ok(())));
    let values = form(&driver).field("name").unwrap().values.clone().unwrap();
    assert_eq!(values.check, Check::Fine);
}

#[test]
fn the_summary_is_shown_before_the_job_and_esc_leads_back_to_the_form() {
    let mut driver = filled();
    driver.type_keys("here");
    driver.key(Key::Ctrl('s'));
    assert_eq!(form(&driver).field("name").unwrap().error.as_deref(), Some("Name is needed."));
    driver.type_keys("mine");
    driver.key(Key::Ctrl('s'));
    let (id, asked) = question(&driver, FormQuestion::Summary);
    assert_eq!((asked.value("group"), asked.value("place"), asked.value("name")), ("fresh", "here", "mine"));
    driver.reply(id, Reply::Summary(Ok(vec!["a group fresh".to_owned(), "a registry mine".to_owned()])));
    let Modal::Confirm(confirm) = driver.top() else { panic!("no question") };
    assert_eq!(confirm.summary.len(), 2);
    driver.key(Key::Esc);
    assert_eq!(value(&driver, "name"), "mine", "nothing typed is lost");
    driver.key(Key::Ctrl('s'));
    let (id, _) = question(&driver, FormQuestion::Summary);
    driver.reply(id, Reply::Summary(Ok(vec!["a registry mine".to_owned()])));
    driver.type_keys("y");
    assert!(driver.app.modals.is_empty());
    let task = driver.task(|r| matches!(r, Request::RunExtra(_)));
    assert_eq!(driver.app.jobs.list[0].title, "Create Registry: mine");
    let outcome = Outcome {
        said: "Created mine.".to_owned(),
        address: Some("https://mine.example".to_owned()),
        changed: vec![root()],
        at: Some(repository("mine")),
        ..Outcome::default()
    };
    driver.reply(task, Reply::ExtraDone(Ok(outcome)));
    assert!(driver.notice().contains("Created mine. https://mine.example"));
    assert!(driver.requests().iter().any(|r| matches!(r, Request::Children { at, .. } if *at == root())));
    driver.type_keys("Jo");
    assert!(driver.effects.contains(&Effect::Open("https://mine.example".to_owned())));
    driver.type_keys("y");
    let text = "https://mine.example".to_owned();
    assert!(driver.effects.contains(&Effect::Copy { what: "address", text }));
}

#[test]
fn a_summary_that_fails_stays_in_the_form() {
    let mut driver = filled();
    driver.type_keys("here");
    driver.key(Key::Tab);
    driver.type_keys("mine");
    driver.key(Key::Ctrl('s'));
    let (id, _) = question(&driver, FormQuestion::Summary);
    driver.reply(id, Reply::Summary(Err(failure(FailureKind::Forbidden))));
    assert!(form(&driver).failure.is_some() && !form(&driver).checking);
    driver.key(Key::Ctrl('s'));
    let (id, _) = question(&driver, FormQuestion::Summary);
    driver.key(Key::Esc);
    assert!(driver.effects.contains(&Effect::Cancel(id)) && !form(&driver).checking);
}

#[test]
fn a_deletion_wants_the_name_typed() {
    let mut driver = driver();
    take(&mut driver, &repository("app"), "Delete Registry");
    let (id, _) = question(&driver, FormQuestion::Summary);
    driver.reply(id, Reply::Summary(Ok(vec!["everything goes".to_owned()])));
    driver.type_keys("ap");
    driver.key(Key::Enter);
    assert!(driver.requests().is_empty(), "not the whole name yet");
    driver.type_keys("p");
    driver.key(Key::Enter);
    let task = driver.task(|r| matches!(r, Request::RunExtra(asked) if asked.extra == "drop"));
    driver.reply(task, Reply::ExtraDone(Err(failure(FailureKind::Conflict))));
    assert!(driver.notice().contains("the server said so"));
    assert!(driver.requests().iter().any(|r| matches!(r, Request::Children { at, .. } if *at == root())));
}

#[test]
fn what_only_reads_is_no_job_and_shows_its_text() {
    let mut driver = driver();
    take(&mut driver, &repository("app"), "View Properties");
    let task = driver.task(|r| matches!(r, Request::RunExtra(_)));
    assert!(driver.app.jobs.list.is_empty());
    let text = Some(("app".to_owned(), "{\"a\": 1}".to_owned()));
    driver.reply(task, Reply::ExtraDone(Ok(Outcome { text, ..Outcome::default() })));
    let Modal::Text(shown) = driver.top() else { panic!("no text") };
    assert_eq!(shown.lines.len(), 3);
    driver.type_keys("y");
    assert!(driver.effects.contains(&Effect::Copy { what: "text", text: "{\"a\": 1}".to_owned() }));
    driver.key(Key::Esc);
    assert!(driver.app.modals.is_empty());
}

#[test]
fn a_registry_made_on_the_way_of_a_push_is_pushed_to() {
    let images = vec![place("store"), place("docker")];
    let mut driver = Driver::new(Start { images, ..start(vec![offering("hub")]) });
    driver.go(&docker());
    driver.key(Key::Enter);
    driver.answer_page(&docker(), page(NodeKind::Repository, &["localhost/app"]));
    let local = docker().child(NodeKind::Repository, "localhost/app");
    driver.go(&local);
    driver.key(Key::Enter);
    driver.answer_page(&local, page(NodeKind::Tag, &["dev"]));
    driver.go(&local.child(NodeKind::Tag, "dev"));
    driver.type_keys("P");
    driver.type_keys("Create");
    driver.key(Key::Enter);
    assert_eq!(form(&driver).wanted().unwrap().push, [local.child(NodeKind::Tag, "dev")]);
    let (name, _) = question(&driver, FormQuestion::Choices("name"));
    answer_choices(&mut driver, "account", &["a"]);
    answer_choices(&mut driver, "group", &["g1"]);
    driver.reply(name, Reply::Choices(Ok(choices(&["mine"]))));
    driver.key(Key::Tab);
    driver.key(Key::Right);
    driver.key(Key::Ctrl('s'));
    let (id, _) = question(&driver, FormQuestion::Summary);
    driver.reply(id, Reply::Summary(Ok(Vec::new())));
    let task = driver.task(|r| matches!(r, Request::RunExtra(_)));
    let made = root().child(NodeKind::Registry, "mine.example");
    driver.reply(task, Reply::ExtraDone(Ok(Outcome { at: Some(made), ..Outcome::default() })));
    let Modal::Prompt(prompt) = driver.top() else { panic!("no prompt") };
    assert_eq!(prompt.input.value(), "mine.example/app:dev");
}
