//! The first screen, while nothing is connected: what this is, and the ways to begin.
//!
//! Invariant: its lines are those of `Welcome::lines`, in that order, one row each.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::area::centred;
use super::paint;
use super::sheet::Sheet;
use super::text::{cut, cut_middle, left, width};
use super::theme::Theme;
use crate::app::App;
use crate::app::state::{Welcome, WelcomeLine};
use crate::domain::text::visible;

const WIDTH: u16 = 84;
/// Lines above the choices.
const HEAD: u16 = 5;
/// The name, where there is room for it.
const NAME: [&str; 2] = ["▀█▀ ▄▀█ █▀▀ ▄▀█ █   █▀█ █▄ █ █▀▀", " █  █▀█ █▄█ █▀█ █▄▄ █▄█ █ ▀█ █▄█"];

/// Where the choices are: the block in the middle, and the rows of the choices in it.
fn place(app: &App, welcome: &Welcome, area: Rect) -> (Rect, Rect) {
    let choices = u16::try_from(welcome.lines(app.providers).len()).unwrap_or(u16::MAX);
    let tail = if welcome.failure.is_some() { 6 } else { 2 };
    let block = centred(area, WIDTH.min(area.width.saturating_sub(4)), HEAD + choices + tail);
    let rows =
        Rect { y: block.y + HEAD.min(block.height), height: block.height.saturating_sub(HEAD), ..block };
    (block, Rect { height: rows.height.min(choices), ..rows })
}

/// The choice under a row of the screen.
pub(super) fn entry(app: &App, area: Rect, row: u16) -> Option<usize> {
    let welcome = app.welcome.as_ref()?;
    let (_, rows) = place(app, welcome, area);
    let n = usize::from(row.checked_sub(rows.y)?) + first(welcome, rows);
    (row < rows.bottom() && n < welcome.lines(app.providers).len()).then_some(n)
}

/// The first choice that is visible.
fn first(welcome: &Welcome, rows: Rect) -> usize {
    (welcome.cursor + 1).saturating_sub(usize::from(rows.height.max(1)))
}

/// Draws the screen.
pub(super) fn draw(app: &App, welcome: &Welcome, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (block, rows) = place(app, welcome, area);
    for (row, line) in (0..).zip(NAME) {
        paint::line(buf, block, row, &Line::styled(line, theme.brand));
    }
    let about = "A terminal explorer for container registries.";
    paint::text(buf, block, (0, 3), block.width, about, theme.dim);
    let lines = welcome.lines(app.providers);
    let names: Vec<String> = lines.iter().map(|l| visible(&name(l)).into_owned()).collect();
    let column = names.iter().map(|n| width(n)).max().unwrap_or(0).min(usize::from(block.width) / 2);
    let skipped = first(welcome, rows);
    for (n, choice) in lines.iter().enumerate().skip(skipped).take(rows.height.into()) {
        let y = u16::try_from(n - skipped).unwrap_or(u16::MAX);
        let label = names.get(n).map_or("", String::as_str);
        let about = about_choice(choice);
        let line = Line::from(vec![
            Span::raw("  "),
            Span::styled(left(&key(choice, n), 3), theme.key),
            Span::raw(left(&cut(label, column), column + 3)),
            Span::styled(
                short(choice, &about, usize::from(rows.width).saturating_sub(column + 8)),
                theme.dim,
            ),
        ]);
        paint::line(buf, rows, y, &line);
        if n == welcome.cursor {
            buf.set_style(Rect { y: rows.y + y, height: 1, ..rows }, theme.selected);
            paint::text(buf, rows, (0, y), 1, "▌", theme.busy);
        }
    }
    let below =
        Rect { y: rows.bottom() + 1, height: block.bottom().saturating_sub(rows.bottom() + 1), ..block };
    for (n, line) in status(app, welcome, below.width, theme).iter().enumerate() {
        paint::line(buf, below, u16::try_from(n).unwrap_or(u16::MAX), line);
    }
}

fn key(choice: &WelcomeLine<'_>, n: usize) -> String {
    match choice {
        WelcomeLine::Connect => "c".to_owned(),
        WelcomeLine::SignIn(_) if n < 10 => n.to_string(),
        WelcomeLine::SignIn(_) => String::new(),
        WelcomeLine::Provider(_) | WelcomeLine::Images => String::new(),
    }
}

fn name(choice: &WelcomeLine<'_>) -> String {
    match choice {
        WelcomeLine::Connect => "Connect Registry…".to_owned(),
        WelcomeLine::SignIn(found) => match &found.username {
            Some(account) => format!("{} as {account}", found.host),
            None => found.host.clone(),
        },
        WelcomeLine::Provider(info) => info.title.to_owned(),
        WelcomeLine::Images => "Images".to_owned(),
    }
}

fn about_choice(choice: &WelcomeLine<'_>) -> String {
    match choice {
        WelcomeLine::Connect => "any OCI or Docker registry, by its address".to_owned(),
        WelcomeLine::SignIn(found) => format!("signed in: {}", visible(&found.source)),
        WelcomeLine::Provider(info) => info.about.to_owned(),
        WelcomeLine::Images => "those on this machine: the local store, Docker, Podman".to_owned(),
    }
}

/// Sentences lose their end, paths their middle.
fn short<'a>(choice: &WelcomeLine<'_>, about: &'a str, cells: usize) -> Cow<'a, str> {
    match choice {
        WelcomeLine::SignIn(_) => cut_middle(about, cells),
        _ => cut(about, cells),
    }
}

/// What is going on: looking for sign-ins, connecting, or why that did not work.
fn status(app: &App, welcome: &Welcome, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut sheet = Sheet::new(theme, cells);
    let sign = paint::spinner(app.now);
    if let Some(busy) = &welcome.busy {
        sheet.item(sign, &format!("connecting to {busy}"), theme.busy, 2);
    } else if let Some(failure) = &welcome.failure {
        sheet.failure(failure);
    } else if welcome.found.is_none() {
        sheet.item(sign, "looking for sign-ins of Docker and Podman", theme.dim, 2);
    }
    sheet.into_lines()
}
