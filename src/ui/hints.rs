//! The last line: what can be done here, or a message, or the filter that is typed.
//!
//! Invariant: what is drawn and what the mouse hits come from the same `placed`.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::input::{self, Shown};
use super::message;
use super::paint;
use super::text::width;
use super::theme::Theme;
use crate::app::App;
use crate::app::command::{Command, Item};
use crate::app::jobs::JobEnd;
use crate::app::key::Pane;
use crate::app::state::FilterBar;
use crate::domain::human;

/// Cells between two hints.
const GAP: u16 = 2;
/// From this width on, there is room for more than the hints.
const ROOMY: u16 = 80;
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
    let lead = lead(app, area.width, theme);
    paint::line(buf, area, 0, &lead);
    for hint in placed(app, &app.hints(), beside(&lead, area)) {
        let line = Line::from(vec![
            Span::styled(hint.key, theme.key),
            Span::raw(" "),
            Span::styled(hint.word, theme.dim),
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
    let lead = lead(app, area.width, &Theme::default());
    let hints = placed(app, &app.hints(), beside(&lead, area));
    hints.into_iter().find(|h| (h.x..h.x + h.cells).contains(&column)).map(|h| h.index)
}

/// What the hints act on, where that is more than the selected row.
fn lead(app: &App, cells: u16, theme: &Theme) -> Line<'static> {
    let marked = app.tree.marked_count();
    if marked == 0 {
        return Line::default();
    }
    let mut spans = vec![Span::styled(format!(" ● {} marked ", human::thousands(marked)), theme.mark)];
    if app.filter.is_none() && cells >= ROOMY {
        spans.extend([Span::styled(" Esc", theme.key), Span::styled(" unmark ", theme.dim)]);
    }
    Line::from(spans)
}

/// The room behind `lead`.
fn beside(lead: &Line<'_>, area: Rect) -> Rect {
    let taken = u16::try_from(lead.width()).unwrap_or(u16::MAX).min(area.width);
    Rect { x: area.x + taken, width: area.width - taken, ..area }
}

/// A hint and where it stands.
struct Hint {
    index: usize,
    word: Cow<'static, str>,
    key: String,
    x: u16,
    cells: u16,
}

/// As many hints as fit, in the order of the table.
fn placed(app: &App, items: &[&'static Item], area: Rect) -> Vec<Hint> {
    let mut room = area.width.saturating_sub(1);
    let mut chosen: Vec<Hint> = Vec::new();
    let all = items.iter().enumerate();
    let first = all.clone().filter(|(_, i)| FIRST.contains(&i.command));
    let rest = all.filter(|(_, i)| !FIRST.contains(&i.command));
    for (index, item) in first.chain(rest) {
        let Some(key) = item.key().map(|k| k.to_string()) else { continue };
        let word = app.hint_of(item);
        let cells = u16::try_from(width(&key) + 1 + width(&word)).unwrap_or(u16::MAX);
        if cells > room {
            break;
        }
        room = room.saturating_sub(cells + GAP);
        chosen.push(Hint { index, word, key, x: 0, cells });
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
    match app.pane {
        Pane::Tree => None,
        Pane::Details => Some(of_details(app).iter().map(pair).collect()),
        Pane::Jobs => Some(of_jobs(app).iter().map(pair).collect()),
    }
}

/// The keys of the details pane.
fn of_details(app: &App) -> Vec<(&'static str, &'static str)> {
    let mut keys = vec![("↑ ↓", "scroll"), ("Tab", "next pane")];
    if app.hints().iter().any(|item| item.command == Command::Inspect) {
        keys.push(("i", "inspect"));
    }
    keys.extend([("?", "help"), ("Esc", "back to the tree")]);
    keys
}

/// The keys of the jobs pane: what fits the chosen job.
fn of_jobs(app: &App) -> Vec<(&'static str, &'static str)> {
    let mut keys = Vec::new();
    if let Some(job) = app.jobs.list.get(app.jobs.cursor) {
        match &job.end {
            None if job.stopping => {}
            None => keys.push(("d", "cancel the job")),
            Some(JobEnd::Failed(_)) => keys.extend([("r", "try again"), ("d", "clear it")]),
            Some(JobEnd::Came(outcome)) => {
                keys.extend(outcome.at.iter().map(|_| ("Enter", "go there")));
                if outcome.address.is_some() {
                    keys.extend([("o", "open the page"), ("y", "copy the address")]);
                }
                keys.push(("d", "clear it"));
            }
            Some(JobEnd::Done(moved)) => {
                keys.extend(moved.at.iter().map(|_| ("Enter", "go there")));
                keys.extend([("y", "copy where it is"), ("d", "clear it")]);
            }
        }
    }
    if app.jobs.list.get(app.jobs.cursor).is_some_and(|job| !job.progress.log.is_empty()) {
        keys.push(("l", "log"));
    }
    if app.jobs.running() < app.jobs.list.len() {
        keys.push(("c", "clear all finished"));
    }
    if app.jobs.list.len() > 1 {
        keys.push(("↑ ↓", "choose"));
    }
    keys.push(("Esc", "back to the tree"));
    keys
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
