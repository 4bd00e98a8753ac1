//! The context menu: every entry that works here, with its key at the right.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Place, body, entry_row, first_entry, open};
use crate::app::App;
use crate::app::command::Command;
use crate::app::key::Key;
use crate::app::modal::{Entry, Menu};
use crate::domain::extra::Begins;
use crate::ui::area::widest;
use crate::ui::input::{self, Shown};
use crate::ui::paint;
use crate::ui::text::{cut, left, width};
use crate::ui::theme::Theme;

/// Below the selected row where there is room, else as far up as it has to go.
pub(super) fn place(app: &App, menu: &Menu, area: Rect, beside: Position) -> Place {
    let names: Vec<_> = menu.entries.iter().map(|e| app.label_of_entry(e)).collect();
    let labels = widest(names.iter().map(AsRef::as_ref));
    let cells =
        (labels + 14).max(widest(std::iter::once(menu.title.as_str())) + 6).clamp(30, 60).min(area.width);
    let head = u16::from(menu.narrow.is_some());
    let rows = u16::try_from(menu.entries.len().max(1)).unwrap_or(u16::MAX);
    let height = rows.saturating_add(2 + head).min(area.height);
    let x = beside.x.min(area.right().saturating_sub(cells)).max(area.x);
    let y = beside.y.saturating_add(1).min(area.bottom().saturating_sub(height)).max(area.y);
    let outer = Rect { x, y, width: cells, height };
    Place { outer, body: body(outer, head, 0), lines: 0 }
}

/// The entry in a row of the body.
pub(super) fn entry(menu: &Menu, place: Place, row: usize) -> Option<usize> {
    let n = first_entry(menu.cursor, menu.entries.len(), place) + row;
    (n < menu.entries.len()).then_some(n)
}

/// Draws the menu.
pub(super) fn draw(
    app: &App,
    menu: &Menu,
    place: Place,
    theme: &Theme,
    buf: &mut Buffer,
) -> Option<Position> {
    let inner = open(buf, place.outer, &menu.title, theme);
    let cursor = menu.narrow.as_ref().map(|typed| {
        paint::line(buf, inner, 0, &Line::styled("/", theme.key));
        let field = Rect { x: inner.x + 2, width: inner.width.saturating_sub(2), height: 1, ..inner };
        input::draw(buf, field, typed, Shown::Plain, theme.strong)
    });
    if menu.entries.is_empty() {
        paint::line(buf, place.body, 0, &Line::styled("nothing of that name", theme.dim));
    }
    let first = first_entry(menu.cursor, menu.entries.len(), place);
    let shown = menu.entries.iter().enumerate().skip(first).take(place.body.height.into());
    for (row, (n, entry)) in shown.enumerate() {
        let key = key_of(entry).map(|k| k.to_string()).unwrap_or_default();
        let room = usize::from(place.body.width).saturating_sub(width(&key));
        let line = Line::from(vec![
            Span::styled(left(&cut(&app.label_of_entry(entry), room), room), label_style(entry, theme)),
            Span::styled(key, theme.key),
        ]);
        paint::line(buf, place.body, u16::try_from(row).unwrap_or(u16::MAX), &line);
        if n == menu.cursor {
            buf.set_style(entry_row(place, row), theme.selected);
        }
    }
    cursor
}

/// What takes something away looks like it.
fn label_style(entry: &Entry, theme: &Theme) -> Style {
    let takes_away = match entry {
        Entry::Item(item) => matches!(
            item.command,
            Command::Delete | Command::DeleteRepository | Command::Untag | Command::Disconnect
        ),
        Entry::Extra(offered) => offered.extra.begins == Begins::AfterName,
    };
    if takes_away { theme.bad } else { theme.text }
}

fn key_of(entry: &Entry) -> Option<Key> {
    match entry {
        Entry::Item(item) => item.key(),
        Entry::Extra(_) => None,
    }
}
