//! The tree: a frame, and the rows of its window.
//!
//! Invariant: only visible rows are asked for and drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::area::inside_tree;
use super::columns::Columns;
use super::paint::{self, Edge, Focus, Scrolled};
use super::row::{self, Beside};
use super::text::cut;
use super::theme::Theme;
use crate::app::effect::Sort;
use crate::app::key::Pane;
use crate::app::state::{ConnectionState, Health};
use crate::app::tree::Selection;
use crate::app::{App, Row, RowKind};
use crate::domain::connection::Connected;
use crate::domain::human::{self, thousands};
use crate::domain::text::visible;
use crate::domain::{Locator, NodeKind};

/// Draws the tree into `area`.
pub(super) fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let focus = Focus::of(app, Pane::Tree);
    let mut title = Line::styled(" Registries ", focus.title(theme));
    let marked = app.tree.marked_count();
    if marked > 0 {
        title.push_span(Span::styled(format!("● {} marked ", thousands(marked)), theme.mark));
    }
    paint::pane(buf, area, title, focus, theme);
    paint::on_frame(buf, area, Edge::Top, state_of_view(app, theme));
    paint::on_frame(buf, area, Edge::Bottom, position(app, theme));
    let inner = inside_tree(area);
    let rows = app.tree.window();
    let columns = Columns::new(row::name_cells(&rows, inner.width), inner.width, app.now);
    for (n, row) in rows.iter().take(inner.height.into()).enumerate() {
        let y = u16::try_from(n).unwrap_or(u16::MAX);
        let beside = beside(app, &rows, n, theme);
        paint::line(buf, inner, y, &row::line(row, &beside, columns, theme));
        if row.index == app.tree.cursor() {
            choose(buf, Rect { x: inner.x, y: inner.y + y, width: inner.width + 1, height: 1 }, focus, theme);
        }
    }
    if rows.is_empty() && app.filter.is_some() {
        paint::line(buf, inner, 0, &Line::styled(nothing_matches(app), theme.dim));
    }
    let bar = Rect { x: area.right().saturating_sub(1), width: 1, ..inner };
    let part = Scrolled { top: app.tree.top(), visible: inner.height.into(), of: app.tree.len() };
    paint::scroll_bar(buf, bar, part, theme);
}

/// What stands there while the filter leaves no row.
fn nothing_matches(app: &App) -> &'static str {
    if app.tree.loading() {
        " No match yet, still loading…"
    } else {
        " Nothing matches; Esc clears the filter."
    }
}

/// Sets the chosen row off, by its background and by a sign at its edge.
fn choose(buf: &mut Buffer, row: Rect, focus: Focus, theme: &Theme) {
    let style = match focus {
        Focus::Here => theme.selected,
        Focus::Elsewhere => theme.selected_idle,
    };
    buf.set_style(row, style);
    if let Some(cell) = buf.cell_mut((row.x, row.y)) {
        cell.set_symbol("▌").set_style(theme.busy);
    }
}

/// What a row shows besides its own facts.
fn beside(app: &App, rows: &[Row<'_>], n: usize, theme: &Theme) -> Beside {
    let Some(row) = rows.get(n) else {
        return Beside::default();
    };
    match row.kind {
        RowKind::Node(NodeKind::Connection) => connection_of(app, row)
            .map(|c| beside_connection(app, c, children_of(rows, n), theme))
            .unwrap_or_default(),
        RowKind::Node(NodeKind::Untagged) => {
            let place = connection_of(app, row).filter(|c| c.is_place());
            let children = place.map(|_| ("image", "images"));
            Beside { children, ..Beside::default() }
        }
        RowKind::Node(NodeKind::Tag) => Beside { same_as: same_above(rows, n), ..Beside::default() },
        _ => Beside { children: children_of(rows, n), ..Beside::default() },
    }
}

/// What stands beside a connection, or a place on this machine.
fn beside_connection(
    app: &App,
    c: &ConnectionState,
    children: Option<(&'static str, &'static str)>,
    theme: &Theme,
) -> Beside {
    let beside = Beside {
        provider: provider(c),
        account: account(app, c),
        warning: c.connected.warning.is_some(),
        state: health(c, theme),
        children,
        ..Beside::default()
    };
    if !c.is_place() {
        return beside;
    }
    let (images, size) = app.tree.images_below(&Locator::root(c.id().clone())).unzip();
    Beside { images, size: size.flatten(), children: None, ..beside }
}

fn connection_of<'a>(app: &'a App, row: &Row<'_>) -> Option<&'a ConnectionState> {
    match app.tree.selection_at(row.index) {
        Selection::Node(at) => app.connection(&at.connection),
        _ => None,
    }
}

/// What the children of an open branch are called, from the row below it.
fn children_of(rows: &[Row<'_>], n: usize) -> Option<(&'static str, &'static str)> {
    let (row, below) = (rows.get(n)?, rows.get(n + 1)?);
    match below.kind {
        _ if below.depth != row.depth + 1 => None,
        RowKind::Node(NodeKind::Repository) => Some(("repository", "repositories")),
        RowKind::Node(NodeKind::Namespace) => Some(("namespace", "namespaces")),
        RowKind::Node(NodeKind::Registry) => Some(("registry", "registries")),
        _ => None,
    }
}

/// The provider, unless the connection is called so.
fn provider(c: &ConnectionState) -> Option<String> {
    let Connected { provider_title, connection, .. } = &c.connected;
    (*provider_title != connection.name).then(|| provider_title.clone().into_owned())
}

/// The account, or the host where nobody is signed in.
fn account(app: &App, c: &ConnectionState) -> Option<String> {
    let connection = &c.connected.connection;
    let who = app.account_of(connection).unwrap_or_else(|| connection.host());
    (!c.is_place()).then(|| who.to_owned())
}

/// The state of a connection as a sign and a word; nothing before it was asked anything.
fn health(c: &ConnectionState, theme: &Theme) -> Option<(String, ratatui::style::Style)> {
    match &c.health {
        Health::Unknown => None,
        Health::Fine if c.is_place() => Some(("● ready".to_owned(), theme.good)),
        Health::Fine => Some(("● online".to_owned(), theme.good)),
        Health::Failed(_) if c.connected.failure.is_some() => Some(("⚠ away".to_owned(), theme.bad)),
        Health::Failed(failure) => Some((format!("⚠ {}", failure.kind.word()), theme.bad)),
    }
}

/// The nearest visible tag above, in the same branch, that has the same digest.
fn same_above(rows: &[Row<'_>], n: usize) -> Option<String> {
    let row = rows.get(n)?;
    let digest = row.facts?.digest.as_ref()?;
    rows.iter()
        .take(n)
        .rev()
        .take_while(|r| r.depth >= row.depth)
        .filter(|r| r.depth == row.depth && matches!(r.kind, RowKind::Node(NodeKind::Tag)))
        .filter(|r| r.facts.and_then(|f| f.digest.as_ref()) == Some(digest))
        .last()
        .map(|r| r.label.clone().into_owned())
}

/// How the rows are ordered and narrowed.
fn state_of_view(app: &App, theme: &Theme) -> Line<'static> {
    let mut words: Vec<Span<'static>> = Vec::new();
    let order = match app.preferences.sort {
        Sort::Name => None,
        Sort::Version => Some("by version"),
        Sort::Newest => Some("newest first"),
        Sort::Size => Some("largest first"),
    };
    words.extend(order.map(|order| Span::styled(order, theme.dim)));
    if app.preferences.folders {
        words.push(Span::styled("folders", theme.dim));
    }
    if let Some(filter) = &app.filter {
        let typed = cut(filter.input.value(), 20).into_owned();
        let hits = human::count(app.tree.hits() as u64, "hit", "hits");
        words.push(Span::styled(format!("/{}", visible(&typed)), theme.hit));
        words.push(Span::styled(hits, theme.number));
    }
    let mut spans = Vec::new();
    for word in words {
        if !spans.is_empty() {
            spans.push(Span::styled(" · ", theme.faint));
        }
        spans.push(word);
    }
    Line::from(spans)
}

/// Where the cursor is among all rows once they do not fit any more.
fn position(app: &App, theme: &Theme) -> Line<'static> {
    let (len, room) = (app.tree.len(), usize::from(app.viewport.tree));
    if len <= room.max(1) {
        return Line::default();
    }
    let at = thousands(app.tree.cursor() as u64 + 1);
    Line::styled(format!("{at} of {}", thousands(len as u64)), theme.dim)
}
