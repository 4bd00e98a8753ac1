//! A text that a vendor gave: properties as JSON, a log.
//!
//! Invariant: a long plain line is wrapped, so that nothing of it is out of sight.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line as Drawn, Span};

use super::inspect::style;
use super::{Place, body, open};
use crate::app::inspect::Line;
use crate::app::modal::Text;
use crate::ui::area::inside;
use crate::ui::paint::{self, Scrolled};
use crate::ui::text::wrap;
use crate::ui::theme::Theme;

/// Lines that one line of the text may take.
const MOST: usize = 40;

fn lines(text: &Text, cells: u16, theme: &Theme) -> Vec<Drawn<'static>> {
    text.lines.iter().flat_map(|line| drawn(line, cells.into(), theme)).collect()
}

fn drawn(line: &Line, cells: usize, theme: &Theme) -> Vec<Drawn<'static>> {
    match line.spans.as_slice() {
        [(tone, text)] if text.chars().count() > cells => {
            let parts = wrap(text, cells, MOST).into_iter();
            parts.map(|part| Drawn::styled(part, style(*tone, theme))).collect()
        }
        spans => {
            let spans = spans.iter().map(|(tone, text)| Span::styled(text.clone(), style(*tone, theme)));
            vec![Drawn::from(spans.collect::<Vec<_>>())]
        }
    }
}

/// The whole screen, for long texts.
pub(super) fn place(text: &Text, area: Rect) -> Place {
    let lines = lines(text, inside(area).width, &Theme::default()).len();
    Place { outer: area, body: body(area, 0, 0), lines }
}

/// Draws the text.
pub(super) fn draw(text: &Text, place: Place, theme: &Theme, buf: &mut Buffer) -> Option<Position> {
    let inner = open(buf, place.outer, &text.title, theme);
    let lines = lines(text, inner.width, theme);
    let top = paint::clamp(text.top, lines.len(), inner.height);
    paint::window(buf, inner, &lines, top, theme);
    let bar = Rect { x: place.outer.right().saturating_sub(1), width: 1, ..inner };
    let part = Scrolled { top, visible: inner.height.into(), of: lines.len() };
    paint::scroll_bar(buf, bar, part, theme);
    None
}
