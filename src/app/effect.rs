//! Everything the state machine can ask for, as data.

use std::path::PathBuf;

use super::event::TaskId;
use crate::domain::asked::Asked;
use crate::domain::connection::{Draft, FoundSignIn};
use crate::domain::job::{Along, Copying, Deletion, Seen};
use crate::domain::{ConnectionId, Cursor, Digest, LocalImage, Locator, Place, Platform};

/// Something to do outside the state machine.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Start a task; its one reply comes back under this id.
    Run(TaskId, Request),
    /// Abort a task; no reply is wanted any more.
    Cancel(TaskId),
    /// Ask a job to stop at a safe point; its reply still comes.
    Stop(TaskId),
    /// Put a text on the clipboard.
    Copy {
        /// What it is, for the notice: "reference", "digest".
        what: &'static str,
        /// The text.
        text: String,
    },
    /// Open an address in the browser.
    Open(String),
    /// Keep the way things are shown for the next start.
    SavePreferences(Preferences),
    /// Keep where pulls go, by the identity of the place, for the next start.
    RememberPlace(ConnectionId),
    /// Look again for container engines that do not answer.
    LookForEngines,
    /// Draw the whole screen anew, whatever another program wrote over it.
    Redraw,
    /// Send [`super::Event::Rested`] after a short rest, unless another key comes first.
    Rest,
    /// Stop the process as Ctrl-Z does in a shell.
    Suspend,
    /// Leave.
    Quit,
}

/// The way things are shown, kept between starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preferences {
    /// The order of tags.
    pub sort: Sort,
    /// Whether repositories are shown as folders.
    pub folders: bool,
    /// Whether what is hidden otherwise is shown: referrer tags, digests among the tags, places without content.
    pub hidden_tags: bool,
}

/// The order of the children of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// As the server sends them, until asked otherwise: by name in natural order.
    #[default]
    Name,
    /// By version, newest first; other names follow.
    Version,
    /// By time, newest first; unknown times follow.
    Newest,
    /// By size, largest first; unknown sizes follow.
    Size,
}

/// What can be asked about an extra's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormQuestion {
    /// The values that this field may have. Replies `Choices`.
    Choices(&'static str),
    /// Whether what was typed into this field can stay so. Replies `Checked`.
    Check(&'static str),
    /// What would be done. Replies `Summary`.
    Summary,
}

/// Work for a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Look for sign-ins that Docker and Podman stored. Replies `SignIns`.
    FindSignIns,
    /// Check a filled-in form against the server, then keep it. Replies `Connected`.
    Connect(Draft),
    /// Make a connection of a stored sign-in. Replies `Connected`.
    TakeOver(FoundSignIn),
    /// Connect for this run only to what was named on the command line. Replies `Connected`.
    Visit(Place),
    /// Forget a connection and its secret. Replies `Disconnected`.
    Disconnect(ConnectionId),
    /// Open a repository by name, and keep it as a bookmark. Replies `Bookmarked`.
    Bookmark {
        /// Where.
        connection: ConnectionId,
        /// What was typed.
        repository: String,
    },
    /// One page of the children of a node. Replies `Page`.
    Children {
        /// The node.
        at: Locator,
        /// Where to go on; nothing for the first page.
        cursor: Option<Cursor>,
    },
    /// The facts of one tag. Replies `Facts`.
    Facts {
        /// The tag.
        at: Locator,
    },
    /// The details of a node. Replies `Details`.
    Details {
        /// The node.
        at: Locator,
    },
    /// A manifest and its configuration. Replies `Inspection`.
    Inspect {
        /// The tag or manifest.
        at: Locator,
        /// A member of it, by digest.
        digest: Option<Digest>,
    },
    /// What deleting or untying would touch. Replies `Impact`.
    Impact {
        /// The tag or manifest.
        at: Locator,
        /// Tags of the repository with the digest that each had when it was last looked at.
        known: Vec<(String, Digest)>,
        /// Tags of the repository whose digest is not known.
        others: Vec<String>,
    },
    /// The page for people that shows a node. Replies `WebAddress`.
    WebAddress {
        /// The node.
        at: Locator,
    },
    /// Untie tags; their manifests stay. Replies `Removed`.
    Untag(Vec<Locator>),
    /// Delete manifests, each by its digest. Replies `Removed`.
    Delete(Vec<Deletion>),
    /// Put back what the last `Untag` or `Delete` of these nodes took away. Replies `Restored`.
    Undo(Vec<Locator>),
    /// Delete a repository with everything in it. Replies `RepositoryDeleted`.
    DeleteRepository(Locator),
    /// Make a repository below a connection, namespace or registry. Replies `RepositoryCreated`.
    CreateRepository {
        /// Below what.
        parent: Locator,
        /// Its name.
        name: String,
    },
    /// Give an image another name: a tag of the same repository in a registry, a full reference on this machine.
    /// Replies `Tagged`.
    Tag {
        /// The tag or manifest.
        at: Locator,
        /// The name.
        name: String,
        /// What the person saw that name standing for. If it stands for something else by then, nothing is changed.
        seen: Seen,
    },
    /// Whether there is a file at a path that was typed. Replies `HasFile`.
    HasFile(PathBuf),
    /// A question about the form of an extra. Replies as [`FormQuestion`] says.
    AskExtra(Asked, FormQuestion),
    /// Do what only one vendor offers. Replies `ExtraDone`; stages come on the way as progress.
    RunExtra(Asked),
    /// Count what pulling tags or whole repositories would take. Replies `Weighed`.
    Weigh(Vec<Locator>),
    /// Pull tags, manifests, or whole repositories; of a local image, put it into another place on this machine.
    /// Replies `Moved`; progress comes on the way.
    Pull {
        /// What.
        what: Vec<Locator>,
        /// Where to.
        target: LocalImage,
        /// One platform, or all.
        platform: Option<Platform>,
    },
    /// Push local images, or copy those of registries, to a registry. Replies `Moved`; progress comes on the way.
    Copy {
        /// What, and where to.
        what: Vec<Copying>,
        /// One platform, or all.
        platform: Option<Platform>,
        /// What goes along.
        along: Along,
    },
}
