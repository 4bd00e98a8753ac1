//! Small strokes that every region uses: lines, frames, bars, scroll bars.
//!
//! Invariant: nothing is ever drawn outside the rectangle that was given.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Padding, Widget};

use super::text::{cut, width};
use super::theme::Theme;
use crate::app::App;
use crate::app::key::Pane;

/// Draws `line` in row `row` of `area`, cut at its right edge.
pub(super) fn line(buf: &mut Buffer, area: Rect, row: u16, line: &Line<'_>) {
    if row < area.height {
        buf.set_line(area.x, area.y + row, line, area.width);
    }
}

/// Draws `line` in row `row` of `area`, flush right.
pub(super) fn line_right(buf: &mut Buffer, area: Rect, row: u16, text: &Line<'_>) {
    let cells =
        u16::try_from(text.spans.iter().map(|s| width(&s.content)).sum::<usize>()).unwrap_or(u16::MAX);
    let x = area.right().saturating_sub(cells).max(area.x);
    if row < area.height {
        buf.set_line(x, area.y + row, text, area.right() - x);
    }
}

/// Draws `text` at column `x` of row `row` of `area` in at most `max` cells, with `…` where it is cut.
pub(super) fn text(buf: &mut Buffer, area: Rect, (x, row): (u16, u16), max: u16, text: &str, style: Style) {
    if row < area.height && x < area.width {
        let max = max.min(area.width - x);
        buf.set_stringn(area.x + x, area.y + row, cut(text, max.into()), max.into(), style);
    }
}

/// Draws a window of `lines` that starts at `top`, and a scroll bar on the frame to the right where they do not fit.
pub(super) fn window(buf: &mut Buffer, area: Rect, lines: &[Line<'_>], top: usize, theme: &Theme) {
    for (row, text) in lines.iter().skip(top).take(area.height.into()).enumerate() {
        line(buf, area, u16::try_from(row).unwrap_or(u16::MAX), text);
    }
    let bar = Rect { x: area.right() + 1, width: 1, ..area };
    scroll_bar(buf, bar, Scrolled { top, visible: area.height.into(), of: lines.len() }, theme);
}

/// The first line to show so that no window of `visible` lines shows less than it could.
pub(super) fn clamp(top: usize, of: usize, visible: u16) -> usize {
    top.min(of.saturating_sub(visible.into()))
}

/// The first line to show so that line `at` is among `visible` ones.
pub(super) fn follow(at: usize, of: usize, visible: u16) -> usize {
    let visible = usize::from(visible.max(1));
    clamp((at + 1).saturating_sub(visible), of, u16::try_from(visible).unwrap_or(u16::MAX))
}

/// Which part of something long is visible.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scrolled {
    pub(super) top: usize,
    pub(super) visible: usize,
    pub(super) of: usize,
}

/// A thumb on a one-cell-wide column; nothing when everything is visible.
pub(super) fn scroll_bar(buf: &mut Buffer, area: Rect, part: Scrolled, theme: &Theme) {
    let height = usize::from(area.height);
    if part.of <= part.visible || height == 0 {
        return;
    }
    let length = (height * part.visible / part.of).clamp(1, height);
    let room = height - length;
    let last = part.of - part.visible;
    let start = (room * part.top.min(last) + last / 2) / last;
    for row in start..start + length {
        let y = area.y + u16::try_from(row).unwrap_or(u16::MAX);
        if let Some(cell) = buf.cell_mut((area.x, y)) {
            cell.set_symbol("┃").set_style(theme.dim);
        }
    }
}

/// The frame of a pane. Draws it and returns the room inside.
pub(super) fn pane(buf: &mut Buffer, area: Rect, title: Line<'_>, focus: Focus, theme: &Theme) -> Rect {
    let (border, kind) = match focus {
        Focus::Here if theme.has_colour => (theme.border_focus, BorderType::Rounded),
        Focus::Here => (theme.border_focus, BorderType::Thick),
        Focus::Elsewhere => (theme.border, BorderType::Rounded),
    };
    let block = Block::bordered()
        .border_type(kind)
        .border_style(border)
        .padding(Padding::horizontal(1))
        .title_top(title);
    let inner = block.inner(area);
    block.render(area, buf);
    inner
}

/// Whether a pane has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    /// It has.
    Here,
    /// Another has.
    Elsewhere,
}

impl Focus {
    /// Whether a pane has the keys: none has while a popup is open.
    pub(super) fn of(app: &App, pane: Pane) -> Self {
        if app.pane == pane && app.modals.is_empty() { Self::Here } else { Self::Elsewhere }
    }

    /// The style of a title.
    pub(super) fn title(self, theme: &Theme) -> Style {
        match self {
            Self::Here => theme.title_focus,
            Self::Elsewhere => theme.title,
        }
    }
}

/// Writes on the frame of a pane, flush right: into its top or its bottom line.
pub(super) fn on_frame(buf: &mut Buffer, area: Rect, edge: Edge, text: Line<'_>) {
    let row = match edge {
        Edge::Top => 0,
        Edge::Bottom => area.height.saturating_sub(1),
    };
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if !text.spans.is_empty() {
        line_right(buf, inside, row, &padded(text));
    }
}

/// An edge of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// The upper one.
    Top,
    /// The lower one.
    Bottom,
}

/// `text` with a space on both sides, as it stands on a frame.
pub(super) fn padded(mut text: Line<'_>) -> Line<'_> {
    text.spans.insert(0, Span::raw(" "));
    text.spans.push(Span::raw(" "));
    text
}

/// The sign for something on its way. It turns with the clock of the state machine and so stands still while idle.
pub(super) fn spinner(now: i64) -> &'static str {
    match now.rem_euclid(4) {
        0 => "⠋",
        1 => "⠙",
        2 => "⠴",
        _ => "⠦",
    }
}

/// A bar of `cells` cells for `part` of `whole`: the filled and the empty piece, told apart by weight as by style.
pub(super) fn bar(part: u64, whole: u64, cells: u16) -> (String, String) {
    let halves = u128::from(part) * u128::from(cells) * 2 / u128::from(whole.max(1));
    let halves = usize::try_from(halves).unwrap_or(usize::MAX).min(usize::from(cells) * 2);
    let mut filled = "━".repeat(halves / 2);
    if halves % 2 == 1 || (halves == 0 && part > 0 && cells > 0) {
        filled.push('╸');
    }
    let rest = usize::from(cells).saturating_sub(width(&filled));
    (filled, "─".repeat(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_in_halves() {
        assert_eq!(bar(0, 10, 4), (String::new(), "────".into()));
        assert_eq!(bar(1, 2, 4), ("━━".into(), "──".into()));
        assert_eq!(bar(1, 1000, 4), ("╸".into(), "───".into()));
        assert_eq!(bar(3, 4, 2), ("━╸".into(), String::new()));
        assert_eq!(bar(u64::MAX, u64::MAX, 3), ("━━━".into(), String::new()));
        assert_eq!(bar(5, 0, 2), ("━━".into(), String::new()));
    }

    #[test]
    fn windows_stay_full() {
        assert_eq!(clamp(9, 10, 4), 6);
        assert_eq!(clamp(9, 3, 4), 0);
        assert_eq!(follow(0, 10, 4), 0);
        assert_eq!(follow(9, 10, 4), 6);
        assert_eq!(follow(4, 10, 4), 1);
    }
}
