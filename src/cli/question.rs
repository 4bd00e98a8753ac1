//! A question on the terminal.
//!
//! Invariant: nothing but a yes is a yes, and without a terminal nobody is asked.

use std::io::{self, IsTerminal, Write};

use crate::domain::Failure;

/// The next step after a no.
pub(super) const UNCHANGED: &str = "Nothing was changed.";

/// Whether there is somebody to ask.
pub(super) fn can_be_asked() -> bool {
    io::stdin().is_terminal()
}

/// Asks; says whether the answer is yes.
pub(super) async fn agrees(question: &str) -> Result<bool, Failure> {
    let failed = |e: io::Error| Failure::io("asking", &e);
    let mut err = io::stderr();
    write!(err, "{question} [y/N] ").and_then(|()| err.flush()).map_err(failed)?;
    let answer = tokio::task::spawn_blocking(|| io::stdin().lines().next().transpose()).await;
    let answer = answer.map_err(|e| Failure::io("asking", &e.into()))?.map_err(failed)?;
    Ok(matches!(answer.as_deref().map(str::trim), Some("y" | "Y" | "yes")))
}
