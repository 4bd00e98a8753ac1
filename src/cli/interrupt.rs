//! Ctrl-C in a subcommand.
//!
//! Invariant: what reads or asks ends at once; a write that was begun runs to its end, so that nothing is left half
//! done at the registry.

use super::Output;
use crate::domain::Failure;

/// `work`, which changes nothing, until Ctrl-C ends it.
///
/// # Errors
/// Those of `work`, and `Cancelled`.
pub(super) async fn until_interrupted<T, E: From<Failure>>(
    doing: &str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::select! {
        result = work => result,
        Ok(()) = tokio::signal::ctrl_c() => Err(Failure::cancelled(doing).into()),
    }
}

/// `write`, which changes a registry, to its end; Ctrl-C is answered in words.
pub(super) async fn to_its_end<T>(output: &Output, write: impl Future<Output = T>) -> T {
    tokio::pin!(write);
    loop {
        tokio::select! {
            result = &mut write => return result,
            Ok(()) = tokio::signal::ctrl_c() => output.message("The registry is being changed; this runs to its end."),
        }
    }
}
