//! What a person sees: help, palette, colours, and text from a registry that means harm.

use tagalong::demo::Settings;

use super::home::Home;
use super::registry::Registry;
use super::terminal::{ENTER, Setup, Terminal};

#[test]
fn help_lists_the_keys() {
    let home = Home::new();
    let mut terminal = home.start(&["demo"]);
    terminal.wait("acme/api");
    terminal.press("?");
    for entry in ["Connect Registry…", "Copy full tag", "Filter the rows", "Everywhere"] {
        terminal.wait(entry);
    }
    terminal.escape("Everywhere");
    terminal.quit();
}

#[test]
fn the_palette_does_what_is_named_and_goes_to_places() {
    let home = Home::new();
    let mut terminal = home.start(&["demo"]);
    terminal.wait("acme/worker");
    terminal.press(":");
    terminal.wait("Go to, or do");
    terminal.press("messages");
    terminal.press(ENTER);
    terminal.escape("╭ Messages");
    terminal.press(":");
    terminal.wait("Go to, or do");
    terminal.press("acme/worker");
    terminal.wait("❯ acme/worker");
    terminal.press(ENTER);
    terminal.wait_gone("Go to, or do");
    terminal.wait("demo ▸ acme/worker");
    terminal.quit();
}

#[test]
fn without_colour_no_colour_is_sent_and_the_cursor_is_still_seen() {
    let home = Home::new();
    let mut command = home.tagalong_command(&["demo"]);
    command.env("NO_COLOR", "1");
    let mut terminal = Terminal::start(Setup::new(command, 120, 36));
    terminal.wait("acme/api");
    terminal.press("j");
    terminal.wait("▌│ ▸ acme/api");
    let raw = terminal.raw();
    terminal.quit();
    let colours: Vec<String> = sgr(&raw).into_iter().filter(|parameters| has_colour(parameters)).collect();
    assert!(colours.is_empty(), "{colours:?}");
}

/// The parameters of every `ESC [ … m`.
fn sgr(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let starts = text.split("\x1b[").skip(1);
    let ends = starts.filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
        rest[end..].starts_with('m').then(|| rest[..end].to_owned())
    });
    ends.collect()
}

/// Whether one of them sets a colour other than the terminal's own (39, 49, 59).
fn has_colour(parameters: &str) -> bool {
    let numbers = parameters.split([';', ':']).filter_map(|n| n.parse::<u16>().ok());
    numbers.into_iter().any(|n| matches!(n, 30..=38 | 40..=48 | 58 | 90..=97 | 100..=107))
}

#[test]
fn the_theme_is_the_one_that_is_set_else_that_of_the_terminal() {
    let set = |theme| colours_of(Some(theme), None);
    let told = |foreground, background| colours_of(None, Some([foreground, background]));
    assert_ne!(set("light"), set("dark"));
    assert_eq!(told("rgb:2020/2020/2020", "rgb:ffff/ffff/f0f0"), set("light"));
    assert_eq!(told("rgb:d0d0/d0d0/d0d0", "rgb:1010/1010/1818"), set("dark"));
    assert_eq!(colours_of(None, None), set("dark"), "a terminal that does not answer");
}

/// The colours of the selected row's cells, once a key has been answered.
fn colours_of(theme: Option<&str>, told: Option<[&'static str; 2]>) -> Vec<(vt100::Color, vt100::Color)> {
    let home = Home::new();
    let mut command = home.tagalong_command(&["demo"]);
    match theme {
        Some(theme) => command.env("TAGALONG_THEME", theme),
        None => command.env_remove("TAGALONG_THEME"),
    }
    let mut terminal = Terminal::start(Setup { colours: told, ..Setup::new(command, 120, 36) });
    terminal.wait("acme/api");
    terminal.press("j");
    terminal.wait("▌│ ▸ acme/api");
    let (row, _) = terminal.place("▌│ ▸ acme/api");
    let colours = terminal.colours(row);
    terminal.quit();
    colours
}

#[test]
fn text_that_attacks_the_terminal_is_made_visible() {
    let (home, registry) = (Home::new(), Registry::filled(Settings::default()));
    let reference = registry.reference("odd/text:latest");
    let command = home.tagalong_command(&[&reference]);
    let mut terminal = Terminal::start(Setup::new(command, 160, 60));
    terminal.wait("example.clear-screen");
    terminal.press("i");
    terminal.wait("the bytes have this digest");
    for view in ["2", "3", "4", "1"] {
        terminal.press(view);
        terminal.wait("example.clear-screen");
    }
    terminal.escape("the bytes have this digest");
    let raw = terminal.raw();
    terminal.quit();
    let text = String::from_utf8_lossy(&raw);
    for attack in [
        "\x1b[2J\x1b[H after",
        "\x1b]52;c;bm90",
        "\x1b]0;this terminal",
        "\u{9b}",
        "\u{202e}",
        "\x1b[31mnot red",
    ] {
        assert!(!text.contains(attack), "{attack:?} reached the terminal");
    }
}
