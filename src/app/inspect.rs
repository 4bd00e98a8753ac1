//! The view of a manifest and its configuration: lines with colours, folded nowhere, searchable.

use tui_input::Input;

use super::event::Inspection;
use crate::domain::{Digest, Failure, Locator};

/// The viewer: a stack of documents, the one that is read on top.
#[derive(Debug, Clone)]
pub struct Inspector {
    /// The tag or manifest it was opened on.
    pub at: Locator,
    /// Its title: the reference.
    pub title: String,
    /// The documents, the first opened first. Empty while the first is fetched.
    pub stack: Vec<Document>,
    /// The member that is being fetched on top of the stack.
    pub fetching: Option<Digest>,
    /// Why the last fetch failed.
    pub failure: Option<Failure>,
    /// Read for people, or raw.
    pub mode: Mode,
    /// The search, while it is typed or held.
    pub search: Option<Search>,
}

/// How a document is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Explained: digest check, platforms, configuration, history, layers.
    #[default]
    Read,
    /// The manifest's JSON, indented.
    Manifest,
    /// The configuration's JSON, indented.
    Config,
    /// The exact bytes of the manifest, as lines.
    Raw,
}

/// One document.
#[derive(Debug, Clone)]
pub struct Document {
    /// What was fetched.
    pub inspection: Inspection,
    /// Whether the computed digest is the expected one.
    pub verified: Verified,
    /// The lines in the current mode.
    pub lines: Vec<Line>,
    /// The chosen line.
    pub cursor: usize,
    /// The first visible line.
    pub top: usize,
    /// The first visible column, in characters: long lines are scrolled sideways, never wrapped.
    pub left: usize,
}

impl Mode {
    /// The one after it, round and round.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Read => Self::Manifest,
            Self::Manifest => Self::Config,
            Self::Config => Self::Raw,
            Self::Raw => Self::Read,
        }
    }
}

impl Line {
    /// Its text without colours.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// The result of comparing the digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// They are the same.
    Matches,
    /// They differ: the one that was claimed or asked for.
    Differs(Digest),
    /// The server named none to compare with.
    Unclaimed,
}

/// A line of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its pieces; already safe to show.
    pub spans: Vec<(Tone, String)>,
    /// The member of an index that Enter opens here.
    pub link: Option<Digest>,
}

/// What a piece of text is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Plain.
    Plain,
    /// A heading.
    Heading,
    /// A key or label.
    Key,
    /// A string.
    Text,
    /// A number, true, false, null.
    Number,
    /// Braces, commas.
    Mark,
    /// A digest.
    Digest,
    /// Something good.
    Good,
    /// Something bad.
    Bad,
    /// Less important.
    Dim,
}

/// A search in the lines.
#[derive(Debug, Clone)]
pub struct Search {
    /// What was typed.
    pub input: Input,
    /// Whether it still takes keys.
    pub typing: bool,
    /// The lines that match.
    pub hits: Vec<usize>,
    /// Which of them is shown.
    pub current: usize,
}
