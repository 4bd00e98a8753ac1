//! The keys that the jobs pane, forms and the manifest view have of their own, as tables like the one of commands.
//!
//! Invariant: these tables dispatch and make the help; no key is matched beside them.

use super::inspect::Mode;
use super::key::Key;

/// What can be done in the jobs pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobsAction {
    /// Choose the one above.
    Up,
    /// Choose the one below.
    Down,
    /// Ask the chosen job to stop; one that has ended leaves the list.
    Cancel,
    /// Back to the tree.
    Leave,
    /// Try a job again that failed.
    Retry,
    /// Take the finished ones off the list.
    Clear,
    /// Copy where the image is.
    CopyLocation,
    /// Go to the image.
    Go,
    /// Open the address that came of it.
    Open,
    /// Read its log.
    Log,
}

/// What can be done in a form, beside typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormAction {
    /// To the next line.
    Next,
    /// To the line before.
    Before,
    /// To the next line; on the last one, or on the button, send it off.
    Enter,
    /// Send it off.
    Submit,
    /// Show or hide the options.
    Fold,
    /// Stop the check, or close it.
    Close,
}

/// What can be done in the manifest view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewerAction {
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first line.
    First,
    /// To the last line.
    Last,
    /// Scroll left; at the first column, back to the document before.
    Left,
    /// Scroll right.
    Right,
    /// Open the member on this line.
    Follow,
    /// Back to the document before.
    Back,
    /// Show it this way.
    Show(Mode),
    /// Show it the next way.
    NextMode,
    /// Search.
    Search,
    /// To the next match.
    NextMatch,
    /// To the match before.
    PreviousMatch,
    /// Copy the digest of the document.
    CopyDigest,
    /// End the search, or close the view.
    Close,
}

/// One line of a table: keys, what they do, its name.
type Local<A> = (&'static [Key], A, &'static str);

static JOBS: &[Local<JobsAction>] = &[
    (&[Key::Up, Key::Char('k')], JobsAction::Up, "Up"),
    (&[Key::Down, Key::Char('j')], JobsAction::Down, "Down"),
    (
        &[Key::Char('d'), Key::Char('x'), Key::Delete],
        JobsAction::Cancel,
        "Cancel the job, or clear a finished one",
    ),
    (&[Key::Char('r')], JobsAction::Retry, "Try a failed job again"),
    (&[Key::Char('c')], JobsAction::Clear, "Clear finished jobs"),
    (&[Key::Enter], JobsAction::Go, "Go to the image of a finished job"),
    (&[Key::Char('y')], JobsAction::CopyLocation, "Copy where that image is, or the address"),
    (&[Key::Char('o')], JobsAction::Open, "Open the address of a finished job"),
    (&[Key::Char('l')], JobsAction::Log, "Read the log of a job"),
    (&[Key::Esc], JobsAction::Leave, "Back to the tree"),
];

static FORM: &[Local<FormAction>] = &[
    (&[Key::Tab, Key::Down], FormAction::Next, "Next line"),
    (&[Key::BackTab, Key::Up], FormAction::Before, "Line before"),
    (&[Key::Enter], FormAction::Enter, "Next field; after the last, connect"),
    (&[Key::Ctrl('s')], FormAction::Submit, "Connect, from any line"),
    (&[Key::Ctrl('o')], FormAction::Fold, "Show or hide the options"),
    (&[Key::Esc], FormAction::Close, "Stop the check, or close"),
];

static VIEWER: &[Local<ViewerAction>] = &[
    (&[Key::Up, Key::Char('k')], ViewerAction::Up, "Up"),
    (&[Key::Down, Key::Char('j')], ViewerAction::Down, "Down"),
    (&[Key::PageUp, Key::Ctrl('b'), Key::Ctrl('u')], ViewerAction::PageUp, "Page up"),
    (&[Key::PageDown, Key::Ctrl('f'), Key::Ctrl('d'), Key::Char(' ')], ViewerAction::PageDown, "Page down"),
    (&[Key::Home, Key::Char('g')], ViewerAction::First, "First line"),
    (&[Key::End, Key::Char('G')], ViewerAction::Last, "Last line"),
    (&[Key::Left, Key::Char('h')], ViewerAction::Left, "Scroll left; at the edge, back"),
    (&[Key::Right, Key::Char('l')], ViewerAction::Right, "Scroll right"),
    (&[Key::Enter], ViewerAction::Follow, "Open the member on this line"),
    (&[Key::Backspace], ViewerAction::Back, "Back to the document before"),
    (&[Key::Char('1')], ViewerAction::Show(Mode::Read), "Read for people"),
    (&[Key::Char('2')], ViewerAction::Show(Mode::Manifest), "Manifest, indented"),
    (&[Key::Char('3')], ViewerAction::Show(Mode::Config), "Configuration, indented"),
    (&[Key::Char('4')], ViewerAction::Show(Mode::Raw), "Exact bytes"),
    (&[Key::Tab], ViewerAction::NextMode, "The next of these"),
    (&[Key::Char('/')], ViewerAction::Search, "Search"),
    (&[Key::Char('n')], ViewerAction::NextMatch, "Next match"),
    (&[Key::Char('N')], ViewerAction::PreviousMatch, "Match before"),
    (&[Key::Char('y'), Key::Char('Y')], ViewerAction::CopyDigest, "Copy the digest of the document"),
    (&[Key::Esc, Key::Char('q')], ViewerAction::Close, "End the search, or close"),
];

/// What `key` does in the jobs pane.
#[must_use]
pub fn in_jobs(key: Key) -> Option<JobsAction> {
    find(JOBS, key)
}

/// What `key` does in a form; nothing for what is typed.
#[must_use]
pub fn in_form(key: Key) -> Option<FormAction> {
    find(FORM, key)
}

/// What `key` does in the manifest view.
#[must_use]
pub fn in_viewer(key: Key) -> Option<ViewerAction> {
    find(VIEWER, key)
}

/// The keys of the jobs pane with their names, for the help.
pub fn jobs_keys() -> Vec<(String, &'static str)> {
    named(JOBS)
}

/// The keys of a form with their names, for the help.
pub fn form_keys() -> Vec<(String, &'static str)> {
    named(FORM)
}

/// The keys of the manifest view with their names, for the help.
pub fn viewer_keys() -> Vec<(String, &'static str)> {
    named(VIEWER)
}

/// Keys as a person reads them: `↑ k`.
#[must_use]
pub fn join(keys: &[Key]) -> String {
    keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
}

fn find<A: Copy>(table: &[Local<A>], key: Key) -> Option<A> {
    table.iter().find(|(keys, _, _)| keys.contains(&key)).map(|(_, action, _)| *action)
}

fn named<A>(table: &[Local<A>]) -> Vec<(String, &'static str)> {
    table.iter().map(|(keys, _, label)| (join(keys), *label)).collect()
}
