//! Prompts, as data.

/// One prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its key: `url`, `username`, `password`, an option's name, or the provider's own.
    pub id: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What may be typed.
    pub kind: FieldKind,
    /// What stands in an empty field, greyed.
    pub example: &'static str,
    /// Whether an empty value is fine.
    pub optional: bool,
    /// Whether it is among the options that stay folded until asked for.
    pub advanced: bool,
}

impl Field {
    /// The ids of the providers' own fields that are addresses, or choose some: where a sign-in is sent follows from
    /// them, as it does from `url`.
    pub const ADDRESSES: &[&str] =
        &["api", "projects_api", "registry", "endpoint", "authority", "arm", "portal", "cloud"];
}

/// What may be typed into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A password or token: masked.
    Secret,
    /// A path.
    File,
    /// Yes or no; its value is `true` or empty.
    Flag,
    /// One of these.
    Choice(&'static [&'static str]),
}
