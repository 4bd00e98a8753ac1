//! A message at the bottom: its sign, its sentence in a few lines, the next step.
//!
//! Invariant: never more than [`MOST`] lines; what had to be cut says where all of it is.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::text::{cut, width, wrap};
use super::theme::Theme;
use crate::app::notice::{Level, Notice};
use crate::domain::text::visible;

/// How many lines a message takes at most.
const MOST: usize = 3;
/// Cells before the sentence, and one after it.
const AROUND: u16 = 4;
/// From so many letters on, a hexadecimal number is a digest.
const DIGEST: usize = 64;

/// The sign of a message.
pub(super) fn sign(level: Level, theme: &Theme) -> (&'static str, Style) {
    match level {
        Level::Note => ("›", theme.dim),
        Level::Info => ("✓", theme.good),
        Level::Warning => ("▲", theme.warn),
        Level::Error => ("⚠", theme.bad),
    }
}

/// The lines of a message on a screen `cells` wide; the next step follows where there is room for it, behind the sentence
/// or below.
pub(super) fn lines(notice: &Notice, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let room = usize::from(cells.saturating_sub(AROUND));
    let text = shorten_digests(&visible(&notice.text));
    let mut parts = wrap(&text, room, MOST + 1);
    let is_cut = parts.len() > MOST;
    parts.truncate(MOST);
    let last = parts.pop().unwrap_or_default();
    let (mut tail, mut below) = (Vec::new(), None);
    match notice.hint {
        _ if is_cut => tail = vec![Span::styled("  !", theme.key), Span::styled(" all messages", theme.dim)],
        Some(hint) if width(&last) + 2 + width(hint) <= room => {
            tail = vec![Span::styled(format!("  {hint}"), theme.dim)];
        }
        Some(hint) if parts.len() + 1 < MOST => below = Some(cut(hint, room).into_owned()),
        _ => {}
    }
    let taken: usize = if is_cut { tail.iter().map(|s| width(&s.content)).sum() } else { 0 };
    let last =
        if is_cut { cut(&format!("{last} …"), room.saturating_sub(taken)).into_owned() } else { last };
    let (sign, style) = sign(notice.level, theme);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for part in parts.into_iter().chain([last]) {
        let lead = if lines.is_empty() { format!(" {sign} ") } else { "   ".to_owned() };
        lines.push(Line::from(vec![Span::styled(lead, style), Span::raw(part)]));
    }
    if let Some(line) = lines.last_mut() {
        line.spans.extend(tail);
    }
    lines.extend(below.map(|hint| Line::from(vec![Span::raw("   "), Span::styled(hint, theme.dim)])));
    lines
}

/// Digests in twelve letters: the whole ones push the reason out of sight.
fn shorten_digests(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c: char| !c.is_ascii_hexdigit()) {
        let hex = piece.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        match (hex.get(..12), piece.get(hex.len()..)) {
            (Some(short), Some(rest)) if hex.len() >= DIGEST => {
                out.push_str(short);
                out.push('…');
                out.push_str(rest);
            }
            _ => out.push_str(piece),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str, hint: Option<&'static str>, cells: u16) -> Vec<String> {
        let notice = Notice { at: 0, level: Level::Error, text: text.to_owned(), hint };
        lines(&notice, cells, &Theme::default()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn whole_digests_do_not_hide_the_reason() {
        let text = format!("deleting app@sha256:{}: switched off by the administrator", "ab".repeat(32));
        let shown = drawn(&text, None, 80);
        assert_eq!(shown, [" ⚠ deleting app@sha256:abababababab…: switched off by the administrator"]);
        assert_eq!(shorten_digests("deadbeef, sha256:abc"), "deadbeef, sha256:abc");
    }

    #[test]
    fn a_long_sentence_takes_three_lines_and_says_where_the_rest_is() {
        let two = drawn(&"word ".repeat(15), None, 60);
        assert_eq!(two.len(), 2);
        let cut = drawn(&"word ".repeat(100), None, 60);
        assert_eq!(cut.len(), MOST);
        assert!(cut.iter().all(|line| width(line) <= 60), "{cut:?}");
        assert!(cut.last().is_some_and(|line| line.ends_with("…  ! all messages")), "{cut:?}");
    }

    #[test]
    fn the_next_step_stands_behind_or_below_where_there_is_room() {
        assert_eq!(drawn("it failed", Some("try again"), 60), [" ⚠ it failed  try again"]);
        assert_eq!(drawn("it failed", Some("try again"), 20), [" ⚠ it failed", "   try again"]);
        let long = drawn(&"word ".repeat(33), Some("try again"), 60);
        assert!(long.len() == MOST && !long.iter().any(|line| line.contains("try again")), "{long:?}");
    }
}
