//! The context menu: own keys, motions, narrowing.

use super::*;
use crate::app::command::Command;

fn commands(driver: &Driver) -> Vec<Command> {
    let Modal::Menu(menu) = driver.top() else { panic!("no menu") };
    menu.entries.iter().filter_map(|e| e.item()).map(|i| i.command).collect()
}

#[test]
fn enter_on_a_tag_opens_its_menu_and_own_keys_work_inside() {
    let mut driver = Driver::on_a_tag();
    driver.key(Key::Enter);
    assert_eq!(commands(&driver).first(), Some(&Command::PullImage));
    driver.type_keys("y");
    assert!(driver.app.modals.is_empty());
    let text = "hub.example/app:1".to_owned();
    assert!(driver.effects.contains(&Effect::Copy { what: "reference", text }));
}

#[test]
fn a_letter_that_is_no_entrys_key_narrows() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("m");
    let all = commands(&driver).len();
    driver.type_keys("b");
    assert!(commands(&driver).len() < all);
    assert!(commands(&driver).contains(&Command::OpenInBrowser));
    // Now letters narrow, though some are keys of entries.
    driver.type_keys("ro");
    assert_eq!(commands(&driver), [Command::OpenInBrowser]);
    driver.key(Key::Esc);
    assert_eq!(commands(&driver).len(), all);
    driver.key(Key::Esc);
    assert!(driver.app.modals.is_empty());
}

#[test]
fn the_slash_narrows_by_letters_that_are_keys() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("m/pull com");
    assert_eq!(commands(&driver), [Command::CopyPullCommand]);
    driver.key(Key::Enter);
    let text = "docker pull hub.example/app:1".to_owned();
    assert!(driver.effects.contains(&Effect::Copy { what: "pull command", text }));
}

#[test]
fn motions_go_round() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("mk");
    let last = commands(&driver).len() - 1;
    assert!(matches!(driver.top(), Modal::Menu(m) if m.cursor == last));
    driver.type_keys("j");
    assert!(matches!(driver.top(), Modal::Menu(m) if m.cursor == 0));
}

#[test]
fn the_menu_names_what_it_is_for() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("m");
    assert!(matches!(driver.top(), Modal::Menu(m) if m.title == "app:1" && m.at == tag("app", "1")));
}

/// What the entries of the open menu are called.
fn names(driver: &Driver) -> Vec<String> {
    let Modal::Menu(menu) = driver.top() else { panic!("no menu") };
    menu.entries.iter().map(|i| driver.app.label_of_entry(i).into_owned()).collect()
}

#[test]
fn with_marks_the_entries_say_what_they_act_on() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("  m");
    assert!(matches!(driver.top(), Modal::Menu(menu) if menu.title == "app:latest · 2 marked"));
    let names = names(&driver);
    for wanted in [
        "Pull 2 marked images → store",
        "Untag 2 marked tags…",
        "Delete 2 marked images…",
        "Inspect manifest",
    ] {
        assert!(names.iter().any(|n| n == wanted), "{wanted} is missing in {names:?}");
    }
}

#[test]
fn escape_drops_the_filter_before_the_marks() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("  /1");
    driver.key(Key::Enter);
    driver.key(Key::Esc);
    assert!(driver.app.filter.is_none());
    assert_eq!(driver.app.tree.marked().len(), 2);
    driver.key(Key::Esc);
    assert!(driver.app.tree.marked().is_empty());
}

#[test]
fn load_all_is_offered_while_there_is_more() {
    let mut driver = Driver::new(start(vec![connected("hub")]));
    driver.key(Key::Enter);
    let first = Page { next: Some(Cursor("more".to_owned())), ..page(NodeKind::Repository, &["app"]) };
    driver.answer_page(&root(), first);
    driver.type_keys("m");
    assert!(names(&driver).iter().any(|n| n == "Load all"));
    let mut driver = Driver::on_a_tag();
    driver.go(&repository("app"));
    driver.type_keys("m");
    assert!(!names(&driver).iter().any(|n| n == "Load all"));
}

#[test]
fn a_pull_command_is_offered_only_for_what_a_registry_has() {
    let mut driver = Driver::on_a_local_image();
    let mut offers = |repository: &str| {
        let repository = docker().child(NodeKind::Repository, repository);
        let at = repository.child(NodeKind::Tag, "1");
        driver.app.tree.add_child(&docker(), NodeKind::Repository, repository.name());
        driver.app.tree.add_child(&repository, NodeKind::Tag, "1");
        driver.go(&at);
        driver.type_keys("m");
        let Modal::Menu(menu) = driver.top() else { panic!("no menu") };
        let is_there =
            menu.entries.iter().filter_map(|e| e.item()).any(|i| i.command == Command::CopyPullCommand);
        driver.key(Key::Esc);
        is_there
    };
    assert!(offers("docker.io/library/nginx"));
    assert!(offers("localhost:5000/app"));
    assert!(!offers("localhost/app"), "Podman's word for what was built here");
}

#[test]
fn a_namespace_whose_name_is_an_id_is_called_as_its_row_is() {
    let mut driver = Driver::on_a_tag();
    driver.go(&root());
    driver.type_keys("r");
    let label = Some("Production".to_owned());
    let listed = vec![Entry { label, ..Entry::named(NodeKind::Namespace, "b8f1-77") }];
    driver.answer_page(&root(), Page { entries: listed, ..Page::default() });
    driver.go(&root().child(NodeKind::Namespace, "b8f1-77"));
    driver.type_keys("m");
    assert!(matches!(driver.top(), Modal::Menu(menu) if menu.title == "Production"));
}
