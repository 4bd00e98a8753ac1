//! The help, made from the table of commands and from the keys that single panes and popups have of their own.
//!
//! Invariant: nothing is written here that the tables do not hold.

use super::command::{Group, ITEMS, Item};
use super::local;

/// A line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpLine {
    /// A heading.
    Heading(&'static str),
    /// Keys, and what they do.
    Keys {
        /// The keys, such as `↑ k`.
        keys: String,
        /// What they do.
        label: &'static str,
    },
}

/// The help, line by line.
#[must_use]
pub fn lines() -> Vec<HelpLine> {
    let mut lines = Vec::new();
    for (title, group) in [
        ("On the selected node (m shows what applies)", Group::Node),
        ("Everywhere", Group::View),
        ("Moving", Group::Move),
    ] {
        lines.push(HelpLine::Heading(title));
        lines.extend(ITEMS.iter().filter(|i| i.group == group && !i.keys.is_empty()).map(of_item));
    }
    for (title, table) in [
        ("In the jobs pane", local::jobs_keys()),
        ("In a form", local::form_keys()),
        ("In the manifest view", local::viewer_keys()),
    ] {
        lines.push(HelpLine::Heading(title));
        lines.extend(table.into_iter().map(|(keys, label)| HelpLine::Keys { keys, label }));
    }
    lines
}

fn of_item(item: &Item) -> HelpLine {
    HelpLine::Keys { keys: local::join(item.keys), label: item.label }
}
