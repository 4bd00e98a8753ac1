//! One row of the tree: its name at the left, what is known of it at the right.
//!
//! Invariant: a row is drawn from itself and the columns alone; its cost does not depend on the tree.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use super::columns::{self, Columns};
use super::paint;
use super::text::{cut, cut_middle, left, right, short_size, width};
use super::theme::Theme;
use super::words;
use crate::app::row::Twig;
use crate::app::{Row, RowKind};
use crate::domain::text::visible;
use crate::domain::{Facts, NodeKind, human};

/// The cells of an age.
const AGE: usize = 5;
const HEADING: &str = "Images";
/// The fewest cells in which a note still says something.
const LEAST_NOTE: usize = 16;
/// What parts two words beside a branch.
const GAP: &str = "  ";

/// The cells that names get before columns do, indents included: what four in five need, and two fifths of `row` cells
/// for longer ones, so that one long name does not cost the others their columns.
pub(super) fn name_cells(rows: &[Row<'_>], row: u16) -> u16 {
    let mut cells: Vec<usize> =
        rows.iter().filter(|r| is_image(r)).map(|r| indent(r) + width(&r.label)).collect();
    cells.sort_unstable();
    let most = cells.get(cells.len().saturating_sub(1) * 4 / 5).copied().unwrap_or(0);
    let widest = cells.last().copied().unwrap_or(0).min(usize::from(row) * 2 / 5);
    u16::try_from(most.max(widest)).unwrap_or(u16::MAX)
}

/// Cells before the label: the edge, two for each level, the twig.
fn indent(row: &Row<'_>) -> usize {
    3 + 2 * usize::from(row.depth)
}

fn is_image(row: &Row<'_>) -> bool {
    matches!(row.kind, RowKind::Node(NodeKind::Tag | NodeKind::Manifest))
}

/// What stands beside a row besides its own facts.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    /// A row above in the same branch with the same digest.
    pub(super) same_as: Option<String>,
    /// What the children of a branch are called, where the row alone does not tell: one, many.
    pub(super) children: Option<(&'static str, &'static str)>,
    /// The bytes of everything below, where the row alone does not tell.
    pub(super) size: Option<u64>,
    /// How many images are below, where the row alone does not tell.
    pub(super) images: Option<u64>,
    /// Of a connection: the provider.
    pub(super) provider: Option<String>,
    /// Of a connection: the account.
    pub(super) account: Option<String>,
    /// Of a connection: whether there is something dangerous about it.
    pub(super) warning: bool,
    /// Of a connection: its state, with the style for it.
    pub(super) state: Option<(String, Style)>,
}

/// Draws a row as a line.
pub(super) fn line<'a>(row: &'a Row<'_>, beside: &Beside, columns: Columns, theme: &Theme) -> Line<'a> {
    if row.kind == RowKind::Heading {
        return heading(columns.width, theme);
    }
    let mut spans = lead(row, columns.now, theme);
    match row.kind {
        RowKind::Failed(failure) => {
            let room = usize::from(columns.width).saturating_sub(indent(row));
            let text = format!("{}: {}", failure.doing, failure.said);
            spans.push(Span::styled(cut(&visible(&text), room).into_owned(), theme.bad));
        }
        RowKind::More | RowKind::Loading | RowKind::Empty | RowKind::Aside => {
            spans.push(Span::styled(row.label.as_ref(), theme.dim));
        }
        RowKind::Node(NodeKind::Tag | NodeKind::Manifest) => image(row, beside, columns, theme, &mut spans),
        RowKind::Node(NodeKind::Run) => run(row, columns, theme, &mut spans),
        RowKind::Node(_) | RowKind::Folder | RowKind::Heading => {
            branch(row, beside, columns, theme, &mut spans)
        }
    }
    Line::from(spans)
}

/// The heading above the places on this machine, with a rule to the right edge.
fn heading(cells: u16, theme: &Theme) -> Line<'static> {
    let rest = usize::from(cells).saturating_sub(HEADING.len() + 2);
    Line::from(vec![
        Span::raw(" "),
        Span::styled(HEADING, theme.heading),
        Span::raw(" "),
        Span::styled("─".repeat(rest), theme.faint),
    ])
}

/// Guides for the levels above, then the sign of what the row is.
fn lead(row: &Row<'_>, now: i64, theme: &Theme) -> Vec<Span<'static>> {
    let mut spans = vec![Span::raw(" ")];
    if row.depth > 0 {
        spans.push(Span::styled("│ ".repeat(row.depth.into()), theme.faint));
    }
    let (sign, style) = match row.kind {
        RowKind::Failed(_) => ("⚠ ", theme.bad),
        RowKind::Loading => (paint::spinner(now), theme.busy),
        RowKind::More | RowKind::Aside => ("⋯ ", theme.dim),
        RowKind::Empty => ("  ", theme.dim),
        _ if row.loading && row.twig != Twig::Leaf => (paint::spinner(now), theme.busy),
        _ if row.marked => ("● ", theme.mark),
        _ => match row.twig {
            Twig::Open => ("▾ ", theme.dim),
            Twig::Closed => ("▸ ", theme.dim),
            Twig::Leaf => ("  ", theme.dim),
        },
    };
    spans.push(Span::styled(left(sign, 2), style));
    spans
}

/// A branch: its name, and a few words flush right.
fn branch(row: &Row<'_>, beside: &Beside, columns: Columns, theme: &Theme, spans: &mut Vec<Span<'_>>) {
    let room = usize::from(columns.width).saturating_sub(indent(row));
    let mut about = words_beside(row, beside, theme);
    // The state stays longest, then the provider.
    for least in [Word::Size, Word::Count, Word::Note, Word::Account, Word::Provider] {
        let over = (total(&about) + 1 + width(&row.label)).saturating_sub(room);
        if over > 0 {
            about.retain_mut(|(word, text, _)| {
                *word != least || least == Word::Note && is_readable_without(text, over)
            });
        }
    }
    let label_room = room.saturating_sub(total(&about));
    let label = cut_middle(&row.label, label_room);
    let used = width(&label);
    spans.extend(with_hits(&label, &row.hits, is_cut(&label, row), label_style(row, theme), theme));
    spans.push(Span::raw(" ".repeat(label_room.saturating_sub(used))));
    let has_provider = about.iter().any(|(word, _, _)| *word == Word::Provider);
    for (word, text, style) in about {
        let gap = word.gap(has_provider);
        spans.push(if gap == GAP { Span::raw(gap) } else { Span::styled(gap, style) });
        spans.push(Span::styled(text, style));
    }
}

/// Cuts so many cells off a note; says whether enough of it is left.
fn is_readable_without(note: &mut String, over: usize) -> bool {
    let cells = width(note).saturating_sub(over);
    *note = cut(note, cells).into_owned();
    cells >= LEAST_NOTE
}

/// What a word beside a branch is, for what gives way where there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Size,
    Provider,
    Account,
    Note,
    Count,
    State,
}

impl Word {
    /// What parts it from the word before it: an account belongs to its provider, where that is named.
    fn gap(self, has_provider: bool) -> &'static str {
        if self == Self::Account && has_provider { " · " } else { GAP }
    }
}

fn words_beside(row: &Row<'_>, beside: &Beside, theme: &Theme) -> Vec<(Word, String, Style)> {
    let mut about = Vec::new();
    about.extend(beside.provider.iter().map(|p| (Word::Provider, visible(p).into_owned(), theme.dim)));
    about.extend(beside.account.iter().map(|a| (Word::Account, visible(a).into_owned(), theme.dim)));
    about.extend(note(row.facts).map(|n| (Word::Note, n, theme.dim)));
    let size = beside.size.or(row.facts.and_then(|f| f.size));
    about.extend(size.map(|bytes| (Word::Size, short_size(bytes), theme.number)));
    about.extend(children(row, beside).map(|n| (Word::Count, n, theme.dim)));
    if row.stale {
        about.push((Word::State, "◷ old".to_owned(), theme.dim));
    }
    if beside.warning {
        about.push((Word::State, "⚠ unverified".to_owned(), theme.warn));
    }
    about.extend(beside.state.clone().map(|(text, style)| (Word::State, text, style)));
    about
}

fn total(about: &[(Word, String, Style)]) -> usize {
    let has_provider = about.iter().any(|(word, _, _)| *word == Word::Provider);
    about.iter().map(|(word, text, _)| width(text) + width(word.gap(has_provider))).sum()
}

fn note(facts: Option<&Facts>) -> Option<String> {
    facts.and_then(|f| f.note.as_deref()).map(|n| visible(n).into_owned())
}

/// How many children a branch has, as far as is known.
fn children(row: &Row<'_>, beside: &Beside) -> Option<String> {
    if let Some(images) = beside.images {
        return Some(human::count(images, "image", "images"));
    }
    let (one, many) = match row.kind {
        RowKind::Node(NodeKind::Repository) => ("tag", "tags"),
        RowKind::Node(NodeKind::Untagged) => beside.children.unwrap_or(("manifest", "manifests")),
        RowKind::Node(NodeKind::Builds) => ("build", "builds"),
        RowKind::Node(NodeKind::Build) => ("run", "runs"),
        _ => beside.children?,
    };
    if let Some(all) = row.facts.and_then(|f| f.count) {
        return Some(human::count(all, one, many));
    }
    let (loaded, more) = row.children?;
    if more {
        return (loaded > 0).then(|| format!("{}+ {many}", human::thousands(loaded)));
    }
    Some(human::count(loaded, one, many))
}

/// A tag or manifest: its name, and its facts in columns.
fn image(row: &Row<'_>, beside: &Beside, columns: Columns, theme: &Theme, spans: &mut Vec<Span<'_>>) {
    let room = usize::from(columns.width.saturating_sub(columns.cells())).saturating_sub(indent(row));
    let label = match row.kind {
        RowKind::Node(NodeKind::Manifest) => cut_middle(&row.label, room.min(24)),
        _ => cut_middle(&row.label, room),
    };
    let mut used = width(&label);
    spans.extend(with_hits(&label, &row.hits, is_cut(&label, row), label_style(row, theme), theme));
    let same = beside.same_as.as_ref().map(|other| format!("= {}", visible(other)));
    let has_room = columns.shown > 2;
    let in_column = has_room && row.facts.is_some_and(|f| f.platforms.is_empty() && f.artifact.is_none());
    let note = row.facts.filter(|_| !in_column).and_then(|f| f.note.clone());
    if let Some(text) = same.clone().filter(|_| !has_room).or(note).filter(|_| room >= used + 6) {
        let text = cut(&visible(&text), room - used - 2).into_owned();
        used += 2 + width(&text);
        spans.push(Span::raw("  "));
        spans.push(Span::styled(text, theme.dim));
    }
    spans.push(Span::raw(" ".repeat(room.saturating_sub(used))));
    columns::facts(row, same.filter(|_| has_room), columns, theme, spans);
}

/// A run of a build: its id, how it is, what else is known, and its age at the right.
fn run(row: &Row<'_>, columns: Columns, theme: &Theme, spans: &mut Vec<Span<'_>>) {
    let room = usize::from(columns.width).saturating_sub(indent(row));
    let label = cut_middle(&row.label, room);
    let mut used = width(&label);
    spans.extend(with_hits(&label, &row.hits, is_cut(&label, row), label_style(row, theme), theme));
    let state = row.facts.and_then(|f| f.run).map(|state| (words::run(state), theme.of_run(state)));
    let age = row.facts.and_then(|f| f.time).map(|time| human::age(time, columns.now));
    let age = age.map(|age| format!("  {}", right(&age, AGE)));
    let age = age.filter(|_| room > used + AGE + 16).unwrap_or_default();
    let said = state.into_iter().chain(note(row.facts).map(|note| (note, theme.dim)));
    for (text, style) in said {
        let left = room.saturating_sub(used + 2 + width(&age));
        let text = if width(&text) > left { cut(text.trim_end(), left).into_owned() } else { text };
        if text.is_empty() {
            break;
        }
        used += 2 + width(&text);
        spans.push(Span::raw("  "));
        spans.push(Span::styled(text, if row.stale { theme.dim } else { style }));
    }
    spans.push(Span::raw(" ".repeat(room.saturating_sub(used + width(&age)))));
    spans.push(Span::styled(age, theme.dim));
}

fn label_style(row: &Row<'_>, theme: &Theme) -> Style {
    match row.kind {
        _ if row.stale => theme.dim,
        RowKind::Node(NodeKind::Connection) => theme.connection,
        RowKind::Node(NodeKind::Namespace | NodeKind::Registry | NodeKind::Untagged | NodeKind::Builds)
        | RowKind::Folder => theme.folder,
        RowKind::Node(NodeKind::Manifest) => theme.digest,
        _ if row.marked => theme.mark,
        _ => theme.text,
    }
}

/// Whether the label had to be cut: then positions of hits behind the cut mean nothing.
fn is_cut(label: &str, row: &Row<'_>) -> bool {
    label.len() != row.label.len()
}

/// The label with the characters that the filter hit set off.
fn with_hits(label: &str, hits: &[u32], is_cut: bool, style: Style, theme: &Theme) -> Vec<Span<'static>> {
    if hits.is_empty() {
        return vec![Span::styled(label.to_owned(), style)];
    }
    let end = if is_cut { label.chars().position(|c| c == '…').unwrap_or(usize::MAX) } else { usize::MAX };
    set_off(label, style, style.patch(theme.hit), |i| {
        i < end && u32::try_from(i).is_ok_and(|i| hits.binary_search(&i).is_ok())
    })
}

/// `text` in runs: graphemes with a character whose position passes `is_hit` in the style `hit`, others in `plain`.
pub(super) fn set_off(
    text: &str,
    plain: Style,
    hit: Style,
    is_hit: impl Fn(usize) -> bool,
) -> Vec<Span<'static>> {
    let mut runs: Vec<(bool, String)> = Vec::new();
    let mut at = 0;
    for grapheme in text.graphemes(true) {
        let count = grapheme.chars().count();
        let here = (at..at + count).any(&is_hit);
        at += count;
        match runs.last_mut() {
            Some((kind, run)) if *kind == here => run.push_str(grapheme),
            _ => runs.push((here, grapheme.to_owned())),
        }
    }
    runs.into_iter().map(|(is, run)| Span::styled(run, if is { hit } else { plain })).collect()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::domain::RunState;

    fn drawn(facts: &Facts, width: u16) -> String {
        let row = Row {
            index: 0,
            depth: 1,
            kind: RowKind::Node(NodeKind::Run),
            label: Cow::Borrowed("cf12"),
            twig: Twig::Leaf,
            facts: Some(facts),
            loading: false,
            marked: false,
            stale: false,
            hits: Vec::new(),
            children: None,
        };
        line(&row, &Beside::default(), Columns::new(4, width, 7_200), &Theme::default()).to_string()
    }

    #[test]
    fn a_run_shows_a_sign_and_a_word_and_then_what_there_is_room_for() {
        let note = Some("1 m 3 s · commit 0123456 main".to_owned());
        let facts = Facts { run: Some(RunState::Failed), time: Some(0), note, ..Facts::default() };
        let whole = " │   cf12  ✗ failed     1 m 3 s · commit 0123456 main    2 h";
        assert_eq!(drawn(&facts, 60).trim_end(), whole);
        assert_eq!(drawn(&facts, 40), " │   cf12  ✗ failed     1 m 3 s …    2 h");
        assert_eq!(drawn(&facts, 21), " │   cf12  ✗ failed  ");
        let waiting = Facts { run: Some(RunState::Waiting), ..Facts::default() };
        assert_eq!(drawn(&waiting, 30).trim_end(), " │   cf12  ◷ waiting");
        assert_eq!(drawn(&Facts::default(), 30).trim_end(), " │   cf12");
    }
}
