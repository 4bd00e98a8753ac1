//! Popups: where each is, what lies under the mouse in it, and the order in which they are drawn.
//!
//! Invariant: the vector's order is the drawing order; only the last one may have the cursor.

mod choices;
mod confirm;
mod form;
mod help;
mod inspect;
mod keys;
mod log;
mod menu;
mod picker;
mod prompt;
mod text;

pub(super) use keys::keys;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Clear, Widget};

use super::area::inside;
use super::paint::{self, Focus};
use super::text::cut_middle;
use super::theme::Theme;
use crate::app::key::Target;
use crate::app::{App, Modal};
use crate::domain::text::visible;

/// What is left of the screen at both sides of a popup must be wider than this.
const SLIVERS: u16 = 8;

/// Where a popup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// Its frame.
    pub(super) outer: Rect,
    /// The part of it that holds its entries or scrolls.
    pub(super) body: Rect,
    /// How many lines scroll there in all; 0 where entries are followed instead.
    pub(super) lines: usize,
}

/// Where `modal` goes on a screen whose middle is `area`; `beside` is the selected row of the tree.
pub(super) fn place(app: &App, modal: &Modal, area: Rect, beside: Position) -> Place {
    match modal {
        Modal::Menu(menu) => menu::place(app, menu, area, beside),
        Modal::Picker(picker) => picker::place(picker, area),
        Modal::Form(form) => form::place(form, area),
        Modal::Prompt(prompt) => prompt::place(prompt, area),
        Modal::Confirm(confirm) => confirm::place(app, confirm, area),
        Modal::Inspect(inspector) => inspect::place(inspector, area),
        Modal::Text(text) => text::place(text, area),
        Modal::Help(_) => help::place(area),
        Modal::Log(_) => log::place(app, area),
    }
}

/// Draws `modal`; returns where the cursor is, for an input that has it.
pub(super) fn draw(
    app: &App,
    modal: &Modal,
    place: Place,
    theme: &Theme,
    buf: &mut Buffer,
) -> Option<Position> {
    match modal {
        Modal::Menu(menu) => menu::draw(app, menu, place, theme, buf),
        Modal::Picker(picker) => picker::draw(picker, place, theme, buf),
        Modal::Form(form) => form::draw(form, app.now, place, theme, buf),
        Modal::Prompt(prompt) => prompt::draw(prompt, app.now, place, theme, buf),
        Modal::Confirm(confirm) => confirm::draw(app, confirm, place, theme, buf),
        Modal::Inspect(inspector) => inspect::draw(inspector, app.now, place, theme, buf),
        Modal::Text(text) => text::draw(text, place, theme, buf),
        Modal::Help(scroll) => help::draw(scroll, place, theme, buf),
        Modal::Log(scroll) => log::draw(app, scroll, place, theme, buf),
    }
}

/// What lies at a spot of the screen while `modal` is the topmost popup.
pub(super) fn target(modal: &Modal, place: Place, at: Position) -> Target {
    if !place.outer.contains(at) {
        return Target::Nothing;
    }
    let row = at.y.checked_sub(place.body.y).filter(|_| place.body.contains(at)).map(usize::from);
    let entry = match modal {
        Modal::Menu(menu) => row.and_then(|row| menu::entry(menu, place, row)),
        Modal::Picker(picker) => match row {
            Some(row) => picker::entry(picker, place, row),
            None => picker::choice(picker, place, at),
        },
        Modal::Form(form) => row.and_then(|row| form::entry(form, place, row)),
        Modal::Inspect(inspector) => row.and_then(|row| inspect::entry(inspector, row)),
        Modal::Prompt(prompt) => choices::entry(&prompt.beside, place.body, at),
        Modal::Confirm(confirm) => confirm::answer(confirm, place, at),
        Modal::Text(_) | Modal::Help(_) | Modal::Log(_) => None,
    };
    entry.map_or(Target::Popup, Target::Entry)
}

/// Clears the room of a popup and draws its frame; returns the room inside.
fn open(buf: &mut Buffer, outer: Rect, title: &str, theme: &Theme) -> Rect {
    Clear.render(outer, buf);
    let title = cut_middle(&visible(title), usize::from(outer.width.saturating_sub(4))).into_owned();
    paint::pane(buf, outer, Line::styled(format!(" {title} "), theme.title_focus), Focus::Here, theme)
}

/// The first of `of` entries that is visible so that the one at `cursor` is.
fn first_entry(cursor: usize, of: usize, place: Place) -> usize {
    paint::follow(cursor, of, place.body.height)
}

/// The rectangle for `rows` of content that is `width` wide, in the middle of `area`, frame included. It takes the whole
/// width rather than leave slivers of what lies behind.
fn middle(area: Rect, width: u16, rows: usize) -> Rect {
    let width = if width + SLIVERS >= area.width { area.width } else { width };
    let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2);
    crate::ui::area::centred(area, width, height)
}

/// The room inside a popup, less `top` lines above and `bottom` lines below.
fn body(outer: Rect, top: u16, bottom: u16) -> Rect {
    let inner = inside(outer);
    let top = top.min(inner.height);
    Rect { y: inner.y + top, height: inner.height.saturating_sub(top + bottom), ..inner }
}

/// The row of `place.body` for the chosen entry, as wide as the frame's inside.
fn entry_row(place: Place, row: usize) -> Rect {
    let y = place.body.y + u16::try_from(row).unwrap_or(u16::MAX);
    Rect { x: place.outer.x + 1, y, width: place.outer.width.saturating_sub(2), height: 1 }
}
