//! What the terminal sends, in the words of the state machine.

use std::time::{Duration, Instant};

use crossterm::event::{
    Event as Raw, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use crate::app::Key;
use crate::app::key::Gesture;

/// Two clicks on one spot within this time are a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);

/// Something that the terminal sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    Key(Key),
    Paste(String),
    Pointer(Gesture, u16, u16),
    Resized,
}

/// Remembers the last click, to know double clicks.
#[derive(Debug, Default)]
pub(super) struct Reader {
    last_click: Option<(Instant, u16, u16)>,
}

impl Reader {
    /// Reads one raw event; nothing when it means nothing here.
    pub(super) fn read(&mut self, raw: Raw, at: Instant) -> Option<Input> {
        match raw {
            Raw::Key(key) if key.kind != KeyEventKind::Release => read_key(key).map(Input::Key),
            Raw::Paste(text) => Some(Input::Paste(text)),
            Raw::Mouse(mouse) => self.read_mouse(mouse, at),
            Raw::Resize(..) => Some(Input::Resized),
            _ => None,
        }
    }

    fn read_mouse(&mut self, mouse: MouseEvent, at: Instant) -> Option<Input> {
        let gesture = match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => self.click(mouse, at),
            MouseEventKind::Down(MouseButton::Right) => Gesture::RightClick,
            MouseEventKind::ScrollUp => Gesture::WheelUp,
            MouseEventKind::ScrollDown => Gesture::WheelDown,
            _ => return None,
        };
        Some(Input::Pointer(gesture, mouse.column, mouse.row))
    }

    fn click(&mut self, mouse: MouseEvent, at: Instant) -> Gesture {
        let spot = (mouse.column, mouse.row);
        let second = self
            .last_click
            .take()
            .is_some_and(|(then, x, y)| (x, y) == spot && at.duration_since(then) <= DOUBLE_CLICK);
        if second {
            return Gesture::DoubleClick;
        }
        self.last_click = Some((at, mouse.column, mouse.row));
        Gesture::Click
    }
}

fn read_key(key: KeyEvent) -> Option<Key> {
    Some(match key.code {
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => match c {
            // What terminals send for Ctrl with the keys that share a code with others.
            'h' => Key::Backspace,
            'j' | 'm' => Key::Enter,
            'i' => Key::Tab,
            c => Key::Ctrl(c.to_ascii_lowercase()),
        },
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::ALT) => Key::Alt(c),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => Key::BackTab,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Option<Input> {
        Reader::default().read(Raw::Key(KeyEvent::new(code, modifiers)), Instant::now())
    }

    #[test]
    fn keys_keep_their_shift_and_lose_their_release() {
        assert_eq!(press(KeyCode::Char('G'), KeyModifiers::SHIFT), Some(Input::Key(Key::Char('G'))));
        assert_eq!(press(KeyCode::Char('C'), KeyModifiers::CONTROL), Some(Input::Key(Key::Ctrl('c'))));
        let mut released = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        released.kind = KeyEventKind::Release;
        assert_eq!(Reader::default().read(Raw::Key(released), Instant::now()), None);
    }

    #[test]
    fn two_clicks_on_one_spot_are_a_double_click() {
        let click = |column| {
            Raw::Mouse(MouseEvent {
                kind: MouseEventKind::Down(MouseButton::Left),
                column,
                row: 3,
                modifiers: KeyModifiers::NONE,
            })
        };
        let (mut reader, start) = (Reader::default(), Instant::now());
        assert_eq!(reader.read(click(5), start), Some(Input::Pointer(Gesture::Click, 5, 3)));
        assert_eq!(reader.read(click(5), start), Some(Input::Pointer(Gesture::DoubleClick, 5, 3)));
        assert_eq!(reader.read(click(5), start), Some(Input::Pointer(Gesture::Click, 5, 3)));
        let late = start + DOUBLE_CLICK * 2;
        assert_eq!(reader.read(click(5), late), Some(Input::Pointer(Gesture::Click, 5, 3)));
        assert_eq!(reader.read(click(6), late), Some(Input::Pointer(Gesture::Click, 6, 3)));
    }
}
