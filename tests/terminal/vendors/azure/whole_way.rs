//! The whole way through a subscription: a registry is made, an image pushed, untagged, put back and deployed, and the
//! registry deleted.
//!
//! Invariant: everything is done with keys; what a step has changed is looked for on the other side too.

use tagalong::demo::Settings;
use tagalong::domain::{Digest, human};

use super::super::walk::Walk;
use super::{SUBMIT, as_principal};
use crate::acting::osc52;
use crate::fakes::azure::fake::Fake;
use crate::home::Home;
use crate::images::{noise, put_image};
use crate::registry::Registry;
use crate::running::run;
use crate::terminal::{BACKSPACE, ENTER, RIGHT, Setup, Terminal};

const TAB: &str = "\t";
const MADE: &str = "fresh1";
const GROUP: &str = "fresh-group";
const REPOSITORY: &str = "team/tool";
const ADDRESS: &str = "https://tool-app.green.example";

/// The explorer with an image in the store: what the image is called there, and its digest.
fn with_image(fake: &Fake) -> (Walk, String, Digest) {
    let (elsewhere, home) = (Registry::empty(Settings::default()), Home::new());
    let image = put_image(elsewhere.server().store(), REPOSITORY, "1.0", &[noise(1, 5000)]).digest;
    let kept = elsewhere.reference(REPOSITORY);
    let pull = home.tagalong_command(&["pull", &format!("{kept}:1.0")]);
    let mut pull = Terminal::start(Setup::new(pull, 120, 40));
    assert_eq!(pull.finish(), 0, "{}", pull.contents());
    let mut command = home.tagalong_command(&[]);
    // What is copied goes through the terminal then.
    command.env("SSH_TTY", "/dev/pts/9");
    let terminal = Terminal::start(Setup::new(command, 120, 40));
    (Walk { home, terminal }.connected(&as_principal(fake)), kept, image)
}

/// The login server of what is made here.
fn server_of(fake: &Fake) -> String {
    fake.server().replace("127.0.0.1", "localhost")
}

#[test]
fn the_whole_way_by_keys_alone() {
    let fake = run(Fake::start());
    let server = server_of(&fake);
    let (mut walk, kept, image) = with_image(&fake);
    create(&mut walk, &server);
    assert_eq!(fake.made().repositories(), [""; 0]);
    push(&mut walk, &kept, &server);
    assert_eq!(fake.made().resolve(REPOSITORY, "2.0").as_ref(), Some(&image));
    walk.open(&server);
    walk.open(REPOSITORY);
    walk.untie("2.0", &[]);
    assert_eq!(fake.made().resolve(REPOSITORY, "2.0"), None);
    walk.terminal.press("U");
    walk.go("2.0");
    assert_eq!(fake.made().resolve(REPOSITORY, "2.0"), Some(image));
    deploy(&mut walk, &server);
    assert!(fake.state().apps.find("containerApps/tool-app").is_some());
    delete(&mut walk, &server);
    assert!(!fake.state().managed.registries.contains_key(MADE));
    walk.quit();
}

/// The subscription is out of sight before: it has no registry.
#[test]
fn a_push_makes_its_registry_first() {
    let fake = run(Fake::start());
    fake.state().managed.registries.clear();
    let server = server_of(&fake);
    let (mut walk, kept, image) = with_image(&fake);
    walk.terminal.wait("2 without registries hidden");
    ask_push(&mut walk, &kept);
    walk.terminal.press("Create Registry");
    walk.terminal.wait_gone("Connect Registry…");
    walk.terminal.press(ENTER);
    fill_in_registry(&mut walk);
    walk.terminal.press("y");
    walk.terminal.wait("Tag image as");
    walk.terminal.wait(&format!("{server}/{REPOSITORY}:1.0"));
    walk.terminal.press(ENTER);
    walk.terminal.wait("Pushed");
    assert_eq!(fake.made().resolve(REPOSITORY, "1.0"), Some(image));
    walk.terminal.wait("1 without registries hidden");
    for row in ["The sub-1", &server, REPOSITORY] {
        walk.open(row);
    }
    walk.terminal.wait_line(&[REPOSITORY, "1 tag"]);
    walk.quit();
}

/// Does what an entry of the menu of the row with the cursor says.
fn choose(walk: &mut Walk, entry: &str) {
    walk.terminal.press("m");
    walk.terminal.wait(entry);
    walk.terminal.press("/");
    walk.terminal.press(entry);
    walk.terminal.wait_gone("Refresh");
    walk.terminal.press(ENTER);
}

/// Types into the field with the cursor, and goes to the next.
fn fill(walk: &mut Walk, label: &str, text: &str) {
    walk.terminal.press(text);
    walk.terminal.wait_line(&[label, text]);
    walk.terminal.press(TAB);
}

/// Narrows the values of the field with the cursor to one, and takes it; the cursor goes to the next.
fn pick(walk: &mut Walk, label: &str, text: &str, shown: &str) {
    walk.terminal.press(text);
    walk.terminal.wait_line(&["❯", text]);
    walk.terminal.wait(shown);
    walk.terminal.press(ENTER);
    walk.terminal.wait_line(&[label, "‹", text]);
}

fn create(walk: &mut Walk, server: &str) {
    walk.open("The sub-1");
    choose(walk, "Create Registry…");
    fill_in_registry(walk);
    walk.terminal.press("y");
    walk.terminal.wait(&format!("The registry {MADE} is there: {server}"));
    walk.terminal.wait_line(&["▌", server, "Standard · westeurope"]);
    walk.terminal.wait_line(&["The sub-1", "2 registries"]);
    walk.terminal.wait(&format!("work ▸ The sub-1 ▸ {server}"));
}

/// Fills the form of a registry in, up to what is said of it before it is made.
fn fill_in_registry(walk: &mut Walk) {
    walk.terminal.wait_line(&["Subscription", "‹ The sub-1 ›"]);
    walk.terminal.press(TAB);
    fill(walk, "Registry name", MADE);
    walk.terminal.wait_line(&["SKU", "‹ Basic ›"]);
    walk.terminal.press(RIGHT);
    walk.terminal.wait_line(&["SKU", "‹ Standard ›"]);
    walk.terminal.press(TAB);
    pick(walk, "Resource group", GROUP, &format!("New: {GROUP}"));
    walk.terminal.wait_line(&["Location", "‹ "]);
    pick(walk, "Location", "West Europe", "westeurope");
    walk.terminal.press(SUBMIT);
    walk.terminal.wait(&format!("creates the registry {MADE} (Standard) in westeurope"));
    walk.terminal.wait(&format!("creates the resource group {GROUP} in westeurope"));
}

/// Asks where the image of the local store is to be pushed to.
fn ask_push(walk: &mut Walk, kept: &str) {
    walk.open("store");
    walk.open(kept);
    walk.go("1.0");
    walk.terminal.press("P");
    walk.terminal.wait(&format!("Push {kept}:1.0 to"));
}

/// Pushes it under another tag.
fn push(walk: &mut Walk, kept: &str, server: &str) {
    ask_push(walk, kept);
    walk.terminal.press(server);
    walk.terminal.wait_gone("Connect Registry…");
    walk.terminal.press(ENTER);
    walk.terminal.wait("Tag image as");
    walk.terminal.wait(&format!("{server}/{REPOSITORY}:1.0"));
    walk.terminal.press(&format!("{}2.0", BACKSPACE.repeat(3)));
    walk.terminal.wait(&format!("{server}/{REPOSITORY}:2.0"));
    walk.terminal.press(ENTER);
    walk.terminal.wait("Pushed");
    walk.terminal.wait(&human::size(5000));
}

fn deploy(walk: &mut Walk, server: &str) {
    choose(walk, "Deploy Image to Azure Container Apps…");
    walk.terminal.wait_line(&["Subscription", "‹ The sub-1 ›"]);
    walk.terminal.press(TAB);
    pick(walk, "Resource group", GROUP, "westeurope");
    pick(walk, "Environment", "green", "New: green");
    walk.terminal.wait_line(&["Workload profile", "‹ Consumption ›"]);
    walk.terminal.press(TAB);
    walk.terminal.wait_line(&["Location", "‹ West Europe ›"]);
    walk.terminal.press(TAB);
    fill(walk, "Name of the app", "tool-app");
    walk.terminal.wait_line(&["Port", "80"]);
    walk.terminal.press(TAB);
    fill(walk, "Variables", "MODE=quick");
    walk.terminal.wait_line(&["Image fetched by", "‹ Managed identity ›"]);
    walk.terminal.press(SUBMIT);
    walk.terminal.wait("creates the container app tool-app in westeurope");
    walk.terminal.wait(&format!("runs {server}/{REPOSITORY}:2.0"));
    walk.terminal.press("y");
    walk.terminal.wait("container app tool-app starts");
    walk.terminal.wait(ADDRESS);
    walk.terminal.press("J");
    walk.terminal.wait_line(&["✓", "Deploy Image to Azure Container Apps"]);
    walk.terminal.press("y");
    walk.terminal.wait_raw(&osc52(ADDRESS));
    walk.terminal.press("J");
}

/// Deletes the registry, whose name has to be typed.
fn delete(walk: &mut Walk, server: &str) {
    walk.go(server);
    choose(walk, "Delete Registry…");
    walk.terminal.wait(&format!("deletes the registry {MADE} (Standard, westeurope)"));
    walk.terminal.wait(&format!("Type {server} to go on:"));
    walk.terminal.press(server);
    walk.terminal.press(ENTER);
    walk.terminal.wait(&format!("The registry {server} is gone"));
    walk.is_gone(server);
    walk.terminal.wait_line(&["The sub-1", "1 registry"]);
}
