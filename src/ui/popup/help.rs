//! The keys, made from the tables; in two columns where there is room.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{Place, inside, middle, open};
use crate::app::help::{self, HelpLine};
use crate::app::modal::Scroll;
use crate::ui::paint;
use crate::ui::text::{cut, left};
use crate::ui::theme::Theme;

/// From this width on there are two columns.
const TWO: u16 = 96;
const KEYS: usize = 18;

/// The columns at a width of `cells`.
fn columns(cells: u16) -> Vec<Vec<HelpLine>> {
    let mut lines = help::lines();
    if cells < TWO {
        return vec![lines];
    }
    let half = lines.len().div_ceil(2);
    // A column begins with a heading where one is near.
    let is_heading = |n: &usize| matches!(lines.get(*n), Some(HelpLine::Heading(_)));
    let at = (half.saturating_sub(2)..half + 3).find(is_heading).unwrap_or(half);
    let right = lines.split_off(at);
    vec![lines, right]
}

/// As wide as the screen allows.
pub(super) fn place(area: Rect) -> Place {
    let width = if area.width >= TWO + 4 { TWO + 20 } else { 66 };
    let lines = columns(width.saturating_sub(4)).iter().map(Vec::len).max().unwrap_or(0);
    let outer = middle(area, width, lines);
    Place { outer, body: inside(outer), lines }
}

/// Draws the help.
pub(super) fn draw(scroll: &Scroll, place: Place, theme: &Theme, buf: &mut Buffer) -> Option<Position> {
    let inner = open(buf, place.outer, "Help", theme);
    let columns = columns(inner.width);
    let top = paint::clamp(scroll.top, place.lines, inner.height);
    let each = inner.width / u16::try_from(columns.len().max(1)).unwrap_or(1);
    for (n, column) in columns.iter().enumerate() {
        let x = inner.x + each * u16::try_from(n).unwrap_or(0);
        let area = Rect { x, width: each.saturating_sub(1), ..inner };
        for (row, line) in column.iter().skip(top).take(area.height.into()).enumerate() {
            paint::line(
                buf,
                area,
                u16::try_from(row).unwrap_or(u16::MAX),
                &help_line(line, area.width, theme),
            );
        }
    }
    let bar = Rect { x: place.outer.right().saturating_sub(1), width: 1, ..inner };
    let part = paint::Scrolled { top, visible: inner.height.into(), of: place.lines };
    paint::scroll_bar(buf, bar, part, theme);
    None
}

fn help_line(line: &HelpLine, cells: u16, theme: &Theme) -> Line<'static> {
    match line {
        HelpLine::Heading(title) => Line::styled(*title, theme.heading),
        HelpLine::Keys { keys, label } => {
            let keys = left(&cut(keys, KEYS), KEYS);
            let label = cut(label, usize::from(cells).saturating_sub(KEYS + 3)).into_owned();
            Line::from(vec![Span::styled(format!("  {keys} "), theme.key), Span::raw(label)])
        }
    }
}
