//! The whole state of the program, with one owner.

use std::collections::BTreeSet;

use tui_input::Input;

use super::details::DetailsPane;
use super::effect::{Effect, Preferences};
use super::event::Viewport;
use super::jobs::Jobs;
use super::key::Pane;
use super::modal::Modal;
use super::notice::Notice;
use super::tree::Tree;
use super::waits::Waits;
use crate::domain::connection::{Connected, FoundSignIn, ProviderInfo};
use crate::domain::{Capabilities, ConnectionId, Failure, Locator, Place};

/// What the program starts with.
#[derive(Debug, Clone)]
pub struct Start {
    /// The connections of the configuration.
    pub connections: Vec<Connected>,
    /// The places on this machine that hold images: the store at least. Engines follow as [`Event::Images`](super::Event::Images), when they have answered.
    pub images: Vec<Connected>,
    /// Where the last pull was sent by hand.
    pub pull_to: Option<ConnectionId>,
    /// The providers, in the order of the picker.
    pub providers: &'static [ProviderInfo],
    /// The way things were shown last time.
    pub preferences: Preferences,
    /// Whether nothing that writes to a registry is offered.
    pub read_only: bool,
    /// The place named on the command line.
    pub visit: Option<Place>,
    /// A provider that asks nothing, to connect to at once.
    pub connect: Option<&'static ProviderInfo>,
    /// The time, seconds since 1970.
    pub now: i64,
    /// What went wrong while starting (a configuration that cannot be read).
    pub failure: Option<Failure>,
}

/// The state. Only [`App::update`](super::App::update) changes it.
#[derive(Debug)]
pub struct App {
    /// The tree.
    pub(crate) tree: Tree,
    /// The details pane.
    pub(crate) details: DetailsPane,
    /// The popups, the last one on top.
    pub(crate) modals: Vec<Modal>,
    /// The jobs.
    pub(crate) jobs: Jobs,
    /// The messages so far, oldest first, bounded.
    pub(crate) notices: Vec<Notice>,
    /// The message at the bottom, until the next key; a failure outlasts a few.
    pub(crate) notice: Option<Notice>,
    /// How many more keys the message outlasts.
    pub(super) notice_lasts: u8,
    /// The pane that has the keys.
    pub(crate) pane: Pane,
    /// The room there is.
    pub(crate) viewport: Viewport,
    /// The connections, in the order of the tree.
    pub(crate) connections: Vec<ConnectionState>,
    /// The places on this machine that hold images, in the order of the tree.
    pub(crate) places: Vec<ConnectionState>,
    /// Where the last pull was sent by hand.
    pub(super) pull_to: Option<ConnectionId>,
    /// Where pulls go while that place is away.
    pub(super) pull_meanwhile: Option<ConnectionId>,
    /// What can be put back: the nodes of each removal, the last one at the end.
    pub(super) undoable: Vec<Vec<Locator>>,
    /// The first screen, while nothing is connected.
    pub(crate) welcome: Option<Welcome>,
    /// The filter of the tree.
    pub(crate) filter: Option<FilterBar>,
    /// The way things are shown.
    pub(crate) preferences: Preferences,
    /// The time, seconds since 1970.
    pub(crate) now: i64,
    /// Hosts that asked for a pause: host, why, when it ends.
    pub(crate) pauses: Vec<(String, String, i64)>,
    /// Whether nothing that writes to a registry is offered.
    pub(crate) read_only: bool,
    /// The providers, in the order of the picker.
    pub(crate) providers: &'static [ProviderInfo],
    /// Who waits for which task.
    pub(super) waits: Waits,
    /// The effects of the event that is being handled.
    pub(super) out: Vec<Effect>,
    /// The node to go to as soon as the listings bring it.
    pub(super) goal: Option<Goal>,
    /// The node that was selected after the last event.
    pub(super) last_selected: Option<Locator>,
    /// The warnings that were shown: host and text.
    pub(super) warned: BTreeSet<(String, String)>,
}

/// A node to go to as soon as the listings bring it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Goal {
    /// The node.
    pub(super) at: Locator,
    /// The branch on the way whose listing failed.
    pub(super) failed: Option<Locator>,
}

/// A connection as it is right now.
#[derive(Debug, Clone)]
pub struct ConnectionState {
    /// The connection and what it is capable of.
    pub connected: Connected,
    /// How its last request went.
    pub health: Health,
    /// What the server has refused since the start: it is not offered any more.
    pub refused: Capabilities,
    /// Whether the password was asked for again since the start.
    pub asked_again: bool,
}

/// How a connection's last request went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Health {
    /// Nothing was asked so far.
    #[default]
    Unknown,
    /// It answered.
    Fine,
    /// It did not work.
    Failed(Failure),
}

/// The first screen: connect, take a sign-in over, or the demo.
#[derive(Debug, Clone, Default)]
pub struct Welcome {
    /// The sign-ins found on this machine; nothing while they are looked for.
    pub found: Option<Vec<FoundSignIn>>,
    /// The chosen line, an index into [`Welcome::lines`].
    pub cursor: usize,
    /// What is being connected to, while it is.
    pub busy: Option<String>,
    /// Why the last try did not work.
    pub failure: Option<Failure>,
    /// Whether there are places on this machine to look at.
    pub has_images: bool,
}

/// A line of the first screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WelcomeLine<'a> {
    /// Connect Registry….
    Connect,
    /// Take a stored sign-in over; its digit is its position among them, from 1.
    SignIn(&'a FoundSignIn),
    /// Connect to a provider that asks nothing (the demo).
    Provider(&'static ProviderInfo),
    /// Go to the images on this machine.
    Images,
}

impl Welcome {
    /// Its lines. [`Target::Entry`](super::key::Target::Entry) counts these while no popup is open.
    #[must_use]
    pub fn lines(&self, providers: &'static [ProviderInfo]) -> Vec<WelcomeLine<'_>> {
        let found = self.found.iter().flatten().map(WelcomeLine::SignIn);
        let plain = providers.iter().filter(|p| p.fields.is_empty()).map(WelcomeLine::Provider);
        let rest = std::iter::once(WelcomeLine::Images).filter(|_| self.has_images);
        std::iter::once(WelcomeLine::Connect).chain(found).chain(plain).chain(rest).collect()
    }
}

/// The filter of the tree.
#[derive(Debug, Clone, Default)]
pub struct FilterBar {
    /// What was typed.
    pub input: Input,
    /// Whether it still takes keys.
    pub typing: bool,
}

impl ConnectionState {
    /// Whether it is a place on this machine, not a registry.
    #[must_use]
    pub fn is_place(&self) -> bool {
        self.connected.capabilities.contains(Capabilities::LOCAL)
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> &ConnectionId {
        &self.connected.connection.id
    }
}
