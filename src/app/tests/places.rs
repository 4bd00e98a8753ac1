//! The images on this machine: places that come and go, where pulls go, and files.

use std::path::PathBuf;

use super::*;
use crate::app::command::{Command, ITEMS};
use crate::app::tree::Selection;
use crate::domain::{ImagePlace, ImagesChange, LocalImage};

fn away(name: &str) -> Connected {
    Connected { failure: Some(failure(FailureKind::Offline)), ..place(name) }
}

fn target(driver: &Driver) -> Option<ImagePlace> {
    driver.requests().into_iter().find_map(|r| match r {
        Request::Pull { target, .. } => Some(target.place.clone()),
        _ => None,
    })
}

fn engine() -> ImagePlace {
    ImagePlace::Engine(ConnectionId::new("docker"))
}

/// On a tag of the hub, with these places on the machine.
fn with(places: Vec<Connected>) -> Driver {
    let mut driver = Driver::on_a_tag();
    driver.send(Event::Images(ImagesChange::Places(places)));
    driver
}

#[test]
fn places_come_below_a_heading_that_is_no_node() {
    let mut driver = with(vec![place("store"), place("docker")]);
    assert_eq!(driver.labels(), ["hub", "app", "1", "2", "latest", "", "store", "docker"]);
    assert_eq!(driver.selected(), Some(tag("app", "1")), "the cursor stays with its node");
    driver.app.tree.move_to(5);
    assert_eq!(driver.app.tree.selection(), Selection::Heading);
    for key in [Key::Enter, Key::Right, Key::Char(' '), Key::Char('m'), Key::Char('r'), Key::Left] {
        driver.key(key);
        assert!(driver.app.modals.is_empty() && driver.requests().is_empty(), "{key}");
        driver.app.tree.move_to(5);
    }
    assert!(driver.app.tree.places().all(|at| !at.connection.0.is_empty()));
}

#[test]
fn a_filter_hides_the_heading_and_finds_local_images() {
    let mut driver = Driver::on_a_local_image();
    driver.type_keys("/dev");
    assert_eq!(driver.labels(), ["docker", "hub.example/team/app", "dev"]);
}

#[test]
fn what_went_away_keeps_its_rows_and_is_listed_anew_when_it_is_back() {
    let mut driver = Driver::on_a_local_image();
    driver.send(Event::Images(ImagesChange::Places(vec![place("store"), away("docker")])));
    assert!(driver.labels().contains(&"dev".to_owned()) && driver.requests().is_empty());
    driver.send(Event::Images(ImagesChange::Places(vec![place("store"), place("docker")])));
    driver.task(|r| *r == Request::Children { at: docker(), cursor: None });
}

#[test]
fn a_refresh_looks_for_engines_again_and_nothing_else_does() {
    let mut driver = Driver::on_a_local_image();
    assert!(driver.type_keys("r").contains(&Effect::LookForEngines));
    assert!(driver.type_keys("R").contains(&Effect::LookForEngines));
    let change = ImagesChange::Content(ConnectionId::new("docker"));
    assert!(!driver.send(Event::Images(change)).contains(&Effect::LookForEngines));
    assert!(!Driver::on_a_tag().type_keys("r").contains(&Effect::LookForEngines), "it is in a registry");
}

#[test]
fn pulls_go_to_the_engine_that_answers_else_to_the_store() {
    for (places, wanted) in [
        (vec![place("store"), place("docker")], engine()),
        (vec![place("store"), away("docker")], ImagePlace::Store),
        (vec![place("store")], ImagePlace::Store),
    ] {
        let mut driver = with(places);
        driver.type_keys("p");
        assert_eq!(target(&driver), Some(wanted));
    }
}

#[test]
fn the_place_that_was_chosen_is_the_usual_one_from_then_on() {
    let mut driver = with(vec![place("store"), place("docker")]);
    driver.type_keys("m/pull to");
    driver.key(Key::Enter);
    driver.type_keys("store");
    driver.key(Key::Enter);
    assert!(driver.effects.contains(&Effect::RememberPlace(ConnectionId::new("store"))));
    assert_eq!(target(&driver), Some(ImagePlace::Store));
    driver.type_keys("jp");
    assert_eq!(target(&driver), Some(ImagePlace::Store));
}

/// Chooses where the selected image is pulled to.
fn pull_to(driver: &mut Driver, place: &str) {
    driver.type_keys("m/pull to");
    driver.key(Key::Enter);
    driver.type_keys(place);
    driver.key(Key::Enter);
}

#[test]
fn what_stands_in_for_an_engine_that_is_away_is_not_remembered() {
    let mut driver = with(vec![place("store"), place("docker"), place("podman")]);
    pull_to(&mut driver, "podman");
    driver.send(Event::Images(ImagesChange::Places(vec![place("store"), place("docker"), away("podman")])));
    pull_to(&mut driver, "store");
    assert!(!driver.effects.contains(&Effect::RememberPlace(ConnectionId::new("store"))));
    driver.type_keys("jp");
    assert_eq!(target(&driver), Some(ImagePlace::Store), "as long as it is away");
    driver.send(Event::Images(ImagesChange::Places(vec![place("store"), place("docker"), place("podman")])));
    driver.type_keys("jp");
    assert_eq!(target(&driver), Some(ImagePlace::Engine(ConnectionId::new("podman"))));
}

#[test]
fn without_a_choice_the_store_stands_in_for_an_engine_that_is_away() {
    let mut driver = with(vec![place("store"), away("docker")]);
    pull_to(&mut driver, "store");
    driver.send(Event::Images(ImagesChange::Places(vec![place("store"), place("docker")])));
    driver.type_keys("jp");
    assert_eq!(target(&driver), Some(engine()));
}

#[test]
fn the_menu_and_the_bottom_line_say_where_a_pull_goes() {
    let driver = with(vec![place("store"), place("docker")]);
    let item = |command| ITEMS.iter().find(|item| item.command == command).expect("an entry");
    assert_eq!(driver.app.label_of(item(Command::PullImage)), "Pull image → docker");
    assert_eq!(driver.app.label_of(item(Command::PullRepository)), "Pull repository → docker…");
    assert_eq!(driver.app.hint_of(item(Command::PullImage)), "pull → docker");
}

#[test]
fn what_is_from_no_registry_is_not_pulled_again() {
    let mut driver = Driver::on_a_local_image();
    let own = docker().child(NodeKind::Repository, "localhost/app").child(NodeKind::Tag, "1");
    let again = ITEMS.iter().find(|item| item.command == Command::PullAgain).expect("an entry");
    assert!(!driver.app.has_use(again, Some(&own)));
    driver.app.perform(Command::PullAgain, Some(&own));
    assert_eq!(driver.notice(), "Its name does not say which registry it is from.");
}

#[test]
fn a_file_name_is_suggested() {
    for (kind, path) in
        [("oci arch", "app-dev.oci.tar"), ("docker arch", "app-dev.tar"), ("layout", "app-dev")]
    {
        let mut driver = Driver::on_a_local_image();
        driver.type_keys("m/save");
        driver.key(Key::Enter);
        driver.type_keys(kind);
        driver.key(Key::Enter);
        assert!(matches!(driver.top(), Modal::Prompt(p) if p.input.value() == path), "{kind}");
    }
}

/// At a prompt for a file of this kind, with a path typed and Enter pressed.
fn saving(kind: &str, path: &str) -> Driver {
    let mut driver = Driver::on_a_local_image();
    driver.type_keys("m/save");
    driver.key(Key::Enter);
    driver.type_keys(kind);
    driver.key(Key::Enter);
    driver.key(Key::Ctrl('u'));
    driver.send(Event::Paste(path.to_owned()));
    driver.key(Key::Enter);
    driver
}

fn look(driver: &mut Driver, found: Result<bool, Failure>) {
    let id =
        driver.task(|r| matches!(r, Request::HasFile(path) if path == std::path::Path::new("/tmp/app.tar")));
    driver.reply(id, Reply::HasFile(found));
}

#[test]
fn an_archive_that_is_there_is_replaced_only_after_a_y() {
    let mut driver = saving("oci arch", "/tmp/app.tar");
    look(&mut driver, Ok(true));
    let Modal::Confirm(confirm) = driver.top() else { panic!("no question") };
    assert_eq!(confirm.title, "Replace /tmp/app.tar?");
    driver.key(Key::Enter);
    assert_eq!(target(&driver), None, "Enter is not enough");
    driver.key(Key::Esc);
    driver.key(Key::Enter);
    look(&mut driver, Ok(true));
    driver.type_keys("y");
    assert_eq!(target(&driver), Some(ImagePlace::OciArchive(PathBuf::from("/tmp/app.tar"))));
    assert!(driver.app.modals.is_empty(), "the prompt is done with");
}

#[test]
fn what_cannot_be_looked_at_is_said_at_the_prompt_and_the_look_can_be_given_up() {
    let mut driver = saving("oci arch", "/tmp/app.tar");
    look(&mut driver, Err(failure(FailureKind::Invalid)));
    let Modal::Prompt(prompt) = driver.top() else { panic!("no prompt") };
    assert!(prompt.error.as_deref().is_some_and(|e| e.contains("the server said so")));
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::HasFile(_)));
    assert!(driver.key(Key::Esc).contains(&Effect::Cancel(id)));
    assert!(driver.app.jobs.list.is_empty());
}

#[test]
fn into_a_folder_images_come_without_a_question() {
    let driver = saving("layout", "/tmp/images");
    assert_eq!(target(&driver), Some(ImagePlace::Layout(PathBuf::from("/tmp/images"))));
}

#[test]
fn a_file_is_asked_for_by_its_path() {
    let mut driver = saving("docker arch", "/tmp/app.tar");
    look(&mut driver, Ok(false));
    let place = ImagePlace::DockerArchive(PathBuf::from("/tmp/app.tar"));
    driver.task(
        |r| matches!(r, Request::Pull { target, .. } if *target == LocalImage::in_place(place.clone())),
    );
    assert_eq!(driver.app.jobs.list[0].title, "hub.example/team/app:dev → /tmp/app.tar");
}

#[test]
fn read_only_leaves_what_happens_on_this_machine() {
    let mut driver = Driver::on_a_local_image();
    driver.app.read_only = true;
    driver.type_keys("P");
    assert!(driver.app.modals.is_empty(), "a push writes to a registry");
    driver.type_keys("t");
    assert!(matches!(driver.top(), Modal::Prompt(_)));
}

#[test]
fn the_first_screen_leads_to_the_images_too() {
    let images = vec![place("store")];
    let mut driver = Driver::new(Start { images, ..start(Vec::new()) });
    assert!(driver.app.welcome.is_some());
    driver.key(Key::End);
    driver.key(Key::Enter);
    assert!(driver.app.welcome.is_none());
    assert_eq!(driver.labels(), ["", "store"]);
}
