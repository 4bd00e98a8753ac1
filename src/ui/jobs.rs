//! The jobs panel: a line for each job, its parts below the one that is chosen or runs.
//!
//! Invariant: its lines are a pure function of the jobs, so that the layout knows their number.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::area::inside;
use super::paint::{self, Focus};
use super::text::{cut, cut_middle, left, short_size, width};
use super::theme::Theme;
use crate::app::App;
use crate::app::jobs::{Job, JobEnd};
use crate::app::key::Pane;
use crate::domain::FailureKind;
use crate::domain::human::{self, size};
use crate::domain::job::{Part, PartState};
use crate::domain::text::visible;

/// How many parts of a job are shown at most.
const PARTS: usize = 6;

/// How many lines the panel would like to have.
pub(super) fn height(app: &App) -> usize {
    let jobs = shown(app);
    jobs.iter().map(|(_, job)| 1 + parts(app, job).count() + usize::from(has_more(app, job))).sum()
}

/// Draws the panel.
pub(super) fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let focus = Focus::of(app, Pane::Jobs);
    let running = app.jobs.running();
    let about = if running == 0 { String::new() } else { format!("· {running} running ") };
    let title = Line::from(vec![Span::styled(" Jobs ", focus.title(theme)), Span::styled(about, theme.dim)]);
    paint::pane(buf, area, title, focus, theme);
    let inner = inside(area);
    if app.jobs.list.is_empty() {
        paint::line(buf, inner, 0, &Line::styled("No jobs so far. p pulls the selected image.", theme.dim));
        return;
    }
    let (mut lines, mut chosen) = (Vec::new(), None);
    for (n, job) in shown(app) {
        if n == app.jobs.cursor && focus == Focus::Here {
            chosen = Some(lines.len());
        }
        lines.push(headline(job, inner.width, theme));
        lines.extend(parts(app, job).map(|part| part_line(part, inner.width, theme)));
        if has_more(app, job) {
            let more = job.progress.parts.len() - PARTS;
            lines.push(Line::styled(format!("    and {more} more"), theme.dim));
        }
    }
    let top = chosen.map_or(0, |at| paint::follow(at, lines.len(), inner.height));
    paint::window(buf, inner, &lines, top, theme);
    if let Some(row) = chosen.and_then(|at| u16::try_from(at - top).ok()).filter(|r| *r < inner.height) {
        let row = Rect { x: inner.x - 1, y: inner.y + row, width: inner.width + 2, height: 1 };
        buf.set_style(row, theme.selected);
    }
}

/// With the keys: all jobs. Without: those that run.
fn shown(app: &App) -> Vec<(usize, &Job)> {
    let focus = app.pane == Pane::Jobs;
    app.jobs.list.iter().enumerate().filter(|(_, j)| focus || j.end.is_none()).collect()
}

/// The parts to show: of the chosen job, else of the only one.
fn parts<'a>(app: &'a App, job: &'a Job) -> impl Iterator<Item = &'a Part> {
    let open = is_open(app, job);
    job.progress.parts.iter().filter(move |_| open).take(PARTS)
}

fn has_more(app: &App, job: &Job) -> bool {
    is_open(app, job) && job.progress.parts.len() > PARTS
}

fn is_open(app: &App, job: &Job) -> bool {
    if app.pane == Pane::Jobs {
        return app.jobs.list.get(app.jobs.cursor).is_some_and(|j| j.task == job.task) && job.end.is_none();
    }
    app.jobs.running() == 1 && job.end.is_none()
}

/// Sign, title, bar, share, speed; or how it ended.
fn headline(job: &Job, cells: u16, theme: &Theme) -> Line<'static> {
    let (sign, style, tail) = match &job.end {
        None if job.stopping => ("◌", theme.warn, vec![Span::styled("stopping", theme.warn)]),
        None => ("⇣", theme.busy, running(job, cells, theme)),
        Some(JobEnd::Done(pulled)) => {
            let reused =
                if pulled.reused > 0 { format!(", {} reused", size(pulled.reused)) } else { String::new() };
            (
                "✓",
                theme.good,
                vec![Span::styled(format!("{} fetched{reused}", size(pulled.moved)), theme.dim)],
            )
        }
        Some(JobEnd::Failed(failure)) if failure.kind == FailureKind::Cancelled => {
            ("◌", theme.warn, vec![Span::styled("cancelled", theme.warn)])
        }
        Some(JobEnd::Failed(failure)) => {
            let said = format!("{}: {}", failure.kind.word(), failure.said);
            let said = cut(&visible(&said), usize::from(cells) / 2).into_owned();
            ("⚠", theme.bad, vec![Span::styled(said, theme.bad)])
        }
    };
    let taken: usize = tail.iter().map(|s| width(&s.content)).sum();
    let room = usize::from(cells).saturating_sub(taken + 4);
    let title = cut_middle(&visible(&job.title), room).into_owned();
    let mut spans =
        vec![Span::styled(format!("{sign} "), style), Span::raw(left(&title, room)), Span::raw("  ")];
    spans.extend(tail);
    Line::from(spans)
}

fn running(job: &Job, cells: u16, theme: &Theme) -> Vec<Span<'static>> {
    let p = &job.progress;
    if p.total == 0 {
        return vec![Span::styled(visible(&p.stage).into_owned(), theme.dim)];
    }
    let (filled, rest) = paint::bar(p.done, p.total, if cells >= 72 { 16 } else { 8 });
    let percent = (u128::from(p.done) * 100 / u128::from(p.total.max(1))).min(100);
    let mut spans = Vec::new();
    if p.images.1 > 1 {
        spans.push(Span::styled(format!("{}/{}  ", p.images.0, p.images.1), theme.dim));
    }
    spans.push(Span::styled(filled, theme.bar));
    spans.push(Span::styled(rest, theme.faint));
    spans.push(Span::styled(format!(" {percent:>3} %"), theme.strong));
    if let Some(speed) = job.speed.filter(|_| cells >= 52) {
        spans.push(Span::styled(format!("  {:>9}", speed_of(speed)), theme.number));
        if cells >= 72 {
            spans.push(Span::styled(
                format!("  {:>8}", left_of(p.total.saturating_sub(p.done), speed)),
                theme.dim,
            ));
        }
    }
    spans
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a saturating cast is what is meant"
)]
fn speed_of(bytes_a_second: f64) -> String {
    format!("{}/s", short_size(bytes_a_second as u64))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "an estimate; the cast saturates"
)]
fn left_of(bytes: u64, bytes_a_second: f64) -> String {
    let seconds = (bytes as f64 / bytes_a_second.max(1.0)).ceil() as i64;
    match seconds {
        ..60 => format!("{seconds} s left"),
        _ => format!("{} left", human::age(0, seconds)),
    }
}

/// A layer: its digest, a bar, its size and state.
fn part_line(part: &Part, cells: u16, theme: &Theme) -> Line<'static> {
    let (state, style) = match &part.state {
        PartState::Waiting => ("waiting".to_owned(), theme.dim),
        PartState::Running => {
            (format!("{} of {}", short_size(part.done), short_size(part.total)), theme.number)
        }
        PartState::Done => (format!("✓ {}", short_size(part.total)), theme.good),
        PartState::Present => (format!("= {} there", short_size(part.total)), theme.dim),
        PartState::Retrying(why) => (format!("◌ again: {}", visible(why)), theme.warn),
        PartState::Failed(failure) => (format!("⚠ {}", visible(&failure.said)), theme.bad),
    };
    let (filled, rest) = paint::bar(part.done, part.total, if cells >= 60 { 20 } else { 10 });
    Line::from(vec![
        Span::raw("    "),
        Span::styled(part.name.clone(), theme.digest),
        Span::raw("  "),
        Span::styled(filled, theme.bar),
        Span::styled(rest, theme.faint),
        Span::raw("  "),
        Span::styled(cut(&state, usize::from(cells).saturating_sub(40)).into_owned(), style),
    ])
}
