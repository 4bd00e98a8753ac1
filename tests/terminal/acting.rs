//! What can be done to a tag: copy, inspect, pull, untag, delete.

use std::fs;

use tagalong::demo::Settings;
use tagalong::domain::Digest;

use super::home::Home;
use super::registry::Registry;
use super::terminal::{BACKSPACE, ENTER, Mouse, Setup, Terminal};

/// The explorer at `acme/api:2.4.1`.
fn at_tag(home: &Home, registry: &Registry, more: &[&str]) -> Terminal {
    let reference = registry.reference("acme/api:2.4.1");
    let terminal = home.start(&[more, &[&reference]].concat());
    terminal.wait("acme/api ▸ 2.4.1");
    terminal.wait("linux/amd64");
    terminal
}

#[test]
fn the_menu_shows_what_can_be_done_and_does_it() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let mut terminal = at_tag(&home, &registry, &[]);
    terminal.press("m");
    for entry in ["Pull image", "Copy full tag", "Copy digest", "Inspect manifest", "Untag…", "Delete image…"]
    {
        terminal.wait(entry);
    }
    terminal.press("i");
    terminal.wait("the bytes have this digest");
    terminal.escape("the bytes have this digest");
    terminal.quit();
}

#[test]
fn read_only_offers_nothing_that_writes() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let mut terminal = at_tag(&home, &registry, &["--read-only"]);
    terminal.wait("read-only");
    terminal.press("m");
    terminal.wait("Pull image");
    assert!(!terminal.contents().contains("Delete image") && !terminal.contents().contains("Untag"));
    terminal.escape("Copy pull command");
    terminal.press("d");
    terminal.press("?");
    terminal.wait("Help");
    assert!(!terminal.contents().contains("Delete acme/api"));
    terminal.escape("Everywhere");
    terminal.quit();
    assert!(registry.tags("acme/api").contains(&"2.4.1".to_owned()));
}

#[test]
fn over_ssh_a_copy_goes_through_the_terminal() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let reference = registry.reference("acme/api:2.4.1");
    let mut command = home.tagalong_command(&[&reference]);
    command.env("SSH_TTY", "/dev/pts/9");
    let mut terminal = Terminal::start(Setup::new(command, 120, 36));
    terminal.wait("linux/amd64");
    terminal.press("y");
    terminal.wait_raw(&osc52(&reference));
    terminal.wait("OSC 52");
    terminal.press("Y");
    terminal.wait_raw(&osc52(&registry.digest("acme/api", "2.4.1").to_string()));
    terminal.quit();
}

/// What is written to have the terminal copy `text`.
pub(crate) fn osc52(text: &str) -> String {
    format!("\x1b]52;c;{}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text))
}

#[test]
fn a_manifest_is_inspected_and_its_members_are_followed() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let digest = registry.digest("acme/api", "2.4.1");
    let mut terminal = at_tag(&home, &registry, &[]);
    terminal.press("i");
    terminal.wait("the bytes have this digest");
    terminal.wait(&digest.to_string());
    terminal.press("/");
    terminal.press("linux/arm64");
    terminal.press(ENTER);
    terminal.press(ENTER);
    terminal.wait("application/vnd.oci.image.manifest.v1+json");
    terminal.wait("/app/api");
    terminal.press("4");
    terminal.wait("\"schemaVersion\"");
    terminal.press(BACKSPACE);
    terminal.wait("application/vnd.oci.image.index.v1+json");
    terminal.press("1");
    terminal.wait("6 members");
    terminal.escape("6 members");
    terminal.quit();
}

#[test]
fn an_image_is_pulled_into_the_store_with_progress() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let mut terminal = at_tag(&home, &registry, &[]);
    terminal.press("p");
    terminal.wait_line(&["✓", "acme/api:2.4.1"]);
    terminal.wait("fetched");
    terminal.quit();
    let store = home.tagalong().join("store");
    let index: serde_json::Value =
        serde_json::from_slice(&fs::read(store.join("index.json")).unwrap()).unwrap();
    let entry = &index["manifests"][0];
    assert_eq!(entry["digest"], registry.digest("acme/api", "2.4.1").to_string());
    assert_eq!(
        entry["annotations"]["org.opencontainers.image.ref.name"],
        registry.reference("acme/api:2.4.1")
    );
    for file in fs::read_dir(store.join("blobs/sha256")).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(Digest::of(&fs::read(&path).unwrap()).hex(), path.file_name().unwrap().to_str().unwrap());
    }
}

#[test]
fn quitting_while_a_pull_runs_asks_first() {
    let home = Home::new();
    let mut terminal = home.start(&["demo"]);
    terminal.wait("media/transcoder");
    terminal.point(Mouse::Left, "media/transcoder");
    terminal.wait("▌│ ▸ media/transcoder");
    terminal.press("l");
    terminal.wait_line(&["▾ media/transcoder", "tag"]);
    terminal.press("j");
    terminal.wait("media/transcoder ▸");
    terminal.press("p");
    terminal.wait("running");
    terminal.press("q");
    terminal.wait("Quit while");
    terminal.escape("Quit while");
    terminal.wait("running");
    terminal.press("q");
    terminal.wait("Quit while");
    terminal.press(ENTER);
    assert_eq!(terminal.finish(), 0);
    assert_eq!(terminal.is_taken(), [false; 4]);
}

#[test]
fn one_tag_is_untied_and_the_others_stay() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let digest = registry.digest("acme/api", "2.4.1");
    let mut terminal = at_tag(&home, &registry, &[]);
    terminal.press("u");
    terminal.wait("Untag acme/api:2.4.1?");
    terminal.wait_line(&["2.4", "stay"]);
    terminal.press(ENTER);
    terminal.wait("Untied acme/api:2.4.1.");
    terminal.quit();
    assert!(!registry.tags("acme/api").contains(&"2.4.1".to_owned()));
    assert_eq!(registry.digest("acme/api", "2.4"), digest);
}

#[test]
fn a_delete_says_what_goes_and_wants_a_yes() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let digest = registry.digest("acme/api", "2.4.1");
    let mut terminal = at_tag(&home, &registry, &[]);
    terminal.press("d");
    terminal.wait("Delete acme/api:2.4.1?");
    for part in ["2.4.1", "2.4", "latest", "stable", "platform manifests", "lose their subject"] {
        terminal.wait(part);
    }
    terminal.press(ENTER);
    terminal.wait("Press y to go on");
    terminal.escape("Delete acme/api:2.4.1?");
    assert_eq!(registry.digest("acme/api", "2.4.1"), digest);

    terminal.press("d");
    terminal.wait("platform manifests");
    terminal.press("y");
    terminal.wait("Deleted");
    terminal.quit();
    let store = registry.server().store();
    assert!(store.manifest("acme/api", &digest).is_none() && store.resolve("acme/api", "latest").is_none());
    assert!(store.resolve("acme/api", "2.4.0").is_some());
}

#[test]
fn a_registry_that_deletes_nothing_is_explained_and_the_entry_goes_away() {
    let settings = Settings { delete: false, ..Settings::default() };
    let (home, registry) = (Home::new(), Registry::filled(settings));
    let mut terminal = at_tag(&home, &registry, &[]);
    terminal.press("d");
    terminal.wait("platform manifests");
    terminal.press("y");
    terminal.wait("deletes are switched off");
    terminal.press("!");
    terminal.wait("storage.delete.enabled");
    terminal.escape("storage.delete.enabled");
    terminal.press("m");
    terminal.wait("Copy pull command");
    assert!(!terminal.contents().contains("Delete image…"), "{}", terminal.contents());
    terminal.escape("Copy pull command");
    terminal.quit();
    assert!(registry.tags("acme/api").contains(&"2.4.1".to_owned()));
}
