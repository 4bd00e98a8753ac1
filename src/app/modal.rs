//! Popups, as data. The last one in the vector is on top and gets the keys.

use tui_input::Input;

use super::choice::Choices;
use super::command::{Command, Item};
use super::effect::Request;
use super::file_kind::FileKind;
pub use super::form::{Check, Form, FormField, FormFocus, FormPurpose, Listing, Offered, Values, Wanted};
use super::inspect::{Inspector, Line};
use crate::domain::asked::Asked;
use crate::domain::connection::{Draft, FoundSignIn, ProviderInfo};
use crate::domain::extra::Extra;
use crate::domain::impact::Impact;
use crate::domain::job::{Copying, Weight};
use crate::domain::{ConnectionId, Digest, Failure, ImagePlace, Locator, Place, Platform};

/// A popup.
#[derive(Debug, Clone)]
pub enum Modal {
    /// The context menu of a node.
    Menu(Menu),
    /// A choice from a list: providers, where to keep a secret, the palette.
    Picker(Picker),
    /// The form of a connection, or of what only one vendor offers.
    Form(Form),
    /// A one-line prompt.
    Prompt(Prompt),
    /// A question before something that cannot simply be taken back.
    Confirm(Confirm),
    /// A manifest, read.
    Inspect(Box<Inspector>),
    /// A text that a vendor gave: properties, a log.
    Text(Text),
    /// The keys.
    Help(Scroll),
    /// Messages so far.
    Log(Scroll),
}

/// A text that scrolls.
#[derive(Debug, Clone, Default)]
pub struct Scroll {
    /// The first visible line.
    pub top: usize,
}

/// A text to read.
#[derive(Debug, Clone)]
pub struct Text {
    /// Its title.
    pub title: String,
    /// Its lines, coloured where it is JSON.
    pub lines: Vec<Line>,
    /// The text itself, to be copied.
    pub whole: String,
    /// The first visible line.
    pub top: usize,
}

/// One entry of a context menu.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A line of the table.
    Item(&'static Item),
    /// What only one vendor offers.
    Extra(Offered),
}

impl Entry {
    /// The line of the table that it is.
    #[must_use]
    pub fn item(&self) -> Option<&'static Item> {
        match self {
            Self::Item(item) => Some(item),
            Self::Extra(_) => None,
        }
    }
}

/// The context menu.
#[derive(Debug, Clone)]
pub struct Menu {
    /// The node it is for.
    pub at: Locator,
    /// Its title: the node's reference or name.
    pub title: String,
    /// Its entries, narrowed by what was typed.
    pub entries: Vec<Entry>,
    /// The chosen one.
    pub cursor: usize,
    /// What was typed to narrow it; entered with `/`, because letters are the entries' own keys.
    pub narrow: Option<Input>,
}

/// A choice from a list.
#[derive(Debug, Clone)]
pub struct Picker {
    /// What is chosen.
    pub purpose: PickerPurpose,
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
    /// What else is chosen along with it.
    pub beside: Choices,
}

/// What a picker is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickerPurpose {
    /// A provider or a stored sign-in to connect with.
    Connect,
    /// Where a secret is kept.
    KeepSecret,
    /// A command or a place, by name.
    Palette,
    /// Where images are put on this machine.
    Target,
    /// The registry that images are pushed or copied to.
    Registry,
    /// The value of a field: one of those that are listed.
    Value(&'static str),
    /// The value of a field: one of those that are listed, or a new one.
    NewValue(&'static str),
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
    /// Connect for this run to what was typed, and go there.
    Visit(Place),
    /// Keep the secret this way, and connect.
    Keep(Draft),
    /// Put these images there.
    PullTo(Vec<Locator>, ImagePlace),
    /// Put these images into a file or folder, which is asked for next.
    PullInto(Vec<Locator>, FileKind),
    /// Push or copy these images to this connection or registry, under names that are asked for next.
    SendTo(Vec<Locator>, Locator),
    /// Do what only one vendor offers, on this node.
    Extra(Offered, Locator),
    /// Make a registry this way, then push these images to it.
    MakeRegistry(Offered, Vec<Locator>),
    /// This is the field's value.
    Value(String),
    /// This new name is the field's value.
    NewValue(String),
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
    /// What else is chosen along with it.
    pub beside: Choices,
    /// What the answer is for.
    pub purpose: Purpose,
}

/// What a prompt is for.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// Open a repository of this connection by name.
    OpenRepository(ConnectionId),
    /// Make a repository below this node.
    CreateRepository(Locator),
    /// Give this image another name.
    Tag(Locator),
    /// Put images into a file or folder.
    Save {
        /// What.
        what: Vec<Locator>,
        /// Which kind of file.
        kind: FileKind,
        /// One platform, or all.
        platform: Option<Platform>,
    },
    /// Push or copy images to a registry.
    Send(Sending),
}

/// Images on their way to a registry, as far as they are arranged.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// What.
    pub from: Vec<Locator>,
    /// The connection, or the registry below one.
    pub to: Locator,
    /// Each with the tag it gets, once names were typed, while it is looked up what those tags point at.
    pub looking: Vec<Looked>,
}

/// An image with the tag it gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// Both, and what the tag points at as far as is known.
    pub copy: Copying,
    /// Whether that was looked up.
    pub is_known: bool,
}

/// A question, with the command that a yes runs.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// What is asked.
    pub title: String,
    /// What to know before answering, besides the impacts; may be empty.
    pub about: String,
    /// What will be done, line by line.
    pub summary: Vec<String>,
    /// What yes does.
    pub act: Act,
    /// How sure one has to be.
    pub consent: Consent,
    /// What was typed, where a name has to be.
    pub input: Input,
    /// The blast radius of each thing that goes; nothing while it is looked up.
    pub impacts: Vec<(Locator, Option<Result<Impact, Failure>>)>,
    /// What a pull takes, where that is worth a question.
    pub weight: Option<Weighing>,
    /// Whether `u` unties the tags instead of deleting their manifests.
    pub can_untag: bool,
    /// Whether every tag that is untied takes its image along, because that has no other name.
    pub takes_images: bool,
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
    /// Delete a repository with everything in it.
    DeleteRepository(Locator),
    /// Forget a connection.
    Disconnect(ConnectionId),
    /// Pull all tags of these repositories to the usual place.
    PullRepository(Vec<Locator>),
    /// Write over what is there: tags that point at something else, a file.
    Replace(Box<Request>),
    /// Do what only one vendor offers; what is pushed to what it makes.
    Extra(&'static Extra, Box<Asked>, Vec<Locator>),
    /// Leave although jobs run.
    Quit,
}

/// How far the weighing of a pull is.
#[derive(Debug, Clone, PartialEq)]
pub enum Weighing {
    /// It is being looked up.
    Looking,
    /// This much.
    Known(Weight),
    /// Nobody can tell.
    Failed(Failure),
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
