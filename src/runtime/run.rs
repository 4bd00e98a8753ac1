//! The loop: input, replies and time go in, frames and effects come out.
//!
//! Invariant: draws when something changed and at most every 16 ms; with nothing to do it sleeps until it is woken.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::EventStream;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use ratatui::layout::Rect;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep_until;

use super::clipboard::Board;
use super::input::{Input, Reader};
use super::screen::Screen;
use super::signals::{Ask, Signals, stop_here};
use super::tasks::{LAST_STEPS, Tasks};
use super::{browser, effects};
use crate::app::effect::Preferences;
use crate::app::event::Viewport;
use crate::app::state::Start;
use crate::app::{App, Effect, Event};
use crate::domain::{ConnectionId, Failure, ImagesChange};
use crate::ui::{self, Theme};
use crate::workspace::{Workspace, now};

const FRAME: Duration = Duration::from_millis(16);
const TICK: Duration = Duration::from_millis(100);
/// How long the cursor has to stay before the details follow.
const REST: Duration = Duration::from_millis(120);

/// What the explorer is made of.
pub struct Explorer {
    /// The connections and files.
    pub workspace: Arc<Workspace>,
    /// Pauses and warnings of the network.
    pub observed: UnboundedReceiver<Event>,
    /// What changes about the images on this machine.
    pub images: BoxStream<'static, ImagesChange>,
    /// What the state machine starts with.
    pub start: Start,
}

/// Runs the explorer until it is left.
///
/// # Errors
/// `Io` when the terminal cannot be taken over or drawn on.
pub fn explore(explorer: Explorer) -> Result<(), Failure> {
    let (app, first) = App::new(explorer.start);
    let mut screen = Screen::take()?;
    let mut theme = super::theme::first();
    let viewport = Viewport::default();
    let mut run = Loop {
        app,
        tasks: Tasks::default(),
        workspace: explorer.workspace,
        board: Board::new(),
        reader: Reader::default(),
        rest: None,
        dirty: true,
        drawn: Instant::now(),
        viewport,
        second: now(),
        ending: false,
    };
    // The first frame waits for nothing: no network, no keyring, no answer of the terminal.
    run.fit(&mut screen);
    run.draw(&mut screen, &theme)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Failure::io("starting", &e))?;
    let result = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        run.carry_out(first, &mut screen);
        // The first requests are on their way while the terminal is asked for its background.
        if let Some(better) = super::theme::asked() {
            theme = better;
            run.dirty = true;
        }
        let outside = Outside { observed: explorer.observed, images: explorer.images };
        let result = run.turn(&mut screen, &theme, &mut signals, outside).await;
        drop(screen);
        run.tasks.finish(LAST_STEPS).await;
        result
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    result
}

struct Loop {
    app: App,
    tasks: Tasks,
    workspace: Arc<Workspace>,
    board: Board,
    reader: Reader,
    rest: Option<Instant>,
    dirty: bool,
    drawn: Instant,
    viewport: Viewport,
    second: i64,
    ending: bool,
}

/// What the world tells without being asked.
struct Outside {
    /// Pauses and warnings of the network.
    observed: UnboundedReceiver<Event>,
    /// The images on this machine.
    images: BoxStream<'static, ImagesChange>,
}

enum Woken {
    Input(Option<std::io::Result<crossterm::event::Event>>),
    Event(Event),
    Signal(Ask),
    Rested,
    Frame,
    Tick,
}

impl Loop {
    async fn turn(
        &mut self,
        screen: &mut Screen,
        theme: &Theme,
        signals: &mut Signals,
        mut outside: Outside,
    ) -> Result<(), Failure> {
        let mut input = EventStream::new();
        while !self.ending {
            match self.wait(&mut input, signals, &mut outside).await {
                Woken::Input(Some(Ok(raw))) => self.take_input(raw, screen),
                Woken::Input(Some(Err(error))) => return Err(Failure::io("reading the terminal", &error)),
                // The terminal is gone.
                Woken::Input(None) | Woken::Signal(Ask::Leave) => self.ending = true,
                Woken::Event(event) => self.update(event, screen),
                Woken::Signal(Ask::Suspend) => self.suspend(screen)?,
                Woken::Signal(Ask::Resumed) => self.resume(screen)?,
                Woken::Rested => {
                    self.rest = None;
                    self.update(Event::Rested, screen);
                }
                Woken::Tick => {
                    for sample in self.tasks.progress() {
                        self.update(sample, screen);
                    }
                    self.dirty = true;
                }
                Woken::Frame => self.draw(screen, theme)?,
            }
        }
        Ok(())
    }

    async fn wait(&mut self, input: &mut EventStream, signals: &mut Signals, outside: &mut Outside) -> Woken {
        let frame = (self.drawn + FRAME).into();
        let tick = (self.drawn + TICK).into();
        let rest = self.rest.unwrap_or(self.drawn).into();
        let is_moving = self.tasks.moves() || self.app.is_moving();
        tokio::select! {
            biased;
            () = sleep_until(frame), if self.dirty => Woken::Frame,
            ask = signals.next() => Woken::Signal(ask),
            raw = input.next() => Woken::Input(raw),
            event = self.tasks.next() => Woken::Event(event),
            Some(event) = outside.observed.recv() => Woken::Event(event),
            Some(change) = outside.images.next() => Woken::Event(Event::Images(change)),
            () = sleep_until(rest), if self.rest.is_some() => Woken::Rested,
            () = sleep_until(tick), if is_moving && !self.dirty => Woken::Tick,
        }
    }

    fn take_input(&mut self, raw: crossterm::event::Event, screen: &mut Screen) {
        let event = match self.reader.read(raw, Instant::now()) {
            None => return,
            Some(Input::Key(key)) => Event::Key(key),
            Some(Input::Paste(text)) => Event::Paste(text),
            Some(Input::Pointer(gesture, column, row)) => {
                Event::Pointer(gesture, ui::hit(&self.app, area(screen), column, row))
            }
            Some(Input::Resized) => {
                self.fit(screen);
                return;
            }
        };
        self.update(event, screen);
    }

    /// Gives one event to the state machine and carries out what it asks for.
    fn update(&mut self, event: Event, screen: &mut Screen) {
        let second = now();
        if second != self.second {
            self.second = second;
            let effects = self.app.update(Event::Tick(second));
            self.carry_out(effects, screen);
        }
        let effects = self.app.update(event);
        self.carry_out(effects, screen);
        self.fit(screen);
    }

    /// Tells the state machine how much room there is, when that has changed.
    fn fit(&mut self, screen: &mut Screen) {
        self.dirty = true;
        let viewport = ui::viewport(&self.app, area(screen));
        if viewport != self.viewport {
            self.viewport = viewport;
            let effects = self.app.update(Event::Viewport(viewport));
            self.carry_out(effects, screen);
        }
    }

    fn carry_out(&mut self, effects: Vec<Effect>, screen: &mut Screen) {
        for effect in effects {
            if let Some(answer) = self.carry_out_one(effect, screen) {
                let further = self.app.update(answer);
                self.carry_out(further, screen);
            }
        }
    }

    fn carry_out_one(&mut self, effect: Effect, screen: &mut Screen) -> Option<Event> {
        match effect {
            Effect::Run(task, request) => {
                let nature = effects::nature(&request);
                let work = effects::perform(Arc::clone(&self.workspace), request, nature.clone());
                self.tasks.spawn(task, nature, work);
            }
            Effect::Cancel(task) => self.tasks.cancel(task),
            Effect::Stop(task) => self.tasks.stop(task),
            Effect::Copy { what, text } => {
                let way = self.board.copy(&text, screen);
                return Some(Event::Copied { what: what.to_owned(), way });
            }
            Effect::Open(address) => return Some(Event::Opened(browser::open(&address))),
            Effect::SavePreferences(preferences) => self.save(preferences),
            Effect::RememberPlace(place) => self.remember(place),
            Effect::LookForEngines => self.workspace.look_for_engines(),
            Effect::Redraw => {
                if let Err(error) = screen.terminal.clear() {
                    tracing::warn!(%error, "clearing the screen");
                }
                self.dirty = true;
            }
            Effect::Rest => self.rest = Some(Instant::now() + REST),
            Effect::Suspend => {
                if let Err(failure) = self.suspend(screen) {
                    tracing::error!(%failure, "suspending");
                    self.ending = true;
                }
            }
            Effect::Quit => self.ending = true,
        }
        None
    }

    fn save(&mut self, preferences: Preferences) {
        let paths = self.workspace.paths().clone();
        self.tasks.aside(move || {
            let failure = super::preferences::save(&paths, preferences).err()?;
            Some(Event::Warning { host: "settings".to_owned(), text: failure.to_string() })
        });
    }

    fn remember(&mut self, place: ConnectionId) {
        let paths = self.workspace.paths().clone();
        self.tasks.aside(move || {
            let failure = super::preferences::remember_place(&paths, &place).err()?;
            Some(Event::Warning { host: "settings".to_owned(), text: failure.to_string() })
        });
    }

    fn suspend(&mut self, screen: &mut Screen) -> Result<(), Failure> {
        super::screen::give_back();
        stop_here()?;
        self.resume(screen)
    }

    fn resume(&mut self, screen: &mut Screen) -> Result<(), Failure> {
        screen.retake().map_err(|e| Failure::io("taking the terminal back", &e))?;
        self.fit(screen);
        Ok(())
    }

    fn draw(&mut self, screen: &mut Screen, theme: &Theme) -> Result<(), Failure> {
        self.dirty = false;
        self.drawn = Instant::now();
        screen
            .terminal
            .draw(|frame| ui::view(&self.app, theme, frame))
            .map(|_| ())
            .map_err(|e| Failure::io("drawing", &e))
    }
}

fn area(screen: &mut Screen) -> Rect {
    screen.terminal.size().map(|size| Rect::new(0, 0, size.width, size.height)).unwrap_or_default()
}
