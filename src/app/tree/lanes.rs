//! Work on the entries of a large branch, split among threads.
//!
//! Invariant: a branch that is not large is worked on where the call is; whoever calls waits for every lane.

/// From so many entries on, work is split among threads.
pub(super) const LARGE: usize = 50_000;

/// How many threads share the work on a large branch.
const LANES: usize = 4;

/// How many of `len` entries make a lane: all of them, unless they are many. Never 0.
pub(super) fn lane_len(len: usize) -> usize {
    if len < LARGE { len.max(1) } else { len.div_ceil(LANES) }
}

/// Runs `work` over parts of `ids`, each with the place where it starts, side by side when there are many. The results
/// are in order.
pub(super) fn in_lanes<T: Send>(ids: &[u32], work: impl Fn(usize, &[u32]) -> T + Sync) -> Vec<T> {
    if ids.len() < LARGE {
        return vec![work(0, ids)];
    }
    let lane = lane_len(ids.len());
    std::thread::scope(|scope| {
        let work = &work;
        let parts = (0..).step_by(lane).zip(ids.chunks(lane));
        let lanes: Vec<_> = parts.map(|(start, part)| scope.spawn(move || work(start, part))).collect();
        lanes.into_iter().filter_map(|lane| lane.join().ok()).collect()
    })
}
