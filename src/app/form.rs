//! Forms, as data: of a connection, and of what only one vendor offers.
//!
//! Invariant: what can have the cursor is what is on the screen, in its order.

use std::fmt;

use tui_input::Input;

use crate::domain::connection::{Connected, Field, ProviderInfo};
use crate::domain::extra::{Choice, Choices, Extra, ExtraField, SignInCode, When};
use crate::domain::{ConnectionId, Failure, Locator};

/// A form.
#[derive(Debug, Clone)]
pub struct Form {
    /// What it is for.
    pub purpose: FormPurpose,
    /// The fields with what was typed; hidden ones included.
    pub fields: Vec<FormField>,
    /// What has the cursor.
    pub focus: FormFocus,
    /// Whether the advanced fields are shown.
    pub advanced: bool,
    /// Whether the check is under way.
    pub checking: bool,
    /// The code that has to be typed at a vendor's page for the check to go on.
    pub code: Option<SignInCode>,
    /// What was wrong with the last try.
    pub failure: Option<Failure>,
}

/// What a form is for.
#[derive(Debug, Clone)]
pub enum FormPurpose {
    /// Connect to a registry, or change a connection.
    Connect {
        /// The provider.
        provider: &'static ProviderInfo,
        /// The connection that is edited.
        editing: Option<Box<Connected>>,
    },
    /// What only one vendor offers.
    Extra(Box<Wanted>),
}

/// An extra, and the connection that offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The extra.
    pub extra: &'static Extra,
    /// The connection whose provider offers it.
    pub via: ConnectionId,
}

/// An extra that somebody wants, while its form is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What.
    pub offered: Offered,
    /// On which node.
    pub at: Locator,
    /// What the node is called.
    pub title: String,
    /// What is pushed to the registry that it makes.
    pub push: Vec<Locator>,
}

/// What has the cursor in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormFocus {
    /// A field, by its index into `fields`.
    Field(usize),
    /// The line that folds and unfolds the advanced fields.
    Options,
    /// The button.
    Submit,
}

/// One field of a form. Its `Debug` never shows what was typed: it may be a password.
#[derive(Clone)]
pub struct FormField {
    /// What it is.
    pub field: &'static Field,
    /// What was typed or chosen. A flag holds `true` or nothing.
    pub input: Input,
    /// What stands in the empty field, greyed: the example, or that a secret stays as it is.
    pub placeholder: &'static str,
    /// Why it cannot stay so.
    pub error: Option<String>,
    /// The values that it may have, where the vendor tells them.
    pub values: Option<Values>,
}

/// The values that a field may have.
#[derive(Debug, Clone)]
pub struct Values {
    /// What the vendor's offer says of the field.
    pub how: &'static ExtraField,
    /// The values, as far as they are known.
    pub listing: Listing,
    /// Whether a person has changed the field: no suggestion replaces that.
    pub touched: bool,
    /// Whether what was typed is being checked, or was found to be fine.
    pub check: Check,
}

/// How far the listing of a field's values is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// Nobody has asked for them.
    NotAsked,
    /// They are on their way.
    Asking,
    /// These.
    Known(Vec<Choice>),
    /// Nobody can tell.
    Failed(Failure),
}

/// How far the check of a typed value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// It was not asked for.
    NotAsked,
    /// It is under way.
    Asking,
    /// The value can stay so.
    Fine,
}

impl Form {
    /// What can have the cursor, in the order of the screen: the fields, the options line where there are advanced
    /// fields, those when unfolded, the button. [`Target::Entry`](super::key::Target::Entry) counts these.
    #[must_use]
    pub fn rows(&self) -> Vec<FormFocus> {
        let of = |advanced: bool| {
            let fields = self.fields.iter().enumerate();
            let there = fields.filter(move |(_, f)| f.field.advanced == advanced && self.is_there(f));
            there.map(|(i, _)| FormFocus::Field(i))
        };
        let mut rows: Vec<_> = of(false).collect();
        if of(true).next().is_some() {
            rows.push(FormFocus::Options);
        }
        if self.advanced {
            rows.extend(of(true));
        }
        rows.push(FormFocus::Submit);
        rows
    }

    /// Whether a field is part of the form with what is filled in now.
    #[must_use]
    pub fn is_there(&self, field: &FormField) -> bool {
        match field.values.as_ref().map_or(When::Always, |values| values.how.when) {
            When::Always => true,
            When::New(id) => self.field(id).is_some_and(|f| self.is_there(f) && f.is_new()),
            When::Is(id, values) => {
                self.field(id).is_some_and(|f| self.is_there(f) && values.contains(&f.input.value()))
            }
        }
    }

    /// The field of this id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&FormField> {
        self.fields.iter().find(|f| f.field.id == id)
    }

    /// The connection that is edited.
    #[must_use]
    pub fn editing(&self) -> Option<&Connected> {
        match &self.purpose {
            FormPurpose::Connect { editing, .. } => editing.as_deref(),
            FormPurpose::Extra(_) => None,
        }
    }

    /// What is wanted of a vendor.
    #[must_use]
    pub fn wanted(&self) -> Option<&Wanted> {
        match &self.purpose {
            FormPurpose::Connect { .. } => None,
            FormPurpose::Extra(wanted) => Some(wanted),
        }
    }
}

impl FormField {
    /// The values that the vendor has listed.
    #[must_use]
    pub fn listed(&self) -> &[Choice] {
        match self.values.as_ref().map(|values| &values.listing) {
            Some(Listing::Known(choices)) => choices,
            _ => &[],
        }
    }

    /// Whether its value is chosen from a list that the vendor tells.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        let from = self.values.as_ref().map_or(Choices::Typed, |values| values.how.choices);
        matches!(from, Choices::Listed | Choices::ListedOrNew)
    }

    /// Whether it holds a name that the vendor has not listed.
    #[must_use]
    pub fn is_new(&self) -> bool {
        let value = self.input.value().trim();
        let is_known = matches!(self.values.as_ref().map(|v| &v.listing), Some(Listing::Known(_)));
        is_known && !value.is_empty() && !self.listed().iter().any(|choice| choice.value == value)
    }
}

impl fmt::Debug for FormField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormField")
            .field("id", &self.field.id)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}
