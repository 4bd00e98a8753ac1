//! Popups, as data. The last one in the vector is on top and gets the keys.

use tui_input::Input;

use super::command::{Command, Item};
use super::inspect::Inspector;
use crate::domain::connection::{Connected, Draft, Field, FoundSignIn, ProviderInfo};
use crate::domain::impact::Impact;
use crate::domain::{ConnectionId, Digest, Failure, Locator};

/// A popup.
#[derive(Debug, Clone)]
pub enum Modal {
    /// The context menu of a node.
    Menu(Menu),
    /// A choice from a list: providers, where to keep a secret, the palette.
    Picker(Picker),
    /// The form of a connection.
    Form(Form),
    /// A one-line prompt.
    Prompt(Prompt),
    /// A question before something that cannot simply be taken back.
    Confirm(Confirm),
    /// A manifest, read.
    Inspect(Box<Inspector>),
    /// The keys.
    Help(Scroll),
    /// Messages so far.
    Log(Scroll),
}

/// A text that scrolls, with an optional search.
#[derive(Debug, Clone, Default)]
pub struct Scroll {
    /// The first visible line.
    pub top: usize,
}

/// The context menu.
#[derive(Debug, Clone)]
pub struct Menu {
    /// The node it is for.
    pub at: Locator,
    /// Its title: the node's reference or name.
    pub title: String,
    /// Its entries, narrowed by what was typed.
    pub entries: Vec<&'static Item>,
    /// The chosen one.
    pub cursor: usize,
    /// What was typed to narrow it; entered with `/`, because letters are the entries' own keys.
    pub narrow: Option<Input>,
}

/// A choice from a list.
#[derive(Debug, Clone)]
pub struct Picker {
    /// What is asked.
    pub title: String,
    /// Explains the choice, above the list.
    pub about: Option<String>,
    /// What was typed to narrow it.
    pub input: Input,
    /// Every choice.
    pub choices: Vec<PickItem>,
    /// Indices of the choices that match, best first, with the characters that matched.
    pub hits: Vec<(usize, Vec<u32>)>,
    /// The chosen one, an index into `hits`.
    pub cursor: usize,
}

/// One choice.
#[derive(Debug, Clone, PartialEq)]
pub struct PickItem {
    /// Its name.
    pub label: String,
    /// A word or two beside it (a key, a host, an account).
    pub note: String,
    /// What choosing it means.
    pub pick: Pick,
}

/// What choosing means.
#[derive(Debug, Clone, PartialEq)]
pub enum Pick {
    /// Open this provider's form.
    Provider(&'static ProviderInfo),
    /// Take this sign-in over.
    SignIn(FoundSignIn),
    /// Run this command on the selected node.
    Command(Command),
    /// Go to this node.
    Go(Locator),
    /// Keep the secret this way, and connect.
    Keep(Draft),
}

/// The form of a connection.
#[derive(Debug, Clone)]
pub struct Form {
    /// The provider.
    pub provider: &'static ProviderInfo,
    /// The connection that is edited.
    pub editing: Option<Box<Connected>>,
    /// The fields with what was typed; hidden advanced ones included.
    pub fields: Vec<FormField>,
    /// The field that has the cursor: an index into `fields`; one past the last visible is the button.
    pub focus: usize,
    /// Whether the advanced fields are shown.
    pub advanced: bool,
    /// Whether the check is under way.
    pub checking: bool,
    /// What was wrong with the last try.
    pub failure: Option<Failure>,
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct FormField {
    /// What it is.
    pub field: &'static Field,
    /// What was typed.
    pub input: Input,
    /// Why it cannot stay so.
    pub error: Option<String>,
}

/// A one-line prompt.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What is asked.
    pub title: String,
    /// One line that explains it.
    pub about: String,
    /// What was typed.
    pub input: Input,
    /// What is wrong with it.
    pub error: Option<String>,
    /// Whether the answer is under way.
    pub busy: bool,
    /// What the answer is for.
    pub purpose: Purpose,
}

/// What a prompt is for.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// Open a repository of this connection by name.
    OpenRepository(ConnectionId),
}

/// A question, with the command that a yes runs.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// What is asked.
    pub title: String,
    /// What yes does.
    pub act: Act,
    /// How sure one has to be.
    pub consent: Consent,
    /// What was typed, where a name has to be.
    pub input: Input,
    /// The blast radius of each thing that goes; nothing while it is looked up.
    pub impacts: Vec<(Locator, Option<Result<Impact, Failure>>)>,
    /// The first visible line.
    pub top: usize,
}

/// What a yes does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Untie these tags.
    Untag(Vec<Locator>),
    /// Delete these manifests; the digests come from the impacts.
    Delete(Vec<(Locator, Digest)>),
    /// Forget a connection.
    Disconnect(ConnectionId),
    /// Pull all tags of these repositories.
    PullRepository(Vec<Locator>),
    /// Leave although jobs run.
    Quit,
}

/// How sure one has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// Enter or `y`.
    Enter,
    /// `y`, because others are touched.
    Yes,
    /// The name, typed.
    Name(String),
}
