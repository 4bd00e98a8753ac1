//! The one-line input: what was typed, scrolled so that its cursor is in sight.
//!
//! Invariant: a secret is drawn as dots, and what was pasted is made safe like any other text.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use tui_input::Input;
use unicode_segmentation::UnicodeSegmentation;

use super::text::{cut_start, width};
use crate::domain::text::visible;

/// How typed text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// As it is.
    Plain,
    /// As dots.
    Masked,
}

/// Draws `input` into one row and returns where its cursor is.
pub(super) fn draw(buf: &mut Buffer, area: Rect, input: &Input, shown: Shown, style: Style) -> Position {
    let at = input.value().char_indices().nth(input.cursor()).map_or(input.value().len(), |(i, _)| i);
    let (before, after) = input.value().split_at(at);
    let (before, after) = (as_shown(before, shown), as_shown(after, shown));
    let room = usize::from(area.width.saturating_sub(1));
    let before = cut_start(&before, room);
    let column = u16::try_from(width(&before)).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
    if area.height > 0 && area.width > 0 {
        buf.set_stringn(area.x, area.y, format!("{before}{after}"), area.width.into(), style);
    }
    Position { x: area.x + column, y: area.y }
}

/// `text` as it stands in an input that does not have the cursor.
pub(super) fn as_shown(text: &str, shown: Shown) -> String {
    match shown {
        Shown::Plain => visible(text).into_owned(),
        Shown::Masked => "•".repeat(text.graphemes(true).count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str, cursor: usize, cells: u16, shown: Shown) -> (String, u16) {
        let area = Rect::new(0, 0, cells, 1);
        let mut buf = Buffer::empty(area);
        let input = Input::new(text.to_owned()).with_cursor(cursor);
        let at = draw(&mut buf, area, &input, shown, Style::new());
        (buf.content.iter().map(|c| c.symbol()).collect(), at.x)
    }

    #[test]
    fn the_cursor_stays_in_sight() {
        assert_eq!(drawn("abc", 3, 6, Shown::Plain), ("abc   ".to_owned(), 3));
        assert_eq!(drawn("abcdefgh", 8, 6, Shown::Plain), ("…efgh ".to_owned(), 5));
        assert_eq!(drawn("abcdefgh", 0, 6, Shown::Plain), ("abcdef".to_owned(), 0));
    }

    #[test]
    fn wide_characters_take_two_cells() {
        assert_eq!(drawn("注册", 1, 6, Shown::Plain).1, 2);
    }

    #[test]
    fn a_secret_is_dots_and_a_paste_is_harmless() {
        assert_eq!(drawn("pä3", 3, 6, Shown::Masked), ("•••   ".to_owned(), 3));
        assert_eq!(drawn("\u{1b}[m", 3, 6, Shown::Plain).0, "␛[m   ");
    }
}
