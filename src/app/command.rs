//! The one table of commands: keys, menus, hints, help, the palette and the README are all made from it.
//!
//! Invariant: an entry that is shown works. Whether it applies depends on the node's kind, on the capabilities there
//! ([`scope`](super::scope)), and on nothing else; what applies but has nothing left to do stays out of menus.

use super::key::Key;
pub use super::scope::{Kinds, Needs};
use crate::domain::{Capabilities, NodeKind};

/// Everything a person can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    // moving
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Open a branch, or enter an open one.
    Expand,
    /// Close a branch, or go to the parent.
    Collapse,
    /// What the row is for: open a branch, show a menu, retry.
    Enter,
    /// To the next pane.
    NextPane,
    // connections
    /// Pick a provider and connect.
    Connect,
    /// Open the form of a connection, filled in.
    EditConnection,
    /// Forget a connection.
    Disconnect,
    /// Open a repository by name.
    OpenRepository,
    /// Make a repository before anything is pushed to it.
    CreateRepository,
    /// Delete a repository with everything in it.
    DeleteRepository,
    // any node
    /// The context menu.
    Menu,
    /// Ask the server again about this node.
    Refresh,
    /// Ask the server again about everything that is open.
    RefreshAll,
    /// Open the page for people.
    OpenInBrowser,
    /// Mark for a bulk action, or unmark.
    Mark,
    /// Mark every image of a branch.
    MarkAll,
    // images
    /// Pull an image, or the marked ones, to the usual place.
    PullImage,
    /// Pull to a place that is chosen.
    PullTo,
    /// Fetch an image on this machine again from where its name says.
    PullAgain,
    /// Put an image on this machine into a file.
    SaveTo,
    /// Push an image on this machine to a registry.
    Push,
    /// Copy from a registry to another or the same one.
    CopyTo,
    /// Give an image another name.
    Tag,
    /// Pull every tag of a repository.
    PullRepository,
    /// Copy what `docker pull` takes.
    CopyReference,
    /// Copy the digest.
    CopyDigest,
    /// Copy `docker pull …`.
    CopyPullCommand,
    /// Read the manifest and its configuration.
    Inspect,
    /// Remove tags while their manifests stay.
    Untag,
    /// Delete manifests, with every tag of them.
    Delete,
    /// Put back what the last untag or delete took away.
    Undo,
    // the view
    /// Narrow the tree to what is typed.
    Filter,
    /// The next order of tags.
    Sort,
    /// Show repositories as folders, or flat.
    Folders,
    /// Show or hide referrer tags and places without content.
    Hidden,
    /// List every page that is left.
    LoadAll,
    /// Go to the jobs, or back.
    Jobs,
    /// Messages so far.
    Log,
    /// Anything by name.
    Palette,
    /// The keys.
    Help,
    /// Close, cancel, or clear the nearest thing.
    Close,
    /// Draw the whole screen anew.
    Redraw,
    /// Stop the process as a shell does.
    Suspend,
    /// Leave.
    Quit,
}

/// Where an entry appears besides its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Moving about: help only.
    Move,
    /// In the context menu of the nodes it is for.
    Node,
    /// In the palette, not in a context menu.
    View,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// What it does.
    pub command: Command,
    /// Its name in menus; `…` at the end when it asks something first.
    pub label: &'static str,
    /// One or two words for the bottom line; empty to stay out of it.
    pub hint: &'static str,
    /// Its keys; the first is shown.
    pub keys: &'static [Key],
    /// On which nodes.
    pub on: Kinds,
    /// What has to be possible there.
    pub needs: Needs,
    /// Where it appears.
    pub group: Group,
}

const NONE: Needs = Needs::NOTHING;
const READ: Needs = Needs::all(Capabilities::READ);
const PULL: Needs = Needs::away(Capabilities::PULL);
const HERE: Needs = Needs::here(Capabilities::READ);

macro_rules! item {
    ($command:ident, $label:literal, $hint:literal, [$($key:expr),*], $on:expr, $needs:expr, $group:ident) => {
        Item { command: Command::$command, label: $label, hint: $hint, keys: &[$($key),*], on: $on, needs: $needs, group: Group::$group }
    };
}

/// The table. Its order is the order of menus and help.
pub static ITEMS: &[Item] = &[
    item!(Push, "Push…", "push", [Key::Char('P')], Kinds::IMAGE, HERE, Node),
    item!(PullImage, "Pull image", "pull", [Key::Char('p')], Kinds::IMAGE, PULL, Node),
    item!(PullTo, "Pull to…", "", [], Kinds::IMAGE, PULL, Node),
    item!(PullAgain, "Pull again", "pull again", [Key::Char('p')], Kinds::TAG, HERE, Node),
    item!(PullRepository, "Pull repository…", "pull all", [Key::Char('p')], Kinds::REPOSITORY, PULL, Node),
    item!(SaveTo, "Save to file…", "", [], Kinds::IMAGE, HERE, Node),
    item!(
        CopyReference,
        "Copy full tag",
        "copy tag",
        [Key::Char('y')],
        Kinds::IMAGE.or(Kinds::REPOSITORY),
        NONE,
        Node
    ),
    item!(CopyDigest, "Copy digest", "digest", [Key::Char('Y')], Kinds::IMAGE, READ, Node),
    item!(CopyPullCommand, "Copy pull command", "", [], Kinds::IMAGE, NONE, Node),
    item!(Inspect, "Inspect manifest", "inspect", [Key::Char('i')], Kinds::IMAGE, READ, Node),
    item!(
        OpenInBrowser,
        "Open in browser",
        "browser",
        [Key::Char('o')],
        Kinds::NODE,
        Needs::all(Capabilities::WEB),
        Node
    ),
    item!(Tag, "Tag…", "tag", [Key::Char('t')], Kinds::IMAGE, Needs::all(Capabilities::TAG), Node),
    item!(CopyTo, "Copy to…", "copy", [Key::Char('C')], Kinds::IMAGE, PULL, Node),
    item!(Untag, "Untag…", "untag", [Key::Char('u')], Kinds::TAG, Needs::all(Capabilities::UNTAG), Node),
    item!(
        Delete,
        "Delete image…",
        "delete",
        [Key::Char('d'), Key::Delete],
        Kinds::IMAGE,
        Needs::all(Capabilities::DELETE),
        Node
    ),
    item!(
        DeleteRepository,
        "Delete repository…",
        "delete",
        [Key::Char('d'), Key::Delete],
        Kinds::REPOSITORY,
        Needs::all(Capabilities::DELETE_REPOSITORY),
        Node
    ),
    item!(
        OpenRepository,
        "Open repository…",
        "",
        [],
        Kinds::CONNECTION,
        Needs::away(Capabilities::OPEN_BY_NAME),
        Node
    ),
    item!(
        CreateRepository,
        "Create repository…",
        "",
        [],
        Kinds::CONNECTION.or(Kinds::GROUP),
        Needs::all(Capabilities::CREATE_REPOSITORY),
        Node
    ),
    item!(
        EditConnection,
        "Edit connection…",
        "edit",
        [Key::Char('e')],
        Kinds::CONNECTION,
        Needs::all(Capabilities::KEPT),
        Node
    ),
    item!(
        Disconnect,
        "Disconnect",
        "disconnect",
        [Key::Char('x')],
        Kinds::CONNECTION,
        Needs::away(Capabilities::NONE),
        Node
    ),
    item!(Refresh, "Refresh", "refresh", [Key::Char('r')], Kinds::NODE, NONE, Node),
    item!(LoadAll, "Load all", "", [Key::Char('L')], Kinds::BRANCH, NONE, Node),
    item!(Connect, "Connect Registry…", "connect", [Key::Char('c')], Kinds::ANYWHERE, NONE, View),
    item!(Menu, "Menu of the node", "menu", [Key::Char('m')], Kinds::NODE, NONE, View),
    item!(Mark, "Mark", "mark", [Key::Char(' ')], Kinds::IMAGE, NONE, View),
    item!(MarkAll, "Mark all", "mark all", [Key::Char('a')], Kinds::IMAGE.or(Kinds::UNTAGGED), NONE, View),
    item!(Undo, "Undo the last untag or delete", "", [Key::Char('U')], Kinds::ANYWHERE, NONE, View),
    item!(Filter, "Filter the rows", "filter", [Key::Char('/')], Kinds::ANYWHERE, NONE, View),
    item!(Sort, "Sort: name, version, newest, size", "sort", [Key::Char('s')], Kinds::ANYWHERE, NONE, View),
    item!(Folders, "Repositories as folders", "", [Key::Char('f')], Kinds::ANYWHERE, NONE, View),
    item!(Hidden, "Show referrer tags, empty places", "", [Key::Char('.')], Kinds::ANYWHERE, NONE, View),
    item!(RefreshAll, "Refresh everything", "", [Key::Char('R')], Kinds::ANYWHERE, NONE, View),
    item!(Jobs, "Jobs", "jobs", [Key::Char('J')], Kinds::ANYWHERE, NONE, View),
    item!(Log, "Messages", "", [Key::Char('!')], Kinds::ANYWHERE, NONE, View),
    item!(Palette, "Go to or do anything by name", "go to", [Key::Char(':')], Kinds::ANYWHERE, NONE, View),
    item!(Help, "Help", "help", [Key::Char('?')], Kinds::ANYWHERE, NONE, View),
    item!(Redraw, "Draw the screen anew", "", [Key::Ctrl('l')], Kinds::ANYWHERE, NONE, View),
    item!(Suspend, "Suspend", "", [Key::Ctrl('z')], Kinds::ANYWHERE, NONE, View),
    item!(Quit, "Quit", "quit", [Key::Char('q'), Key::Ctrl('c')], Kinds::ANYWHERE, NONE, View),
    item!(Up, "Up", "", [Key::Up, Key::Char('k')], Kinds::ANYWHERE, NONE, Move),
    item!(Down, "Down", "", [Key::Down, Key::Char('j')], Kinds::ANYWHERE, NONE, Move),
    item!(PageUp, "Page up", "", [Key::PageUp, Key::Ctrl('b'), Key::Ctrl('u')], Kinds::ANYWHERE, NONE, Move),
    item!(
        PageDown,
        "Page down",
        "",
        [Key::PageDown, Key::Ctrl('f'), Key::Ctrl('d')],
        Kinds::ANYWHERE,
        NONE,
        Move
    ),
    item!(First, "First row", "", [Key::Home, Key::Char('g')], Kinds::ANYWHERE, NONE, Move),
    item!(Last, "Last row", "", [Key::End, Key::Char('G')], Kinds::ANYWHERE, NONE, Move),
    item!(Expand, "Expand", "", [Key::Right, Key::Char('l')], Kinds::ANYWHERE, NONE, Move),
    item!(
        Collapse,
        "Collapse, or go to the parent",
        "",
        [Key::Left, Key::Char('h')],
        Kinds::ANYWHERE,
        NONE,
        Move
    ),
    item!(Enter, "Expand; on a tag, its menu", "", [Key::Enter], Kinds::ANYWHERE, NONE, Move),
    item!(NextPane, "Next pane", "", [Key::Tab, Key::BackTab], Kinds::ANYWHERE, NONE, Move),
    item!(Close, "Close, or cancel", "", [Key::Esc], Kinds::ANYWHERE, NONE, Move),
];

impl Item {
    /// Whether it can be used on a node of `kind` where all of `can` is possible.
    #[must_use]
    pub fn applies(&self, kind: Option<NodeKind>, can: Capabilities) -> bool {
        self.on.has(kind) && self.needs.met_by(can) || self.on == Kinds::ANYWHERE
    }

    /// The key that is shown.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        self.keys.first().copied()
    }
}

/// The command of `key` on a node of `kind`; the first line of the table that applies.
#[must_use]
pub fn of_key(key: Key, kind: Option<NodeKind>, can: Capabilities) -> Option<Command> {
    ITEMS.iter().find(|i| i.keys.contains(&key) && i.applies(kind, can)).map(|i| i.command)
}

/// The entries of the context menu of a node.
pub fn menu(kind: NodeKind, can: Capabilities) -> impl Iterator<Item = &'static Item> {
    ITEMS.iter().filter(move |i| i.group == Group::Node && i.applies(Some(kind), can))
}

/// The hints of the bottom line for a node: its own entries first.
pub fn hints(kind: Option<NodeKind>, can: Capabilities) -> impl Iterator<Item = &'static Item> {
    ITEMS.iter().filter(move |i| !i.hint.is_empty() && i.applies(kind, can))
}
