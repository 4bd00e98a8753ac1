//! What is walked at every vendor.
//!
//! Invariant: a step waits for what it shows; nothing is waited for by the clock.

use tagalong::domain::human;

use super::tree;
use crate::form;
use crate::home::Home;
use crate::terminal::{BACKSPACE, DOWN, ENTER, ESC, RIGHT, Setup, Terminal, UP};

const TAB: &str = "\t";
const SUBMIT: &str = "\x13";
/// The connection's name.
pub(super) const NAME: &str = "work";

/// What is done at a prompt.
pub(super) enum Fill {
    Type(String),
    /// The wrong secret first, then the right one.
    Secret,
    /// The next choice, so many times.
    Turn(usize),
    Nothing,
}

/// A prompt of the form.
pub(super) type Prompt = (&'static str, Fill);

/// A prompt that is answered with `text`.
pub(super) fn typed(label: &'static str, text: impl Into<String>) -> Prompt {
    (label, Fill::Type(text.into()))
}

/// What a vendor's form asks, what it says, and what is behind it.
pub(super) struct Vendor {
    /// As the picker calls it.
    pub(super) title: &'static str,
    /// The prompts in their order.
    pub(super) prompts: Vec<Prompt>,
    /// Those among the options, as far as they are needed.
    pub(super) options: Vec<Prompt>,
    pub(super) wrong: &'static str,
    pub(super) right: &'static str,
    /// What is said of the wrong secret.
    pub(super) refused: &'static [&'static str],
    /// The rows from below the connection to the repository.
    pub(super) levels: &'static [&'static str],
    /// Tags, each with the words of its row.
    pub(super) tags: Vec<(&'static str, Vec<String>)>,
    /// What the details of the first tag tell.
    pub(super) told: &'static [&'static str],
    /// Entries of the menu of a tag.
    pub(super) menu: &'static [&'static str],
    /// Entries of the menu of a repository.
    pub(super) repository_menu: &'static [&'static str],
}

/// What every vendor offers on a tag.
pub(super) const TAG_MENU: &[&str] = &[
    "Pull image",
    "Pull to…",
    "Copy full tag",
    "Copy digest",
    "Copy pull command",
    "Inspect manifest",
    "Open in browser",
    "Tag…",
    "Copy to…",
    "Untag…",
    "Delete image…",
    "Refresh",
];
/// What those offer on a repository that can delete one.
pub(super) const REPOSITORY_MENU: &[&str] =
    &["Pull repository", "Copy full tag", "Open in browser", "Delete repository…", "Refresh"];

/// A row's age for this time, as it is shown today.
pub(super) fn age(rfc3339: &str) -> String {
    let then: jiff::Timestamp = rfc3339.parse().unwrap();
    human::age(then.as_second(), jiff::Timestamp::now().as_second())
}

/// The explorer on its way through a vendor.
pub(super) struct Walk {
    pub(super) home: Home,
    pub(super) terminal: Terminal,
}

impl Walk {
    /// The explorer with nothing connected.
    pub(super) fn new() -> Self {
        let home = Home::new();
        let terminal = Terminal::start(Setup::new(home.tagalong_command(&[]), 120, 40));
        Self { home, terminal }
    }

    /// Fills the form in, with the wrong secret first.
    pub(super) fn connect(vendor: &Vendor) -> Self {
        Self::new().connected(vendor)
    }

    /// The same in surroundings that were made for it.
    pub(super) fn connected(mut self, vendor: &Vendor) -> Self {
        self.terminal.wait("Connect Registry…");
        self.fill_in(vendor);
        self.terminal.press(SUBMIT);
        for said in vendor.refused {
            self.terminal.wait(said);
        }
        self.terminal.wait(&"•".repeat(vendor.wrong.len()));
        assert_eq!(self.home.config(), "", "nothing is kept before the server has accepted it");
        self.terminal.press(&BACKSPACE.repeat(vendor.wrong.len()));
        self.give_secret(vendor);
        self.terminal.wait("Connected to work.");
        self.terminal.wait_line(&[NAME, vendor.title, "● online"]);
        self
    }

    /// Opens the form and types what it asks for.
    pub(super) fn fill_in(&mut self, vendor: &Vendor) {
        form::open(&mut self.terminal, vendor.title);
        let labels: Vec<&str> = vendor.prompts.iter().map(|(label, _)| *label).collect();
        self.terminal.wait_until(&format!("not these prompts in this order: {labels:?}"), |screen| {
            let mut lines = screen.lines();
            labels.iter().all(|label| lines.any(|line| line.contains(label)))
        });
        for prompt in &vendor.prompts {
            self.fill(vendor, prompt);
        }
        self.terminal.press(" ");
        self.terminal.wait("▾ Options");
        self.terminal.press(TAB);
        for prompt in &vendor.options {
            self.fill(vendor, prompt);
        }
    }

    fn fill(&mut self, vendor: &Vendor, (label, fill): &Prompt) {
        match fill {
            Fill::Type(text) => {
                self.terminal.press(text);
                self.terminal.wait_line(&[label, text]);
            }
            Fill::Secret => {
                self.terminal.press(vendor.wrong);
                self.terminal.wait_line(&[label, &"•".repeat(vendor.wrong.len())]);
            }
            Fill::Turn(times) => self.terminal.press(&RIGHT.repeat(*times)),
            Fill::Nothing => {}
        }
        self.terminal.press(TAB);
    }

    /// Types the right secret where the cursor is.
    fn give_secret(&mut self, vendor: &Vendor) {
        self.terminal.press(vendor.right);
        self.terminal.wait(&"•".repeat(vendor.right.len().min(20)));
        self.terminal.press(SUBMIT);
        form::keep_in_file(&mut self.terminal);
    }

    /// Goes to the row that begins with `name`.
    pub(super) fn go(&mut self, name: &str) {
        self.terminal
            .wait_until(&format!("no row “{name}”"), |screen| tree::find(screen, name).is_some());
        loop {
            let screen = self.terminal.contents();
            let (at, to) = (tree::cursor(&screen).unwrap(), tree::find(&screen, name).unwrap());
            if at == to {
                return;
            }
            let key = if to > at { DOWN } else { UP };
            self.terminal.press(&key.repeat(to.abs_diff(at)));
            self.terminal
                .wait_until("the cursor stays", |screen| tree::cursor(screen).is_some_and(|now| now != at));
        }
    }

    /// Goes to a branch and opens it.
    pub(super) fn open(&mut self, name: &str) {
        self.go(name);
        self.terminal.press(RIGHT);
    }

    /// From the connection to the tags, which say what they have to.
    pub(super) fn browse(&mut self, vendor: &Vendor) {
        for level in vendor.levels {
            self.open(level);
        }
        for (tag, words) in &vendor.tags {
            self.terminal.wait_until(&format!("no tag {tag} with {words:?}"), |screen| {
                let rows = tree::rows(screen);
                let row = tree::find(screen, tag).and_then(|at| rows.get(at));
                row.is_some_and(|row| words.iter().all(|word| row.contains(word.as_str())))
            });
        }
        self.offers(vendor.repository_menu);
        self.go(vendor.tags[0].0);
        for told in vendor.told {
            self.terminal.wait(told);
        }
        self.offers(vendor.menu);
    }

    /// The menu has these entries.
    pub(super) fn offers(&mut self, entries: &[&str]) {
        self.terminal.press("m");
        for entry in entries {
            self.terminal.wait(entry);
        }
        self.terminal.press(ESC);
        self.terminal.wait_gone("Esc close");
    }

    /// Unties a tag of several, which the question names.
    pub(super) fn untie(&mut self, tag: &str, stays: &[&str]) {
        self.go(tag);
        self.terminal.press("u");
        self.terminal.wait("Untag ");
        for word in stays {
            self.terminal.wait(word);
        }
        self.terminal.press(ENTER);
        self.terminal.wait("Untied ");
        self.is_gone(tag);
    }

    /// Deletes an image; the question names what goes along.
    pub(super) fn delete(&mut self, tag: &str, goes: &[&str]) {
        self.go(tag);
        self.terminal.press("d");
        self.terminal.wait("Delete ");
        for word in goes {
            self.terminal.wait(word);
        }
        self.terminal.press("y");
        self.terminal.wait("Deleted ");
        self.is_gone(tag);
    }

    /// Deletes a whole repository, whose name has to be typed.
    pub(super) fn delete_repository(&mut self, row: &str, name: &str) {
        self.go(row);
        self.terminal.press("d");
        self.terminal.wait("Delete repository");
        self.terminal.press(name);
        self.terminal.wait(name);
        self.terminal.press(ENTER);
        self.terminal.wait("Deleted repository");
        self.is_gone(row);
    }

    /// Waits until the tree has no row of this name.
    pub(super) fn is_gone(&self, name: &str) {
        self.terminal
            .wait_until(&format!("still a row “{name}”"), |screen| tree::find(screen, name).is_none());
    }

    /// The sign-in stopped working: that is said, in the form that opens by itself and, once it is closed, in the tree.
    pub(super) fn is_refused(&mut self, said: &[&str]) {
        self.go(NAME);
        self.terminal.press("r");
        self.terminal.wait("Edit connection work");
        for word in said {
            self.terminal.wait(word);
        }
        self.terminal.escape("[ Save ]");
        self.terminal.wait_line(&[NAME, "⚠ sign-in"]);
        self.offers(&["Edit connection…", "Disconnect"]);
    }

    /// Edits the connection: the right secret again.
    pub(super) fn sign_in_again(&mut self, vendor: &Vendor) {
        self.terminal.press("e");
        self.terminal.wait("Edit connection");
        self.terminal.wait("unchanged");
        let before = vendor.prompts.iter().take_while(|(_, fill)| !matches!(fill, Fill::Secret)).count();
        self.terminal.press(&TAB.repeat(before));
        self.give_secret(vendor);
        self.terminal.wait_line(&[NAME, vendor.title, "● online"]);
    }

    pub(super) fn quit(self) {
        self.terminal.quit();
    }
}
