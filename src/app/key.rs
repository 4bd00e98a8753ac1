//! Keys and gestures, free of any terminal library.

use std::fmt;

/// A key as the program understands it. Shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A character; the space bar is `Char(' ')`.
    Char(char),
    /// A letter with Ctrl, lower case.
    Ctrl(char),
    /// A letter with Alt.
    Alt(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(' ') => f.write_str("Space"),
            Self::Char(c) => write!(f, "{c}"),
            Self::Ctrl(c) => write!(f, "Ctrl-{}", c.to_ascii_uppercase()),
            Self::Alt(c) => write!(f, "Alt-{c}"),
            Self::Enter => f.write_str("Enter"),
            Self::Esc => f.write_str("Esc"),
            Self::Tab => f.write_str("Tab"),
            Self::BackTab => f.write_str("Shift-Tab"),
            Self::Backspace => f.write_str("Backspace"),
            Self::Delete => f.write_str("Del"),
            Self::Left => f.write_str("←"),
            Self::Right => f.write_str("→"),
            Self::Up => f.write_str("↑"),
            Self::Down => f.write_str("↓"),
            Self::Home => f.write_str("Home"),
            Self::End => f.write_str("End"),
            Self::PageUp => f.write_str("PgUp"),
            Self::PageDown => f.write_str("PgDn"),
        }
    }
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gesture {
    /// One click with the left button.
    Click,
    /// The second click of two, on the same spot.
    DoubleClick,
    /// One click with the right button.
    RightClick,
    /// The wheel, one notch up.
    WheelUp,
    /// The wheel, one notch down.
    WheelDown,
}

/// What lies under the mouse, as the layout on the screen says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A row of the tree, counted from the first row of the whole tree.
    Row(usize),
    /// An entry of the topmost popup, counted from its first entry.
    Entry(usize),
    /// Inside the topmost popup, on nothing.
    Popup,
    /// A pane.
    Pane(Pane),
    /// A hint of the bottom line, counted from the left.
    Hint(usize),
    /// Nothing.
    Nothing,
}

/// The panes that Tab goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pane {
    /// The tree.
    #[default]
    Tree,
    /// The details.
    Details,
    /// The jobs.
    Jobs,
}
