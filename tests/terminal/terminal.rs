//! A pseudo-terminal with the program in it: keys go in, a screen comes out.
//!
//! Invariant: nothing is waited for without a condition and a deadline; what is not there by then is told with the
//! screen as a person would see it.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// A frame arrives in pieces; when nothing more has come for this long, it is whole.
const QUIET: Duration = Duration::from_millis(30);

pub(crate) const ENTER: &str = "\r";
pub(crate) const ESC: &str = "\x1b";
pub(crate) const DOWN: &str = "\x1b[B";
pub(crate) const UP: &str = "\x1b[A";
pub(crate) const RIGHT: &str = "\x1b[C";
pub(crate) const LEFT: &str = "\x1b[D";
pub(crate) const END: &str = "\x1b[F";
pub(crate) const CTRL_C: &str = "\x03";
pub(crate) const CTRL_Z: &str = "\x1a";
pub(crate) const BACKSPACE: &str = "\x7f";

/// What is started, and in which surroundings.
pub(crate) struct Setup {
    pub(crate) command: CommandBuilder,
    pub(crate) columns: u16,
    pub(crate) rows: u16,
    /// The foreground and background that the terminal tells when it is asked; nothing for one that never answers.
    pub(crate) colours: Option<[&'static str; 2]>,
}

impl Setup {
    /// A terminal that answers nothing.
    pub(crate) fn new(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        Self { command, columns, rows, colours: None }
    }
}

/// A running program and its screen.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Keyboard,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<Seen>,
    tty: PathBuf,
}

/// Where keys go in, and what the terminal answers.
type Keyboard = Arc<Mutex<Box<dyn Write + Send>>>;

/// What the program has written.
struct Seen {
    state: Mutex<State>,
    more: Condvar,
}

struct State {
    screen: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
}

/// A mouse button or wheel, as the SGR protocol numbers them.
#[derive(Clone, Copy)]
pub(crate) enum Mouse {
    Left = 0,
    Right = 2,
    WheelUp = 64,
    WheelDown = 65,
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

impl Terminal {
    pub(crate) fn start(setup: Setup) -> Self {
        let size = PtySize { rows: setup.rows, cols: setup.columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let tty = pair.master.tty_name().unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let screen = vt100::Parser::new(cells(setup.rows), cells(setup.columns), 0);
        let seen = Arc::new(Seen {
            state: Mutex::new(State { screen, raw: Vec::new(), ended: false }),
            more: Condvar::new(),
        });
        let child = pair.slave.spawn_command(setup.command).unwrap();
        drop(pair.slave);
        let writer: Keyboard = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let (told, answers) = (Arc::clone(&seen), Arc::clone(&writer));
        thread::spawn(move || {
            let mut bytes = vec![0; 64 * 1024];
            // A terminal whose last program has ended gives an error or nothing.
            while let Ok(length @ 1..) = reader.read(&mut bytes) {
                told.take(&bytes[..length]);
                if let Some(colours) = setup.colours {
                    answer(&answers, &bytes[..length], colours);
                }
            }
            told.end();
        });
        Self { master: pair.master, writer, child, seen, tty }
    }

    /// Sends keys, as the bytes that a terminal sends for them.
    pub(crate) fn press(&mut self, keys: &str) {
        type_in(&self.writer, keys);
    }

    /// Presses Esc, and waits until `text` is gone: a key that came at once would be read as one with Alt.
    pub(crate) fn escape(&mut self, text: &str) {
        self.wait(text);
        self.press(ESC);
        self.wait_gone(text);
    }

    /// Sends a click or a turn of the wheel at the first cell of `text`.
    pub(crate) fn point(&mut self, mouse: Mouse, text: &str) {
        let (row, column) = self.place(text);
        self.point_at(mouse, row, column);
    }

    /// Clicks twice on one spot.
    pub(crate) fn double_click(&mut self, text: &str) {
        let (row, column) = self.place(text);
        self.point_at(Mouse::Left, row, column);
        self.point_at(Mouse::Left, row, column);
    }

    pub(crate) fn point_at(&mut self, mouse: Mouse, row: usize, column: usize) {
        let button = mouse as u8;
        let mut bytes = format!("\x1b[<{button};{};{}M", column + 1, row + 1);
        if button < 64 {
            bytes.push_str(&format!("\x1b[<{button};{};{}m", column + 1, row + 1));
        }
        self.press(&bytes);
    }

    /// Row and column of a text that is on the screen.
    pub(crate) fn place(&self, text: &str) -> (usize, usize) {
        self.wait(text);
        let lines = self.lines();
        let found = lines.iter().enumerate().find_map(|(row, line)| {
            let at = line.find(text)?;
            Some((row, unicode_width::UnicodeWidthStr::width(&line[..at])))
        });
        found.unwrap_or_else(|| panic!("no “{text}” on the screen:\n{}", self.contents()))
    }

    /// Waits until `text` is on the screen.
    pub(crate) fn wait(&self, text: &str) {
        self.wait_until(&format!("no “{text}” on the screen"), |screen| screen.contains(text));
    }

    /// Waits until `text` is not on the screen any more.
    pub(crate) fn wait_gone(&self, text: &str) {
        self.wait_until(&format!("still “{text}” on the screen"), |screen| !screen.contains(text));
    }

    /// Waits until a line has all of `parts`.
    pub(crate) fn wait_line(&self, parts: &[&str]) {
        self.wait_until(&format!("no line with {parts:?}"), |screen| {
            screen.lines().any(|line| parts.iter().all(|part| line.contains(part)))
        });
    }

    /// Waits until the screen is as it has to be.
    pub(crate) fn wait_until(&self, otherwise: &str, is_there: impl Fn(&str) -> bool) {
        self.wait_for(otherwise, |state| is_there(&state.screen.screen().contents()));
    }

    /// Waits until these bytes were written.
    pub(crate) fn wait_raw(&self, bytes: &str) {
        self.wait_for(&format!("never wrote {bytes:?}"), |state| {
            state.raw.windows(bytes.len()).any(|window| window == bytes.as_bytes())
        });
    }

    /// Waits for a condition that holds for a whole frame.
    fn wait_for(&self, otherwise: &str, is_there: impl Fn(&State) -> bool) {
        let until = Instant::now() + PATIENCE;
        let mut state = self.seen.lock();
        loop {
            let held = is_there(&state);
            let left = until.saturating_duration_since(Instant::now());
            if !held && (left.is_zero() || state.ended) {
                let why = if state.ended { "the program has ended; " } else { "" };
                panic!("{why}{otherwise}:\n{}", state.screen.screen().contents());
            }
            let (next, waited) = self
                .seen
                .more
                .wait_timeout(state, if held { QUIET } else { left })
                .unwrap_or_else(PoisonError::into_inner);
            if held && (waited.timed_out() || left.is_zero()) {
                return;
            }
            state = next;
        }
    }

    /// The screen as text.
    pub(crate) fn contents(&self) -> String {
        self.seen.lock().screen.screen().contents()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.contents().lines().map(str::to_owned).collect()
    }

    /// Foreground and background of each cell of a row.
    pub(crate) fn colours(&self, row: usize) -> Vec<(vt100::Color, vt100::Color)> {
        let state = self.seen.lock();
        let screen = state.screen.screen();
        let row = u16::try_from(row).unwrap();
        let cells = (0..screen.size().1.get()).filter_map(|column| screen.cell(row, column));
        cells.map(|cell| (cell.fgcolor(), cell.bgcolor())).collect()
    }

    /// Everything that was written so far.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.seen.lock().raw.clone()
    }

    /// Another size, as a person drags the window.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.seen.lock().screen.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.child.process_id().and_then(|id| Pid::from_raw(id.try_into().unwrap())).unwrap();
        kill_process(id, signal).unwrap();
    }

    /// Whether the terminal is taken over: the other screen, no cursor, the mouse, no line editing.
    pub(crate) fn is_taken(&self) -> [bool; 4] {
        let cooked = self.cooked();
        let state = self.seen.lock();
        let screen = state.screen.screen();
        let mouse = screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
        [screen.alternate_screen(), screen.hide_cursor(), mouse, !cooked]
    }

    /// Whether the terminal edits lines and echoes, as it does for a shell.
    fn cooked(&self) -> bool {
        use rustix::termios::{LocalModes, tcgetattr};
        let tty = std::fs::File::options().read(true).write(true).open(&self.tty).unwrap();
        tcgetattr(&tty)
            .unwrap()
            .local_modes
            .contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }

    /// Waits for the end, and returns the exit code.
    pub(crate) fn finish(&mut self) -> u32 {
        let until = Instant::now() + PATIENCE;
        let mut state = self.seen.lock();
        while !state.ended {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it does not end:\n{}", state.screen.screen().contents());
            state = self.seen.more.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        self.child.wait().unwrap().exit_code()
    }

    /// Quits as a person does.
    pub(crate) fn quit(mut self) {
        self.press("q");
        assert_eq!(self.finish(), 0);
    }
}

fn type_in(keyboard: &Keyboard, text: &str) {
    let mut keyboard = keyboard.lock().unwrap_or_else(PoisonError::into_inner);
    keyboard.write_all(text.as_bytes()).and_then(|()| keyboard.flush()).unwrap();
}

/// Answers what terminals are asked: their colours (OSC 10 and 11), and what they are (DA1).
fn answer(keyboard: &Keyboard, written: &[u8], colours: [&str; 2]) {
    let asks = |query: &[u8]| written.windows(query.len()).any(|window| window == query);
    for (number, colour) in [10, 11].into_iter().zip(colours) {
        if asks(format!("\x1b]{number};?").as_bytes()) {
            type_in(keyboard, &format!("\x1b]{number};{colour}\x1b\\"));
        }
    }
    if asks(b"\x1b[c") {
        type_in(keyboard, "\x1b[?62;22c");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended already where everything went well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Seen {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.screen.process(bytes);
        state.raw.extend_from_slice(bytes);
        self.more.notify_all();
    }

    fn end(&self) {
        self.lock().ended = true;
        self.more.notify_all();
    }
}
