//! The jobs panel: a line for each job, its parts below the one that is chosen or runs.
//!
//! Invariant: its lines are a pure function of the jobs, so that the layout knows their number.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::area::inside;
use super::paint::{self, Focus};
use super::text::{cut, cut_middle, left, short_size, width, wrap};
use super::theme::Theme;
use crate::app::App;
use crate::app::jobs::{Doing, Job, JobEnd};
use crate::app::key::Pane;
use crate::domain::FailureKind;
use crate::domain::asked::Outcome;
use crate::domain::human;
use crate::domain::job::{Part, PartState};
use crate::domain::text::visible;

/// How many parts of a job are shown at most.
const PARTS: usize = 6;
/// Cells before and behind the title of a job.
const AROUND: usize = 4;
/// Cells of the bar of a whole job.
const BAR: u16 = 12;
/// Below so many bytes a second no time is foretold.
const STALLED: f64 = 512.0;

/// How many lines the panel would like to have.
pub(super) fn height(app: &App) -> usize {
    shown(app).iter().map(|(_, job)| 1 + below(app, job, 72, &Theme::default()).len()).sum()
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
    let (mut lines, mut chosen, mut last) = (Vec::new(), None, 0);
    let names = shown(app).iter().map(|(_, job)| width(&visible(&job.title))).max().unwrap_or_default();
    for (n, job) in shown(app) {
        let is_chosen = n == app.jobs.cursor && focus == Focus::Here;
        if is_chosen {
            chosen = Some(lines.len());
        }
        lines.push(headline(job, names, inner.width, theme));
        lines.extend(below(app, job, inner.width, theme));
        if is_chosen {
            last = lines.len() - 1;
        }
    }
    // The lines below the chosen one are seen too, where there is room for both.
    let top = chosen.map_or(0, |at| paint::follow(last, lines.len(), inner.height).min(at));
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

/// What is said below a job: of the chosen one, else of the only one that runs.
fn below(app: &App, job: &Job, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let is_open = match app.pane {
        Pane::Jobs => app.jobs.list.get(app.jobs.cursor).is_some_and(|j| j.task == job.task),
        _ => app.jobs.running() == 1 && job.end.is_none(),
    };
    if !is_open {
        return Vec::new();
    }
    match &job.end {
        None => {
            let mut lines = parts(job, cells, theme);
            lines.extend(log(job, cells, theme));
            lines
        }
        Some(JobEnd::Came(outcome)) => came(outcome, cells, theme),
        Some(JobEnd::Done(moved)) => ending(&moved.location, &moved.notes, cells, theme),
        Some(JobEnd::Failed(failure)) => {
            let mut lines = parts_that_failed(job, cells, theme);
            lines.extend(wrapped(&failure.to_string(), cells, theme.bad));
            lines.extend(wrapped(failure.hint(), cells, theme.dim));
            lines
        }
    }
}

/// The parts, those that something happens to first, and how many more there are.
fn parts(job: &Job, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut parts: Vec<&Part> = job.progress.parts.iter().collect();
    parts.sort_by_key(|part| urgency(&part.state));
    let mut shown: Vec<&Part> = parts.into_iter().take(PARTS).collect();
    // Which ones are shown depends on their state, their order does not: lines do not jump about.
    shown.sort_by_key(|part| job.progress.parts.iter().position(|p| std::ptr::eq(p, *part)));
    let all = usize::try_from(job.progress.blobs.1).unwrap_or(usize::MAX).max(job.progress.parts.len());
    let more = all - shown.len();
    let mut lines: Vec<Line<'static>> =
        shown.into_iter().map(|part| part_line(job.doing, part, cells, theme)).collect();
    if more > 0 {
        let complete = human::thousands(job.progress.blobs.0);
        let text = format!("    and {} more; {complete} complete", human::thousands(more as u64));
        lines.push(Line::styled(text, theme.dim));
    }
    lines
}

fn urgency(state: &PartState) -> u8 {
    match state {
        PartState::Failed(_) => 0,
        PartState::Retrying(_) => 1,
        PartState::Running => 2,
        PartState::Done | PartState::Present | PartState::Mounted => 3,
        PartState::Waiting => 4,
    }
}

fn parts_that_failed(job: &Job, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let failed = job.progress.parts.iter().filter(|part| matches!(part.state, PartState::Failed(_)));
    failed.take(PARTS).map(|part| part_line(job.doing, part, cells, theme)).collect()
}

/// Where the images are, and what there is to know of them.
fn ending(location: &str, notes: &[String], cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let room = usize::from(cells).saturating_sub(4);
    let location = cut_middle(&visible(location), room).into_owned();
    let mut lines = vec![Line::from(vec![Span::raw("    "), Span::styled(location, theme.strong)])];
    lines.extend(notes.iter().take(PARTS).flat_map(|note| wrapped(note, cells, theme.warn)));
    lines
}

/// The last lines of its log.
fn log(job: &Job, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let room = usize::from(cells).saturating_sub(4);
    let told = &job.progress.log;
    let last = told.iter().skip(told.len().saturating_sub(PARTS));
    last.map(|line| Line::styled(format!("    {}", cut(&visible(line), room)), theme.dim)).collect()
}

/// What came of what only one vendor offers.
fn came(outcome: &Outcome, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = wrapped(&outcome.said, cells, theme.text);
    lines.extend(outcome.address.iter().flat_map(|address| wrapped(address, cells, theme.strong)));
    lines
}

fn wrapped(text: &str, cells: u16, style: Style) -> Vec<Line<'static>> {
    let room = usize::from(cells).saturating_sub(4);
    let parts = wrap(&visible(text), room, 3).into_iter();
    parts.map(|part| Line::from(vec![Span::raw("    "), Span::styled(part, style)])).collect()
}

/// Sign, title, bar, share, speed; or how it ended. `names` is the width of the widest title.
fn headline(job: &Job, names: usize, cells: u16, theme: &Theme) -> Line<'static> {
    let (sign, style, tail) = match &job.end {
        None if job.stopping => ("◌", theme.warn, vec![Span::styled("stopping", theme.warn)]),
        None => (job.doing.sign(), theme.busy, running(job, room_beside(names, cells), theme)),
        Some(JobEnd::Came(_)) => ("✓", theme.good, vec![Span::styled("done", theme.dim)]),
        Some(JobEnd::Done(moved)) => {
            let tally = shortened(job.doing.tally(moved), room_beside(names, cells));
            ("✓", theme.good, vec![Span::styled(tally, theme.dim)])
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
    let room = usize::from(cells).saturating_sub(cells_of(&tail) + AROUND);
    let title = cut_middle(&visible(&job.title), room).into_owned();
    let mut spans =
        vec![Span::styled(format!("{sign} "), style), Span::raw(left(&title, room)), Span::raw("  ")];
    spans.extend(tail);
    Line::from(spans)
}

/// The tally, or the first part of it where there is no room for all.
fn shortened(tally: String, room: usize) -> String {
    match tally.split_once(", ") {
        Some((first, _)) if width(&tally) > room => first.to_owned(),
        _ => tally,
    }
}

fn cells_of(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| width(&span.content)).sum()
}

/// The room for what stands behind the titles, which get what they need, up to two thirds.
fn room_beside(names: usize, cells: u16) -> usize {
    let cells = usize::from(cells).saturating_sub(AROUND);
    cells - names.min(cells * 2 / 3)
}

/// What stands behind the title of a job that runs, for what gives way first where there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Stage,
    Left,
    Bar,
    Speed,
    Images,
    Share,
}

/// The stage while there is nothing to measure, or when all bytes are there; else bar, share, speed and time left, as
/// far as there is `room` for them.
fn running(job: &Job, room: usize, theme: &Theme) -> Vec<Span<'static>> {
    let p = &job.progress;
    if p.total == 0 || p.done >= p.total {
        return vec![Span::styled(visible(&p.stage).into_owned(), theme.dim)];
    }
    let mut words = words_of(job, theme);
    for least in [Word::Stage, Word::Left, Word::Bar, Word::Speed, Word::Images] {
        if words.iter().map(|(_, spans)| cells_of(spans)).sum::<usize>() > room {
            words.retain(|(word, _)| *word != least);
        }
    }
    words.into_iter().flat_map(|(_, spans)| spans).collect()
}

fn words_of(job: &Job, theme: &Theme) -> Vec<(Word, Vec<Span<'static>>)> {
    let p = &job.progress;
    let (stage, style) =
        if p.is_retrying() { ("retrying", theme.warn) } else { (p.stage.as_str(), theme.dim) };
    let mut words = vec![(Word::Stage, vec![Span::styled(format!("{}  ", visible(stage)), style)])];
    if p.images.1 > 1 {
        let images = format!("{}/{}  ", p.images.0, p.images.1);
        words.push((Word::Images, vec![Span::styled(images, theme.dim)]));
    }
    let (filled, rest) = paint::bar(p.done, p.total, BAR);
    words.push((Word::Bar, vec![Span::styled(filled, theme.bar), Span::styled(rest, theme.faint)]));
    let percent = (u128::from(p.done) * 100 / u128::from(p.total.max(1))).min(100);
    words.push((Word::Share, vec![Span::styled(format!(" {percent:>3} %"), theme.strong)]));
    if let Some(speed) = job.speed {
        let speed_now = format!("  {:>9}", speed_of(speed));
        words.push((Word::Speed, vec![Span::styled(speed_now, theme.number)]));
        let left = format!("  {:>8}", left_of(p.total.saturating_sub(p.done), speed));
        words.push((Word::Left, vec![Span::styled(left, theme.dim)]));
    }
    words
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
    if bytes_a_second < STALLED {
        return "stalled".to_owned();
    }
    let seconds = (bytes as f64 / bytes_a_second).ceil() as i64;
    match seconds {
        ..60 => format!("{seconds} s left"),
        _ => format!("{} left", human::age(0, seconds)),
    }
}

/// A layer: its digest, a bar, its size and state.
fn part_line(doing: Doing, part: &Part, cells: u16, theme: &Theme) -> Line<'static> {
    let (state, style) = match &part.state {
        PartState::Waiting => ("waiting".to_owned(), theme.dim),
        PartState::Running => {
            (format!("{} of {}", short_size(part.done), short_size(part.total)), theme.number)
        }
        PartState::Done => {
            let way = if matches!(doing, Doing::Push | Doing::Copy) { " sent" } else { "" };
            (format!("✓ {}{way}", short_size(part.total)), theme.good)
        }
        PartState::Present => (format!("= {} already there", short_size(part.total)), theme.dim),
        PartState::Mounted => (format!("» {} mounted", short_size(part.total)), theme.good),
        PartState::Retrying(why) => (format!("◌ again: {}", visible(why)), theme.warn),
        PartState::Failed(failure) => (format!("⚠ {}", visible(&failure.said)), theme.bad),
    };
    let bar = if cells >= 72 { 20 } else { 10 };
    let (filled, rest) = paint::bar(part.done, part.total, bar);
    let room = usize::from(cells.saturating_sub(20 + bar));
    Line::from(vec![
        Span::raw("    "),
        Span::styled(part.name.clone(), theme.digest),
        Span::raw("  "),
        Span::styled(filled, theme.bar),
        Span::styled(rest, theme.faint),
        Span::raw("  "),
        Span::styled(cut(&state, room).into_owned(), style),
    ])
}
