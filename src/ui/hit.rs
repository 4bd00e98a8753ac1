//! What lies under the mouse.
//!
//! Invariant: answers from the same layout that was drawn.

use ratatui::layout::{Position, Rect};

use super::area::inside_tree;
use super::layout::{Screen, layout};
use super::{hints, popup, welcome};
use crate::app::App;
use crate::app::key::{Pane, Target};

/// What lies at a spot of a screen of size `area`.
#[must_use]
pub fn hit(app: &App, area: Rect, column: u16, row: u16) -> Target {
    let screen = layout(app, area);
    let at = Position { x: column, y: row };
    match (app.modals.last(), screen.popup) {
        (Some(modal), Some(place)) => popup::target(modal, place, at),
        _ => on_screen(app, &screen, at),
    }
}

fn on_screen(app: &App, screen: &Screen, at: Position) -> Target {
    let is_in = |area: Option<Rect>| area.filter(|a| a.contains(at));
    if screen.hints.contains(at) {
        return hints::at(app, screen.hints, at.x).map_or(Target::Nothing, Target::Hint);
    }
    if let Some(area) = is_in(screen.welcome) {
        return welcome::entry(app, area, at.y).map_or(Target::Nothing, Target::Entry);
    }
    if let Some(area) = is_in(screen.tree) {
        return tree_row(app, area, at.y).map_or(Target::Pane(Pane::Tree), Target::Row);
    }
    if is_in(screen.details).is_some() {
        return Target::Pane(Pane::Details);
    }
    if is_in(screen.jobs).is_some() {
        return Target::Pane(Pane::Jobs);
    }
    Target::Nothing
}

fn tree_row(app: &App, area: Rect, y: u16) -> Option<usize> {
    let inner = inside_tree(area);
    let row = y.checked_sub(inner.y).filter(|_| y < inner.bottom())?;
    let index = app.tree.top() + usize::from(row);
    (index < app.tree.len()).then_some(index)
}
