//! The view: a pure function of the state.
//!
//! Invariant: no I/O, no clock, no state of its own. Drawing ([`view`]), the room that the state machine is told of
//! ([`viewport`]) and what the mouse hits ([`hit()`]) come from one layout, so they cannot disagree.
//!
//! Where things are: regions in `header`, `tree` (with `row` and `columns`), `details`, `jobs`, `hints` and `welcome`,
//! popups in `popup`, one file each; styles in [`theme`]; what they share in `layout`, `area`, `paint`, `sheet`, `text`,
//! `words` and `input`.

mod area;
mod columns;
mod details;
mod header;
mod hints;
mod hit;
mod input;
mod jobs;
mod layout;
mod message;
mod paint;
mod popup;
mod row;
mod sheet;
#[cfg(test)]
mod tests;
mod text;
pub mod theme;
mod tree;
mod welcome;
mod words;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

pub use hit::hit;
use layout::{Screen, layout};
pub use theme::{ColorDepth, Palette, Theme};

use crate::app::App;
use crate::app::event::Viewport;

/// Draws the whole screen.
pub fn view(app: &App, theme: &Theme, frame: &mut Frame<'_>) {
    let screen = layout(app, frame.area());
    let cursor = draw(app, theme, &screen, frame.buffer_mut());
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
}

/// The room for each region on a screen of size `area`, for the state machine.
#[must_use]
pub fn viewport(app: &App, area: Rect) -> Viewport {
    let screen = layout(app, area);
    let details = screen.details.map(area::inside);
    let of = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
    Viewport {
        width: area.width,
        height: area.height,
        tree: screen.tree.map_or(0, |area| area::inside_tree(area).height),
        details: details.map_or(0, |area| area.height),
        popup: screen.popup.map_or(0, |place| place.body.height),
        details_lines: details.map_or(0, |area| of(details::height(app, area.width))),
        popup_lines: screen.popup.map_or(0, |place| of(place.lines)),
    }
}

/// Draws every region, then the popups in their order; returns where the cursor is.
fn draw(app: &App, theme: &Theme, screen: &Screen, buf: &mut Buffer) -> Option<Position> {
    if !screen.fits {
        excuse(theme, screen.area, buf);
        return None;
    }
    header::draw(app, theme, screen.header, buf);
    if let (Some(area), Some(welcome)) = (screen.welcome, &app.welcome) {
        welcome::draw(app, welcome, theme, area, buf);
    }
    if let Some(area) = screen.tree {
        tree::draw(app, theme, area, buf);
    }
    if let Some(area) = screen.details {
        details::draw(app, theme, area, buf);
    }
    if let Some(area) = screen.jobs {
        jobs::draw(app, theme, area, buf);
    }
    let cursor = hints::draw(app, theme, screen.hints, buf);
    popups(app, theme, screen, buf).unwrap_or(cursor)
}

/// Draws the popups; returns the cursor of the topmost, or nothing when there is no popup.
fn popups(app: &App, theme: &Theme, screen: &Screen, buf: &mut Buffer) -> Option<Option<Position>> {
    let mut cursor = None;
    for modal in &app.modals {
        let body = screen.middle();
        buf.set_style(body, theme.backdrop);
        let place = popup::place(app, modal, body, layout::beside(app, screen));
        cursor = Some(popup::draw(app, modal, place, theme, buf));
    }
    cursor
}

/// Says that the screen is too small.
fn excuse(theme: &Theme, area: Rect, buf: &mut Buffer) {
    let size = format!("{}×{} is too small.", area.width, area.height);
    for (row, text) in [size.as_str(), "Tagalong needs 40×8.", "q quits."].iter().enumerate() {
        paint::line(buf, area, u16::try_from(row).unwrap_or(u16::MAX), &Line::styled(*text, theme.text));
    }
}
