//! Typing into a line: keys and pasted text.
//!
//! Invariant: a line is bounded, and holds nothing that could move the cursor or reorder other text.

use tui_input::{Input, InputRequest};

use super::key::Key;
use crate::domain::text::visible;

/// The longest line that can be typed, in characters: longer than any token in use.
const LONGEST: usize = 8192;

/// What a key did to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// The text is another one.
    Changed,
    /// Only the cursor moved, if at all.
    Same,
    /// The key is none for a line.
    NotMine,
}

/// Types `key` into `input`.
pub(super) fn type_key(input: &mut Input, key: Key) -> Typed {
    let Some(request) = request_of(key) else { return Typed::NotMine };
    if let InputRequest::InsertChar(c) = request
        && !fits(input, c)
    {
        return Typed::Same;
    }
    match input.handle(request) {
        Some(change) if change.value => Typed::Changed,
        _ => Typed::Same,
    }
}

/// Pastes the first line of `text` into `input`; says whether anything of it went in.
pub(super) fn paste(input: &mut Input, text: &str) -> bool {
    let line = text.trim_start_matches(['\r', '\n']).lines().next().unwrap_or_default();
    let mut changed = false;
    for c in line.chars() {
        if fits(input, c) {
            changed |= input.handle(InputRequest::InsertChar(c)).is_some();
        }
    }
    changed
}

fn fits(input: &Input, c: char) -> bool {
    let mut buffer = [0; 4];
    let text: &str = c.encode_utf8(&mut buffer);
    input.value().len() < LONGEST && visible(text) == text
}

fn request_of(key: Key) -> Option<InputRequest> {
    Some(match key {
        Key::Char(c) => InputRequest::InsertChar(c),
        Key::Backspace | Key::Ctrl('h') => InputRequest::DeletePrevChar,
        Key::Delete => InputRequest::DeleteNextChar,
        Key::Left | Key::Ctrl('b') => InputRequest::GoToPrevChar,
        Key::Right | Key::Ctrl('f') => InputRequest::GoToNextChar,
        Key::Alt('b') => InputRequest::GoToPrevWord,
        Key::Alt('f') => InputRequest::GoToNextWord,
        Key::Home | Key::Ctrl('a') => InputRequest::GoToStart,
        Key::End | Key::Ctrl('e') => InputRequest::GoToEnd,
        Key::Ctrl('w') => InputRequest::DeletePrevWord,
        Key::Alt('d') => InputRequest::DeleteNextWord,
        Key::Ctrl('u') => InputRequest::DeleteFromStart,
        Key::Ctrl('k') => InputRequest::DeleteTillEnd,
        Key::Ctrl('y') => InputRequest::Yank,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_keeps_its_first_line_and_nothing_dangerous() {
        let mut input = Input::default();
        assert!(paste(&mut input, "\r\nab\u{1b}[2J\u{202e}c\nrm -rf /"));
        assert_eq!(input.value(), "ab[2Jc");
    }

    #[test]
    fn a_line_is_bounded() {
        let mut input = Input::default();
        assert!(paste(&mut input, &"x".repeat(LONGEST * 2)));
        assert_eq!(input.value().len(), LONGEST);
        assert_eq!(type_key(&mut input, Key::Char('y')), Typed::Same);
        assert_eq!(type_key(&mut input, Key::Backspace), Typed::Changed);
        assert_eq!(type_key(&mut input, Key::Tab), Typed::NotMine);
    }
}
