//! The first line: where one is, and what is going on.
//!
//! Invariant: what is going on is never cut; the way to the node gives way to it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::paint;
use super::text::{cut_middle, width};
use super::theme::Theme;
use crate::app::App;
use crate::app::state::Health;
use crate::domain::text::visible;
use crate::domain::{Locator, NodeKind};

const NAME: &str = " tagalong ";
const STEP: &str = " ▸ ";

/// Draws the line.
pub(super) fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let state = state(app, theme, area.width < 80);
    let taken: usize = state.spans.iter().map(|s| width(&s.content)).sum();
    let room = usize::from(area.width).saturating_sub(taken + width(NAME) + 3);
    let name = if app.welcome.is_some() { "" } else { NAME };
    let mut spans = vec![Span::styled(name, theme.brand), Span::raw(" ")];
    let at = app.selected();
    spans.extend(at.map(|at| path(app, &at, room, theme)).unwrap_or_default());
    paint::line(buf, area, 0, &Line::from(spans));
    paint::line_right(buf, area, 0, &state);
}

/// The names from the connection down to the node, as many from the end as fit.
fn path(app: &App, at: &Locator, room: usize, theme: &Theme) -> Vec<Span<'static>> {
    let mut names: Vec<String> =
        std::iter::successors(Some(at.clone()), Locator::parent).filter_map(|at| name_of(app, &at)).collect();
    names.reverse();
    let Some(last) = names.pop() else {
        return Vec::new();
    };
    let last = cut_middle(&last, room).into_owned();
    let mut left = room.saturating_sub(width(&last));
    let mut spans = vec![Span::styled(last, theme.strong)];
    for name in names.iter().rev() {
        if width(name) + width(STEP) > left {
            let more = if left > width(STEP) { "…" } else { "" };
            if !more.is_empty() {
                spans.insert(0, Span::styled(STEP, theme.faint));
                spans.insert(0, Span::styled(more, theme.dim));
            }
            break;
        }
        left -= width(name) + width(STEP);
        spans.insert(0, Span::styled(STEP, theme.faint));
        spans.insert(0, Span::styled(name.clone(), theme.dim));
    }
    spans
}

/// A node's own name, without those above it.
fn name_of(app: &App, at: &Locator) -> Option<String> {
    let name = match at.kind() {
        NodeKind::Connection => app.connection(&at.connection)?.connected.connection.name.clone(),
        NodeKind::Namespace => app.title_of(at),
        NodeKind::Builds => "builds".to_owned(),
        _ => at.name().to_owned(),
    };
    Some(visible(&name).into_owned())
}

/// Pauses, failing connections, running jobs, read-only: each a sign and a word.
fn state(app: &App, theme: &Theme, is_short: bool) -> Line<'static> {
    let mut parts: Vec<Span<'static>> = Vec::new();
    if let Some((host, _, until)) = app.pauses.first() {
        let seconds = until.saturating_sub(app.now).max(0);
        let host = if is_short { String::new() } else { format!("{} ", visible(host)) };
        parts.push(Span::styled(format!("◔ {host}waits {seconds} s"), theme.warn));
    }
    let mut failing = app.connections.iter().filter_map(|c| match &c.health {
        Health::Failed(failure) => Some((c, failure)),
        _ => None,
    });
    if let Some((c, failure)) = failing.next() {
        let more = failing.count();
        let more = if more == 0 { String::new() } else { format!(" +{more}") };
        let name = cut_middle(&c.connected.connection.name, 20);
        let word = failure.kind.word();
        let text = if is_short {
            format!("⚠ {word}{more}")
        } else {
            format!("⚠ {word}: {}{more}", visible(&name))
        };
        parts.push(Span::styled(text, theme.bad));
    }
    parts.extend(jobs(app).map(|text| Span::styled(text, theme.busy)));
    if app.read_only {
        parts.push(Span::styled("read-only", theme.warn));
    }
    let mut spans = Vec::new();
    for part in parts {
        spans.push(part);
        spans.push(Span::raw("  "));
    }
    spans.pop();
    spans.push(Span::raw(" "));
    Line::from(spans)
}

/// How many jobs run, and how far they are together.
fn jobs(app: &App) -> Option<String> {
    let running = app.jobs.list.iter().filter(|j| j.end.is_none());
    let (mut count, mut done, mut total) = (0_u64, 0_u64, 0_u64);
    for job in running {
        count += 1;
        done = done.saturating_add(job.progress.done);
        total = total.saturating_add(job.progress.total);
    }
    let percent = u128::from(done) * 100 / u128::from(total.max(1));
    (count > 0).then(|| match total {
        0 => format!("⇣ {count}"),
        _ => format!("⇣ {count} · {} %", percent.min(100)),
    })
}
