//! A run of the program without a terminal: keys in, pictures out.

use std::collections::{BTreeMap, VecDeque};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::{local, samples};
use crate::app::effect::{Preferences, Request};
use crate::app::event::{Event, TaskId};
use crate::app::state::Start;
use crate::app::{App, Effect, Key, Reply};
use crate::domain::ImagesChange;
use crate::domain::connection::Connected;
use crate::ui::{ColorDepth, Palette, Theme, view, viewport};

/// The state, the screen, and the tasks without an answer.
pub(super) struct Story {
    pub(super) app: App,
    pub(super) area: Rect,
    pub(super) open: Vec<(TaskId, Request)>,
    /// Whether no server answers any more.
    pub(super) is_silent: bool,
}

impl Story {
    /// A start with `connections` on a screen of this size.
    pub(super) fn new(connections: Vec<Connected>, width: u16, height: u16) -> Self {
        let (app, effects) = App::new(Start {
            connections,
            images: Vec::new(),
            pull_to: None,
            providers: samples::PROVIDERS,
            preferences: Preferences::default(),
            read_only: false,
            visit: None,
            connect: None,
            now: samples::NOW,
            failure: None,
        });
        let mut story =
            Self { app, area: Rect::new(0, 0, width, height), open: Vec::new(), is_silent: false };
        story.follow(effects);
        story
    }

    /// The usual start, with the places on this machine below it; the engine is open, the cursor on it.
    pub(super) fn with_images(width: u16, height: u16) -> Self {
        let mut story = Self::new(samples::connections(), width, height);
        story.send(Event::Images(ImagesChange::Places(local::places())));
        story.keys("Gkl")
    }

    /// The usual start: connected, the first repository open, the cursor on its first tag.
    pub(super) fn browsing(width: u16, height: u16) -> Self {
        Self::new(samples::connections(), width, height).keys("ljlj")
    }

    /// Presses keys, each a character; `⏎` is Enter, `⇥` Tab, `␛` Escape, `↓` an arrow.
    pub(super) fn keys(mut self, keys: &str) -> Self {
        for c in keys.chars() {
            let key = match c {
                '⏎' => Key::Enter,
                '⇥' => Key::Tab,
                '␛' => Key::Esc,
                '↓' => Key::Down,
                '⌃' => Key::Ctrl('u'),
                c => Key::Char(c),
            };
            self.send(Event::Key(key));
        }
        self
    }

    /// Lets something happen, and everything that follows from it.
    pub(super) fn send(&mut self, event: Event) {
        let effects = self.app.update(event);
        self.follow(effects);
    }

    fn follow(&mut self, effects: Vec<Effect>) {
        let mut todo = VecDeque::from(effects);
        loop {
            let room = viewport(&self.app, self.area);
            if room != self.app.viewport {
                todo.extend(self.app.update(Event::Viewport(room)));
            }
            let next = match todo.pop_front() {
                None => return,
                Some(Effect::Run(id, request)) => match self.answer(&request) {
                    Some(reply) => Event::Reply(id, Box::new(reply)),
                    None => {
                        self.open.push((id, request));
                        continue;
                    }
                },
                Some(Effect::Rest) => Event::Rested,
                Some(_) => continue,
            };
            todo.extend(self.app.update(next));
        }
    }

    fn answer(&self, request: &Request) -> Option<Reply> {
        if self.is_silent { None } else { samples::answer(request) }
    }

    /// The screen in the usual colours.
    pub(super) fn picture(&self) -> String {
        self.picture_in(Palette::Dark, ColorDepth::TrueColor)
    }

    /// The screen in other colours.
    pub(super) fn picture_in(&self, palette: Palette, depth: ColorDepth) -> String {
        let theme = Theme::new(palette, depth);
        let mut terminal = Terminal::new(TestBackend::new(self.area.width, self.area.height)).unwrap();
        terminal.draw(|frame| view(&self.app, &theme, frame)).unwrap();
        let is_shown = terminal.backend().cursor_visible();
        let cursor = is_shown.then(|| terminal.backend().cursor_position());
        describe(terminal.backend().buffer(), cursor.map(|p| (p.x, p.y)))
    }
}

/// The text of a screen, then a letter for each cell that has a style, then what the letters mean.
fn describe(buffer: &Buffer, cursor: Option<(u16, u16)>) -> String {
    let width = usize::from(buffer.area.width);
    let mut names: BTreeMap<String, char> = BTreeMap::new();
    let (mut text, mut styles) = (String::new(), String::new());
    for row in buffer.content.chunks(width) {
        let (mut letters, mut skip) = (String::new(), 0);
        for cell in row {
            if skip == 0 {
                text.push_str(cell.symbol());
                skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).max(1);
            }
            skip -= 1;
            let next = char::from(b'a' + u8::try_from(names.len() % 26).unwrap());
            let next = if names.len() >= 26 { next.to_ascii_uppercase() } else { next };
            letters.push(style_of(cell).map_or('.', |style| *names.entry(style).or_insert(next)));
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
        styles.push_str(letters.trim_end_matches('.'));
        styles.push('\n');
    }
    let mut legend: Vec<_> = names.iter().map(|(style, letter)| format!("{letter} {style}")).collect();
    legend.sort_by_key(|l| (l.starts_with(char::is_uppercase), l.clone()));
    let cursor = cursor.map_or_else(|| "none".to_owned(), |(x, y)| format!("column {x}, row {y}"));
    format!("{text}---- cursor: {cursor}\n{styles}---- styles\n{}\n", legend.join("\n"))
}

fn style_of(cell: &Cell) -> Option<String> {
    let colour = |c: Color| match c {
        Color::Reset => String::new(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        other => format!("{other}"),
    };
    let mut words = Vec::new();
    if cell.fg != Color::Reset && cell.symbol() != " " {
        words.push(colour(cell.fg));
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {}", colour(cell.bg)));
    }
    let plain_space =
        cell.symbol() == " " && !cell.modifier.intersects(Modifier::REVERSED | Modifier::UNDERLINED);
    if !cell.modifier.is_empty() && !plain_space {
        words.push(format!("{:?}", cell.modifier).to_lowercase());
    }
    (!words.is_empty()).then(|| words.join(" "))
}
