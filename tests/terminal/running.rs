//! A server of a test that is no task itself: it runs on a runtime of its own, which ends with it.

use std::ops::Deref;

use tokio::runtime::Runtime;

/// What was started, and what it runs on.
pub(crate) struct Running<T> {
    started: T,
    _runtime: Runtime,
}

/// Runs what `start` brings up until the answer is dropped.
pub(crate) fn run<T>(start: impl Future<Output = T>) -> Running<T> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).enable_all().build().unwrap();
    let started = runtime.block_on(start);
    Running { started, _runtime: runtime }
}

impl<T> Deref for Running<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.started
    }
}
