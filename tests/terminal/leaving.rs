//! The terminal is given back, however the program ends.

use rustix::process::Signal;

use super::home::Home;
use super::terminal::{CTRL_C, CTRL_Z, Setup, Terminal};

const WELCOME: &str = "Connect Registry…";
const GIVEN_BACK: [bool; 4] = [false; 4];
const TAKEN: [bool; 4] = [true; 4];

#[test]
fn q_and_ctrl_c_leave_the_terminal_as_it_was() {
    for key in ["q", CTRL_C] {
        let home = Home::new();
        let mut terminal = home.start(&[]);
        terminal.wait(WELCOME);
        assert_eq!(terminal.is_taken(), TAKEN);
        terminal.press(key);
        assert_eq!(terminal.finish(), 0);
        assert_eq!(terminal.is_taken(), GIVEN_BACK);
    }
}

#[test]
fn signals_leave_the_terminal_as_it_was() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let home = Home::new();
        let mut terminal = home.start(&["demo"]);
        terminal.wait("acme/api");
        terminal.signal(signal);
        terminal.finish();
        assert_eq!(terminal.is_taken(), GIVEN_BACK, "{signal:?}");
    }
}

#[test]
fn ctrl_z_gives_the_shell_its_terminal_and_fg_takes_it_back() {
    let home = Home::new();
    let mut command = home.command("/bin/bash", &["--norc", "--noprofile", "-i"]);
    command.env("PS1", "shell$ ");
    let mut terminal = Terminal::start(Setup::new(command, 100, 30));
    terminal.wait("shell$");
    terminal.press(&format!("{} demo\r", env!("CARGO_BIN_EXE_tagalong")));
    terminal.wait("acme/api");
    terminal.press(CTRL_Z);
    terminal.wait("Stopped");
    terminal.wait("shell$");
    assert_eq!(terminal.is_taken()[..3], GIVEN_BACK[..3]);
    terminal.press("echo still a $((6 * 7)) shell\r");
    terminal.wait("still a 42 shell");
    terminal.press("fg\r");
    terminal.wait("acme/api");
    assert_eq!(terminal.is_taken(), TAKEN);
    terminal.press("q");
    terminal.wait("still a 42 shell");
    assert_eq!(terminal.is_taken()[..3], GIVEN_BACK[..3]);
    terminal.press("exit\r");
    terminal.finish();
}
