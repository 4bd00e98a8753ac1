//! Rectangles inside rectangles.
//!
//! Invariant: what comes out lies within what went in, however small that is.

use ratatui::layout::Rect;

use super::text;

/// The room inside a frame, with a free column on both sides.
pub(super) fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x + 2.min(area.width),
        y: area.y + 1.min(area.height),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    }
}

/// The room for rows of the tree inside its frame: they bring their own column at the left edge.
pub(super) fn inside_tree(area: Rect) -> Rect {
    let inside = inside(area);
    Rect { x: inside.x.saturating_sub(1), width: inside.width + 1, ..inside }
}

/// A rectangle of at most this size in the middle of `area`.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// The cells of the widest text, as a width of the screen.
pub(super) fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> u16 {
    u16::try_from(texts.map(text::width).max().unwrap_or(0)).unwrap_or(u16::MAX)
}
