//! Everything that can happen to the program, as data.

use super::key::{Gesture, Key, Target};
use crate::domain::asked::Outcome;
pub use crate::domain::connection::ConnectFailure;
use crate::domain::connection::{Connected, FoundSignIn};
use crate::domain::detail::Details;
pub use crate::domain::detail::Inspection;
use crate::domain::extra::{Choice, SignInCode};
use crate::domain::impact::Impact;
use crate::domain::job::{Moved, Progress, RemovalFailure, Undo, Weight};
use crate::domain::{ConnectionId, Facts, Failure, ImagesChange, Locator, Page};

/// The identity of a piece of work that was asked for. Only the state machine issues them; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub u64);

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something, and this lies under it.
    Pointer(Gesture, Target),
    /// The screen has this much room now.
    Viewport(Viewport),
    /// The time: seconds since 1970. Sent before other events when it has changed, and regularly while something moves.
    Tick(i64),
    /// The cursor has rested long enough for the details to follow.
    Rested,
    /// A task's one reply.
    Reply(TaskId, Box<Reply>),
    /// A sample of a running job.
    Progress(TaskId, Progress),
    /// A host asks for a pause, which is being kept.
    Waiting {
        /// The host.
        host: String,
        /// Why.
        said: String,
        /// How many seconds are left when this is sent.
        seconds: u64,
    },
    /// The pause is over.
    Resumed(String),
    /// A server sent a warning, to be shown once.
    Warning {
        /// The host.
        host: String,
        /// Its text.
        text: String,
    },
    /// The images on this machine, or the places that hold them, have changed. Nobody asked for it.
    Images(ImagesChange),
    /// A code has to be typed at a page for a sign-in to go on; nothing when that is over.
    SignInCode(Option<SignInCode>),
    /// The clipboard took a text, this way ("clipboard", "terminal (OSC 52)"), or could not.
    Copied {
        /// What was copied, for the notice.
        what: String,
        /// The way it took.
        way: Result<String, Failure>,
    },
    /// A page was opened in the browser, or could not be.
    Opened(Result<String, Failure>),
}

/// How much room there is, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewport {
    /// Columns of the screen.
    pub width: u16,
    /// Rows of the screen.
    pub height: u16,
    /// Rows of the tree that are visible.
    pub tree: u16,
    /// Rows of the details that are visible.
    pub details: u16,
    /// Rows of the topmost popup's content that are visible; 0 without a popup.
    pub popup: u16,
    /// Lines that the details have in all: scrolling stops at the last.
    pub details_lines: u16,
    /// Lines that a scrolling popup (help, log, confirmation) has in all; 0 for others.
    pub popup_lines: u16,
}

/// The answer of a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The sign-ins found on this machine.
    SignIns(Vec<FoundSignIn>),
    /// A connection was checked and kept, or not. For `Visit`, the node to go to comes along.
    Connected(Result<(Connected, Option<Locator>), ConnectFailure>),
    /// A connection was removed from the configuration.
    Disconnected(ConnectionId, Result<(), Failure>),
    /// A page of a listing.
    Page(Result<Page, Failure>),
    /// The facts of one tag.
    Facts(Result<Facts, Failure>),
    /// The details of a node.
    Details(Box<Result<Details, Failure>>),
    /// A manifest to inspect.
    Inspection(Result<Inspection, Failure>),
    /// What a delete or untag would touch.
    Impact(Result<Impact, Failure>),
    /// Tags or manifests were untied or deleted: each with its result.
    Removed(Vec<(Locator, Result<Undo, RemovalFailure>)>),
    /// Tags or manifests were put back: each with its result.
    Restored(Vec<(Locator, Result<(), Failure>)>),
    /// A repository was deleted.
    RepositoryDeleted(Locator, Result<(), Failure>),
    /// A repository was made: its node.
    RepositoryCreated(Result<Locator, Failure>),
    /// An image has another name: its node.
    Tagged(Result<Locator, Failure>),
    /// Whether a file is where one was asked about.
    HasFile(Result<bool, Failure>),
    /// The values that a field may have.
    Choices(Result<Vec<Choice>, Failure>),
    /// Whether what was typed can stay so.
    Checked(Result<(), Failure>),
    /// What an extra would do, line by line.
    Summary(Result<Vec<String>, Failure>),
    /// What came of an extra.
    ExtraDone(Result<Outcome, Failure>),
    /// What a pull would take.
    Weighed(Result<Weight, Failure>),
    /// A pull, push or copy is over.
    Moved(Result<Moved, Failure>),
    /// A repository that was opened by name exists and is kept as a bookmark.
    Bookmarked(Result<Locator, Failure>),
    /// The page for people that shows a node.
    WebAddress(Result<String, Failure>),
    /// The task itself broke down; its message.
    Broken(String),
}
