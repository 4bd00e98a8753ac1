//! Moving about: opening, filtering, sorting, the mouse, other sizes.

use tagalong::demo::{Fault, Match, Settings, What};

use super::home::Home;
use super::registry::Registry;
use super::terminal::{DOWN, END, ENTER, LEFT, Mouse, RIGHT, Terminal, UP};

/// The demo, opened at its first repository.
fn at_first_tags(home: &Home) -> Terminal {
    let mut terminal = home.start(&["demo"]);
    terminal.wait("acme/api");
    terminal.press(DOWN);
    terminal.wait("▌│ ▸ acme/api");
    terminal.press(RIGHT);
    terminal.wait("▾ acme/api");
    terminal.wait("39 tags");
    terminal
}

/// The tags in the lines of a screen, from top to bottom.
fn tags_in(screen: &str) -> Vec<&str> {
    let tags = screen.lines().filter_map(|line| line.split_once("│ │   "));
    tags.filter_map(|(_, rest)| rest.split_whitespace().next()).collect()
}

#[test]
fn branches_open_and_close_and_the_cursor_goes_to_the_parent() {
    let home = Home::new();
    let mut terminal = at_first_tags(&home);
    terminal.press("j");
    terminal.wait("acme/api ▸ 1");
    terminal.wait("linux/amd64");
    terminal.press("h");
    terminal.wait("▌│ ▾ acme/api");
    terminal.press(LEFT);
    terminal.wait("▌│ ▸ acme/api");
    terminal.press(UP);
    terminal.wait("▌▾ demo");
    terminal.press(END);
    terminal.wait("tools/acmectl");
    terminal.press("g");
    terminal.wait("▌▾ demo");
    terminal.quit();
}

#[test]
fn rows_are_filtered_while_typing() {
    let home = Home::new();
    let mut terminal = at_first_tags(&home);
    terminal.press("/");
    terminal.press("rc");
    terminal.wait_until("not only the tags with “rc”", |screen| {
        tags_in(screen) == ["2.0.0-rc.1", "2.0.0-rc.2"]
    });
    terminal.press(ENTER);
    terminal.wait_gone("Enter keeps");
    terminal.wait("/rc");
    terminal.escape("/rc");
    terminal.press("g");
    terminal.wait("1.10.0");
    terminal.quit();
}

#[test]
fn tags_are_sorted_and_the_choice_is_remembered() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let open = |home: &Home| home.start(&[&registry.reference("acme/api")]);
    let mut terminal = open(&home);
    terminal.wait("39 tags");
    terminal.press("s");
    terminal.wait("by version");
    terminal.press(&format!("g{DOWN}{DOWN}"));
    terminal.wait_until("versions are not in their order", |screen| {
        let shown = tags_in(screen);
        let order = ["3.0.0-beta.2", "2.4.1", "2.4.0", "1.10.1", "1.9.1"]
            .map(|tag| shown.iter().position(|s| *s == tag));
        order.iter().all(Option::is_some) && order.is_sorted()
    });
    terminal.quit();
    let terminal = open(&home);
    terminal.wait("39 tags");
    terminal.wait("by version");
    terminal.quit();
}

#[test]
fn repositories_are_shown_as_folders_and_flat_again() {
    let home = Home::new();
    let mut terminal = home.start(&["demo"]);
    terminal.wait("acme/worker");
    terminal.press("f");
    terminal.wait_gone("acme/worker");
    terminal.wait("▸ acme");
    terminal.press("f");
    terminal.wait("acme/worker");
    terminal.quit();
}

#[test]
fn a_list_that_fails_is_a_row_that_can_be_retried() {
    let fault = Fault { on: Match::path("/v2/acme/api/tags/list"), times: 1, what: What::status(403) };
    let (home, registry) =
        (Home::new(), Registry::filled(Settings { faults: vec![fault], ..Settings::default() }));
    let mut terminal = home.start(&[&registry.reference("acme/api")]);
    terminal.wait("⚠ listing the tags of acme/api");
    terminal.press("j");
    terminal.wait("403");
    terminal.press(ENTER);
    terminal.wait("39 tags");
    terminal.wait_gone("⚠ listing the tags");
    terminal.quit();
}

#[test]
fn the_mouse_selects_opens_scrolls_and_shows_the_menu() {
    let home = Home::new();
    let mut terminal = home.start(&["demo"]);
    terminal.wait("acme/worker");
    terminal.point(Mouse::Left, "acme/worker");
    terminal.wait("▌│ ▸ acme/worker");
    terminal.double_click("acme/web");
    terminal.wait("▾ acme/web");
    terminal.point(Mouse::Right, "acme/api");
    terminal.wait("Copy full tag");
    terminal.wait("Pull repository");
    terminal.escape("Pull repository");
    terminal.double_click("ci/nightly");
    terminal.wait("▾ ci/nightly");
    terminal.wait_line(&["ci/nightly", "tags"]);
    for _ in 0..3 {
        terminal.point_at(Mouse::WheelDown, 10, 10);
    }
    terminal.wait_gone("▾ demo");
    for _ in 0..6 {
        terminal.point_at(Mouse::WheelUp, 10, 10);
    }
    terminal.wait("▾ demo");
    terminal.quit();
}

#[test]
fn it_fits_every_size_and_says_when_there_is_no_room() {
    let home = Home::new();
    let mut terminal = at_first_tags(&home);
    terminal.press("j");
    terminal.wait("linux/amd64");
    terminal.resize(60, 15);
    terminal.wait_until("no help at the bottom of 60×15", |screen| {
        screen.lines().nth(14).is_some_and(|line| line.contains("? help"))
    });
    terminal.wait("acme/api");
    terminal.resize(30, 6);
    terminal.wait("too small");
    terminal.resize(200, 50);
    terminal.wait("linux/amd64");
    terminal.wait_until("no help at the bottom of 200×50", |screen| {
        screen.lines().nth(49).is_some_and(|line| line.contains("? help"))
    });
    terminal.quit();
}
