//! The choices beside what a popup asks for: a line each, with its value between two signs that say it can be turned.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::choice::{Choice, Choices};
use crate::domain::text::visible;
use crate::ui::paint;
use crate::ui::text::{cut, left, width};
use crate::ui::theme::Theme;

/// Cells of a label.
const LABEL: usize = 11;

/// How many lines they take, with the empty one above.
pub(super) fn height(choices: &Choices) -> u16 {
    match choices.list.len() {
        0 => 0,
        n => u16::try_from(n).unwrap_or(u16::MAX).saturating_add(1),
    }
}

/// Where they are: the last lines of `inner`.
fn area(choices: &Choices, inner: Rect) -> Rect {
    let lines = height(choices).saturating_sub(1).min(inner.height);
    Rect { y: inner.bottom() - lines, height: lines, ..inner }
}

/// The choice at a spot.
pub(super) fn entry(choices: &Choices, inner: Rect, at: Position) -> Option<usize> {
    let area = area(choices, inner);
    area.contains(at).then(|| usize::from(at.y - area.y))
}

/// Draws them into the last lines of `inner`.
pub(super) fn draw(choices: &Choices, inner: Rect, theme: &Theme, buf: &mut Buffer) {
    let area = area(choices, inner);
    for (n, choice) in choices.list.iter().enumerate() {
        let row = u16::try_from(n).unwrap_or(u16::MAX);
        let has_keys = choices.focus == Some(n);
        paint::line(buf, area, row, &line(choice, has_keys, area.width, theme));
        if has_keys && row < area.height {
            buf.set_style(Rect { y: area.y + row, height: 1, ..area }, theme.selected);
        }
    }
}

fn line(choice: &Choice, has_keys: bool, cells: u16, theme: &Theme) -> Line<'static> {
    let sign = if has_keys { theme.key } else { theme.faint };
    let value = visible(&choice.value()).into_owned();
    let tail = if has_keys { "" } else { "   Tab" };
    let room = usize::from(cells).saturating_sub(LABEL + 4 + width(tail));
    Line::from(vec![
        Span::styled(left(choice.label(), LABEL), theme.dim),
        Span::styled("‹ ", sign),
        Span::raw(cut(&value, room).into_owned()),
        Span::styled(" ›", sign),
        Span::styled(tail, theme.dim),
    ])
}
