//! From the first start to a connection that is kept.

use tagalong::demo::{Auth, Settings};

use super::form;
use super::home::Home;
use super::registry::Registry;
use super::terminal::{BACKSPACE, DOWN, ENTER, Terminal};

const WELCOME: &str = "A terminal explorer for container registries.";

fn guarded() -> Registry {
    Registry::filled(Settings { auth: Auth::basic("ada", "lovelace"), ..Settings::default() })
}

/// Opens the form of a generic registry and fills it in.
fn fill_in(terminal: &mut Terminal, url: &str, username: &str, password: &str) {
    form::open(terminal, "Generic registry");
    terminal.press(url);
    terminal.wait(url);
    terminal.press(ENTER);
    terminal.press(username);
    terminal.press(ENTER);
    terminal.press(password);
    terminal.wait(&"•".repeat(password.len()));
}

#[test]
fn a_first_start_says_what_to_do_and_opens_the_demo() {
    let home = Home::new();
    let mut terminal = home.start(&[]);
    terminal.wait(WELCOME);
    terminal.wait("Connect Registry…");
    terminal.place("Demo registry");
    terminal.press(DOWN);
    terminal.press(ENTER);
    terminal.wait("acme/api");
    terminal.wait_gone(WELCOME);
    terminal.quit();
    assert!(!home.config().contains("connection"), "the demo is not kept: {}", home.config());
}

#[test]
fn a_wrong_password_stays_in_the_form_and_the_right_one_connects() {
    let (home, registry) = (Home::new(), guarded());
    let mut terminal = home.start(&[]);
    terminal.wait(WELCOME);
    fill_in(&mut terminal, &registry.host(), "ada", "wrong");
    terminal.press(ENTER);
    terminal.wait("⚠ sign-in");
    terminal.wait("401");
    for kept in [registry.host().as_str(), "ada", "•••••"] {
        terminal.wait(kept);
    }
    assert!(!terminal.contents().contains("wrong"), "the password is never shown");
    assert_eq!(home.config(), "", "nothing is kept before the server has accepted it");

    terminal.press(&BACKSPACE.repeat("wrong".len()));
    terminal.press("lovelace");
    terminal.press(ENTER);
    form::keep_in_file(&mut terminal);
    terminal.wait("acme/api");
    terminal.quit();
    assert!(home.config().contains(&registry.host()) && !home.config().contains("lovelace"));

    let terminal = home.start(&[]);
    terminal.wait(&registry.host());
    terminal.quit();
    let log = std::fs::read_to_string(home.tagalong().join("tagalong.log")).unwrap_or_default();
    assert!(!log.contains("lovelace"), "{log}");
}

#[test]
fn a_connection_is_there_again_is_edited_and_disconnected() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let mut terminal = home.start(&[]);
    terminal.wait(WELCOME);
    fill_in(&mut terminal, &registry.host(), "", "");
    terminal.press(ENTER);
    terminal.wait("acme/api");
    terminal.quit();

    let mut terminal = home.start(&[]);
    terminal.wait(&registry.host());
    terminal.press("l");
    terminal.wait("acme/api");
    terminal.press("e");
    terminal.wait("Edit connection");
    terminal.wait(&format!("http://{}", registry.host()));
    terminal.escape("[ Save ]");
    terminal.press("x");
    terminal.wait("Disconnect");
    terminal.press(ENTER);
    terminal.wait(WELCOME);
    terminal.quit();
    assert!(!home.config().contains(&registry.host()), "{}", home.config());
}

#[test]
fn a_host_that_is_not_there_is_told_in_the_form() {
    let home = Home::new();
    let mut terminal = home.start(&[]);
    terminal.wait(WELCOME);
    fill_in(&mut terminal, "127.0.0.1:1", "", "");
    terminal.press(ENTER);
    terminal.wait("refused the connection");
    terminal.wait("Check the name, the port and the network");
    terminal.escape("[ Connect ]");
    terminal.quit();
}

#[test]
fn a_sign_in_of_docker_is_taken_over_with_one_key() {
    let (home, registry) = (Home::new(), guarded());
    let auth = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "ada:lovelace");
    let config = serde_json::json!({ "auths": { registry.host(): { "auth": auth } } });
    std::fs::create_dir(home.path().join(".docker")).unwrap();
    std::fs::write(home.path().join(".docker/config.json"), config.to_string()).unwrap();
    let mut terminal = home.start(&[]);
    terminal.wait_line(&["1", &registry.host(), "ada"]);
    terminal.press("1");
    terminal.wait("acme/api");
    terminal.quit();
    assert!(home.config().contains(&registry.host()) && !home.config().contains("lovelace"));
}

#[test]
fn a_reference_on_the_command_line_opens_there_and_is_not_kept() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let terminal = home.start(&[&registry.reference("acme/worker")]);
    terminal.wait_line(&["▾ acme/worker", "6 tags"]);
    terminal.wait("main");
    terminal.quit();
    assert!(!home.config().contains(&registry.host()), "{}", home.config());
}

#[test]
fn two_copies_do_not_lose_each_others_connections() {
    let home = Home::new();
    let registries = [Registry::filled(Settings::default()), Registry::filled(Settings::default())];
    let mut copies = [home.start(&[]), home.start(&[])];
    for copy in &copies {
        copy.wait(WELCOME);
    }
    for (copy, registry) in copies.iter_mut().zip(&registries) {
        fill_in(copy, &registry.host(), "", "");
        copy.press(ENTER);
        copy.wait("acme/api");
    }
    copies.into_iter().for_each(Terminal::quit);
    for registry in &registries {
        assert!(home.config().contains(&registry.host()), "{}", home.config());
    }
}

#[test]
fn a_broken_configuration_is_told_and_kept() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let broken = "# mine\n[[connection]\nname = ";
    home.write_config(broken);
    let mut terminal = home.start(&[]);
    terminal.wait("config.toml");
    form::open(&mut terminal, "Generic registry");
    terminal.press(&registry.host());
    terminal.press(&ENTER.repeat(3));
    terminal.wait("config.toml");
    terminal.escape("[ Connect ]");
    terminal.quit();
    assert_eq!(home.config(), broken);
}
