//! The columns of tags: how many there is room for, and what they show.
//!
//! Invariant: all rows of a window have the same columns; the digest goes first where room is short, the age last.

use ratatui::style::Style;
use ratatui::text::Span;

use super::text::{cut, left, right, short_size};
use super::theme::Theme;
use super::words;
use crate::app::Row;
use crate::domain::{Facts, human};

/// The columns of tags, and what a row needs to know beside itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    /// Cells of the whole row.
    pub(super) width: u16,
    /// How many of [`ORDER`] there is room for.
    pub(super) shown: usize,
    /// The time, seconds since 1970.
    pub(super) now: i64,
}

/// The columns, the first to stay first; each with its cells.
const ORDER: [(Column, u16); 4] =
    [(Column::Age, 5), (Column::Size, 7), (Column::Platforms, 10), (Column::Digest, 8)];
const GAP: u16 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Age,
    Size,
    Platforms,
    Digest,
}

impl Columns {
    /// As many columns of a row of `width` cells as leave names of `names` cells whole; only age and size are worth
    /// cutting a name for.
    pub(super) fn new(names: u16, width: u16, now: i64) -> Self {
        let worth_it: u16 = ORDER.iter().take(2).map(|(_, cells)| cells + GAP).sum();
        let room = width.saturating_sub(names.min(width.saturating_sub(worth_it)).max(12));
        let mut used = 0;
        let shown = ORDER.iter().take_while(|(_, cells)| {
            used += cells + GAP;
            used <= room
        });
        Self { width, shown: shown.count(), now }
    }

    /// The cells of all columns that are shown.
    pub(super) fn cells(self) -> u16 {
        ORDER.iter().take(self.shown).map(|(_, cells)| cells + GAP).sum()
    }
}

/// The columns; those that a tag shares with another one above give way to its name.
pub(super) fn facts(
    row: &Row<'_>,
    same: Option<String>,
    columns: Columns,
    theme: &Theme,
    spans: &mut Vec<Span<'_>>,
) {
    let stale = |style: Style| if row.stale { theme.dim } else { style };
    let own = if same.is_some() { 2 } else { columns.shown };
    for (column, cells) in ORDER.iter().take(columns.shown.min(own)) {
        let (value, style) = value(*column, row.facts, columns.now, theme);
        let value = cut(&value, (*cells).into()).into_owned();
        let value = match column {
            Column::Platforms => left(&value, (*cells).into()),
            _ => right(&value, (*cells).into()),
        };
        spans.push(Span::raw("  "));
        spans.push(Span::styled(value, stale(style)));
    }
    if let Some(same) = same {
        let cells: u16 = ORDER.iter().take(columns.shown).skip(own).map(|(_, cells)| cells + GAP).sum();
        let cells = usize::from(cells.saturating_sub(GAP));
        spans.push(Span::raw("  "));
        spans.push(Span::styled(left(&cut(&same, cells), cells), theme.dim));
    }
}

/// What a column shows; nothing while it is not known.
fn value(column: Column, facts: Option<&Facts>, now: i64, theme: &Theme) -> (String, Style) {
    let Some(facts) = facts else {
        return (String::new(), theme.dim);
    };
    let text = match column {
        Column::Age => facts.time.map(|t| human::age(t, now)),
        Column::Size => facts.size.map(short_size),
        Column::Platforms => Some(words::platforms_or_artifact(facts)),
        Column::Digest => facts.digest.as_ref().map(|d| d.short(8).to_owned()),
    };
    let style = match column {
        Column::Age | Column::Platforms => theme.dim,
        Column::Size => theme.number,
        Column::Digest => theme.digest,
    };
    (text.unwrap_or_default(), style)
}
