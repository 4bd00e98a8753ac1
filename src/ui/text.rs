//! Text measured and cut in cells.
//!
//! Invariant: nothing here splits a grapheme, and nothing returns more cells than it was given.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::text::visible;

const ELLIPSIS: &str = "…";

/// The cells that `text` takes.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The bytes and cells of the longest beginning of `text` that fits into `max` cells. Looks no further than that.
fn fitting(text: &str, max: usize) -> (usize, usize) {
    let (mut bytes, mut cells) = (0, 0);
    for grapheme in text.graphemes(true) {
        let w = grapheme.width();
        if cells + w > max {
            break;
        }
        bytes += grapheme.len();
        cells += w;
    }
    (bytes, cells)
}

/// The same from the end: where the longest fitting ending starts.
fn fitting_end(text: &str, max: usize) -> usize {
    let (mut start, mut cells) = (text.len(), 0);
    for grapheme in text.graphemes(true).rev() {
        let w = grapheme.width();
        if cells + w > max {
            break;
        }
        start -= grapheme.len();
        cells += w;
    }
    start
}

/// `text` in at most `max` cells, with `…` at the end where something is missing.
pub(super) fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if fitting(text, max).0 == text.len() {
        return Cow::Borrowed(text);
    }
    if max == 0 {
        return Cow::Borrowed("");
    }
    let (bytes, _) = fitting(text, max - 1);
    Cow::Owned(format!("{}{ELLIPSIS}", text.get(..bytes).unwrap_or_default()))
}

/// `text` in at most `max` cells, with `…` in the middle: where the end matters as much as the beginning.
pub(super) fn cut_middle(text: &str, max: usize) -> Cow<'_, str> {
    if fitting(text, max).0 == text.len() {
        return Cow::Borrowed(text);
    }
    if max < 5 {
        return cut(text, max);
    }
    let tail = (max - 1) / 3;
    let (head, cells) = fitting(text, max - 1 - tail);
    let start = fitting_end(text, max - 1 - cells).max(head);
    let (head, tail) = (text.get(..head).unwrap_or_default(), text.get(start..).unwrap_or_default());
    Cow::Owned(format!("{head}{ELLIPSIS}{tail}"))
}

/// `text` in at most `max` cells, with `…` at the beginning: where the end says more.
pub(super) fn cut_start(text: &str, max: usize) -> Cow<'_, str> {
    if fitting(text, max).0 == text.len() {
        return Cow::Borrowed(text);
    }
    if max == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("{ELLIPSIS}{}", text.get(fitting_end(text, max - 1)..).unwrap_or_default()))
}

/// `text` in lines of at most `max` cells, broken between words where that is possible; at most `limit` lines, the
/// last one cut.
pub(super) fn wrap(text: &str, max: usize, limit: usize) -> Vec<String> {
    let max = max.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        wrap_paragraph(visible(paragraph).as_ref(), max, limit + 1, &mut lines);
        if lines.len() > limit {
            break;
        }
    }
    if lines.len() > limit {
        lines.truncate(limit);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} {ELLIPSIS}"), max).into_owned();
        }
    }
    lines
}

fn wrap_paragraph(text: &str, max: usize, limit: usize, lines: &mut Vec<String>) {
    let (mut line, mut cells) = (String::new(), 0);
    for word in text.split_inclusive(' ') {
        if cells + width(word.trim_end()) <= max {
            line.push_str(word);
            cells += width(word);
            continue;
        }
        if lines.len() >= limit {
            return;
        }
        if cells > 0 {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        let mut rest = word;
        while width(rest.trim_end()) > max && lines.len() < limit {
            let (bytes, _) = fitting(rest, max);
            let bytes = bytes.max(rest.graphemes(true).next().map_or(1, str::len));
            lines.push(rest.get(..bytes).unwrap_or_default().to_owned());
            rest = rest.get(bytes..).unwrap_or_default();
        }
        line.push_str(rest);
        cells = width(rest);
    }
    lines.push(line.trim_end().to_owned());
}

/// `text` padded with spaces on the left to `cells` cells.
pub(super) fn right(text: &str, cells: usize) -> String {
    format!("{}{text}", " ".repeat(cells.saturating_sub(width(text))))
}

/// `text` padded with spaces on the right to `cells` cells.
pub(super) fn left(text: &str, cells: usize) -> String {
    format!("{text}{}", " ".repeat(cells.saturating_sub(width(text))))
}

/// A size in at most seven cells, rounded: `812 B`, `9.8 MiB`, `41 MiB`.
pub(super) fn short_size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (u128::from(bytes) * 10, "B");
    for next in UNITS {
        if tenths < 9_995 {
            break;
        }
        tenths = (tenths + 512) / 1024;
        unit = next;
    }
    if tenths < 100 {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    } else {
        format!("{} {unit}", (tenths + 5) / 10)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cutting_keeps_what_matters() {
        assert_eq!(cut("latest", 6), "latest");
        assert_eq!(cut("latest", 5), "late…");
        assert_eq!(cut("注册表", 5), "注册…");
        assert_eq!(cut("注册表", 4), "注…");
        assert_eq!(cut_middle("sha256:625d4619c5e316f5407", 16), "sha256:625…f5407");
        assert_eq!(cut_start("acme/api/worker", 8), "…/worker");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn wrapping_breaks_between_words_and_says_when_it_stops() {
        assert_eq!(wrap("one two three", 7, 9), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4, 9), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a\nb", 4, 9), ["a", "b"]);
        assert_eq!(wrap("one two three four", 5, 2), ["one", "two …"]);
        assert_eq!(wrap("", 5, 2), [""]);
    }

    #[test]
    fn sizes_take_seven_cells() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (7_916_748, "7.6 MiB"),
            (43_200_000, "41 MiB"),
            (1_047_000_000, "999 MiB"),
            (1_048_000_000, "1.0 GiB"),
            (1 << 40, "1.0 TiB"),
        ] {
            assert_eq!(short_size(bytes), shown);
        }
        assert!(short_size(u64::MAX).len() <= 7);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in "\\PC{0,40}", max in 0usize..20) {
            prop_assert!(width(&cut(&text, max)) <= max);
            prop_assert!(width(&cut_middle(&text, max)) <= max);
            prop_assert!(width(&cut_start(&text, max)) <= max);
            for line in wrap(&text, max, 5) {
                // A single grapheme is not broken, however wide it is.
                prop_assert!(width(&line) <= max.max(1) || line.graphemes(true).count() == 1);
            }
        }
    }
}
