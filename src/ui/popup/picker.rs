//! A choice from a list: an input that narrows it, and the matches, best first.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{Place, body, choices, entry_row, first_entry, middle, open};
use crate::app::modal::{PickItem, Picker};
use crate::domain::human::thousands;
use crate::domain::text::visible;
use crate::ui::area::inside;
use crate::ui::input::{self, Shown};
use crate::ui::paint::{self, Edge, Scrolled};
use crate::ui::row::set_off;
use crate::ui::text::{cut, cut_middle, width, wrap};
use crate::ui::theme::Theme;

const WIDTH: u16 = 76;
/// Lines inside the frame at most.
const MOST: usize = 24;

fn about(picker: &Picker, area: Rect) -> Vec<String> {
    let room = usize::from(WIDTH.min(area.width).saturating_sub(4));
    picker.about.as_deref().map(|about| wrap(about, room, 4)).unwrap_or_default()
}

/// As high as all choices need, so that it stands still while the list narrows.
pub(super) fn place(picker: &Picker, area: Rect) -> Place {
    let head = about(picker, area).len() + 2;
    let most = usize::from(area.height.saturating_sub(4)).clamp(8, MOST);
    let foot = choices::height(&picker.beside);
    let rows = (head + picker.choices.len().max(1) + usize::from(foot)).min(most);
    let outer = middle(area, WIDTH, rows);
    Place { outer, body: body(outer, u16::try_from(head).unwrap_or(u16::MAX), foot), lines: 0 }
}

/// The choice beside the list at a spot; those are counted after the matches.
pub(super) fn choice(picker: &Picker, place: Place, at: Position) -> Option<usize> {
    choices::entry(&picker.beside, inside(place.outer), at).map(|n| picker.hits.len() + n)
}

/// The match in a row of the body.
pub(super) fn entry(picker: &Picker, place: Place, row: usize) -> Option<usize> {
    let n = first_entry(picker.cursor, picker.hits.len(), place) + row;
    (n < picker.hits.len()).then_some(n)
}

/// Draws the list.
pub(super) fn draw(picker: &Picker, place: Place, theme: &Theme, buf: &mut Buffer) -> Option<Position> {
    let inner = open(buf, place.outer, &picker.title, theme);
    let about = about(picker, place.outer);
    for (n, line) in about.iter().enumerate() {
        paint::line(
            buf,
            inner,
            u16::try_from(n).unwrap_or(u16::MAX),
            &Line::styled(line.as_str(), theme.dim),
        );
    }
    let row = u16::try_from(about.len()).unwrap_or(u16::MAX);
    paint::line(buf, inner, row, &Line::styled("❯", theme.key));
    let field = Rect { x: inner.x + 2, y: inner.y + row, width: inner.width.saturating_sub(2), height: 1 };
    let cursor = input::draw(buf, field.intersection(inner), &picker.input, Shown::Plain, theme.strong);
    let count =
        format!("{} of {}", thousands(picker.hits.len() as u64), thousands(picker.choices.len() as u64));
    paint::on_frame(buf, place.outer, Edge::Bottom, Line::styled(count, theme.dim));
    if picker.hits.is_empty() {
        paint::line(buf, place.body, 0, &Line::styled("nothing matches", theme.dim));
    }
    let first = first_entry(picker.cursor, picker.hits.len(), place);
    let shown = picker.hits.iter().enumerate().skip(first).take(place.body.height.into());
    for (row, (n, (choice, hits))) in shown.enumerate() {
        let Some(choice) = picker.choices.get(*choice) else { continue };
        let line = choice_line(choice, hits, place.body.width, theme);
        paint::line(buf, place.body, u16::try_from(row).unwrap_or(u16::MAX), &line);
        if n == picker.cursor {
            buf.set_style(entry_row(place, row), theme.selected);
        }
    }
    let bar = Rect { x: place.outer.right().saturating_sub(1), width: 1, ..place.body };
    let part = Scrolled { top: first, visible: place.body.height.into(), of: picker.hits.len() };
    paint::scroll_bar(buf, bar, part, theme);
    choices::draw(&picker.beside, inner, theme, buf);
    picker.beside.focus.is_none().then_some(cursor)
}

fn choice_line(choice: &PickItem, hits: &[u32], cells: u16, theme: &Theme) -> Line<'static> {
    let cells = usize::from(cells);
    let label = cut_middle(&visible(&choice.label), cells).into_owned();
    let note = cut(&visible(&choice.note), cells.saturating_sub(width(&label) + 2)).into_owned();
    let gap = cells.saturating_sub(width(&label) + width(&note));
    let mut spans =
        set_off(&label, theme.text, theme.hit, |i| u32::try_from(i).is_ok_and(|i| hits.contains(&i)));
    spans.push(Span::raw(" ".repeat(gap)));
    spans.push(Span::styled(note, theme.dim));
    Line::from(spans)
}
