//! Where everything is: one computation that drawing, the state machine's room and the mouse share.
//!
//! Invariant: no rectangle reaches outside the screen; two regions never overlap, popups aside.

use ratatui::layout::{Position, Rect};

use super::area::inside_tree;
use super::popup::{self, Place};
use super::{hints, jobs};
use crate::app::App;
use crate::app::key::Pane;

/// From this width on, the details stand beside the tree.
const WIDE: u16 = 96;
/// From this height on, the details fit below the tree.
const TALL: u16 = 20;
/// The least screen that is drawn on.
const LEAST: (u16, u16) = (40, 8);

/// The regions of the screen, frames included. What is not there has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Screen {
    /// The whole screen.
    pub(super) area: Rect,
    /// Whether there is enough room to draw anything but an excuse.
    pub(super) fits: bool,
    /// The first line.
    pub(super) header: Rect,
    /// The first screen, while nothing is connected.
    pub(super) welcome: Option<Rect>,
    /// The tree.
    pub(super) tree: Option<Rect>,
    /// The details.
    pub(super) details: Option<Rect>,
    /// The jobs.
    pub(super) jobs: Option<Rect>,
    /// The last line, or lines while a message needs more.
    pub(super) hints: Rect,
    /// The topmost popup.
    pub(super) popup: Option<Place>,
}

impl Screen {
    /// Everything between the first and the last line.
    pub(super) fn middle(&self) -> Rect {
        let height = self.area.height.saturating_sub(1 + self.hints.height);
        Rect { y: self.area.y + 1, height, ..self.area }
    }
}

/// Lays the screen out.
pub(super) fn layout(app: &App, area: Rect) -> Screen {
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return Screen { area, ..Screen::default() };
    }
    let header = Rect { height: 1, ..area };
    let lines = hints::height(app, area.width).min(area.height / 4);
    let hints = Rect { y: area.bottom() - lines, height: lines, ..area };
    let screen = Screen { area, fits: true, header, hints, ..Screen::default() };
    let body = screen.middle();
    let screen = match &app.welcome {
        Some(_) => Screen { welcome: Some(body), ..screen },
        None if area.width >= WIDE => wide(app, body, screen),
        None if area.height >= TALL => narrow(app, body, screen),
        None => column(app, body, screen),
    };
    let popup = app.modals.last().map(|modal| popup::place(app, modal, body, beside(app, &screen)));
    Screen { popup, ..screen }
}

/// The spot that a context menu opens below: the name in the selected row.
pub(super) fn beside(app: &App, screen: &Screen) -> Position {
    let area = screen.tree.map_or(screen.area, inside_tree);
    let row = u16::try_from(app.tree.cursor().saturating_sub(app.tree.top())).unwrap_or(u16::MAX);
    Position { x: area.x + 10, y: area.y + row.min(area.height.saturating_sub(1)) }
}

/// Tree left, details right, jobs below the details.
fn wide(app: &App, body: Rect, screen: Screen) -> Screen {
    let (left, right) = split_across(body, body.width * 48 / 100);
    let (details, jobs) = split_jobs(app, right);
    Screen { tree: Some(left), details: Some(details), jobs, ..screen }
}

/// Tree, details below it, jobs at the bottom.
fn narrow(app: &App, body: Rect, screen: Screen) -> Screen {
    let (rest, jobs) = split_jobs(app, body);
    let share = if app.pane == Pane::Details { 65 } else { 42 };
    let (tree, details) = split_down(rest, rest.height * share / 100);
    Screen { tree: Some(tree), details: Some(details), jobs, ..screen }
}

/// Whatever has the keys.
fn column(app: &App, body: Rect, screen: Screen) -> Screen {
    match app.pane {
        Pane::Tree => Screen { tree: Some(body), ..screen },
        Pane::Details => Screen { details: Some(body), ..screen },
        Pane::Jobs => Screen { jobs: Some(body), ..screen },
    }
}

/// Cuts the jobs off below while one runs, or while they have the keys.
fn split_jobs(app: &App, area: Rect) -> (Rect, Option<Rect>) {
    let focus = app.pane == Pane::Jobs;
    if !focus && app.jobs.running() == 0 {
        return (area, None);
    }
    let most = if focus { area.height / 2 } else { area.height / 3 };
    let wanted = u16::try_from(jobs::height(app)).unwrap_or(u16::MAX).saturating_add(2);
    let (rest, jobs) = split_down(area, wanted.clamp(3, most.max(3)));
    (rest, Some(jobs))
}

fn split_across(area: Rect, left: u16) -> (Rect, Rect) {
    let left = left.min(area.width);
    (Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area })
}

/// Upper part and a lower part of `lower` rows.
fn split_down(area: Rect, lower: u16) -> (Rect, Rect) {
    let lower = lower.min(area.height);
    let upper = area.height - lower;
    (Rect { height: upper, ..area }, Rect { y: area.y + upper, height: lower, ..area })
}
