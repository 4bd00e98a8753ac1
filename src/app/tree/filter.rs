//! The filter: which names match what was typed, and how well.
//!
//! Invariant: whether a name matches is decided by a scan over its bytes, far cheaper than a score; scores come from
//! nucleo and are bounded in number, so that a keystroke costs about the same whatever matches.

use std::cmp::{Ordering, Reverse};

use memchr::memmem::Finder;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::lanes::in_lanes;

/// So many matches of one branch are scored; of more, the best by a rougher measure are.
const SCORED: usize = 10_000;

/// What a name with every word in one piece has over all others; scores stay far below it.
pub(super) const WHOLE: u32 = 1 << 24;

/// How many rough classes of matches there are.
const CLASSES: usize = 4;

/// What was typed, ready to be matched.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    text: String,
    pattern: Pattern,
    words: Vec<Word>,
}

/// A word that has to be found: its characters in this order, with any others between them.
#[derive(Debug, Clone)]
struct Word {
    finder: Finder<'static>,
    /// Both cases of each byte; the same byte twice where the case matters.
    pairs: Vec<(u8, u8)>,
}

/// A match and its rank; a larger rank is better, 0 was not scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) id: u32,
    pub(super) rank: u32,
}

impl Filter {
    /// The filter for a text; nothing for a blank one. Words are matched each on its own, upper case only by itself.
    pub(super) fn new(text: &str) -> Option<Self> {
        let pattern = Pattern::new(text, CaseMatching::Smart, Normalization::Never, AtomKind::Fuzzy);
        if pattern.atoms.is_empty() {
            return None;
        }
        let words = pattern.atoms.iter().map(|atom| Word::new(&atom.needle_text().to_string())).collect();
        Some(Self { text: text.to_owned(), pattern, words })
    }

    /// Whether whatever matches this also matches `before`, because it was typed on.
    pub(super) fn narrows(&self, before: &Self) -> bool {
        self.text.starts_with(&before.text) && !before.text.ends_with('\\')
    }

    /// Whether a text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.words.iter().all(|w| w.is_in(text.as_bytes()))
    }

    /// Those of `ids` that match, in the same order.
    pub(super) fn select<'a>(&self, ids: &[u32], text: impl Fn(u32) -> &'a str + Sync) -> Vec<u32> {
        let scan = |_, part: &[u32]| -> Vec<u32> {
            part.iter().copied().filter(|&id| self.matches(text(id))).collect()
        };
        in_lanes(ids, scan).concat()
    }

    /// The hits among `matched`: the best first, equals in the given order. Of very many only the best are scored, and
    /// the others follow in the given order.
    pub(super) fn rank<'a>(&self, matched: &[u32], text: impl Fn(u32) -> &'a str + Sync) -> Vec<Hit> {
        if matched.len() <= SCORED {
            return self.score(matched, text);
        }
        let places = self.best_places(matched, &text);
        let best: Vec<u32> = places.iter().filter_map(|&place| matched.get(place).copied()).collect();
        let mut hits = Vec::with_capacity(matched.len());
        hits.extend(self.score(&best, text));
        let mut places = places.into_iter().peekable();
        let others = matched.iter().enumerate().filter(|(place, _)| places.next_if_eq(place).is_none());
        hits.extend(others.map(|(_, &id)| Hit { id, rank: 0 }));
        hits
    }

    /// Where the matches are that are worth a score, in the given order.
    fn best_places<'a>(&self, matched: &[u32], text: impl Fn(u32) -> &'a str + Sync) -> Vec<usize> {
        let lanes = in_lanes(matched, |start, part| {
            let mut places: [Vec<usize>; CLASSES] = Default::default();
            for (place, &id) in (start..).zip(part) {
                let Some(class) = places.get_mut(self.class(text(id))) else { continue };
                if class.len() < SCORED {
                    class.push(place);
                }
                if places.first().is_some_and(|best| best.len() == SCORED) {
                    break;
                }
            }
            places
        });
        let by_class =
            (0..CLASSES).flat_map(|class| lanes.iter().filter_map(move |lane| lane.get(class)).flatten());
        let mut best: Vec<usize> = by_class.copied().take(SCORED).collect();
        best.sort_unstable();
        best
    }

    /// All of `matched` with their scores, best first, equals in the given order.
    pub(super) fn score<'a>(&self, matched: &[u32], text: impl Fn(u32) -> &'a str) -> Vec<Hit> {
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut hits: Vec<Hit> = matched
            .iter()
            .map(|&id| {
                let text = text(id);
                let score = self.pattern.score(haystack(text, &mut buffer), &mut matcher);
                let whole = if self.is_whole_in(text) { WHOLE } else { 0 };
                Hit { id, rank: 1 + whole + score.unwrap_or(0) }
            })
            .collect();
        hits.sort_by_key(|hit| Reverse(hit.rank));
        hits
    }

    /// Whether every word stands in `text` as it was typed.
    fn is_whole_in(&self, text: &str) -> bool {
        self.words.iter().all(|w| w.finder.find(text.as_bytes()).is_some())
    }

    /// Which characters of `text` the filter hit, counted from 0, each once.
    pub(super) fn positions(&self, text: &str) -> Vec<u32> {
        let mut matcher = Matcher::new(Config::DEFAULT);
        let (mut buffer, mut found) = (Vec::new(), Vec::new());
        if self.pattern.indices(haystack(text, &mut buffer), &mut matcher, &mut found).is_none() {
            return Vec::new();
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How good a match is, roughly, by the first word alone: 0 the start of the name, 1 the start of a part of it,
    /// 2 inside, 3 scattered.
    fn class(&self, text: &str) -> usize {
        let Some(word) = self.words.first() else { return 3 };
        let text = text.as_bytes();
        if text.starts_with(word.finder.needle()) {
            return 0;
        }
        match word.finder.find(text).and_then(|at| text.get(at.checked_sub(1)?)) {
            Some(before) if before.is_ascii_alphanumeric() => 2,
            Some(_) => 1,
            None => 3,
        }
    }
}

impl Hit {
    /// The order of hits: better ones first, then as `order` says.
    pub(super) fn compare(self, other: Self, order: impl Fn(u32, u32) -> Ordering) -> Ordering {
        other.rank.cmp(&self.rank).then_with(|| order(self.id, other.id))
    }
}

impl Word {
    fn new(needle: &str) -> Self {
        let respect = needle.chars().any(char::is_uppercase);
        let pairs =
            needle.bytes().map(|b| if respect { (b, b) } else { (b, b.to_ascii_uppercase()) }).collect();
        Self { finder: Finder::new(needle).into_owned(), pairs }
    }

    /// Whether its bytes are in `text` in this order. Bytes of one character lie beside each other in both.
    fn is_in(&self, text: &[u8]) -> bool {
        let mut rest = text.iter();
        self.pairs.iter().all(|&(one, other)| rest.any(|&b| b == one || b == other))
    }
}

fn haystack<'a>(text: &'a str, buffer: &'a mut Vec<char>) -> Utf32Str<'a> {
    if text.is_ascii() {
        return Utf32Str::Ascii(text.as_bytes());
    }
    // characters, not graphemes: positions are counted in them
    buffer.clear();
    buffer.extend(text.chars());
    Utf32Str::Unicode(buffer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_typed_in_one_piece_comes_before_scattered_letters() {
        let names = ["build-0000999-999e925d", "build-0099999-a045b7ef"];
        assert_eq!(hits("9999", &names)[0], names[1]);
    }

    fn hits(filter: &str, names: &[&'static str]) -> Vec<&'static str> {
        let filter = Filter::new(filter).unwrap();
        let ids: Vec<u32> = (0..u32::try_from(names.len()).unwrap()).collect();
        let text = |id: u32| names[id as usize];
        let matched = filter.select(&ids, text);
        filter.rank(&matched, text).into_iter().map(|h| names[h.id as usize]).collect()
    }

    #[test]
    fn the_best_come_first_and_equals_keep_their_order() {
        assert_eq!(
            hits("lat", &["platform", "x", "latest", "l-a.b.c-t"]),
            ["latest", "platform", "l-a.b.c-t"]
        );
        assert_eq!(hits("b1", &["b1", "a1", "b1-x", "B1"]), ["b1", "b1-x", "B1"]);
    }

    #[test]
    fn upper_case_counts_when_it_is_typed() {
        assert_eq!(hits("B1", &["b1", "B1"]), ["B1"]);
    }

    #[test]
    fn every_word_has_to_be_there() {
        assert_eq!(hits("alp 3.1", &["3.18-alpine", "3.18", "alpine"]), ["3.18-alpine"]);
        assert!(Filter::new("  ").is_none());
    }

    #[test]
    fn positions_are_characters() {
        assert_eq!(Filter::new("st").unwrap().positions("é-st"), [2, 3]);
        assert_eq!(Filter::new("x").unwrap().positions("é-st"), [] as [u32; 0]);
    }

    #[test]
    fn many_hits_are_all_there_the_best_first() {
        let mut names: Vec<String> = (0..60_000).map(|n| format!("x{n}-b-u-i")).collect();
        names.push("a-bui".into());
        names.push("bui".into());
        let filter = Filter::new("bui").unwrap();
        let ids: Vec<u32> = (0..60_002).collect();
        let text = |id: u32| names[id as usize].as_str();
        let matched = filter.select(&ids, text);
        assert_eq!(matched, ids);
        let ranked = filter.rank(&matched, text);
        assert_eq!(ranked.iter().take(2).map(|h| text(h.id)).collect::<Vec<_>>(), ["bui", "a-bui"]);
        let mut all: Vec<u32> = ranked.iter().map(|h| h.id).collect();
        all.sort_unstable();
        assert_eq!(all, ids);
        assert!(ranked.is_sorted_by_key(|h| Reverse(h.rank)));
    }

    proptest! {
        #[test]
        fn the_scan_agrees_with_nucleo(text in "[abAB1.é-]{0,12}", typed in "[abAB1.]{1,4}( [ab]{1,2})?") {
            let filter = Filter::new(&typed).unwrap();
            let mut buffer = Vec::new();
            let score = filter.pattern.score(haystack(&text, &mut buffer), &mut Matcher::new(Config::DEFAULT));
            prop_assert_eq!(filter.matches(&text), score.is_some());
        }

        #[test]
        fn typing_on_narrows(text in "[abAB]{0,8}", typed in "[abAB ]{1,5}", more in "[abAB ]{0,2}") {
            let (Some(short), Some(long)) = (Filter::new(&typed), Filter::new(&(typed.clone() + &more))) else {
                return Ok(());
            };
            prop_assert!(long.narrows(&short));
            prop_assert!(!long.matches(&text) || short.matches(&text));
        }
    }
}
