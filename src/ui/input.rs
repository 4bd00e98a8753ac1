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
