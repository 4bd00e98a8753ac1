//! What can be asked for: one file for each kind of thing, and here the table's one dispatch.
//!
//! Invariant: every command of the table has its line here; one that does not apply does nothing but say so.

mod address;
mod browse;
mod confirm;
mod connect;
mod connected;
mod copy;
mod extra;
mod extra_form;
mod filter;
mod form;
mod goal;
mod inspect;
mod jobs;
mod menu;
mod notices;
mod palette;
mod picker;
mod places;
mod prompt;
mod pull;
mod registries;
mod remove;
mod removed;
mod repository;
mod save;
mod scroll;
mod send;
mod tag;
mod text;
mod undo;
mod view;
mod web;
mod welcome;
mod work;

use super::command::{Command, Group, ITEMS, Item, Kinds};
use super::effect::Effect;
use super::modal::{Modal, Scroll};
use super::notice::Level;
use super::state::{App, ConnectionState};
use super::tree::Selection;
use crate::domain::connection::{Connection, ProviderInfo};
use crate::domain::text::visible;
use crate::domain::{Capabilities, ConnectionId, Locator, NodeKind};

impl App {
    /// Does what was asked for, at `at` where the command is for a node.
    pub(in crate::app) fn perform(&mut self, command: Command, at: Option<&Locator>) {
        let Some(item) = ITEMS.iter().find(|i| i.command == command) else { return };
        let (kind, can) = self.context(at);
        if !item.applies(kind, can) || !self.is_allowed(item) {
            self.tell(Level::Note, &format!("“{}” is not possible here.", item.label));
            return;
        }
        // Who moves on does not want to be taken elsewhere when a listing comes in.
        if item.group == Group::Move && command != Command::Close {
            self.goal = None;
        }
        match at {
            Some(at) if item.on != Kinds::ANYWHERE => self.perform_on(item, at),
            _ => self.perform_anywhere(command),
        }
    }

    fn perform_anywhere(&mut self, command: Command) {
        match command {
            Command::Connect => self.open_connect_picker(),
            Command::Filter => self.open_filter(),
            Command::Sort => self.next_sort(),
            Command::Folders => self.toggle_folders(),
            Command::Hidden => self.toggle_hidden(),
            Command::RefreshAll => self.refresh_all(),
            Command::Jobs => self.toggle_jobs(),
            Command::Log => self.modals.push(Modal::Log(Scroll { top: self.last_log_top() })),
            Command::Palette => self.open_palette(),
            Command::Help => self.modals.push(Modal::Help(Scroll::default())),
            Command::Undo => self.undo(),
            Command::Redraw => self.out.push(Effect::Redraw),
            Command::Suspend => self.out.push(Effect::Suspend),
            Command::Quit => self.quit(),
            Command::Close => self.close(),
            Command::Enter => self.enter(),
            Command::Expand => self.expand(),
            Command::Collapse => self.collapse(),
            Command::NextPane => self.next_pane(),
            motion => self.move_in_pane(motion),
        }
    }

    fn perform_on(&mut self, item: &'static Item, at: &Locator) {
        match item.command {
            Command::EditConnection => self.edit_connection(&at.connection),
            Command::Disconnect => self.ask_disconnect(&at.connection),
            Command::OpenRepository => self.ask_repository(&at.connection),
            Command::Menu => self.open_menu(at),
            Command::Refresh => self.refresh_asked(at),
            Command::LoadAll => self.load_all(at),
            Command::OpenInBrowser => self.ask_web_address(at),
            Command::Mark => self.mark(),
            Command::MarkAll => self.mark_all(at),
            Command::CreateRepository => self.ask_new_repository(at),
            Command::DeleteRepository => self.ask_delete_repository(at),
            Command::PullImage => self.pull_images(self.targets(item, at)),
            Command::PullTo => self.pick_place(&self.targets(item, at)),
            Command::PullAgain => self.pull_again(at),
            Command::PullRepository => self.ask_pull_repository(at),
            Command::SaveTo => self.pick_file(&self.targets(item, at)),
            Command::Push => self.ask_push(self.targets(item, at)),
            Command::CopyTo => self.pick_registry(&self.targets(item, at)),
            Command::Tag => self.ask_tag(at),
            Command::CopyReference => self.copy_references(&self.targets(item, at)),
            Command::CopyDigest => self.copy_digest(at),
            Command::CopyPullCommand => self.copy_pull_command(at),
            Command::Inspect => self.inspect(at),
            Command::Untag => self.ask_untag(self.targets(item, at)),
            Command::Delete => self.ask_delete(self.targets(item, at)),
            other => self.perform_anywhere(other),
        }
    }

    /// What an action works on: the marked nodes that it is possible on, else the one at hand.
    fn targets(&self, item: &Item, at: &Locator) -> Vec<Locator> {
        let marked = self.marked_for(item);
        if marked.is_empty() { vec![at.clone()] } else { marked }
    }

    /// The marked nodes that an action is possible on.
    fn marked_for(&self, item: &Item) -> Vec<Locator> {
        let mut marked = self.tree.marked();
        marked.retain(|m| item.applies(Some(m.kind()), self.can(m)));
        marked
    }

    /// The node under the cursor. A row that stands for a listing belongs to the branch that is listed.
    pub(crate) fn selected(&self) -> Option<Locator> {
        match self.tree.selection() {
            Selection::Node(at)
            | Selection::Failed(at)
            | Selection::More(at)
            | Selection::Loading(at)
            | Selection::Empty(at)
            | Selection::Aside(at) => Some(at),
            Selection::Folder { .. } | Selection::Heading | Selection::Nothing => None,
        }
    }

    /// What the table needs to know of a node.
    pub(crate) fn context(&self, at: Option<&Locator>) -> (Option<NodeKind>, Capabilities) {
        at.map_or((None, Capabilities::NONE), |at| (Some(at.kind()), self.can(at)))
    }

    /// What can be done at a node right now.
    pub(crate) fn can(&self, at: &Locator) -> Capabilities {
        let Some(state) = self.connection(&at.connection) else { return Capabilities::NONE };
        let can = state.connected.capabilities.without(state.refused);
        let writes_to_registry = !can.contains(Capabilities::LOCAL);
        if self.read_only && writes_to_registry { can.without(Capabilities::WRITES) } else { can }
    }

    /// Whether a command may be offered at all: what writes to a registry elsewhere is not in a run that only reads.
    pub(super) fn is_allowed(&self, item: &Item) -> bool {
        !(self.read_only && matches!(item.command, Command::Push | Command::CopyTo))
    }

    /// The account of a connection; nothing where none is known, or only the name that a vendor gives to every token.
    pub(crate) fn account_of<'a>(&self, connection: &'a Connection) -> Option<&'a str> {
        let is_the_vendors =
            |p: &ProviderInfo| p.id == connection.provider && p.username == connection.username;
        let is_known = !connection.username.is_empty() && !self.providers.iter().any(is_the_vendors);
        is_known.then_some(connection.username.as_str())
    }

    /// A connection, or a place on this machine, by its identity.
    pub(crate) fn connection(&self, id: &ConnectionId) -> Option<&ConnectionState> {
        self.connections.iter().chain(&self.places).find(|c| c.id() == id)
    }

    /// The hints of the bottom line; [`Target::Hint`](super::key::Target::Hint) counts these.
    pub(crate) fn hints(&self) -> Vec<&'static Item> {
        let at = self.selected();
        let (kind, can) = self.context(at.as_ref());
        let offered = super::command::hints(kind, can).filter(|item| self.is_allowed(item));
        offered.filter(|item| self.has_use(item, at.as_ref())).collect()
    }

    /// The host of a node's connection, as references start with it; nothing on this machine, where names hold their
    /// hosts.
    pub(crate) fn host_of(&self, at: &Locator) -> String {
        let connection = self.connections.iter().find(|c| *c.id() == at.connection);
        connection.map_or_else(String::new, |c| c.connected.connection.host().to_owned())
    }

    /// What a node is called on the screen: `acme/api:2.4.1`, without the host; on this machine as in references.
    pub(crate) fn title_of(&self, at: &Locator) -> String {
        let repository = self.repository_title(at);
        let title = match at.kind() {
            NodeKind::Connection => self
                .connection(&at.connection)
                .map_or_else(String::new, |c| c.connected.connection.name.clone()),
            // Some are ids that nobody knows by heart.
            NodeKind::Namespace => self.tree.label(at).unwrap_or_else(|| at.name()).to_owned(),
            NodeKind::Registry | NodeKind::Build => at.name().to_owned(),
            NodeKind::Builds => "builds".to_owned(),
            NodeKind::Run => format!("run {}", at.name()),
            NodeKind::Repository => repository,
            NodeKind::Tag if repository.is_empty() => at.name().to_owned(),
            NodeKind::Tag => format!("{repository}:{}", at.name()),
            NodeKind::Untagged if repository.is_empty() => "images without a name".to_owned(),
            NodeKind::Untagged => format!("untagged manifests of {repository}"),
            NodeKind::Manifest => {
                let short: String = at.name().chars().take(19).collect();
                if repository.is_empty() { short } else { format!("{repository}@{short}") }
            }
        };
        visible(&title).into_owned()
    }

    fn repository_title(&self, at: &Locator) -> String {
        let own = at.repository_node().filter(|_| self.is_here(at)).and_then(|node| node.reference(""));
        let name = || at.repository().unwrap_or_default().to_owned();
        own.map_or_else(name, |reference| reference.to_string())
    }

    /// Takes the topmost popup away, with what it waits for.
    pub(in crate::app) fn close_top(&mut self) {
        if let Some(modal) = self.modals.pop() {
            self.cancel_for(&modal);
        }
    }
}
