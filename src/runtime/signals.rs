//! Signals: leave on SIGTERM, SIGHUP and SIGINT; suspend and come back.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::domain::Failure;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Leave now; nobody may be there to answer a question.
    Leave,
    /// Stop, as another process asked.
    Suspend,
    /// The process runs again.
    Resumed,
}

/// The signals that the loop listens to.
pub(super) struct Signals {
    terminate: Signal,
    hangup: Signal,
    interrupt: Signal,
    stop: Signal,
    go_on: Signal,
}

impl Signals {
    pub(super) fn listen() -> Result<Self, Failure> {
        let on = |kind| signal(kind).map_err(|e| Failure::io("listening to signals", &e));
        Ok(Self {
            terminate: on(SignalKind::terminate())?,
            hangup: on(SignalKind::hangup())?,
            interrupt: on(SignalKind::interrupt())?,
            stop: on(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            go_on: on(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    /// The next signal. Can be dropped and called again without losing one.
    pub(super) async fn next(&mut self) -> Ask {
        tokio::select! {
            _ = self.terminate.recv() => Ask::Leave,
            _ = self.hangup.recv() => Ask::Leave,
            _ = self.interrupt.recv() => Ask::Leave,
            _ = self.stop.recv() => Ask::Suspend,
            _ = self.go_on.recv() => Ask::Resumed,
        }
    }
}

/// Stops this process and its group, as the shell's Ctrl-Z does; returns when it runs again.
pub(super) fn stop_here() -> Result<(), Failure> {
    // SIGSTOP, because SIGTSTP is listened to. The whole group, so that a wrapper gives the shell its prompt back.
    rustix::process::kill_current_process_group(rustix::process::Signal::STOP)
        .map_err(|e| Failure::io("suspending", &e.into()))
}
