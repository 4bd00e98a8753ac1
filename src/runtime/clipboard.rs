//! The clipboard: the system's own, else the terminal's (OSC 52), also through tmux.
//!
//! Invariant: says which way the text took. Over SSH the system's clipboard is another machine's, so the terminal's is used.

use std::io::Write as _;
use std::process::{Command, Stdio};

use arboard::Clipboard;
use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;

use super::screen::Screen;
use crate::domain::{Failure, FailureKind};

/// Terminals refuse longer sequences, some without a word.
const OSC52_LIMIT: usize = 74_000;

/// The clipboard of this run. The system's is opened once and kept, because on X11 the text lives in this process.
pub(super) struct Board {
    system: Option<Clipboard>,
    remote: bool,
    tmux: bool,
}

impl Board {
    pub(super) fn new() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        Self { system: None, remote: is_set("SSH_CONNECTION") || is_set("SSH_TTY"), tmux: is_set("TMUX") }
    }

    /// Copies `text`; the answer is the way it took, for people.
    pub(super) fn copy(&mut self, text: &str, screen: &mut Screen) -> Result<String, Failure> {
        if !self.remote && self.copy_to_system(text) {
            return Ok("clipboard".to_owned());
        }
        if text.len() > OSC52_LIMIT {
            let said = "the text is too long for the terminal's clipboard";
            return Err(Failure::new(FailureKind::Unsupported, "copying", said));
        }
        let sequence = osc52(text).ok_or_else(|| {
            Failure::new(FailureKind::Bug, "copying", "the clipboard sequence could not be written")
        })?;
        let buffered = self.tmux && load_tmux_buffer(text);
        let mut bytes = sequence.clone().into_bytes();
        if self.tmux {
            bytes.extend(through_tmux(&sequence).into_bytes());
        }
        screen.write_raw(&bytes).map_err(|e| Failure::io("copying through the terminal", &e))?;
        Ok(match buffered {
            true => "terminal and tmux buffer (OSC 52)".to_owned(),
            false => "terminal (OSC 52)".to_owned(),
        })
    }

    fn copy_to_system(&mut self, text: &str) -> bool {
        if self.system.is_none() {
            self.system = Clipboard::new().ok();
        }
        let copied = self.system.as_mut().is_some_and(|c| c.set_text(text).is_ok());
        if !copied {
            self.system = None;
        }
        copied
    }
}

fn osc52(text: &str) -> Option<String> {
    let mut sequence = String::new();
    CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).ok()?;
    Some(sequence)
}

/// The sequence as tmux passes it on to the terminal around it (`allow-passthrough`).
fn through_tmux(sequence: &str) -> String {
    format!("\u{1b}Ptmux;{}\u{1b}\\", sequence.replace('\u{1b}', "\u{1b}\u{1b}"))
}

/// Hands the text to tmux itself, which keeps it in a buffer and tells its terminal (`-w`), whatever its settings
/// allow programs to do.
fn load_tmux_buffer(text: &str) -> bool {
    let child = Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    let written = child.stdin.take().is_some_and(|mut pipe| pipe.write_all(text.as_bytes()).is_ok());
    child.wait().is_ok_and(|status| status.success()) && written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_carries_the_text_in_base64() {
        let sequence = osc52("v1").unwrap();
        assert!(sequence.starts_with("\u{1b}]52;c;djE="), "{sequence:?}");
        assert!(through_tmux(&sequence).starts_with("\u{1b}Ptmux;\u{1b}\u{1b}]52;c;"));
    }
}
