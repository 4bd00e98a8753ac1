//! The last line: what can be done here, or a message, or the filter that is typed.
//!
//! Invariant: what is drawn and what the mouse hits come from the same `placed`.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::input::{self, Shown};
use super::message;
use super::paint;
use super::text::width;
use super::theme::Theme;
use crate::app::command::{Command, Item};
use crate::app::key::Pane;
use crate::app::state::FilterBar;
use crate::app::{App, local};
use crate::domain::human;

/// Cells between two hints.
const GAP: u16 = 2;
/// What is shown before anything else when there is little room.
const FIRST: [Command; 3] = [Command::Help, Command::Menu, Command::Filter];

/// How many lines are needed.
pub(super) fn height(app: &App, cells: u16) -> u16 {
    let lines =
        app.notice.as_ref().map_or(1, |notice| message::lines(notice, cells, &Theme::default()).len());
    u16::try_from(lines).unwrap_or(1)
}

/// Draws the line; returns where the cursor is while a filter is typed.
pub(super) fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) -> Option<Position> {
    if let Some(notice) = &app.notice {
        let lines = message::lines(notice, area.width, theme);
        paint::window(buf, area, &lines, 0, theme);
        return None;
    }
    if let Some(filter) = app.filter.as_ref().filter(|f| f.typing && app.modals.is_empty()) {
        return Some(draw_filter(app, filter, theme, area, buf));
    }
    if let Some(keys) = keys_here(app) {
        paint::line(buf, area, 0, &of_keys(&keys, area.width, theme));
        return None;
    }
    for hint in placed(&app.hints(), area) {
        let line = Line::from(vec![
            Span::styled(hint.key, theme.key),
            Span::raw(" "),
            Span::styled(hint.item.hint, theme.dim),
        ]);
        buf.set_line(hint.x, area.y, &line, hint.cells);
    }
    None
}

/// The hint under a column, as its position among [`App::hints`].
pub(super) fn at(app: &App, area: Rect, column: u16) -> Option<usize> {
    let is_typing = app.filter.as_ref().is_some_and(|f| f.typing);
    if app.notice.is_some() || is_typing || keys_here(app).is_some() {
        return None;
    }
    let hints = placed(&app.hints(), area);
    hints.into_iter().find(|h| (h.x..h.x + h.cells).contains(&column)).map(|h| h.index)
}

/// A hint and where it stands.
struct Hint {
    index: usize,
    item: &'static Item,
    key: String,
    x: u16,
    cells: u16,
}

/// As many hints as fit, in the order of the table.
fn placed(items: &[&'static Item], area: Rect) -> Vec<Hint> {
    let mut room = area.width.saturating_sub(1);
    let mut chosen: Vec<Hint> = Vec::new();
    let all = items.iter().enumerate();
    let first = all.clone().filter(|(_, i)| FIRST.contains(&i.command));
    let rest = all.filter(|(_, i)| !FIRST.contains(&i.command));
    for (index, item) in first.chain(rest) {
        let Some(key) = item.key().map(|k| k.to_string()) else { continue };
        let cells = u16::try_from(width(&key) + 1 + width(item.hint)).unwrap_or(u16::MAX);
        if cells > room {
            break;
        }
        room = room.saturating_sub(cells + GAP);
        chosen.push(Hint { index, item, key, x: 0, cells });
    }
    chosen.sort_by_key(|h| h.index);
    let mut x = area.x + 1;
    for hint in &mut chosen {
        hint.x = x;
        x += hint.cells + GAP;
    }
    chosen
}

/// The keys of the pane or popup that has them, where those are not the table's.
fn keys_here(app: &App) -> Option<Vec<(String, String)>> {
    let pair = |(key, word): &(&str, &str)| ((*key).to_owned(), (*word).to_owned());
    if let Some(modal) = app.modals.last() {
        return Some(super::popup::keys(modal).iter().map(pair).collect());
    }
    if app.welcome.is_some() {
        let keys = [("↑ ↓", "choose"), ("Enter", "go"), ("c", "connect"), ("?", "help"), ("q", "quit")];
        return Some(keys.iter().map(pair).collect());
    }
    (app.pane == Pane::Jobs).then(|| {
        let own = local::jobs_keys().into_iter().skip(2);
        let short = |label: &'static str| label.split(';').next().unwrap_or(label).to_lowercase();
        own.map(|(keys, label)| (keys.split(' ').next().unwrap_or_default().to_owned(), short(label)))
            .collect()
    })
}

/// As many keys as fit; the last one, which leads out, always.
fn of_keys(keys: &[(String, String)], cells: u16, theme: &Theme) -> Line<'static> {
    let Some((out, others)) = keys.split_last() else {
        return Line::default();
    };
    let cells_of = |(key, word): &(String, String)| width(key) + width(word) + 1 + usize::from(GAP);
    let mut room = usize::from(cells).saturating_sub(cells_of(out));
    let fitting = others.iter().take_while(|key| {
        let fits = cells_of(key) <= room;
        room = room.saturating_sub(cells_of(key));
        fits
    });
    let mut spans = vec![Span::raw(" ")];
    for (key, word) in fitting.chain([out]) {
        spans.push(Span::styled(key.clone(), theme.key));
        spans.push(Span::styled(format!(" {word}  "), theme.dim));
    }
    Line::from(spans)
}

fn draw_filter(app: &App, filter: &FilterBar, theme: &Theme, area: Rect, buf: &mut Buffer) -> Position {
    let mut about = Vec::new();
    let hits = human::count(app.tree.hits() as u64, "hit", "hits");
    about.push(Span::styled(format!("{hits}   "), theme.number));
    for (key, word) in [("Enter", " keeps  "), ("Esc", " clears ")] {
        about.push(Span::styled(key, theme.key));
        about.push(Span::styled(word, theme.dim));
    }
    let about = Line::from(about);
    let taken = u16::try_from(about.width() + 2).unwrap_or(u16::MAX);
    paint::line(buf, area, 0, &Line::styled(" / ", theme.key));
    paint::line_right(buf, area, 0, &about);
    let field = Rect { x: area.x + 3, width: area.width.saturating_sub(3 + taken), ..area };
    input::draw(buf, field, &filter.input, Shown::Plain, theme.strong)
}
