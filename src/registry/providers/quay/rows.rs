//! Answers of the API as rows of the tree.
//!
//! Invariant: everything that a row shows comes from the list; no request is made for one row.

use super::wire::{Repository, Tag};
use crate::domain::text::visible;
use crate::domain::{Entry, Facts, NodeKind, human};

/// Longest description beside a repository, in characters.
const SHOWN: usize = 60;

/// The row of a repository below its namespace.
pub(super) fn repository(namespace: &str, repository: &Repository) -> Entry {
    let namespace = if repository.namespace.is_empty() { namespace } else { repository.namespace.as_str() };
    let state = repository.state.as_deref().filter(|s| !s.eq_ignore_ascii_case("normal"));
    let notes: Vec<String> = [
        (repository.is_public == Some(false)).then(|| "private".to_owned()),
        state.map(|s| visible(&s.to_lowercase().replace('_', " ")).into_owned()),
        repository.description.as_deref().and_then(shortened),
    ]
    .into_iter()
    .flatten()
    .collect();
    let facts = Facts {
        time: repository.last_modified,
        note: Some(notes.join(" · ")).filter(|n| !n.is_empty()),
        ..Facts::default()
    };
    Entry {
        facts: Some(Box::new(facts)),
        label: Some(visible(&repository.name).into_owned()),
        ..Entry::named(NodeKind::Repository, format!("{namespace}/{}", repository.name))
    }
}

fn shortened(description: &str) -> Option<String> {
    let line = description.lines().map(str::trim).find(|line| !line.is_empty())?;
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    Some(visible(&shown).into_owned())
}

/// The row of a tag. One of which the list told no digest is looked up like a tag of any registry.
pub(super) fn tag(tag: &Tag) -> Entry {
    let facts = tag.digest().map(|digest| {
        Box::new(Facts {
            digest: Some(digest),
            size: tag.size.and_then(|s| u64::try_from(s).ok()).filter(|s| *s > 0),
            time: tag.start_ts,
            platforms: tag.platforms(),
            note: tag.end_ts.map(|at| format!("expires {}", human::date(at))),
            ..Facts::default()
        })
    });
    Entry { facts, ..Entry::named(NodeKind::Tag, &*tag.name) }
}
