//! The terminal, taken over and given back.
//!
//! Invariant: however the program ends (quit, error, panic, signal, suspension), the terminal is as it was before.

use std::io::{self, Stdout, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::domain::{Failure, FailureKind};

/// Whether the terminal is taken over right now; read by the panic hook.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours.
pub(super) struct Screen {
    pub(super) terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over.
    pub(super) fn take() -> Result<Self, Failure> {
        let terminal = enter().and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match terminal {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                give_back();
                Err(Failure::new(FailureKind::Io, "taking over the terminal", error.to_string()))
            }
        }
    }

    /// Takes it over again after a suspension, and forgets what was drawn. The terminal is asked nothing, because
    /// the loop may be reading its answers already.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        enter()?;
        execute!(stdout(), Clear(ClearType::All))?;
        self.terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }

    /// Writes raw bytes (a clipboard sequence) between two frames.
    pub(super) fn write_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut out = stdout();
        out.write_all(bytes)?;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste, cursor::Hide)
}

/// Gives the terminal back. Does nothing when it is not taken; never fails, because there is nobody to tell.
pub(super) fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let sequences =
        execute!(stdout(), DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
    let raw = disable_raw_mode();
    if let Err(error) = sequences.and(raw) {
        tracing::debug!(%error, "the terminal was not there to be given back");
    }
}

/// Puts restoring the terminal in front of the report of a panic. A panic inside a task is only logged: the task's
/// reply tells the person, and the program goes on.
pub fn install_panic_hook() -> color_eyre::Result<()> {
    let (report, errors) = color_eyre::config::HookBuilder::default().into_hooks();
    errors.install()?;
    let main = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == main {
            give_back();
            let mut out = io::stderr();
            drop(writeln!(out, "{}", report.panic_report(info)));
        } else {
            tracing::error!(panic = %info, "a task broke down");
        }
    }));
    Ok(())
}
