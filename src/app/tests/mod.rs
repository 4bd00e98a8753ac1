//! The state machine driven as a person drives it: keys go in, replies are fed, effects and state are compared.
//!
//! Invariant: no task, no clock, no wait.

mod browse;
mod confirm;
mod connect;
mod copy;
mod details;
mod extra;
mod inspect;
mod jobs;
mod menu;
mod monkey;
mod notices;
mod palette;
mod places;
mod pointer;
mod send;
mod table;
mod undo;
mod visit;
mod welcome;

use super::effect::{Effect, Preferences, Request};
use super::event::{Event, Reply, TaskId, Viewport};
use super::key::Key;
use super::modal::Modal;
use super::state::{App, Start};
use crate::domain::connection::{Connected, Connection, Field, FieldKind, Options, ProviderInfo};
use crate::domain::{
    Capabilities, ConnectionId, Cursor, Digest, Entry, Facts, Failure, FailureKind, Locator, NodeKind, Page,
    Place,
};

const fn field(id: &'static str, label: &'static str, kind: FieldKind) -> Field {
    Field { id, label, kind, example: "", optional: true, advanced: false }
}

/// Two providers that no registry has: one asks, one asks nothing.
static PROVIDERS: &[ProviderInfo] = &[
    ProviderInfo {
        id: "asks",
        title: "Asking registry",
        about: "with prompts",
        fields: &[
            Field { optional: false, example: "host:port", ..field("url", "URL", FieldKind::Text) },
            field("username", "Username", FieldKind::Text),
            field("password", "Password", FieldKind::Secret),
            Field { advanced: true, ..field("plain_http", "Plain HTTP", FieldKind::Flag) },
            Field { advanced: true, ..field("proxy", "Proxy", FieldKind::Text) },
            Field { advanced: true, ..field("mode", "Mode", FieldKind::Choice(&["one", "two"])) },
        ],
        username: "any-token",
        ..ProviderInfo::EMPTY
    },
    ProviderInfo { id: "plain", title: "Plain registry", about: "asks nothing", ..ProviderInfo::EMPTY },
];

/// What a test's connection is capable of.
const ALL: Capabilities = Capabilities::LIST
    .with(Capabilities::READ)
    .with(Capabilities::UNTAG)
    .with(Capabilities::DELETE)
    .with(Capabilities::WEB)
    .with(Capabilities::OPEN_BY_NAME)
    .with(Capabilities::KEPT)
    .with(Capabilities::TAG)
    .with(Capabilities::PUSH)
    .with(Capabilities::PULL)
    .with(Capabilities::CREATE_REPOSITORY)
    .with(Capabilities::DELETE_REPOSITORY);

/// A program under test, with the effects of the last event.
struct Driver {
    app: App,
    effects: Vec<Effect>,
}

fn connected(name: &str) -> Connected {
    Connected {
        connection: Connection {
            id: ConnectionId::new(name),
            name: name.to_owned(),
            provider: "asks".to_owned(),
            url: format!("https://{name}.example"),
            username: String::new(),
            options: Options::default(),
            settings: std::collections::BTreeMap::new(),
            bookmarks: Vec::new(),
        },
        provider_title: "Asking registry".into(),
        capabilities: ALL,
        extras: &[],
        warning: None,
        failure: None,
    }
}

/// What a place on this machine is capable of.
const LOCAL: Capabilities = Capabilities::LOCAL
    .with(Capabilities::LIST)
    .with(Capabilities::READ)
    .with(Capabilities::PULL)
    .with(Capabilities::TAG)
    .with(Capabilities::UNTAG)
    .with(Capabilities::DELETE);

/// A place on this machine.
fn place(name: &str) -> Connected {
    let connected = connected(name);
    let connection = Connection { url: String::new(), ..connected.connection };
    Connected { connection, provider_title: "Engine 27.3".into(), capabilities: LOCAL, ..connected }
}

fn start(connections: Vec<Connected>) -> Start {
    Start {
        connections,
        images: Vec::new(),
        pull_to: None,
        providers: PROVIDERS,
        preferences: Preferences::default(),
        read_only: false,
        visit: None,
        connect: None,
        now: 1_000,
        failure: None,
    }
}

fn root() -> Locator {
    Locator::root(ConnectionId::new("hub"))
}

fn repository(name: &str) -> Locator {
    root().child(NodeKind::Repository, name)
}

fn tag(repository_name: &str, name: &str) -> Locator {
    repository(repository_name).child(NodeKind::Tag, name)
}

fn docker() -> Locator {
    Locator::root(ConnectionId::new("docker"))
}

fn page(kind: NodeKind, names: &[&str]) -> Page {
    Page { entries: names.iter().map(|n| Entry::named(kind, *n)).collect(), ..Page::default() }
}

fn facts(of: &str) -> Facts {
    Facts { digest: Some(Digest::of(of.as_bytes())), ..Facts::default() }
}

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "doing it", "the server said so")
}

impl Driver {
    fn new(start: Start) -> Self {
        let (app, effects) = App::new(start);
        let mut driver = Self { app, effects };
        let first = std::mem::take(&mut driver.effects);
        let room = Viewport {
            width: 80,
            height: 24,
            tree: 20,
            details: 20,
            popup: 10,
            details_lines: 50,
            popup_lines: 0,
        };
        driver.send(Event::Viewport(room));
        driver.effects.splice(0..0, first);
        driver
    }

    /// One connection "hub" whose repository `app` has the tags 1, 2 and latest, with the cursor on tag 1.
    fn on_a_tag() -> Self {
        let mut driver = Self::new(start(vec![connected("hub")]));
        driver.open_repository(&["app"], "app", &["1", "2", "latest"]);
        driver.go(&tag("app", "1"));
        driver
    }

    /// A connection "hub", and on this machine "store" and "docker"; there the cursor is on an image of the hub.
    fn on_a_local_image() -> Self {
        let images = vec![place("store"), place("docker")];
        let mut driver = Self::new(Start { images, ..start(vec![connected("hub")]) });
        driver.go(&docker());
        driver.key(Key::Enter);
        driver.answer_page(&docker(), page(NodeKind::Repository, &["hub.example/team/app"]));
        let repository = docker().child(NodeKind::Repository, "hub.example/team/app");
        driver.go(&repository);
        driver.key(Key::Enter);
        driver.answer_page(&repository, page(NodeKind::Tag, &["dev"]));
        driver.go(&repository.child(NodeKind::Tag, "dev"));
        driver
    }

    fn open_repository(&mut self, repositories: &[&str], name: &str, tags: &[&str]) {
        self.go(&root());
        self.key(Key::Enter);
        self.answer_page(&root(), page(NodeKind::Repository, repositories));
        self.go(&repository(name));
        self.key(Key::Enter);
        self.answer_page(&repository(name), page(NodeKind::Tag, tags));
    }

    /// Puts the cursor on a node that is shown.
    fn go(&mut self, at: &Locator) {
        assert!(self.app.tree.reveal(at), "{at:?} is not shown");
        self.send(Event::Tick(1_000));
    }

    fn send(&mut self, event: Event) -> &[Effect] {
        self.effects = self.app.update(event);
        &self.effects
    }

    fn key(&mut self, key: Key) -> &[Effect] {
        self.send(Event::Key(key))
    }

    /// Types text, key by key; gives back the effects of all keys.
    fn type_keys(&mut self, text: &str) -> Vec<Effect> {
        let mut all = Vec::new();
        for c in text.chars() {
            all.extend_from_slice(self.key(Key::Char(c)));
        }
        self.effects.clone_from(&all);
        all
    }

    fn reply(&mut self, id: TaskId, reply: Reply) -> &[Effect] {
        self.send(Event::Reply(id, Box::new(reply)))
    }

    /// The task that the last event started with a request of this kind.
    fn task(&self, wanted: impl Fn(&Request) -> bool) -> TaskId {
        let found = self.effects.iter().find_map(|e| match e {
            Effect::Run(id, request) if wanted(request) => Some(*id),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no such request among {:?}", self.effects))
    }

    fn requests(&self) -> Vec<&Request> {
        self.effects.iter().filter_map(|e| if let Effect::Run(_, r) = e { Some(r) } else { None }).collect()
    }

    /// Answers the listing of `at` that the last event started.
    fn answer_page(&mut self, at: &Locator, page: Page) {
        let id = self.task(|r| matches!(r, Request::Children { at: a, .. } if a == at));
        self.reply(id, Reply::Page(Ok(page)));
    }

    fn top(&self) -> &Modal {
        self.app.modals.last().expect("a popup")
    }

    fn notice(&self) -> &str {
        self.app.notice.as_ref().map_or("", |n| n.text.as_str())
    }

    fn selected(&self) -> Option<Locator> {
        self.app.selected()
    }

    /// The labels of the visible rows.
    fn labels(&self) -> Vec<String> {
        (0..self.app.tree.len()).filter_map(|i| self.app.tree.row(i).map(|r| r.label.into_owned())).collect()
    }
}
