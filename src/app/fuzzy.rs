//! Narrowing a short list by what was typed.
//!
//! Invariant: nothing typed keeps everything, in its order.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// How many of the best hits have their characters marked: more than any screen shows.
const MARKED: usize = 200;

/// The positions of the labels that match `query`, best first, each with the characters that matched.
pub(super) fn narrow(query: &str, labels: &[&str]) -> Vec<(usize, Vec<u32>)> {
    if query.trim().is_empty() {
        return (0..labels.len()).map(|i| (i, Vec::new())).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = Vec::new();
    for (i, label) in labels.iter().enumerate() {
        scored.extend(pattern.score(Utf32Str::new(label, &mut buffer), &mut matcher).map(|score| (score, i)));
    }
    scored.sort_by_key(|&(score, i)| (std::cmp::Reverse(score), i));
    let mut hits: Vec<(usize, Vec<u32>)> = scored.into_iter().map(|(_, i)| (i, Vec::new())).collect();
    for (i, marks) in hits.iter_mut().take(MARKED) {
        let Some(label) = labels.get(*i) else { continue };
        pattern.indices(Utf32Str::new(label, &mut buffer), &mut matcher, marks);
        marks.sort_unstable();
        marks.dedup();
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_hit_comes_first_and_nothing_typed_keeps_all() {
        let labels = ["Copy digest", "Delete image…", "Inspect manifest"];
        let order = |query: &str| narrow(query, &labels).into_iter().map(|(i, _)| i).collect::<Vec<_>>();
        assert_eq!(order(" "), [0, 1, 2]);
        assert_eq!(order("insp"), [2]);
        assert_eq!(order("digest"), [0]);
        assert_eq!(order("zzz"), [] as [usize; 0]);
        assert_eq!(narrow("del", &labels), [(1, vec![0, 1, 2])]);
    }
}
