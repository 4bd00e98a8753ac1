//! The messages so far, oldest first, each with its age and its next step.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{Place, inside, middle, open};
use crate::app::App;
use crate::app::modal::Scroll;
use crate::domain::human;
use crate::ui::message::sign;
use crate::ui::paint;
use crate::ui::text::{right, wrap};
use crate::ui::theme::Theme;

const WIDTH: u16 = 100;
/// Cells for the age and the sign.
const LEAD: u16 = 9;

fn lines(app: &App, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let room = usize::from(cells.saturating_sub(LEAD));
    let mut lines = Vec::new();
    for notice in &app.notices {
        let (sign, style) = sign(notice.level, theme);
        for (n, part) in wrap(&notice.text, room, 6).into_iter().enumerate() {
            let age = if n == 0 { human::age(notice.at, app.now) } else { String::new() };
            let sign = if n == 0 { sign } else { " " };
            lines.push(Line::from(vec![
                Span::styled(right(&age, 5), theme.dim),
                Span::styled(format!("  {sign} "), style),
                Span::raw(part),
            ]));
        }
        let hint = notice.hint.iter().flat_map(|hint| wrap(hint, room.saturating_sub(2), 3));
        for (n, part) in hint.enumerate() {
            let sign = if n == 0 { "→" } else { " " };
            lines.push(Line::styled(format!("{}{sign} {part}", " ".repeat(LEAD.into())), theme.dim));
        }
    }
    if lines.is_empty() {
        lines.push(Line::styled("No messages so far.", theme.dim));
    }
    lines
}

/// As high as its lines.
pub(super) fn place(app: &App, area: Rect) -> Place {
    let cells = inside(Rect { width: WIDTH.min(area.width), ..area }).width;
    let lines = lines(app, cells, &Theme::default()).len();
    let outer = middle(area, WIDTH, lines);
    Place { outer, body: inside(outer), lines }
}

/// Draws the messages.
pub(super) fn draw(
    app: &App,
    scroll: &Scroll,
    place: Place,
    theme: &Theme,
    buf: &mut Buffer,
) -> Option<Position> {
    let inner = open(buf, place.outer, "Messages", theme);
    let lines = lines(app, inner.width, theme);
    let top = paint::clamp(scroll.top, lines.len(), inner.height);
    paint::window(buf, inner, &lines, top, theme);
    None
}
