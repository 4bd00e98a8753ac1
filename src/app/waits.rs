//! Who waits for which task: the only place that knows, and the only check against stale replies.
//!
//! Invariant: an id is issued once and never again; at most one task runs for a slot; an id that is not in the map has
//! nobody who waits for it.

use std::collections::BTreeMap;

use super::event::TaskId;
use crate::domain::asked::Asked;
use crate::domain::connection::FoundSignIn;
use crate::domain::{ConnectionId, ImagePlace, Locator};

/// What a task's reply is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The stored sign-ins.
    SignIns,
    /// The form that is open.
    Form,
    /// A connection to a provider that asks nothing, by its id.
    Join(String),
    /// A connection made of a stored sign-in.
    TakeOver(FoundSignIn),
    /// The place of the command line, or of the palette.
    Visit,
    /// A connection that is being forgotten.
    Disconnect(ConnectionId),
    /// The repository that the prompt asked for.
    Bookmark(ConnectionId),
    /// A page of this branch.
    Branch(Locator),
    /// The facts of this tag.
    Facts(Locator),
    /// The details pane.
    Details,
    /// The manifest view.
    Inspect,
    /// The blast radius of this node, for the confirmation that is open.
    Impact(Locator),
    /// Tags or manifests that are being removed.
    Removal(Removal),
    /// Tags or manifests that are being put back.
    Restoring,
    /// A repository that is being deleted.
    RepositoryRemoval(Locator),
    /// A repository that is being made.
    Creation,
    /// An image that is given another name.
    Tagging,
    /// What the pull takes that the open question is about.
    Weight,
    /// What this tag points at, for the prompt that would write it.
    Seen(Locator),
    /// Whether a file lies where the prompt would write one.
    HasFile,
    /// The registry that an image in this place is from.
    Origin(ImagePlace),
    /// The values that this field of the form of an extra may have.
    Choices(&'static str),
    /// Whether what was typed into this field can stay so.
    Check(&'static str),
    /// What this extra would do.
    Summary(Box<Asked>),
    /// An extra that only reads.
    Reading,
    /// A job.
    Job,
    /// The digest of this tag, to be copied.
    CopyDigest(Locator),
    /// The page for people.
    WebAddress,
}

/// What leaves the tree when a removal has worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Removal {
    /// Whether manifests are deleted, not tags untied.
    pub(crate) deletes: bool,
    /// A deleted node, and a tag that goes with it.
    pub(crate) also: Vec<(Locator, Locator)>,
}

/// The tasks under way.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    last: u64,
    slots: BTreeMap<TaskId, Slot>,
}

impl Waits {
    /// A new id for `slot`.
    pub(crate) fn issue(&mut self, slot: Slot) -> TaskId {
        self.last += 1;
        let id = TaskId(self.last);
        self.slots.insert(id, slot);
        id
    }

    /// The slot that waits for `id`; nobody waits for it afterwards.
    pub(crate) fn take(&mut self, id: TaskId) -> Option<Slot> {
        self.slots.remove(&id)
    }

    /// Whether a task runs for `slot`.
    pub(crate) fn has(&self, slot: &Slot) -> bool {
        self.slots.values().any(|s| s == slot)
    }

    /// How many slots satisfy `wanted`.
    pub(crate) fn count(&self, wanted: impl Fn(&Slot) -> bool) -> usize {
        self.slots.values().filter(|s| wanted(s)).count()
    }

    /// The branches that are being listed.
    pub(crate) fn branches(&self) -> impl Iterator<Item = &Locator> {
        self.slots.values().filter_map(|s| if let Slot::Branch(at) = s { Some(at) } else { None })
    }

    /// The ids of all slots that satisfy `wanted`.
    pub(crate) fn ids(&self, wanted: impl Fn(&Slot) -> bool) -> Vec<TaskId> {
        self.slots.iter().filter(|(_, s)| wanted(s)).map(|(id, _)| *id).collect()
    }
}
