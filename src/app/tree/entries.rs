//! What the children of a branch are: names in an arena, and the little that is not the same for all of them.
//!
//! Invariant: an entry is a number; it keeps it until the branch is listed anew.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::arena::Names;
use super::natural;
use crate::domain::{Failure, NodeKind};

/// The children of a branch, by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Entries {
    names: Names,
    kinds: Kinds,
    labels: HashMap<u32, Box<str>>,
    failures: HashMap<u32, Box<Failure>>,
    /// Those that their provider has set aside, and why.
    asides: BTreeMap<u32, &'static str>,
    /// What every repository's name starts with here: the namespace and a slash.
    prefix: Box<str>,
}

/// The kinds of the children: nearly always the same for all.
#[derive(Debug, Clone)]
enum Kinds {
    All(NodeKind),
    Each(Vec<NodeKind>),
}

impl Default for Kinds {
    fn default() -> Self {
        Self::All(NodeKind::Tag)
    }
}

impl Entries {
    /// None yet; what is shown of a repository's name leaves `prefix` out.
    pub(super) fn below(prefix: &str) -> Self {
        Self { prefix: prefix.into(), ..Self::default() }
    }

    /// None again, with the same prefix.
    pub(super) fn emptied(&self) -> Self {
        Self::below(&self.prefix)
    }

    /// Takes one more; nothing when no more fit.
    pub(super) fn push(&mut self, kind: NodeKind, name: &str) -> Option<u32> {
        let before = self.names.len();
        let id = self.names.push(name)?;
        match &mut self.kinds {
            Kinds::All(all) if before == 0 => *all = kind,
            Kinds::All(all) if *all == kind => {}
            Kinds::All(all) => {
                let mut each = vec![*all; before];
                each.push(kind);
                self.kinds = Kinds::Each(each);
            }
            Kinds::Each(each) => each.push(kind),
        }
        Some(id)
    }

    /// Sets what is shown instead of the name.
    pub(super) fn set_label(&mut self, id: u32, label: &str) {
        if !label.is_empty() && label != self.name(id) {
            self.labels.insert(id, label.into());
        }
    }

    /// Says that it stands for something that failed.
    pub(super) fn set_failure(&mut self, id: u32, failure: Box<Failure>) {
        self.failures.insert(id, failure);
    }

    /// Says why it is hidden unless asked for.
    pub(super) fn set_aside(&mut self, id: u32, why: &'static str) {
        self.asides.insert(id, why);
    }

    /// Forgets that it was set aside.
    pub(super) fn forget_aside(&mut self, id: u32) {
        self.asides.remove(&id);
    }

    /// Whether its provider has set it aside.
    pub(super) fn is_aside(&self, id: u32) -> bool {
        self.asides.contains_key(&id)
    }

    /// How many are set aside, and why; nothing when none is.
    pub(super) fn asides(&self) -> Option<(usize, &'static str)> {
        self.asides.values().next().map(|why| (self.asides.len(), *why))
    }

    /// Its name.
    pub(super) fn name(&self, id: u32) -> &str {
        self.names.get(id)
    }

    /// Its kind.
    pub(super) fn kind(&self, id: u32) -> NodeKind {
        match &self.kinds {
            Kinds::All(all) => *all,
            Kinds::Each(each) => each.get(id as usize).copied().unwrap_or(NodeKind::Tag),
        }
    }

    /// What is shown: the label, else the name without what its namespace says already.
    pub(super) fn text(&self, id: u32) -> &str {
        if let Some(label) = self.labels.get(&id).filter(|_| !self.labels.is_empty()) {
            return label;
        }
        let name = self.name(id);
        if self.prefix.is_empty() {
            return name;
        }
        name.strip_prefix(&*self.prefix).filter(|rest| !rest.is_empty()).unwrap_or(name)
    }

    /// What went wrong, where it stands for a failure.
    pub(super) fn failure(&self, id: u32) -> Option<&Failure> {
        self.failures.get(&id).map(|f| &**f)
    }

    /// Whether any of them stands for a failure.
    pub(super) fn any_failure(&self) -> bool {
        !self.failures.is_empty()
    }

    /// Compares a name and a kind with an entry, in the order of the index.
    pub(super) fn compare_with(&self, id: u32, kind: NodeKind, name: &str) -> Ordering {
        natural::compare(self.name(id), name).then_with(|| self.kind(id).cmp(&kind))
    }

    /// Compares two entries in natural order; equal for the same name and kind alone.
    pub(super) fn compare(&self, a: u32, b: u32) -> Ordering {
        self.compare_with(a, self.kind(b), self.name(b))
    }
}

/// Whether a tag is one that signatures and the like hide behind (`sha256-<hex>`, with `.sig`, `.att`, `.sbom`), or a
/// digest that a server lists among the tags.
pub(super) fn is_hidden_tag(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("sha256").or_else(|| name.strip_prefix("sha512")) else {
        return false;
    };
    let Some(hex) = rest.strip_prefix(['-', ':']) else { return false };
    let digits = hex.bytes().take_while(u8::is_ascii_hexdigit).count();
    (digits == 64 || digits == 128) && matches!(hex.get(digits..), Some("" | ".sig" | ".att" | ".sbom"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_kept_when_they_differ() {
        let mut entries = Entries::default();
        for kind in [NodeKind::Repository, NodeKind::Repository, NodeKind::Namespace] {
            entries.push(kind, "x").unwrap();
        }
        assert_eq!(entries.kind(1), NodeKind::Repository);
        assert_eq!(entries.kind(2), NodeKind::Namespace);
    }

    #[test]
    fn referrer_tags_and_digests_are_hidden() {
        let hex = "a".repeat(64);
        for hidden in [format!("sha256-{hex}"), format!("sha256-{hex}.sig"), format!("sha256:{hex}")] {
            assert!(is_hidden_tag(&hidden), "{hidden}");
        }
        for shown in
            ["sha256-abc", "latest", "sha256", &format!("sha256-{hex}.x"), &format!("x-sha256-{hex}")]
        {
            assert!(!is_hidden_tag(shown), "{shown}");
        }
    }

    #[test]
    fn a_namespace_is_not_said_twice() {
        let mut entries = Entries::below("acme/");
        let id = entries.push(NodeKind::Repository, "acme/api").unwrap();
        assert_eq!((entries.text(id), entries.name(id)), ("api", "acme/api"));
        entries.set_label(id, "API");
        assert_eq!(entries.text(id), "API");
    }
}
