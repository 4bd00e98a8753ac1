//! A manifest, read: the check of its digest, the views of it, its lines, and a search in them.
//!
//! Invariant: only visible lines are looked at, however long the document is.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line as Drawn, Span};
use unicode_segmentation::UnicodeSegmentation;

use super::{Place, body, entry_row, open};
use crate::app::inspect::{Document, Inspector, Line, Mode, Search, Tone, Verified};
use crate::domain::human::thousands;
use crate::domain::text::visible;
use crate::ui::input::{self, Shown};
use crate::ui::paint::{self, Edge, Scrolled};
use crate::ui::row::set_off;
use crate::ui::text::cut_middle;
use crate::ui::theme::Theme;

/// Lines above the document: the check, the views, a rule.
const HEAD: u16 = 3;

/// The whole screen, for long lines.
pub(super) fn place(inspector: &Inspector, area: Rect) -> Place {
    Place { outer: area, body: body(area, HEAD, foot(inspector)), lines: 0 }
}

/// Lines below the document: the search, or what is going on.
fn foot(inspector: &Inspector) -> u16 {
    u16::from(inspector.search.is_some() || inspector.fetching.is_some() || inspector.failure.is_some())
}

/// The line in a row of the body.
pub(super) fn entry(inspector: &Inspector, row: usize) -> Option<usize> {
    let document = inspector.stack.last()?;
    let n = document.top + row;
    (n < document.lines.len()).then_some(n)
}

/// Draws the view.
pub(super) fn draw(
    inspector: &Inspector,
    now: i64,
    place: Place,
    theme: &Theme,
    buf: &mut Buffer,
) -> Option<Position> {
    let inner = open(buf, place.outer, &title(inspector), theme);
    if let Some(document) = inspector.stack.last() {
        paint::line(buf, inner, 0, &check(document, inner.width, theme));
        paint::line(buf, inner, 1, &views(inspector.mode, theme));
        let rule = "─".repeat(inner.width.into());
        paint::text(buf, inner, (0, 2), inner.width, &rule, theme.faint);
        draw_lines(document, inspector.search.as_ref(), place, theme, buf);
        let at = format!(
            "{} of {}",
            thousands(document.cursor as u64 + 1),
            thousands(document.lines.len() as u64)
        );
        paint::on_frame(buf, place.outer, Edge::Bottom, Drawn::styled(at, theme.dim));
    }
    draw_foot(inspector, now, inner, theme, buf)
}

/// The reference, and the members on the way to the document that is read.
fn title(inspector: &Inspector) -> String {
    let mut title = visible(&inspector.title).into_owned();
    for document in inspector.stack.iter().skip(1) {
        title.push_str(&format!(" ▸ {}", document.inspection.manifest.digest.short(12)));
    }
    title
}

/// Whether the bytes have the digest that they should have, computed here.
fn check(document: &Document, cells: u16, theme: &Theme) -> Drawn<'static> {
    let digest = document.inspection.manifest.digest.to_string();
    let (sign, word, style) = match &document.verified {
        Verified::Matches => ("✓", "the bytes have this digest".to_owned(), theme.good),
        Verified::Differs(claimed) => ("✗", format!("the server claims {}…", claimed.short(12)), theme.bad),
        Verified::Unclaimed => ("·", "computed here; the server named none".to_owned(), theme.dim),
    };
    let room = usize::from(cells).saturating_sub(word.len() + 6);
    Drawn::from(vec![
        Span::styled(format!("{sign} "), style),
        Span::styled(cut_middle(&digest, room).into_owned(), theme.digest),
        Span::styled(format!("  {word}"), style),
    ])
}

/// The ways to look at it, the current one set off.
fn views(mode: Mode, theme: &Theme) -> Drawn<'static> {
    let mut spans = Vec::new();
    for (key, word, is) in [
        ("1", "Read", Mode::Read),
        ("2", "Manifest", Mode::Manifest),
        ("3", "Config", Mode::Config),
        ("4", "Raw", Mode::Raw),
    ] {
        let style = if is == mode { theme.selected.patch(theme.title_focus) } else { theme.dim };
        spans.push(Span::styled(key, theme.key));
        spans.push(Span::styled(format!(" {word} "), style));
        spans.push(Span::raw("  "));
    }
    Drawn::from(spans)
}

fn draw_lines(document: &Document, search: Option<&Search>, place: Place, theme: &Theme, buf: &mut Buffer) {
    let cells = usize::from(place.body.width);
    let wanted = search.map(|s| s.input.value().to_lowercase()).filter(|w| !w.is_empty());
    let shown = document.lines.iter().enumerate().skip(document.top).take(place.body.height.into());
    for (row, (n, line)) in shown.enumerate() {
        let drawn = draw_line(line, document.left, cells, wanted.as_deref(), theme);
        paint::line(buf, place.body, u16::try_from(row).unwrap_or(u16::MAX), &drawn);
        let whole = entry_row(place, row);
        if line.link.is_some() {
            paint::text(buf, whole, (whole.width.saturating_sub(1), 0), 1, "↵", theme.key);
        }
        if n == document.cursor {
            buf.set_style(whole, theme.selected);
        }
    }
    let bar = Rect { x: place.outer.right().saturating_sub(1), width: 1, ..place.body };
    let part = Scrolled { top: document.top, visible: place.body.height.into(), of: document.lines.len() };
    paint::scroll_bar(buf, bar, part, theme);
}

/// The visible part of a line: `left` characters further to the right, `cells` wide, matches set off.
fn draw_line(line: &Line, left: usize, cells: usize, wanted: Option<&str>, theme: &Theme) -> Drawn<'static> {
    let mut pieces: Vec<(Style, String)> = Vec::new();
    let (mut skip, mut room) = (left, cells);
    for (tone, text) in &line.spans {
        let mut piece = String::new();
        for grapheme in text.graphemes(true) {
            if skip > 0 {
                skip = skip.saturating_sub(grapheme.chars().count());
            } else if room > 0 {
                piece.push_str(grapheme);
                room -= 1;
            } else {
                break;
            }
        }
        pieces.push((style(*tone, theme), piece));
        if room == 0 {
            break;
        }
    }
    let Some(wanted) = wanted else {
        return Drawn::from(pieces.into_iter().map(|(s, t)| Span::styled(t, s)).collect::<Vec<_>>());
    };
    let whole: String = pieces.iter().map(|(_, text)| text.as_str()).collect();
    let hits = matches_in(&whole, wanted);
    let mut spans = Vec::new();
    let mut before = 0;
    for (style, text) in pieces {
        let count = text.chars().count();
        spans.extend(set_off(&text, style, style.patch(theme.hit), |i| {
            hits.iter().any(|(from, to)| (*from..*to).contains(&(before + i)))
        }));
        before += count;
    }
    Drawn::from(spans)
}

/// Where `wanted` (lower case) occurs in `text`, in characters.
fn matches_in(text: &str, wanted: &str) -> Vec<(usize, usize)> {
    let text: Vec<char> = text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
    let wanted: Vec<char> = wanted.chars().collect();
    let starts = text.windows(wanted.len().max(1)).enumerate().filter(|(_, w)| *w == wanted);
    starts.map(|(i, _)| (i, i + wanted.len())).collect()
}

/// How a piece of text looks.
pub(super) fn style(tone: Tone, theme: &Theme) -> Style {
    match tone {
        Tone::Plain => theme.text,
        Tone::Heading => theme.heading,
        Tone::Key => theme.folder,
        Tone::Text => theme.string,
        Tone::Number => theme.number,
        Tone::Mark | Tone::Dim => theme.dim,
        Tone::Digest => theme.digest,
        Tone::Good => theme.good,
        Tone::Bad => theme.bad,
    }
}

/// The search, what is being fetched, or why that failed.
fn draw_foot(
    inspector: &Inspector,
    now: i64,
    inner: Rect,
    theme: &Theme,
    buf: &mut Buffer,
) -> Option<Position> {
    let row = if inspector.stack.is_empty() { 0 } else { inner.height.saturating_sub(1) };
    if let Some(search) = &inspector.search {
        return draw_search(search, Rect { y: inner.y + row, height: 1, ..inner }, theme, buf);
    }
    if let Some(failure) = &inspector.failure {
        let text = visible(&failure.sentence()).into_owned();
        if inspector.stack.is_empty() {
            let mut sheet = crate::ui::sheet::Sheet::new(theme, inner.width);
            sheet.failure(failure);
            paint::window(buf, inner, &sheet.into_lines(), 0, theme);
        } else {
            paint::text(buf, inner, (0, row), inner.width, &format!("⚠ {text}"), theme.bad);
        }
    } else if inspector.stack.is_empty() || inspector.fetching.is_some() {
        let what = inspector.fetching.as_ref().map_or_else(String::new, |d| format!(" {}", d.short(12)));
        let text = format!("{} fetching the manifest{what}…", paint::spinner(now));
        paint::text(buf, inner, (0, row), inner.width, &text, theme.busy);
    }
    None
}

fn draw_search(search: &Search, area: Rect, theme: &Theme, buf: &mut Buffer) -> Option<Position> {
    let count = match (search.hits.len(), search.input.value().is_empty()) {
        (_, true) => String::new(),
        (0, _) => "no match".to_owned(),
        (of, _) => format!("{} of {}", thousands(search.current as u64 + 1), thousands(of as u64)),
    };
    let count = Drawn::styled(count, if search.hits.is_empty() { theme.warn } else { theme.number });
    let taken = u16::try_from(count.width()).unwrap_or(u16::MAX).saturating_add(4);
    paint::line(buf, area, 0, &Drawn::styled("/", theme.key));
    paint::line_right(buf, area, 0, &count);
    let field = Rect { x: area.x + 2, width: area.width.saturating_sub(taken), ..area };
    let cursor = input::draw(buf, field, &search.input, Shown::Plain, theme.strong);
    search.typing.then_some(cursor)
}
