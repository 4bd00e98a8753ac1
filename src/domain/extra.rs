//! What only one vendor offers, as data: an entry for menus, a form, and what comes of it.
//!
//! Invariant: nothing here knows a vendor. The explorer shows what a provider hands it, and gives back what was filled in.

use super::form::Field;
use super::node::NodeKind;

/// An action that a provider offers beyond the table of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extra {
    /// Its identity among all extras, such as `azure.create-registry`.
    pub id: &'static str,
    /// Its name in menus; `…` at its end when it asks something first.
    pub label: &'static str,
    /// On which kinds of nodes.
    pub on: &'static [NodeKind],
    /// On the nodes of which connections.
    pub of: Whose,
    /// Whether it changes something at the vendor's: such extras are not offered in read-only mode.
    pub touch: Touch,
    /// How it begins.
    pub begins: Begins,
    /// What its success gives to an image that is being pushed, so that it can be offered on the way.
    pub makes: Option<Makes>,
}

/// On the nodes of which connections an extra is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of the connection whose provider offers it.
    Own,
    /// Of every registry connection, as long as one of the offering provider is there (deploying an image of any registry).
    Every,
}

/// What an extra does at the vendor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// It reads: properties, logs.
    Reads,
    /// It makes, changes or deletes something.
    Writes,
}

/// How an extra begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// At once; what only reads is done aside.
    AtOnce,
    /// At once, as a job whose log is followed, even when it only reads.
    AsJob,
    /// After the name of the node was typed.
    AfterName,
    /// After a yes.
    AfterYes,
    /// With a form, then the provider's summary of what will be done; at once after the form when that is empty.
    WithForm(&'static [ExtraField]),
}

/// One field of an extra's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtraField {
    /// Label, kind, example.
    pub field: Field,
    /// Where its values come from.
    pub choices: Choices,
    /// The fields whose values decide about the choices: when one of them changes, they are asked for anew.
    pub after: &'static [&'static str],
    /// Whether the provider checks what is typed while it is typed (a name that may be taken).
    pub checked: bool,
    /// When it is there at all.
    pub when: When,
}

impl ExtraField {
    /// Whether its values, or whether it is there, depend on the field `id`.
    #[must_use]
    pub fn depends_on(&self, id: &str) -> bool {
        self.after.contains(&id) || matches!(self.when, When::New(other) | When::Is(other, _) if other == id)
    }
}

/// When a field is part of its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// While this field of kind [`Choices::ListedOrNew`] holds something that is not listed.
    New(&'static str),
    /// While this field holds one of these values.
    Is(&'static str, &'static [&'static str]),
}

/// Where the values of a field come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choices {
    /// They are typed.
    Typed,
    /// They are typed; the first of those that the provider lists stands there at the start.
    Suggested,
    /// One of those that the provider lists.
    Listed,
    /// One of those that the provider lists, or a new one that is typed.
    ListedOrNew,
}

/// What an extra makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// A registry that can be pushed to.
    Registry,
}

/// One value that a field may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is handed back.
    pub value: String,
    /// Its name on the screen.
    pub label: String,
    /// A word or two beside it.
    pub note: String,
}

/// A code that a person types at a vendor's page to sign in (RFC 8628).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInCode {
    /// The code.
    pub code: String,
    /// The page.
    pub page: String,
    /// What the vendor says about it, safe to show.
    pub said: String,
}
