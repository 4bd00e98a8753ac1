//! The form of a connection, by its keys.

use super::terminal::{DOWN, ENTER, Terminal};

/// Opens the form of a kind of registry, wherever it stands among the others.
pub(crate) fn open(terminal: &mut Terminal, title: &str) {
    terminal.press("c");
    terminal.wait("Generic registry");
    terminal.press(title);
    terminal.wait_gone("Demo registry");
    terminal.press(ENTER);
    terminal.wait(&format!("Connect Registry: {title}"));
    terminal.wait("[ Connect ]");
}

/// A password that is neither for a keyring nor for a helper goes into the file, when asked.
pub(crate) fn keep_in_file(terminal: &mut Terminal) {
    terminal.wait("Where should the password be kept?");
    terminal.press(DOWN);
    terminal.press(ENTER);
}
