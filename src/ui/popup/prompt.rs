//! A one-line prompt with what it is for, and what is wrong with the answer.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::{Place, choices, middle, open};
use crate::app::modal::Prompt;
use crate::ui::area::inside;
use crate::ui::input::{self, Shown};
use crate::ui::paint;
use crate::ui::sheet::Sheet;
use crate::ui::theme::Theme;

const WIDTH: u16 = 70;

/// The lines above and below the input.
fn around(prompt: &Prompt, now: i64, cells: u16, theme: &Theme) -> (Vec<Line<'static>>, Vec<Line<'static>>) {
    let mut above = Sheet::new(theme, cells);
    if !prompt.about.is_empty() {
        above.paragraph(&prompt.about, theme.dim, 4);
        above.push(Line::default());
    }
    let mut below = Sheet::new(theme, cells);
    below.push(Line::default());
    if prompt.busy {
        below.item(paint::spinner(now), "asking the server…", theme.busy, 1);
    } else if let Some(error) = &prompt.error {
        below.item("⚠", error, theme.bad, 4);
    } else {
        below.push(Line::default());
    }
    for _ in 0..choices::height(&prompt.beside) {
        below.push(Line::default());
    }
    (above.into_lines(), below.into_lines())
}

/// As high as its lines.
pub(super) fn place(prompt: &Prompt, area: Rect) -> Place {
    let cells = inside(Rect { width: WIDTH.min(area.width), ..area }).width;
    let (above, below) = around(prompt, 0, cells, &Theme::default());
    let outer = middle(area, WIDTH, above.len() + 1 + below.len());
    Place { outer, body: inside(outer), lines: 0 }
}

/// Draws the prompt.
pub(super) fn draw(
    prompt: &Prompt,
    now: i64,
    place: Place,
    theme: &Theme,
    buf: &mut Buffer,
) -> Option<Position> {
    let inner = open(buf, place.outer, &prompt.title, theme);
    let (above, below) = around(prompt, now, inner.width, theme);
    let at = u16::try_from(above.len()).unwrap_or(u16::MAX).min(inner.height.saturating_sub(1));
    for (n, line) in above.iter().enumerate() {
        paint::line(buf, inner, u16::try_from(n).unwrap_or(u16::MAX), line);
    }
    let field = Rect { y: inner.y + at, height: 1, ..inner };
    buf.set_style(field, theme.field_focus);
    let cursor = input::draw(buf, field, &prompt.input, Shown::Plain, theme.text);
    let rest = Rect { y: field.y + 1, height: inner.bottom().saturating_sub(field.y + 1), ..inner };
    for (n, line) in below.iter().enumerate() {
        paint::line(buf, rest, u16::try_from(n).unwrap_or(u16::MAX), line);
    }
    choices::draw(&prompt.beside, inner, theme, buf);
    (!prompt.busy && prompt.beside.focus.is_none()).then_some(cursor)
}
