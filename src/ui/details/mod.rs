//! The details of the selected node: lines made by a pure function, and the part of them that is visible.
//!
//! Invariant: the number of lines depends on the state and the width alone, so scrolling knows its end.

mod connection;
mod image;
mod repository;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::area::inside;
use super::paint::{self, Edge, Focus};
use super::sheet::Sheet;
use super::text::cut_middle;
use super::theme::Theme;
use crate::app::details::DetailsState;
use crate::app::key::Pane;
use crate::app::tree::Selection;
use crate::app::{App, RowKind};
use crate::domain::detail::Details;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, NodeKind};

/// Draws the pane into `area`.
pub(super) fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let focus = Focus::of(app, Pane::Details);
    let is_heading = app.tree.selection() == Selection::Heading;
    let title = match app.details.at.as_ref() {
        _ if is_heading => "Images".to_owned(),
        Some(at) => app.title_of(at),
        None => "Details".to_owned(),
    };
    let title = cut_middle(&visible(&title), usize::from(area.width.saturating_sub(16))).into_owned();
    let title = Line::styled(format!(" {title} "), focus.title(theme));
    paint::pane(buf, area, title, focus, theme);
    if matches!(app.details.state, DetailsState::Loading(_)) {
        let sign = Line::styled(format!("{} loading", paint::spinner(app.now)), theme.busy);
        paint::on_frame(buf, area, Edge::Top, sign);
    }
    let inner = inside(area);
    let lines = lines(app, theme, inner.width);
    let top = paint::clamp(app.details.top, lines.len(), inner.height);
    paint::window(buf, inner, &lines, top, theme);
    if lines.len() > top + usize::from(inner.height) {
        let below = lines.len() - top - usize::from(inner.height);
        paint::on_frame(buf, area, Edge::Bottom, Line::styled(format!("{below} more"), theme.dim));
    }
}

/// The lines of the pane at a width of `width` cells.
pub(super) fn lines(app: &App, theme: &Theme, width: u16) -> Vec<Line<'static>> {
    let mut sheet = Sheet::new(theme, width);
    if let Some(failure) = failed_row(app) {
        sheet.failure(failure);
        sheet.gap();
        let mut keys = vec![
            Span::styled("Enter", theme.key),
            Span::raw(" retries   "),
            Span::styled("r", theme.key),
            Span::raw(" refreshes"),
        ];
        let is_connection = app.selected().is_some_and(|at| at.kind() == NodeKind::Connection);
        if is_connection && failure.kind == FailureKind::Unauthorized {
            keys.extend([Span::styled("   e", theme.key), Span::raw(" edits the connection")]);
        }
        sheet.push(keys);
        return sheet.into_lines();
    }
    if app.tree.selection() == Selection::Heading {
        connection::places(app, &mut sheet);
        return sheet.into_lines();
    }
    match &app.details.state {
        DetailsState::Nothing => connection::nothing(app, &mut sheet),
        DetailsState::Loading(Some(details)) | DetailsState::Ready(details) => {
            sheet.make_room(told(details).iter().map(|(label, _)| label.as_str()));
            of(app, details, &mut sheet);
        }
        DetailsState::Loading(None) => sheet.push(Line::styled("Loading…", theme.dim)),
        DetailsState::Failed(failure) => {
            // A connection tells its own failure, and a branch that of its listing.
            match app.details.at.as_ref().filter(|at| at.kind() == NodeKind::Connection) {
                Some(at) => connection::lines(app, at, None, &mut sheet),
                None if failed_below(app).is_some() => {}
                None => sheet.failure(failure),
            }
        }
    }
    if let Some(failure) = failed_below(app) {
        sheet.gap();
        sheet.failure(failure);
        sheet.gap();
        sheet.push(vec![Span::styled("r", theme.key), Span::raw(" refreshes")]);
    }
    sheet.into_lines()
}

/// The number of lines of the pane at a width of `width` cells.
pub(super) fn height(app: &App, width: u16) -> usize {
    lines(app, &Theme::default(), width).len()
}

fn of(app: &App, details: &Details, sheet: &mut Sheet<'_>) {
    match (details, &app.details.at) {
        (Details::Connection(known), Some(at)) => connection::lines(app, at, Some(known), sheet),
        (Details::Repository(known), Some(at)) => repository::lines(app, at, known, sheet),
        (Details::Image(image), Some(at)) => {
            repository::reference(app, at, sheet);
            image::lines(image, &app.details.siblings, app.now, sheet);
            match &image.described {
                Some(Ok(known)) if known.lines.is_empty() && known.sections.is_empty() => {}
                Some(Ok(known)) => {
                    let title = app.connection(&at.connection).map(|c| c.connected.provider_title.clone());
                    sheet.heading(&title.unwrap_or_default(), "");
                    repository::description(known, sheet);
                }
                Some(Err(failure)) => sheet.item("⚠", &failure.sentence(), sheet.theme.bad, 4),
                None => {}
            }
        }
        (_, None) => {}
    }
}

/// The labelled lines that a vendor or a server tells.
fn told(details: &Details) -> &[(String, String)] {
    match details {
        Details::Connection(known) => &known.lines,
        Details::Repository(known) => &known.lines,
        Details::Image(image) => match &image.described {
            Some(Ok(known)) => &known.lines,
            Some(Err(_)) | None => &[],
        },
    }
}

/// The failure of the selected branch, whose row is the one below; a connection tells of it itself.
fn failed_below(app: &App) -> Option<&Failure> {
    let at = app.tree.cursor();
    let (row, below) = (app.tree.row(at)?, app.tree.row(at + 1)?);
    let is_own = below.depth == row.depth + 1 && row.kind != RowKind::Node(NodeKind::Connection);
    match below.kind {
        RowKind::Failed(failure) if is_own => Some(failure),
        _ => None,
    }
}

/// The failure that the selected row tells of.
fn failed_row(app: &App) -> Option<&Failure> {
    match app.tree.row(app.tree.cursor())?.kind {
        RowKind::Failed(failure) => Some(failure),
        _ => None,
    }
}
