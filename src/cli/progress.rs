//! The progress line of a subcommand: on standard error, and only when that is a terminal.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::domain::human;
use crate::domain::job::Progress;

/// One line that is drawn over and over.
pub(super) struct Bar {
    shown: bool,
    began: Instant,
}

impl Bar {
    /// How often it is drawn.
    pub(super) const BEAT: Duration = Duration::from_millis(100);
    const CELLS: u64 = 24;

    pub(super) fn new() -> Self {
        Self { shown: io::stderr().is_terminal(), began: Instant::now() }
    }

    pub(super) fn is_shown(&self) -> bool {
        self.shown
    }

    pub(super) fn draw(&self, progress: &Progress) {
        let line = line(progress, self.began.elapsed());
        let mut err = io::stderr();
        drop(write!(err, "\r\u{1b}[K{line}").and_then(|()| err.flush()));
    }

    pub(super) fn clear(&mut self) {
        if self.shown {
            let mut err = io::stderr();
            drop(write!(err, "\r\u{1b}[K").and_then(|()| err.flush()));
        }
    }
}

fn line(progress: &Progress, elapsed: Duration) -> String {
    if progress.total == 0 {
        return format!("{}…", progress.stage);
    }
    let full = progress.done.saturating_mul(Bar::CELLS) / progress.total.max(1);
    let bar: String = (0..Bar::CELLS).map(|n| if n < full { '█' } else { '░' }).collect();
    let speed = (progress.fetched as f64 / elapsed.as_secs_f64().max(0.001)) as u64;
    let (settled, blobs) = progress.blobs;
    format!(
        "{bar} {} of {}  {}/s  {settled}/{blobs} blobs",
        human::size(progress.done),
        human::size(progress.total),
        human::size(speed),
    )
}
