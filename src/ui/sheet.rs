//! A text with labels, headings and wrapped values, built line by line.
//!
//! Invariant: every line fits the width that the sheet was made for, and holds nothing that moves a cursor.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::text::{cut, cut_middle, left, width, wrap};
use super::theme::Theme;
use crate::domain::Failure;
use crate::domain::text::visible;

/// Cells that a label takes, the gap included, unless a longer one is announced.
const LABEL: usize = 11;
/// Cells that any label takes.
const LONGEST: usize = 22;

/// The lines so far.
pub(super) struct Sheet<'t> {
    pub(super) theme: &'t Theme,
    width: usize,
    labels: usize,
    lines: Vec<Line<'static>>,
}

impl<'t> Sheet<'t> {
    /// An empty sheet of `width` cells.
    pub(super) fn new(theme: &'t Theme, width: u16) -> Self {
        Self { theme, width: width.into(), labels: LABEL, lines: Vec::new() }
    }

    /// Makes room for these labels, as far as a third of the width goes.
    pub(super) fn make_room<'a>(&mut self, labels: impl Iterator<Item = &'a str>) {
        let widest = labels.map(|label| width(&visible(label)) + 1).max().unwrap_or(0);
        self.labels = self.labels.max(widest.min(LONGEST).min(self.width / 3));
    }

    /// The lines.
    pub(super) fn into_lines(self) -> Vec<Line<'static>> {
        self.lines
    }

    /// Its width in cells.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The cells that a value has beside its label.
    pub(super) fn room(&self) -> usize {
        self.width.saturating_sub(self.labels)
    }

    /// A line as it is.
    pub(super) fn push(&mut self, line: impl Into<Line<'static>>) {
        self.lines.push(line.into());
    }

    /// An empty line, unless there is one above or nothing at all.
    pub(super) fn gap(&mut self) {
        if self.lines.last().is_some_and(|l| !l.spans.is_empty()) {
            self.lines.push(Line::default());
        }
    }

    /// A heading with a few words about what follows, and a rule to the right edge.
    pub(super) fn heading(&mut self, title: &str, about: &str) {
        self.gap();
        let about = visible(about);
        let about = if about.is_empty() { String::new() } else { format!("  {about}") };
        let about = cut(&about, self.width.saturating_sub(width(title))).into_owned();
        let rest = self.width.saturating_sub(width(title) + width(&about) + 2);
        self.push(vec![
            Span::styled(title.to_owned(), self.theme.heading),
            Span::styled(about, self.theme.dim),
            Span::raw("  "),
            Span::styled("─".repeat(rest), self.theme.faint),
        ]);
    }

    /// A label and a value that is wrapped, indented under itself; at most `limit` lines.
    pub(super) fn field_wrapped(&mut self, label: &str, value: &str, style: Style, limit: usize) {
        let room = self.room();
        for (i, part) in wrap(value, room, limit).into_iter().enumerate() {
            self.labelled(if i == 0 { label } else { "" }, vec![Span::styled(part, style)]);
        }
    }

    /// A label and a value on one line, cut at the end.
    pub(super) fn field(&mut self, label: &str, value: &str, style: Style) {
        let value = cut(&visible(value), self.room()).into_owned();
        self.labelled(label, vec![Span::styled(value, style)]);
    }

    /// A label and a value on one line, cut in the middle.
    pub(super) fn field_middle(&mut self, label: &str, value: &str, style: Style) {
        let value = cut_middle(&visible(value), self.room()).into_owned();
        self.labelled(label, vec![Span::styled(value, style)]);
    }

    /// A label and styled pieces.
    pub(super) fn labelled(&mut self, label: &str, value: Vec<Span<'static>>) {
        let label = left(&cut(&visible(label), self.labels - 1), self.labels);
        let mut spans = vec![Span::styled(label, self.theme.dim)];
        spans.extend(value);
        self.push(spans);
    }

    /// A paragraph of at most `limit` lines.
    pub(super) fn paragraph(&mut self, text: &str, style: Style, limit: usize) {
        for part in wrap(text, self.width, limit) {
            self.push(Line::styled(part, style));
        }
    }

    /// A paragraph behind a mark, indented under itself.
    pub(super) fn item(&mut self, mark: &str, text: &str, style: Style, limit: usize) {
        let indent = width(mark) + 1;
        for (i, part) in wrap(text, self.width.saturating_sub(indent), limit).into_iter().enumerate() {
            let lead = if i == 0 { format!("{mark} ") } else { " ".repeat(indent) };
            self.push(vec![Span::styled(lead, style), Span::styled(part, style)]);
        }
    }

    /// A failure as everywhere: what was being done, what the other side said, the next step.
    pub(super) fn failure(&mut self, failure: &Failure) {
        self.failure_with(failure, failure.hint());
    }

    /// The same with another next step.
    pub(super) fn failure_with(&mut self, failure: &Failure, hint: &str) {
        let theme = self.theme;
        self.push(vec![
            Span::styled("⚠ ", theme.bad),
            Span::styled(failure.kind.word(), theme.bad.patch(theme.strong)),
        ]);
        self.item(" ", &failure.doing, theme.text, 4);
        self.item(" ", &failure.said, theme.bad, 8);
        self.item("→", hint, theme.text, 4);
    }
}
