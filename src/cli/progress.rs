//! A transfer on the command line: its progress line, on standard error and only when that is a terminal, and Ctrl-C.
//!
//! Invariant: Ctrl-C stops it at a safe point.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::Context;
use crate::domain::job::Progress;
use crate::domain::{Failure, Locator, Reference, human};
use crate::transfer::Meter;

/// One line that is drawn over and over.
struct Bar {
    shown: bool,
    began: Instant,
}

impl Bar {
    /// How often it is drawn.
    const BEAT: Duration = Duration::from_millis(100);
    const CELLS: u64 = 24;

    fn new() -> Self {
        Self { shown: io::stderr().is_terminal(), began: Instant::now() }
    }

    fn is_shown(&self) -> bool {
        self.shown
    }

    fn draw(&self, progress: &Progress) {
        let line = line(progress, self.began.elapsed());
        let mut err = io::stderr();
        drop(write!(err, "\r\u{1b}[K{line}").and_then(|()| err.flush()));
    }

    fn clear(&mut self) {
        if self.shown {
            let mut err = io::stderr();
            drop(write!(err, "\r\u{1b}[K").and_then(|()| err.flush()));
        }
    }
}

/// Lets the work run while its progress is shown; Ctrl-C stops it at a safe point.
pub(super) async fn watched<T>(
    work: impl Future<Output = Result<T, Failure>>,
    meter: &Arc<Meter>,
    stop: &CancellationToken,
) -> Result<T, Failure> {
    let mut bar = Bar::new();
    let mut beat = tokio::time::interval(Bar::BEAT);
    tokio::pin!(work);
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            Ok(()) = tokio::signal::ctrl_c() => stop.cancel(),
            _ = beat.tick(), if bar.is_shown() => bar.draw(&meter.progress()),
        }
    };
    bar.clear();
    result
}

/// The node that a reference names, unless Ctrl-C comes first.
pub(super) async fn found(
    context: &Context,
    reference: &Reference,
    stop: &CancellationToken,
) -> Result<Locator, Failure> {
    let found = stop.run_until_cancelled(context.find(reference)).await;
    found.unwrap_or_else(|| Err(Failure::cancelled(format!("connecting to {}", reference.host))))
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
